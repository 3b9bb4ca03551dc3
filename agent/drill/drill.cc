#include "agent/drill/drill.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "agent/drill/cage.h"
#include "agent/drill/compare.h"
#include "agent/drill/copy_reader.h"
#include "agent/drill/drill_user.h"
#include "agent/drill/sample.h"
#include "checks/engine/clean_text.h"
#include "evidence/canonical_json.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kMoreFiles = 4096;  // folders of the sample, caches of the program
constexpr size_t kMaxError = 1000;
constexpr size_t kMaxNotes = 50;

// Programs name files in their words; a record names none.
std::string WithoutNames(const std::string& text, const DeclaredBackup& backup,
                         const std::vector<SampleItem>& sample,
                         const std::vector<std::string>& data_paths) {
  // What is declared of the backup may be said.
  std::string rest = text;
  for (const std::string& own :
       {backup.repository, backup.path, backup.password_file, backup.key_file}) {
    if (!own.empty()) rest = absl::StrReplaceAll(rest, {{own, ""}});
  }
  const auto holds = [&](std::string_view name) {
    name.remove_prefix(std::min(name.find_first_not_of('/'), name.size()));
    return !name.empty() && rest.find(name) != std::string::npos;
  };
  const bool named = std::any_of(data_paths.begin(), data_paths.end(), holds) ||
                     std::any_of(sample.begin(), sample.end(),
                                 [&](const SampleItem& item) { return holds(item.entry.path); });
  if (!named) return text;
  return text.substr(0, text.find(": ")) + ": it names files, which are left out here";
}

class Drill {
 public:
  Drill(const Declared& declared, const DeclaredBackup& backup)
      : declared_(declared),
        backup_(backup),
        until_(Clock::now() + std::chrono::seconds(declared.drills.seconds)) {
    outcome_.record.backup = backup.name;
    outcome_.record.kind = backup.kind;
    outcome_.record.source = DrillSource(backup.kind, backup.repository, backup.path);
    for (const DeclaredPath& path : declared.data_paths) data_paths_.push_back(path.path);
  }

  DrillOutcome Hold() {
    const absl::Status status = Go();
    DrillRecord& record = outcome_.record;
    if (!status.ok()) {
      const bool lost = absl::IsDataLoss(status);
      record.result = lost ? DrillResult::kNotRestored : DrillResult::kNotDone;
      const std::string text(status.message());
      outcome_.notes.push_back(text);  // whole, for a terminal
      record.error = CleanText(WithoutNames(text, backup_, sample_, data_paths_), kMaxError);
      if (record.error.empty()) record.error = "for no reason that is known";
      outcome_.forbidden = absl::IsPermissionDenied(status);
    }
    return std::move(outcome_);
  }

