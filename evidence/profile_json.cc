// Profile <-> canonical JSON.
#include <algorithm>
#include <cstdio>

#include "evidence/catalogue.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int kMillion = 1000000;

// 980000 -> "0.98": no trailing zeros, but one digit at the least.
std::string FractionText(int ppm) {
  std::string digits = std::to_string(kMillion + ppm % kMillion).substr(1);
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  return std::to_string(ppm / kMillion) + "." + digits;
}

int FractionOf(FieldReader& fields, std::string_view key) {
  const std::string text = fields.String(key);
  auto ppm = ParseFractionPpm(text);
  if (!ppm.ok() || FractionText(*ppm) != text) {
    fields.Fail(key, "expected a fraction from 0.0 to 1.0 such as \"0.98\"");
    return 0;
  }
  return *ppm;
}

Json ClauseToJson(const Clause& clause) {
  Json::Object members{{"clause", clause.clause},
                       {"promise", clause.promise},
                       {"basis", clause.basis},
                       {"proof", clause.proof}};
  if (!clause.reading.empty()) members.emplace("reading", clause.reading);
  if (clause.reading_by.IsObject() && !clause.reading_by.AsObject().empty()) {
    members.emplace("reading_by", clause.reading_by);
  }
  Json::Object measures;
  for (const auto& [measure, values] : clause.measures) {
    Json::Object parameters;
    for (const auto& [name, value] : values) {
      const bool empty = value.IsArray() && value.AsArray().empty();
      parameters.emplace(name, empty ? Json(Json::Object{}) : value);
    }
    measures.emplace(measure, std::move(parameters));
  }
  if (!measures.empty()) members.emplace("measures", std::move(measures));
  return members;
}

absl::StatusOr<Json> ProfileValue(const Json& json, const std::string& where) {
  if (json.IsObject() && json.AsObject().empty()) return Json(Json::Array{});
  if (json.IsObject()) return BadData(where + ": expected a text, an integer, a list or {}");
  return json;
}

