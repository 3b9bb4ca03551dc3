#include "agent/cycle.h"

#include "evidence/canonical_json.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::StatusOr<std::string> RawText(const Json* json, std::string_view what) {
  if (json == nullptr) return BadData(std::string(what) + ": missing");
  if (json->IsString()) return json->AsString();
  FieldReader fields(*json, std::string(what));
  std::string raw = fields.Bytes("bytes");
  TOM_RETURN_IF_ERROR(fields.Finish());
  return raw;
}

Json RowToJson(const RowResult& row) {
  Json::Object json{{"reason", TextOrBytes(row.reason)},
                    {"subject", TextOrBytes(row.subject)},
                    {"verdict", VerdictName(row.verdict)}};
  if (row.evidence.IsObject() && !row.evidence.AsObject().empty()) json["evidence"] = row.evidence;
  if (row.valid_until) json["valid_until"] = FormatUtc(*row.valid_until);
  return json;
}

absl::StatusOr<RowResult> RowFromJson(const Json& json) {
  FieldReader fields(json, "row");
  RowResult row;
  const Json* reason = fields.Any("reason");
  const Json* subject = fields.Any("subject");
  const std::string verdict = fields.String("verdict");
  if (const Json* evidence = fields.Object("evidence")) row.evidence = *evidence;
  if (fields.Has("valid_until")) row.valid_until = fields.Time("valid_until");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_ASSIGN_OR_RETURN(row.reason, RawText(reason, "row.reason"));
  TOM_ASSIGN_OR_RETURN(row.subject, RawText(subject, "row.subject"));
  TOM_ASSIGN_OR_RETURN(row.verdict, VerdictFromName(verdict));
  return row;
}

Json OutcomeToJson(const CheckOutcome& outcome) {
  Json::Array rows;
  for (const RowResult& row : outcome.rows) rows.push_back(RowToJson(row));
  Json::Object json{{"check", outcome.check},
                    {"check_digest", outcome.check_digest.Hex()},
                    {"params", outcome.params.Hex()}};
  if (!rows.empty()) json["rows"] = std::move(rows);
  return json;
}

absl::StatusOr<CheckOutcome> OutcomeFromJson(const Json& json) {
  FieldReader fields(json, "outcome");
  CheckOutcome outcome;
  outcome.check = fields.String("check");
  outcome.check_digest = fields.DigestOf("check_digest");
  outcome.params = fields.DigestOf("params");
  const Json* rows = fields.Array("rows");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (rows == nullptr) return outcome;
  for (const Json& item : rows->AsArray()) {
    TOM_ASSIGN_OR_RETURN(RowResult row, RowFromJson(item));
    outcome.rows.push_back(std::move(row));
  }
  return outcome;
}

Json LookToJson(const Look& look) {
  Json::Object json{{"duration_ms", look.duration_ms},
                    {"observed_at", FormatUtc(look.observed_at)}};
  if (look.clock_offset_ms) json["clock_offset_ms"] = *look.clock_offset_ms;
  Json::Array outcomes;
  for (const CheckOutcome& outcome : look.outcomes) outcomes.push_back(OutcomeToJson(outcome));
  if (!outcomes.empty()) json["outcomes"] = std::move(outcomes);
  return json;
}

absl::StatusOr<Look> LookFromJson(const Json& json) {
  FieldReader fields(json, "look");
  Look look;
  look.duration_ms = fields.Integer("duration_ms", 0);
  look.observed_at = fields.Time("observed_at");
  if (fields.Has("clock_offset_ms")) look.clock_offset_ms = fields.Integer("clock_offset_ms");
  const Json* outcomes = fields.Array("outcomes");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (outcomes == nullptr) return look;
  for (const Json& item : outcomes->AsArray()) {
    TOM_ASSIGN_OR_RETURN(CheckOutcome outcome, OutcomeFromJson(item));
    look.outcomes.push_back(std::move(outcome));
  }
  return look;
}

Json SourceToJson(const ContextSource& source) {
  Json::Object json{
      {"agent_binary", source.agent_binary.Hex()}, {"agent_version", source.agent_version},
      {"catalogue", source.catalogue.Hex()},       {"catalogue_version", source.catalogue_version},
      {"configuration", source.configuration},     {"os", source.os}};
  if (source.pseudonym_key) json["pseudonym_key"] = *source.pseudonym_key;
  if (!source.profiles.empty()) json["profiles"] = StringArray(source.profiles);
  Json::Array plan;
  for (const PlannedCheck& planned : source.plan) {
    plan.push_back(
        Json::Object{{"interval", planned.interval}, {"piece", EncodeParamsPiece(planned.piece)}});
  }
  if (!plan.empty()) json["plan"] = std::move(plan);
  return json;
}

absl::Status ReadPlan(const Json* plan, ContextSource& source) {
  if (plan == nullptr) return absl::OkStatus();
  for (const Json& item : plan->AsArray()) {
    FieldReader fields(item, "plan");
    PlannedCheck planned;
    planned.interval = fields.String("interval");
    const std::string piece = fields.String("piece");
    TOM_RETURN_IF_ERROR(fields.Finish());
    TOM_ASSIGN_OR_RETURN(planned.piece, ParseParamsPiece(piece));
    source.plan.push_back(std::move(planned));
  }
  return absl::OkStatus();
}