 private:
  int64_t LeftMs() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(until_ - Clock::now()).count();
  }

  absl::Status Go() {
    TOM_ASSIGN_OR_RETURN(const std::unique_ptr<CopyReader> reader,
                         NewCopyReader(backup_, [this] { return LeftMs(); }));
    TOM_ASSIGN_OR_RETURN(const DrillUser user, ChooseDrillUser(declared_.drills.user));
    TOM_ASSIGN_OR_RETURN(Cage cage,
                         Cage::Make({.mount_point = declared_.drills.records,
                                     .uid = user.uid,
                                     .gid = user.gid,
                                     .scratch_bytes = declared_.drills.mib * kMiB,
                                     .scratch_files = 2 * declared_.drills.files + kMoreFiles}));
    absl::Status status = InCage(cage, *reader);
    // What was restored goes in any case, and before anything is said of it.
    TOM_RETURN_IF_ERROR(cage.Wipe());
    return status;
  }

  absl::Status InCage(Cage& cage, CopyReader& reader) {
    TOM_RETURN_IF_ERROR(reader.Prepare(cage));
    TOM_RETURN_IF_ERROR(cage.Seal());
    TOM_ASSIGN_OR_RETURN(const NewestSnapshot newest, reader.Newest());
    DrillRecord& record = outcome_.record;
    record.snapshot = CleanText(newest.id, kMaxError);
    record.snapshot_time = newest.time;
    Sampler sampler(Options(newest));
    TOM_RETURN_IF_ERROR(reader.List([&](ListedEntry entry) { sampler.Add(std::move(entry)); }));
    record.held = sampler.held();
    sample_ = sampler.Take();
    for (const SampleItem& item : sample_) {
      (item.entry.kind == ListedEntry::Kind::kLink ? record.links : record.chosen) += 1;
    }
    if (record.chosen == 0) {
      record.result = DrillResult::kNotCompared;
      record.error =
          absl::StrCat("nothing of the copy can be a sample: it lists ", sampler.held(),
                       " files and links, ", sampler.empty(), " of them empty, ", sampler.large(),
                       " larger than the bound, ", sampler.odd(), " with odd names");
      return absl::OkStatus();
    }
    absl::Status restored = reader.Restore(sample_);
    if (!restored.ok() && !absl::IsDataLoss(restored)) return restored;
    CompareAll(sample_, cage, reader, restored.ok());
    TOM_RETURN_IF_ERROR(restored);
    Judge();
    return absl::OkStatus();
  }

  SampleOptions Options(const NewestSnapshot& newest) const {
    SampleOptions options;
    options.data_paths = data_paths_;
    options.copied = newest.paths;
    options.copied.insert(options.copied.end(), backup_.covers.begin(), backup_.covers.end());
    const auto relative = [](const std::string& path) { return path.empty() || path[0] != '/'; };
    options.copied.erase(std::remove_if(options.copied.begin(), options.copied.end(), relative),
                         options.copied.end());
    options.files = declared_.drills.files;
    options.bytes = declared_.drills.mib * kMiB / 2;
    std::random_device device;
    options.seed = (uint64_t{device()} << 32) | device();
    options.exists = [](const std::string& path) {
      struct stat info {};
      return lstat(path.c_str(), &info) == 0;
    };
    return options;
  }

  void Note(const char* what, const SampleItem& item) {
    if (outcome_.notes.size() < kMaxNotes) {
      outcome_.notes.push_back(absl::StrCat(what, ": ", ToAbsl(item.entry.path)));
    }
  }

  // Of a restore that failed nobody knows which file is whole: there the live data alone can tell.
  void CompareAll(const std::vector<SampleItem>& sample, const Cage& cage, const CopyReader& reader,
                  bool whole) {
    std::vector<DrilledPath> paths(data_paths_.size());
    for (size_t i = 0; i < sample.size(); ++i) {
      const SampleItem& item = sample[i];
      if (item.entry.kind == ListedEntry::Kind::kLink) {
        outcome_.record.links_equal += IsSameLink(item, data_paths_) ? 1 : 0;
        continue;
      }
      const Comparison seen = Compare(item, cage.scratch(), reader.PlaceOf(item, i), data_paths_,
                                      [this] { return LeftMs(); });
      Count(item, seen, whole, whole && reader.Verifies(), paths);
    }
    for (size_t i = 0; i < paths.size(); ++i) {
      if (paths[i].restored == 0) continue;
      paths[i].path = data_paths_[i];
      outcome_.record.paths.push_back(paths[i]);
    }
    std::sort(outcome_.record.paths.begin(), outcome_.record.paths.end(),
              [](const DrilledPath& a, const DrilledPath& b) { return a.path < b.path; });
  }

  void Count(const SampleItem& item, const Comparison& seen, bool whole, bool verifies,
             std::vector<DrilledPath>& paths) {
    using Live = Comparison::Live;
    DrillRecord& record = outcome_.record;
    const bool counts = seen.restored && (whole || seen.live == Live::kEqual);
    if (!counts) {
      Note("not restored", item);
      return;
    }
    ++record.restored;
    record.bytes += seen.bytes;
    const bool different = seen.wrong_size || seen.live == Live::kDifferent;
    if (different) {
      ++record.different;
      Note(seen.wrong_size ? "restored with another size" : "different from the live data", item);
    } else if (seen.live == Live::kEqual) {
      ++record.equal;
    } else if (seen.live == Live::kUnreadable) {
      ++record.unreadable;
      Note("the live data cannot be read", item);
    } else {
      ++record.changed;
    }
    record.verified += verifies && !different ? 1 : 0;
    if (!item.place) return;
    DrilledPath& path = paths[*item.place];
    ++path.restored;
    path.equal += !different && (verifies || seen.live == Live::kEqual) ? 1 : 0;
  }

  void Judge() {
    DrillRecord& record = outcome_.record;
    record.result = ResultOf(record);
    if (record.result == DrillResult::kNotRestored) {
      record.error = absl::StrCat(record.chosen - record.restored, " of ", record.chosen,
                                  " files of the sample were not restored");
    }
    if (record.result == DrillResult::kNotCompared) {
      record.error =
          "restored to its end, and there was nothing to compare it with: no file of the sample is "
          "in the live data as it was then";
    }
  }

  const Declared& declared_;
  const DeclaredBackup& backup_;
  const Clock::time_point until_;
  std::vector<std::string> data_paths_;
  std::vector<SampleItem> sample_;
  DrillOutcome outcome_;
};

}  // namespace

DrillOutcome HoldDrill(const Declared& declared, const DeclaredBackup& backup) {
  return Drill(declared, backup).Hold();
}

std::string EncodeDrillOutcome(const DrillOutcome& outcome) {
  Json::Object json = {{"record", EncodeDrillRecord(outcome.record)},
                       {"forbidden", outcome.forbidden ? 1 : 0}};
  Json::Array notes;
  for (const std::string& note : outcome.notes) notes.emplace_back(TextOrBytes(note));
  if (!notes.empty()) json["notes"] = std::move(notes);
  return Canonical(json);
}

absl::StatusOr<DrillOutcome> ParseDrillOutcome(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  FieldReader fields(json, "outcome");
  DrillOutcome outcome;
  const std::string record = fields.String("record");
  outcome.forbidden = fields.Flag("forbidden");
  const Json* notes = fields.Has("notes") ? fields.Array("notes") : nullptr;
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (notes != nullptr) {
    for (const Json& note : notes->AsArray()) {
      if (note.IsString()) outcome.notes.push_back(note.AsString());
    }
  }
  TOM_ASSIGN_OR_RETURN(outcome.record, ParseDrillRecord(record));
  return outcome;
}

}  // namespace tom
