#include "checks/parse/drill_record.h"

#include <array>
#include <utility>

#include "evidence/canonical_json.h"
#include "evidence/digest.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxName = 4096;
constexpr int64_t kMaxCount = 100000000;

constexpr std::array kResults = {
    std::pair{DrillResult::kSound, "sound"},
    std::pair{DrillResult::kDifferent, "different"},
    std::pair{DrillResult::kNotRestored, "not_restored"},
    std::pair{DrillResult::kNotCompared, "not_compared"},
    std::pair{DrillResult::kNotDone, "not_done"},
};

void ReadResult(FieldReader& fields, DrillRecord& record) {
  const std::string text = fields.String("result");
  for (const auto& [result, name] : kResults) {
    if (text == name) {
      record.result = result;
      return;
    }
  }
  fields.Fail("result", "no result of a drill");
}

std::string Name(FieldReader& fields, std::string_view key) {
  std::string text = fields.String(key);
  if (text.empty() || text.size() > kMaxName) fields.Fail(key, "expected 1 to 4,096 bytes");
  return text;
}

void ReadCounts(FieldReader& fields, DrillRecord& record) {
  const auto count = [&](std::string_view key) { return fields.Integer(key, 0, kMaxCount); };
  record.held = count("held");
  record.chosen = count("chosen");
  record.restored = count("restored");
  record.equal = count("equal");
  record.different = count("different");
  record.changed = count("changed");
  record.unreadable = count("unreadable");
  record.verified = count("verified");
  record.bytes = fields.Integer("bytes", 0);
  record.links = count("links");
  record.links_equal = count("links_equal");
}

absl::Status ReadPaths(const Json& list, DrillRecord& record) {
  for (const Json& item : list.AsArray()) {
    FieldReader fields(item, "paths");
    DrilledPath path;
    path.path = Name(fields, "path");
    path.restored = fields.Integer("restored", 0, kMaxCount);
    path.equal = fields.Integer("equal", 0, kMaxCount);
    if (path.equal > path.restored) fields.Fail("equal", "more than were restored");
    if (path.restored > record.restored) fields.Fail("restored", "more than the sample");
    if (!record.paths.empty() && record.paths.back().path >= path.path) {
      fields.Fail("path", "not in ascending order");
    }
    TOM_RETURN_IF_ERROR(fields.Finish());
    if (record.paths.size() == kMaxDrillPaths) return BadData("paths: too many");
    record.paths.push_back(std::move(path));
  }
  return absl::OkStatus();
}

// The counts among themselves, and the result by them.
absl::Status CheckCounts(const DrillRecord& r) {
  if (r.ended_at < r.began_at) return BadData("ended_at: before it began");
  if (r.links_equal > r.links) return BadData("links_equal: more than were chosen");
  if (r.chosen + r.links > r.held) return BadData("chosen: more than the copy holds");
  if (r.restored > r.chosen) return BadData("restored: more than were chosen");
  if (r.equal + r.different + r.changed + r.unreadable > r.restored || r.verified > r.restored) {
    return BadData("equal: more was compared than was restored");
  }
  const bool quiet = r.result == DrillResult::kSound || r.result == DrillResult::kDifferent;
  if (!quiet && r.error.empty()) return BadData("error: missing");
  if (r.result == DrillResult::kSound && !r.error.empty()) {
    return BadData("error: of a drill that went well");
  }
  if (quiet && (r.snapshot.empty() || r.snapshot_time == 0)) return BadData("snapshot: missing");
  const bool judged = quiet || r.result == DrillResult::kNotCompared;
  if (judged && r.chosen > 0 && ResultOf(r) != r.result) {
    return BadData("result: the counts do not bear it out");
  }
  if (quiet && r.chosen == 0) return BadData("result: the counts do not bear it out");
  return absl::OkStatus();
}

}  // namespace

std::string_view DrillResultName(DrillResult result) {
  for (const auto& [one, name] : kResults) {
    if (one == result) return name;
  }
  return "not_done";
}

DrillResult ResultOf(const DrillRecord& record) {
  if (record.different > 0) return DrillResult::kDifferent;
  if (record.restored < record.chosen) return DrillResult::kNotRestored;
  if (record.equal + record.verified > 0 && record.bytes > 0) return DrillResult::kSound;
  return DrillResult::kNotCompared;
}

std::string DrillSource(std::string_view kind, std::string_view repository, std::string_view path) {
  std::string text(kind);
  text.append(1, '\0').append(repository).append(1, '\0').append(path);
  return Sha256(text).Hex();
}

std::string EncodeDrillRecord(const DrillRecord& record) {
  Json::Object json = {{"backup", record.backup},
                       {"kind", record.kind},
                       {"source", record.source},
                       {"began_at", FormatUtc(record.began_at)},
                       {"ended_at", FormatUtc(record.ended_at)},
                       {"result", DrillResultName(record.result)},
                       {"held", record.held},
                       {"chosen", record.chosen},
                       {"restored", record.restored},
                       {"equal", record.equal},
                       {"different", record.different},
                       {"changed", record.changed},
                       {"unreadable", record.unreadable},
                       {"verified", record.verified},
                       {"bytes", record.bytes},
                       {"links", record.links},
                       {"links_equal", record.links_equal}};
  if (!record.snapshot.empty()) {
    json["snapshot"] = record.snapshot;
    json["snapshot_time"] = FormatUtc(record.snapshot_time);
  }
  if (!record.error.empty()) json["error"] = record.error;
  Json::Array paths;
  for (const DrilledPath& path : record.paths) {
    paths.emplace_back(
        Json::Object{{"path", path.path}, {"restored", path.restored}, {"equal", path.equal}});
  }
  if (!paths.empty()) json["paths"] = std::move(paths);
  return Canonical(json);
}

absl::StatusOr<DrillRecord> ParseDrillRecord(std::string_view bytes) {
  if (bytes.size() > kMaxDrillRecordBytes) {
    return absl::ResourceExhaustedError("larger than the bound of a drill's record");
  }
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  if (!json.IsObject()) return BadData("no object");
  FieldReader fields(json, "drill");
  DrillRecord record;
  record.backup = Name(fields, "backup");
  record.kind = Name(fields, "kind");
  record.source = fields.Hex("source", 64);
  record.began_at = fields.Time("began_at");
  record.ended_at = fields.Time("ended_at");
  if (fields.Has("snapshot")) {
    record.snapshot = Name(fields, "snapshot");
    record.snapshot_time = fields.Time("snapshot_time");
  }
  if (fields.Has("error")) record.error = Name(fields, "error");
  ReadResult(fields, record);
  ReadCounts(fields, record);
  const Json* paths = fields.Has("paths") ? fields.Array("paths") : nullptr;
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (paths != nullptr) TOM_RETURN_IF_ERROR(ReadPaths(*paths, record));
  TOM_RETURN_IF_ERROR(CheckCounts(record));
  return record;
}

}  // namespace tom
