#include "checks/engine/check_runner.h"

#include "checks/engine/clean_text.h"
#include "checks/engine/result_rows.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

CheckOutcome HeadOf(const CheckJob& job) {
  CheckOutcome outcome;
  outcome.check = job.check.id;
  outcome.check_digest = job.check.digest;
  outcome.interval = job.check.interval;
  outcome.values = job.values;
  outcome.sources = job.sources;
  outcome.params = ParamsDigest(job.values);
  outcome.profiles = job.profiles;
  return outcome;
}

std::vector<RowResult> ErrorRows(const CheckJob& job, std::string_view message) {
  RowResult row;
  row.subject = kHostSubject;
  row.verdict = Verdict::kUnknown;
  const std::string where = job.file.empty() ? "" : job.file + ": ";
  row.reason = CleanText("the check could not be run: " + where + std::string(message),
                         limits::kMaxStringBytes);
  return {row};
}

absl::StatusOr<std::map<std::string, Value>> BindValues(const CheckJob& job) {
  std::map<std::string, Value> bound;
  for (const auto& [name, parameter] : job.check.parameters) {
    const auto found = job.values.find(name);
    const Json& value = found != job.values.end() ? found->second : parameter.value;
    auto converted = SqlValue(parameter, value);
    if (!converted.ok()) return Annotate(converted.status(), "parameters." + name);
    bound[name] = *std::move(converted);
  }
  return bound;
}

absl::StatusOr<std::vector<RowResult>> Rows(SqlEngine& engine, const CheckJob& job) {
  TOM_ASSIGN_OR_RETURN(const auto bound, BindValues(job));
  TOM_ASSIGN_OR_RETURN(const SqlResult result, engine.Run(job.check.query, bound));
  return RowsOfResult(job.check, result, engine.env().Now());
}

}  // namespace

absl::StatusOr<Value> SqlValue(const Parameter& parameter, const Json& value) {
  TOM_ASSIGN_OR_RETURN(const Json typed, TypedValue(parameter, value));
  if (parameter.type == "integer") return Value(typed.AsInteger());
  if (parameter.type == "duration") {
    TOM_ASSIGN_OR_RETURN(const int64_t seconds, ParseDurationSeconds(typed.AsString()));
    return Value(seconds);
  }
  if (parameter.type != "list") return Value(typed.AsString());
  if (typed.AsArray().empty()) return Value("[]");
  TOM_ASSIGN_OR_RETURN(std::string json, EncodeCanonical(typed));
  return Value(std::move(json));
}

std::map<std::string, Json> PseudonymiseValues(const Check& check,
                                               std::map<std::string, Json> values,
                                               const std::string& key) {
  for (auto& [name, value] : values) {
    const auto found = check.parameters.find(name);
    if (found == check.parameters.end() || found->second.personal.empty()) continue;
    const std::string& kind = found->second.personal;
    if (value.IsString()) value = Pseudonym(key, kind, value.AsString());
    if (!value.IsArray()) continue;
    for (Json& item : value.AsArray()) {
      if (item.IsString()) item = Pseudonym(key, kind, item.AsString());
    }
    const auto sorted = TypedValue(found->second, value);
    if (sorted.ok()) value = *sorted;
  }
  return values;
}

std::map<std::string, Json> RecordedValues(const CheckJob& job, const std::string& key) {
  std::map<std::string, Json> recorded = PseudonymiseValues(job.check, job.values, key);
  for (auto& [name, value] : recorded) {
    const auto source = job.sources.find(name);
    if (source == job.sources.end() || source->second != "host") value = job.values.at(name);
  }
  return recorded;
}

CheckOutcome UnknownOutcome(const CheckJob& job, const std::string& reason) {
  CheckOutcome outcome = HeadOf(job);
  RowResult row;
  row.subject = kHostSubject;
  row.verdict = Verdict::kUnknown;
  row.reason = CleanText(reason, limits::kMaxStringBytes);
  outcome.rows = {std::move(row)};
  return outcome;
}

CheckOutcome RunCheck(SqlEngine& engine, const CheckJob& job) {
  const int64_t start = engine.env().MonotonicMs();
  CheckOutcome outcome = HeadOf(job);
  auto rows = Rows(engine, job);
  outcome.rows = rows.ok() ? *std::move(rows) : ErrorRows(job, FromAbsl(rows.status().message()));
  outcome.duration_ms = engine.env().MonotonicMs() - start;
  return outcome;
}

}  // namespace tom
