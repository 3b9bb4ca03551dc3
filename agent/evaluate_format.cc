#include "agent/evaluate_format.h"

#include "evidence/catalogue.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Absent where empty: canonical JSON has no empty array.
void PutArray(Json::Object& members, const std::string& key, Json::Array items) {
  if (!items.empty()) members.emplace(key, std::move(items));
}

Json ValuesToWire(const std::map<std::string, Json>& values) {
  Json::Object members;
  for (const auto& [name, value] : values) {
    const bool empty = value.IsArray() && value.AsArray().empty();
    members.emplace(name, empty ? Json(Json::Object{}) : value);
  }
  return members;
}

std::map<std::string, Json> ValuesFromWire(const Json& json) {
  std::map<std::string, Json> values;
  for (const auto& [name, value] : json.AsObject()) {
    values[name] = value.IsObject() ? Json(Json::Array{}) : value;
  }
  return values;
}

std::string_view ModeName(RootMode mode) {
  return mode == RootMode::kLive ? "live" : mode == RootMode::kDeadTree ? "dead" : "host";
}

absl::StatusOr<RootMode> ModeFromName(std::string_view name) {
  for (const RootMode mode : {RootMode::kLive, RootMode::kDeadTree, RootMode::kHostRoot}) {
    if (ModeName(mode) == name) return mode;
  }
  return BadData("mode: unknown");
}

Json JobToWire(const CheckJob& job, size_t index) {
  return Json::Object{{"check", CheckToJson(job.check)},
                      {"file", job.file},
                      {"line", job.query_line},
                      {"job", static_cast<int64_t>(index)},
                      {"values", ValuesToWire(job.values)}};
}

absl::StatusOr<CheckJob> JobFromWire(const Json& json, size_t& index) {
  FieldReader fields(json, "jobs");
  CheckJob job;
  const Json* check = fields.Object("check");
  job.file = fields.String("file");
  job.query_line = static_cast<int>(fields.Integer("line", 0, 1 << 30));
  index = static_cast<size_t>(fields.Integer("job", 0));
  const Json* values = fields.Object("values");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (check == nullptr || values == nullptr) return BadData("jobs: check or values missing");
  TOM_ASSIGN_OR_RETURN(job.check, CheckFromJson(*check, "jobs.check"));
  job.values = ValuesFromWire(*values);
  return job;
}

absl::StatusOr<LocalOverride> OverrideFromWire(const Json& json) {
  FieldReader fields(json, "overrides");
  LocalOverride override;
  override.check = fields.String("check");
  override.parameter = fields.String("parameter");
  override.host_value = fields.String("host_value");
  override.profile_value = fields.String("profile_value");
  TOM_RETURN_IF_ERROR(fields.Finish());
  return override;
}

Json RowToWire(const RowResult& row) {
  Json::Object members{{"subject", TextOrBytes(row.subject)},
                       {"verdict", VerdictName(row.verdict)},
                       {"reason", row.reason},
                       {"evidence", row.evidence},
                       {"aside", row.aside}};
  if (row.valid_until) members.emplace("valid_until", IntegerOrText(*row.valid_until));
  return members;
}

absl::StatusOr<std::string> TextFromWire(const Json* json) {
  if (json != nullptr && json->IsString()) return json->AsString();
  if (json == nullptr) return BadData("rows.subject: missing");
  FieldReader fields(*json, "rows.subject");
  std::string bytes = fields.Bytes("bytes");
  TOM_RETURN_IF_ERROR(fields.Finish());
  return bytes;
}

absl::StatusOr<RowResult> RowFromWire(const Json& json) {
  FieldReader fields(json, "rows");
  RowResult row;
  const Json* subject = fields.Any("subject");
  const auto verdict = VerdictFromName(fields.String("verdict"));
  if (!verdict.ok()) fields.Fail("verdict", "unknown");
  row.reason = fields.String("reason");
  const Json* evidence = fields.Object("evidence");
  const Json* aside = fields.Object("aside");
  if (fields.Has("valid_until")) row.valid_until = fields.Integer("valid_until");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (evidence == nullptr || aside == nullptr) return BadData("rows: evidence or aside missing");
  row.verdict = *verdict;
  row.evidence = *evidence;
  row.aside = *aside;
  TOM_ASSIGN_OR_RETURN(row.subject, TextFromWire(subject));
  if (row.subject.empty()) return BadData("rows.subject: empty");
  if (row.reason.size() > limits::kMaxStringBytes) return BadData("rows.reason: too long");
  return row;
}

}  // namespace

