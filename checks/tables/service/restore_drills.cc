// The declared backups and the restore drills that were held with each (tom-agent drill): what the
// records say. A record that is no record, or that others could have written, is not believed, and
// then the scan is not complete.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "checks/engine/table.h"
#include "checks/parse/drill_record.h"
#include "checks/tables/backup_store.h"
#include "checks/tables/touch_lists.h"
#include "evidence/canonical_json.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxRecords = 2048;
constexpr size_t kShownDrills = 10;  // of each backup, the newest
constexpr uint32_t kOthersWrite = 022;

// What others may write is nobody's word.
absl::Status CheckOwner(const FileInfo& folder, const FileInfo& file, const std::string& path) {
  if (file.kind != FileKind::kRegular) {
    return absl::FailedPreconditionError(
        absl::StrCat(ToAbsl(path), ": a ", ToAbsl(FileKindName(file.kind)), " is no record"));
  }
  if (file.uid != folder.uid || (file.mode & kOthersWrite) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(ToAbsl(path), ": others may have written it"));
  }
  return absl::OkStatus();
}

absl::StatusOr<DrillRecord> ReadRecord(Env& env, const FileInfo& folder, const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const FileInfo info, env.Lstat(path));
  TOM_RETURN_IF_ERROR(CheckOwner(folder, info, path));
  TOM_ASSIGN_OR_RETURN(const std::string bytes, env.ReadFile(path, kMaxDrillRecordBytes));
  auto record = ParseDrillRecord(bytes);
  return record.ok() ? record : Annotate(record.status(), path);
}

bool IsRecordName(const std::string& name) {
  constexpr std::string_view kEnd = ".json";
  return name.size() > kEnd.size() && name[0] != '.' &&
         name.compare(name.size() - kEnd.size(), kEnd.size(), kEnd) == 0;
}

struct Records {
  std::map<std::string, std::vector<DrillRecord>> by_backup;  // the newest first
  bool whole = true;                                          // all of them could be read
};

// No folder is no drills.
absl::Status ReadRecords(Env& env, const std::string& folder, RowSink& sink, Records& records) {
  const auto info = env.Lstat(folder);
  if (absl::IsNotFound(info.status())) return absl::OkStatus();
  TOM_RETURN_IF_ERROR(info.status());
  if (info->kind != FileKind::kDirectory || (info->mode & kOthersWrite) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(ToAbsl(folder), ": no directory that its owner alone can write"));
  }
  TOM_ASSIGN_OR_RETURN(std::vector<std::string> names, env.ListDirectory(folder));
  std::reverse(names.begin(), names.end());  // the newest first, by their names
  size_t read = 0;
  for (const std::string& name : names) {
    if (!IsRecordName(name)) continue;
    if (++read > kMaxRecords) {
      records.whole = false;
      sink.Incomplete(folder + ": more records than are read");
      break;
    }
    auto record = ReadRecord(env, *info, folder + "/" + name);
    if (record.ok()) {
      std::vector<DrillRecord>& own = records.by_backup[record->backup];
      own.push_back(*std::move(record));
    } else {
      records.whole = false;
      sink.Incomplete(std::string(record.status().message()));
    }
  }
  for (auto& [backup, own] : records.by_backup) {
    std::stable_sort(own.begin(), own.end(), [](const DrillRecord& a, const DrillRecord& b) {
      return a.began_at > b.began_at;
    });
  }
  return absl::OkStatus();
}

bool CanBeDrilled(const DeclaredBackup& backup) {
  if (backup.kind == "files") return true;
  const bool program = backup.kind == "restic" || backup.kind == "borg";
  return program && backup.repository.substr(0, 1) == "/";
}

// The declared data paths of which this drill restored something, all of it as it must be.
Value PathsShown(const Declared& declared, const DrillRecord& record) {
  std::string list;
  for (const DeclaredPath& data : declared.data_paths) {
    const bool shown = std::any_of(record.paths.begin(), record.paths.end(), [&](const auto& one) {
      return one.path == data.path && one.restored > 0 && one.equal > 0;
    });
    const auto text = EncodeCanonical(Json(data.path));
    if (shown && text.ok()) absl::StrAppend(&list, list.empty() ? "" : ",", ToAbsl(*text));
  }
  return "[" + list + "]";
}

// NULL where nothing is declared: then it may cover anything.
Value Covers(const Declared& declared, const DeclaredBackup& backup) {
  if (backup.covers.empty()) return {};
  std::string list;
  for (const DeclaredPath& data : declared.data_paths) {
    const bool in = std::any_of(backup.covers.begin(), backup.covers.end(),
                                [&](const std::string& top) { return LiesBelow(data.path, top); });
    const auto text = EncodeCanonical(Json(data.path));
    if (in && text.ok()) absl::StrAppend(&list, list.empty() ? "" : ",", ToAbsl(*text));
  }
  return "[" + list + "]";
}