absl::StatusOr<ContextSource> SourceFromJson(const Json& json) {
  FieldReader fields(json, "source");
  ContextSource source;
  source.agent_binary = fields.DigestOf("agent_binary");
  source.agent_version = fields.String("agent_version");
  source.catalogue = fields.DigestOf("catalogue");
  source.catalogue_version = fields.Integer("catalogue_version", 0);
  const Json* configuration = fields.Object("configuration");
  source.os = fields.String("os");
  if (fields.Has("pseudonym_key")) source.pseudonym_key = fields.Hex("pseudonym_key", 32);
  source.profiles = fields.Strings("profiles");
  const Json* plan = fields.Array("plan");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (configuration == nullptr) return BadData("source.configuration: missing");
  source.configuration = *configuration;
  TOM_RETURN_IF_ERROR(ReadPlan(plan, source));
  return source;
}

Json ScopesToJson(const std::vector<SubjectScope>& scopes) {
  Json::Array items;
  for (const SubjectScope& scope : scopes) {
    Json::Object item{{"below", scope.below ? 1 : 0}, {"subject", TextOrBytes(scope.subject)}};
    if (!scope.controllers.empty()) item["controllers"] = StringArray(scope.controllers);
    items.emplace_back(std::move(item));
  }
  return items;
}

absl::Status ReadScopes(const Json* json, Cycle& cycle) {
  if (json == nullptr) return absl::OkStatus();
  for (const Json& item : json->AsArray()) {
    FieldReader fields(item, "scope");
    SubjectScope scope;
    scope.below = fields.Flag("below");
    scope.controllers = fields.StringSet("controllers");
    const Json* subject = fields.Any("subject");
    TOM_RETURN_IF_ERROR(fields.Finish());
    TOM_ASSIGN_OR_RETURN(scope.subject, RawText(subject, "scope.subject"));
    cycle.scopes.push_back(std::move(scope));
  }
  return absl::OkStatus();
}

Json ExclusionsToJson(const std::vector<HostExclusion>& exclusions) {
  Json::Array items;
  for (const HostExclusion& one : exclusions) {
    items.emplace_back(Json::Object{{"check", one.check},
                                    {"expires", FormatUtc(one.expires)},
                                    {"owner", one.owner},
                                    {"reason", one.reason},
                                    {"subject", TextOrBytes(one.subject)}});
  }
  return items;
}

absl::Status ReadExclusions(const Json* json, Cycle& cycle) {
  if (json == nullptr) return absl::OkStatus();
  for (const Json& item : json->AsArray()) {
    FieldReader fields(item, "exclusion");
    HostExclusion one;
    one.check = fields.String("check");
    one.expires = fields.Time("expires");
    one.owner = fields.String("owner");
    one.reason = fields.String("reason");
    const Json* subject = fields.Any("subject");
    TOM_RETURN_IF_ERROR(fields.Finish());
    TOM_ASSIGN_OR_RETURN(one.subject, RawText(subject, "exclusion.subject"));
    cycle.exclusions.push_back(std::move(one));
  }
  return absl::OkStatus();
}

absl::StatusOr<CycleHint> ReadHint(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  FieldReader fields(json, "hint");
  CycleHint hint;
  hint.every_group = fields.Flag("every_group");
  hint.context = fields.String("context");
  hint.retry_at = fields.Time("retry_at");
  const Json* looks = fields.Object("looks");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (looks == nullptr) return BadData("hint.looks: missing");
  FieldReader times(*looks, "looks");
  for (const auto& [interval, unused] : looks->AsObject())
    hint.looks[interval] = times.Time(interval);
  TOM_RETURN_IF_ERROR(times.Finish());
  return hint;
}

}  // namespace

absl::StatusOr<std::string> EncodeCycle(const Cycle& cycle) {
  Json::Object json{{"look", LookToJson(cycle.look)}, {"source", SourceToJson(cycle.source)}};
  if (!cycle.scopes.empty()) json["scopes"] = ScopesToJson(cycle.scopes);
  if (!cycle.exclusions.empty()) json["exclusions"] = ExclusionsToJson(cycle.exclusions);
  return EncodeCanonical(json);
}

absl::StatusOr<Cycle> ParseCycle(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  FieldReader fields(json, "cycle");
  Cycle cycle;
  const Json* exclusions = fields.Array("exclusions");
  const Json* look = fields.Object("look");
  const Json* scopes = fields.Array("scopes");
  const Json* source = fields.Object("source");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (look == nullptr || source == nullptr) return BadData("cycle: look or source is missing");
  TOM_ASSIGN_OR_RETURN(cycle.look, LookFromJson(*look));
  TOM_ASSIGN_OR_RETURN(cycle.source, SourceFromJson(*source));
  TOM_RETURN_IF_ERROR(ReadScopes(scopes, cycle));
  TOM_RETURN_IF_ERROR(ReadExclusions(exclusions, cycle));
  return cycle;
}

std::string EncodeHint(const CycleHint& hint) {
  Json::Object looks;
  for (const auto& [interval, at] : hint.looks) looks[interval] = FormatUtc(at);
  return Canonical(Json::Object{{"context", hint.context},
                                {"every_group", hint.every_group ? 1 : 0},
                                {"looks", std::move(looks)},
                                {"retry_at", FormatUtc(hint.retry_at)}});
}

CycleHint ParseHint(std::string_view bytes) { return ReadHint(bytes).value_or(CycleHint()); }

}  // namespace tom