std::string EncodeRequest(const EvaluateRequest& request, const std::vector<size_t>& jobs) {
  Json::Object members{{"config", request.config_path},
                       {"config_in_root", request.config_in_root ? 1 : 0},
                       {"memory_mib", request.memory_mib},
                       {"mode", ModeName(request.mode)},
                       {"reads_repositories", request.reads_repositories ? 1 : 0},
                       {"root", request.root}};
  Json::Array list;
  for (const size_t index : jobs) list.push_back(JobToWire(request.jobs[index], index));
  PutArray(members, "jobs", std::move(list));
  Json::Array overrides;
  for (const LocalOverride& one : request.overrides) {
    overrides.push_back(Json::Object{{"check", one.check},
                                     {"parameter", one.parameter},
                                     {"host_value", one.host_value},
                                     {"profile_value", one.profile_value}});
  }
  PutArray(members, "overrides", std::move(overrides));
  if (request.pseudonym_key) members.emplace("pseudonym_key", Base64Encode(*request.pseudonym_key));
  if (!request.memory.empty()) members.emplace("memory", Base64Encode(request.memory));
  return Canonical(members);
}

absl::StatusOr<ReceivedRequest> ParseRequest(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  FieldReader fields(json, "request");
  ReceivedRequest received;
  EvaluateRequest& request = received.request;
  request.config_path = fields.String("config");
  request.config_in_root = fields.Flag("config_in_root");
  request.memory_mib = fields.Integer("memory_mib", 1);
  const auto mode = ModeFromName(fields.String("mode"));
  request.reads_repositories = fields.Flag("reads_repositories");
  request.root = fields.String("root");
  const Json* jobs = fields.Array("jobs");
  const Json* overrides = fields.Array("overrides");
  if (fields.Has("memory")) request.memory = fields.Bytes("memory");
  if (fields.Has("pseudonym_key")) request.pseudonym_key = fields.Bytes("pseudonym_key");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_RETURN_IF_ERROR(mode.status());
  request.mode = *mode;
  for (const Json& item : jobs != nullptr ? jobs->AsArray() : Json::Array()) {
    size_t index = 0;
    TOM_ASSIGN_OR_RETURN(CheckJob job, JobFromWire(item, index));
    request.jobs.push_back(std::move(job));
    received.indices.push_back(index);
  }
  for (const Json& item : overrides != nullptr ? overrides->AsArray() : Json::Array()) {
    TOM_ASSIGN_OR_RETURN(LocalOverride one, OverrideFromWire(item));
    request.overrides.push_back(std::move(one));
  }
  return received;
}

std::string EncodeReply(const ReplyLine& line) {
  if (const auto* start = std::get_if<StartLine>(&line)) {
    return Canonical(Json::Object{{"start", static_cast<int64_t>(start->job)}}) + "\n";
  }
  if (const auto* memory = std::get_if<MemoryLine>(&line)) {
    return Canonical(Json::Object{{"memory", Base64Encode(memory->memory)}}) + "\n";
  }
  const auto& outcome = std::get<OutcomeLine>(line);
  Json::Array rows;
  for (const RowResult& row : outcome.rows) rows.push_back(RowToWire(row));
  return Canonical(Json::Object{{"duration_ms", outcome.duration_ms},
                                {"job", static_cast<int64_t>(outcome.job)},
                                {"rows", std::move(rows)}}) +
         "\n";
}

absl::StatusOr<ReplyLine> ParseReply(std::string_view line) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(line));
  FieldReader fields(json, "reply");
  if (fields.Has("start")) {
    const auto job = static_cast<size_t>(fields.Integer("start", 0));
    TOM_RETURN_IF_ERROR(fields.Finish());
    return ReplyLine(StartLine{job});
  }
  if (fields.Has("memory")) {
    MemoryLine memory{fields.Bytes("memory")};
    TOM_RETURN_IF_ERROR(fields.Finish());
    if (memory.memory.size() > kMaxMemoryBytes) return BadData("reply.memory: too long");
    return ReplyLine(std::move(memory));
  }
  OutcomeLine outcome;
  outcome.job = static_cast<size_t>(fields.Integer("job", 0));
  outcome.duration_ms = fields.Integer("duration_ms", 0);
  const Json* rows = fields.Array("rows");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (rows == nullptr || rows->AsArray().size() > limits::kMaxRowsPerCheck + 1) {
    return BadData("reply.rows: none, or too many");
  }
  for (const Json& item : rows->AsArray()) {
    TOM_ASSIGN_OR_RETURN(RowResult row, RowFromWire(item));
    outcome.rows.push_back(std::move(row));
  }
  return ReplyLine(std::move(outcome));
}

}  // namespace tom