bool AddNone(const Declared& declared, const DeclaredBackup& backup, bool whole, RowSink& sink) {
  return sink.Add({{"name", backup.name},
                   {"kind", backup.kind},
                   {"covers", Covers(declared, backup)},
                   {"drillable", int64_t{CanBeDrilled(backup)}},
                   {"found", whole ? Value(int64_t{0}) : Value()},
                   {"newest", int64_t{1}}});
}

bool AddDrill(const Declared& declared, const DeclaredBackup& backup,
              const std::vector<DrillRecord>& own, size_t index, RowSink& sink) {
  const DrillRecord& record = own[index];
  return sink.Add(
      {{"name", backup.name},
       {"kind", backup.kind},
       {"covers", Covers(declared, backup)},
       {"drillable", int64_t{CanBeDrilled(backup)}},
       {"found", static_cast<int64_t>(own.size())},
       {"newest", int64_t{index == 0}},
       {"time", record.began_at},
       {"ended", record.ended_at},
       {"snapshot", TextOrNull(record.snapshot)},
       {"snapshot_time", record.snapshot.empty() ? Value() : Value(record.snapshot_time)},
       {"result", std::string(DrillResultName(record.result))},
       {"held", record.held},
       {"chosen", record.chosen},
       {"restored", record.restored},
       {"equal", record.equal},
       {"different", record.different},
       {"changed", record.changed},
       {"unreadable", record.unreadable},
       {"verified", record.verified},
       {"bytes", record.bytes},
       {"paths", PathsShown(declared, record)},
       {"error", TextOrNull(record.error)}});
}

absl::Status GenerateDrills(Env& env, const TableContext& context, RowSink& sink) {
  const Declared& declared = context.declared;
  if (declared.backups.empty()) return absl::OkStatus();
  Records records;
  if (const absl::Status read = ReadRecords(env, declared.drills.records, sink, records);
      !read.ok()) {
    records.whole = false;
    sink.Incomplete(std::string(read.message()));
  }
  for (const DeclaredBackup& backup : declared.backups) {
    std::vector<DrillRecord>& own = records.by_backup[backup.name];
    // Of another repository by now: what was drilled then is another backup.
    const std::string source = DrillSource(backup.kind, backup.repository, backup.path);
    own.erase(std::remove_if(own.begin(), own.end(),
                             [&](const DrillRecord& one) { return one.source != source; }),
              own.end());
    bool more = !own.empty() || AddNone(declared, backup, records.whole, sink);
    for (size_t i = 0; more && i < std::min(own.size(), kShownDrills); ++i) {
      more = AddDrill(declared, backup, own, i, sink);
    }
    if (!more) break;
  }
  return absl::OkStatus();
}

std::vector<Touch> TouchesOf(Env&, const Declared& declared) {
  if (declared.backups.empty()) return {};
  return TreeTouches(declared.drills.records, "records of restore drills");
}

Column Number(const char* name, const char* description) {
  return {.name = name, .type = ColumnType::kBigint, .description = description};
}

std::vector<Column> Columns() {
  return {
      {.name = "name", .description = "Name of the backup in the configuration"},
      {.name = "kind", .description = "files, restic, borg, …"},
      {.name = "covers",
       .description = "Declared data paths that it is declared to cover, a JSON list; NULL: it "
                      "says nothing of it"},
      Number("drillable", "1: tom-agent drill can restore from it"),
      Number("found", "How many records of drills there are of it; NULL: not known"),
      Number("newest", "1 for the last drill, and for a backup without any"),
      Number("time", "When the drill began, seconds since 1970"),
      Number("ended", "When it ended"),
      {.name = "snapshot", .description = "Id of the copy that was restored from, or its file"},
      Number("snapshot_time", "When that copy was made"),
      {.name = "result", .description = "sound, different, not_restored, not_compared or not_done"},
      Number("held", "Files and symbolic links that the copy lists"),
      Number("chosen", "Files of the sample"),
      Number("restored", "Of them, how many were restored"),
      Number("equal", "Equal to the live data, which had not changed since by time and size"),
      Number("different", "Other than the live data, or than the copy lists"),
      Number("changed", "Whose live data has changed since, or is gone"),
      Number("unreadable", "Whose live data could not be read"),
      Number("verified", "Held by the program against digests that the copy keeps"),
      Number("bytes", "Restored"),
      {.name = "paths",
       .description = "Declared data paths of which something was restored as it must be, a "
                      "JSON list"},
      {.name = "error", .description = "Why nothing more could be shown"}};
}

}  // namespace

Table restore_drills_table() {
  return {.name = "restore_drills",
          .description = "Declared backups and the restore drills that were held with each",
          .columns = Columns(),
          .generate = GenerateDrills,
          .touches = TouchesOf};
}

}  // namespace tom
