// Check <-> canonical JSON.
#include <algorithm>
#include <initializer_list>

#include "evidence/catalogue.h"
#include "evidence/row.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxId = 100;

void PutStrings(Json::Object& members, const std::string& key,
                const std::vector<std::string>& strings) {
  if (!strings.empty()) members.emplace(key, StringArray(strings));
}

void PutText(Json::Object& members, const std::string& key, const std::string& text) {
  if (!text.empty()) members.emplace(key, text);
}

bool IsEmptyList(const Json& value) { return value.IsArray() && value.AsArray().empty(); }

Json ParameterToJson(const Parameter& parameter) {
  Json::Object members{{"stricter", parameter.stricter}, {"type", parameter.type}};
  if (!IsEmptyList(parameter.value)) members.emplace("value", parameter.value);
  PutText(members, "personal", parameter.personal);
  return members;
}

absl::StatusOr<Parameter> ParameterFromJson(const Json& json, const std::string& where) {
  FieldReader fields(json, where);
  Parameter parameter;
  parameter.type = fields.String("type");
  parameter.stricter = fields.String("stricter");
  parameter.personal = fields.StringOr("personal", "");
  const Json* value = fields.Any("value");
  TOM_RETURN_IF_ERROR(fields.Finish());
  parameter.value = value != nullptr ? *value : Json(Json::Array{});
  TOM_RETURN_IF_ERROR(CheckParameter(parameter, where));
  return parameter;
}

void OneOf(FieldReader& fields, std::string_view key, const std::string& value,
           std::initializer_list<std::string_view> allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
  std::string names;
  for (const std::string_view name : allowed)
    names += (names.empty() ? "" : ", ") + std::string(name);
  fields.Fail(key, "expected one of " + names);
}

absl::Status ReadParameters(const Json* json, const std::string& where, Check& check) {
  if (json == nullptr) return absl::OkStatus();
  for (const auto& [name, member] : json->AsObject()) {
    TOM_ASSIGN_OR_RETURN(check.parameters[name], ParameterFromJson(member, where + "." + name));
  }
  return absl::OkStatus();
}

void ReadTexts(FieldReader& fields, Check& check) {
  check.id = fields.String("id");
  check.measure = fields.String("measure");
  check.title = fields.String("title");
  check.severity = fields.String("severity");
  check.interval = fields.String("interval");
  check.runs_on = fields.String("runs_on");
  check.query = fields.String("query");
  check.expects = fields.StringOr("expects", "");
  check.volatile_columns = fields.StringSet("volatile");
  check.when_empty = fields.String("when_empty");
  check.rationale = fields.StringOr("rationale", "");
  check.remediation = fields.StringOr("remediation", "");
  check.references = fields.Strings("references");
}

void CheckTexts(FieldReader& fields, const Check& check) {
  if (!IsCheckId(check.id)) fields.Fail("id", "expected lower-case letters, digits and -");
  if (!IsCatalogueId(check.measure)) fields.Fail("measure", "expected a measure's id");
  OneOf(fields, "severity", check.severity, {"low", "medium", "high", "critical"});
  OneOf(fields, "interval", check.interval, {"5m", "15m", "1h", "6h", "24h", "7d"});
  OneOf(fields, "runs_on", check.runs_on, {"host", "connector", "collector"});
  OneOf(fields, "expects", check.expects, {"", "rows", "no_rows"});
  OneOf(fields, "when_empty", check.when_empty, {"pass", "fail", "unknown", "not_applicable"});
  if (check.query.empty()) fields.Fail("query", "empty");
}

}  // namespace

bool IsCatalogueId(std::string_view id) {
  if (id.empty() || id.size() > kMaxId || id[0] < 'a' || id[0] > 'z') return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool IsCheckId(std::string_view id) {
  static constexpr std::string_view kSite = "site/";
  return IsCatalogueId(id.substr(0, kSite.size()) == kSite ? id.substr(kSite.size()) : id);
}

Json CheckToJson(const Check& check) {
  Json::Object members{{"id", check.id},
                       {"measure", check.measure},
                       {"title", check.title},
                       {"severity", check.severity},
                       {"interval", check.interval},
                       {"runs_on", check.runs_on},
                       {"query", check.query},
                       {"when_empty", check.when_empty}};
  Json::Object parameters;
  for (const auto& [name, parameter] : check.parameters) {
    parameters.emplace(name, ParameterToJson(parameter));
  }
  if (!parameters.empty()) members.emplace("parameters", std::move(parameters));
  PutText(members, "expects", check.expects);
  PutText(members, "rationale", check.rationale);
  PutText(members, "remediation", check.remediation);
  PutStrings(members, "volatile", check.volatile_columns);
  PutStrings(members, "references", check.references);
  return members;
}

absl::StatusOr<Check> CheckFromJson(const Json& json, const std::string& where) {
  FieldReader fields(json, where);
  Check check;
  ReadTexts(fields, check);
  CheckTexts(fields, check);
  const Json* parameters = fields.Object("parameters");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_RETURN_IF_ERROR(ReadParameters(parameters, where + ".parameters", check));
  auto bytes = EncodeCanonical(json);
  if (!bytes.ok()) return Annotate(bytes.status(), where);
  check.digest = Sha256(*bytes);
  return check;
}

}  // namespace tom