absl::Status ReadMeasures(const Json* json, const std::string& where, Clause& clause) {
  if (json == nullptr) return absl::OkStatus();
  for (const auto& [measure, values] : json->AsObject()) {
    const std::string path = where + "." + measure;
    if (!IsCatalogueId(measure)) return BadData(path + ": not a measure's id");
    if (!values.IsObject()) return BadData(path + ": expected an object");
    auto& parameters = clause.measures[measure];
    for (const auto& [name, value] : values.AsObject()) {
      TOM_ASSIGN_OR_RETURN(parameters[name], ProfileValue(value, path + "." + name));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Clause> ClauseFromJson(const Json& json, const std::string& where) {
  FieldReader fields(json, where);
  Clause clause;
  clause.clause = fields.String("clause");
  clause.promise = fields.String("promise");
  clause.reading = fields.StringOr("reading", "");
  if (const Json* by = fields.Object("reading_by"); by != nullptr) clause.reading_by = *by;
  clause.basis = fields.String("basis");
  clause.proof = fields.String("proof");
  if (clause.basis != "promised" && clause.basis != "interpreted" && clause.basis != "voluntary") {
    fields.Fail("basis", "expected promised, interpreted or voluntary");
  }
  if (clause.proof != "measured" && clause.proof != "documented" && clause.proof != "attested" &&
      clause.proof != "none") {
    fields.Fail("proof", "expected measured, documented, attested or none");
  }
  const Json* measures = fields.Object("measures");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_RETURN_IF_ERROR(ReadMeasures(measures, where + ".measures", clause));
  return clause;
}

Json ThresholdsToJson(const Thresholds& thresholds) {
  Json::Object remedy;
  for (const auto& [severity, seconds] : thresholds.remedy_seconds)
    remedy.emplace(severity, seconds);
  return Json::Object{{"coverage_satisfied", FractionText(thresholds.coverage_satisfied_ppm)},
                      {"coverage_assessed", FractionText(thresholds.coverage_assessed_ppm)},
                      {"anchor_max", thresholds.anchor_max_seconds},
                      {"remedy", std::move(remedy)}};
}

absl::Status ReadRemedy(const Json* json, const std::string& where, Thresholds& thresholds) {
  if (json == nullptr) return BadData(where + ": missing");
  FieldReader fields(*json, where);
  for (const char* severity : {"low", "medium", "high", "critical"}) {
    if (!fields.Has(severity)) continue;
    thresholds.remedy_seconds[severity] = fields.Integer(severity, 0);
  }
  return fields.Finish();
}

absl::StatusOr<Thresholds> ThresholdsFromJson(const Json& json, const std::string& where) {
  FieldReader fields(json, where);
  Thresholds thresholds;
  thresholds.coverage_satisfied_ppm = FractionOf(fields, "coverage_satisfied");
  thresholds.coverage_assessed_ppm = FractionOf(fields, "coverage_assessed");
  thresholds.anchor_max_seconds = fields.Integer("anchor_max", 1);
  const Json* remedy = fields.Object("remedy");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_RETURN_IF_ERROR(ReadRemedy(remedy, where + ".remedy", thresholds));
  return thresholds;
}

Json AgreementToJson(const Profile& profile) {
  Json::Object members{{"title", profile.title},
                       {"version", profile.version},
                       {"effective_from", FormatUtc(profile.effective_from)}};
  if (!profile.document.empty()) members.emplace("sha256", profile.document);
  if (profile.effective_to != 0) members.emplace("effective_to", FormatUtc(profile.effective_to));
  return members;
}

absl::Status ReadAgreement(const Json* json, const std::string& where, Profile& profile) {
  if (json == nullptr) return BadData(where + ": missing");
  FieldReader fields(*json, where);
  profile.title = fields.String("title");
  profile.version = fields.String("version");
  if (fields.Has("sha256")) profile.document = fields.Hex("sha256", 64);
  profile.effective_from = fields.Time("effective_from");
  if (fields.Has("effective_to")) profile.effective_to = fields.Time("effective_to");
  return fields.Finish();
}

absl::Status ReadClauses(const Json* json, const std::string& where, Profile& profile) {
  if (json == nullptr) return absl::OkStatus();
  for (const Json& item : json->AsArray()) {
    const std::string path = where + "[" + std::to_string(profile.clauses.size()) + "]";
    TOM_ASSIGN_OR_RETURN(Clause clause, ClauseFromJson(item, path));
    profile.clauses.push_back(std::move(clause));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int> ParseFractionPpm(std::string_view text) {
  const bool shaped = text.size() >= 3 && text.size() <= 8 && text[1] == '.' &&
                      (text[0] == '0' || text[0] == '1') &&
                      text.find_first_not_of("0123456789", 2) == std::string_view::npos;
  if (!shaped) return BadData("expected a fraction from 0.0 to 1.0 with at most six decimals");
  std::string decimals(text.substr(2));
  decimals.resize(6, '0');
  const int ppm = (text[0] - '0') * kMillion + std::stoi(decimals);
  if (ppm > kMillion) return BadData("expected a fraction from 0.0 to 1.0");
  return ppm;
}

Json ProfileToJson(const Profile& profile) {
  Json::Object members{{"id", profile.id},
                       {"agreement", AgreementToJson(profile)},
                       {"time_zone", profile.time_zone},
                       {"thresholds", ThresholdsToJson(profile.thresholds)},
                       {"source_incomplete", profile.source_incomplete ? 1 : 0}};
  Json::Array clauses;
  for (const Clause& clause : profile.clauses) clauses.push_back(ClauseToJson(clause));
  if (!clauses.empty()) members.emplace("clauses", std::move(clauses));
  return members;
}

absl::StatusOr<Profile> ProfileFromJson(const Json& json, const std::string& where) {
  FieldReader fields(json, where);
  Profile profile;
  profile.id = fields.String("id");
  if (!IsCatalogueId(profile.id)) fields.Fail("id", "expected lower-case letters, digits and -");
  const Json* agreement = fields.Object("agreement");
  profile.time_zone = fields.String("time_zone");
  const Json* clauses = fields.Array("clauses");
  const Json* thresholds = fields.Object("thresholds");
  profile.source_incomplete = fields.Flag("source_incomplete");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_RETURN_IF_ERROR(ReadAgreement(agreement, where + ".agreement", profile));
  TOM_RETURN_IF_ERROR(ReadClauses(clauses, where + ".clauses", profile));
  if (thresholds == nullptr) return BadData(where + ".thresholds: missing");
  TOM_ASSIGN_OR_RETURN(profile.thresholds, ThresholdsFromJson(*thresholds, where + ".thresholds"));
  auto bytes = EncodeCanonical(json);
  if (!bytes.ok()) return Annotate(bytes.status(), where);
  profile.digest = Sha256(*bytes);
  return profile;
}

}  // namespace tom
