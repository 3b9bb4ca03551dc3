#include "evidence/catalogue.h"

#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status ReadChecks(const Json* json, Catalogue& catalogue) {
  if (json == nullptr) return BadData("catalogue.checks: missing");
  for (const auto& [id, member] : json->AsObject()) {
    const std::string where = "catalogue.checks." + id;
    TOM_ASSIGN_OR_RETURN(Check check, CheckFromJson(member, where));
    if (check.id != id) return BadData(where + ".id: not the key");
    catalogue.checks.emplace(id, std::move(check));
  }
  return absl::OkStatus();
}

absl::Status ReadMeasures(const Json* json, Catalogue& catalogue) {
  if (json == nullptr) return BadData("catalogue.measures: missing");
  for (const auto& [id, member] : json->AsObject()) {
    TOM_ASSIGN_OR_RETURN(Measure measure, MeasureFromJson(id, member, "catalogue.measures." + id));
    catalogue.measures.emplace(id, std::move(measure));
  }
  return absl::OkStatus();
}

absl::Status ReadProfiles(const Json* json, Catalogue& catalogue) {
  if (json == nullptr) return BadData("catalogue.profiles: missing");
  for (const auto& [id, member] : json->AsObject()) {
    const std::string where = "catalogue.profiles." + id;
    TOM_ASSIGN_OR_RETURN(Profile profile, ProfileFromJson(member, where));
    if (profile.id != id) return BadData(where + ".id: not the key");
    catalogue.profiles.emplace(id, std::move(profile));
  }
  return absl::OkStatus();
}

absl::Status ReadAuthorities(const std::vector<std::string>& texts, Catalogue& catalogue) {
  for (const std::string& text : texts) {
    auto der = Base64Decode(text);
    if (!der.ok()) return Annotate(der.status(), "catalogue.authorities");
    catalogue.authorities.push_back(*std::move(der));
  }
  return absl::OkStatus();
}

absl::Status ReadObserved(const Json* json, Catalogue& catalogue) {
  if (json == nullptr) return absl::OkStatus();
  for (const auto& [id, member] : json->AsObject()) {
    const std::string where = "catalogue.observed." + id;
    if (!catalogue.checks.contains(id)) return BadData(where + ": no such check");
    if (!member.IsObject()) return BadData(where + ": expected an object");
    FieldReader fields(member, where);
    std::optional<UnixSeconds> from;
    if (member.Find("effective_from") != nullptr) from = fields.Time("effective_from");
    TOM_RETURN_IF_ERROR(fields.Finish());
    catalogue.observed.emplace(id, from);
  }
  return absl::OkStatus();
}

// Every check must belong to a measure that the catalogue has.
absl::Status CheckLinks(const Catalogue& catalogue) {
  for (const auto& [id, check] : catalogue.checks) {
    if (catalogue.measures.count(check.measure) == 0) {
      return BadData("catalogue.checks." + id + ".measure: no such measure: " + check.measure);
    }
  }
  return absl::OkStatus();
}

// All values that the profile's clauses demand for one parameter of a check.
void ApplyClause(const Check& check, const std::map<std::string, Json>& demanded,
                 std::map<std::string, Json>& values, std::map<std::string, bool>& seen) {
  for (const auto& [name, parameter] : check.parameters) {
    const auto found = demanded.find(name);
    if (found == demanded.end()) continue;
    const auto typed = TypedValue(parameter, found->second);
    const bool both = seen[name] && typed.ok() && TypedValue(parameter, values[name]).ok();
    if (both) {
      values[name] = BothDemanded(parameter, values[name], *typed);
    } else {
      values[name] = typed.ok() ? *typed : found->second;
    }
    seen[name] = true;
  }
}

}  // namespace

Json MeasureToJson(const Measure& measure) {
  Json::Object members{{"title", measure.title}, {"statement", measure.statement}};
  Json::Object references;
  for (const auto& [framework, ids] : measure.references) {
    if (!ids.empty()) references.emplace(framework, StringArray(ids));
  }
  if (!references.empty()) members.emplace("references", std::move(references));
  return members;
}

absl::StatusOr<Measure> MeasureFromJson(std::string id, const Json& json,
                                        const std::string& where) {
  if (!IsCatalogueId(id)) return BadData(where + ": not a measure's id");
  FieldReader fields(json, where);
  Measure measure;
  measure.id = std::move(id);
  measure.title = fields.String("title");
  measure.statement = fields.String("statement");
  const Json* references = fields.Object("references");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (references == nullptr) return measure;
  FieldReader frameworks(*references, where + ".references");
  for (const auto& [framework, ids] : references->AsObject()) {
    measure.references[framework] = frameworks.Strings(framework);
  }
  TOM_RETURN_IF_ERROR(frameworks.Finish());
  return measure;
}

std::string EncodeCatalogue(const Catalogue& catalogue) {
  Json::Object checks;
  Json::Object measures;
  Json::Object profiles;
  for (const auto& [id, check] : catalogue.checks) checks.emplace(id, CheckToJson(check));
  for (const auto& [id, measure] : catalogue.measures) measures.emplace(id, MeasureToJson(measure));
  for (const auto& [id, profile] : catalogue.profiles) profiles.emplace(id, ProfileToJson(profile));
  Json::Object members{{"version", catalogue.version},
                       {"checks", std::move(checks)},
                       {"measures", std::move(measures)},
                       {"profiles", std::move(profiles)}};
  Json::Array authorities;
  for (const std::string& der : catalogue.authorities) authorities.emplace_back(Base64Encode(der));
  if (!authorities.empty()) members.emplace("authorities", std::move(authorities));
  Json::Object observed;
  for (const auto& [id, from] : catalogue.observed) {
    Json::Object terms;
    if (from) terms.emplace("effective_from", FormatUtc(*from));
    observed.emplace(id, std::move(terms));
  }
  if (!observed.empty()) members.emplace("observed", std::move(observed));
  return Canonical(members);
}

absl::StatusOr<Catalogue> ParseCatalogue(std::string_view bytes) {
  if (bytes.size() > limits::kMaxCatalogueBytes) return BadData("catalogue: over 8 MiB");
  auto json = ParseCanonical(bytes);
  if (!json.ok()) return Annotate(json.status(), "catalogue");
  FieldReader fields(*json, "catalogue");
  Catalogue catalogue;
  catalogue.version = fields.Integer("version", 0);
  const Json* checks = fields.Object("checks");
  const Json* measures = fields.Object("measures");
  const Json* profiles = fields.Object("profiles");
  const std::vector<std::string> authorities = fields.Strings("authorities");
  const Json* observed = fields.Object("observed");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_RETURN_IF_ERROR(ReadChecks(checks, catalogue));
  TOM_RETURN_IF_ERROR(ReadMeasures(measures, catalogue));
  TOM_RETURN_IF_ERROR(ReadProfiles(profiles, catalogue));
  TOM_RETURN_IF_ERROR(ReadAuthorities(authorities, catalogue));
  TOM_RETURN_IF_ERROR(ReadObserved(observed, catalogue));
  TOM_RETURN_IF_ERROR(CheckLinks(catalogue));
  return catalogue;
}

bool IsObserved(const Catalogue& catalogue, const std::string& check, UnixSeconds time) {
  const auto found = catalogue.observed.find(check);
  return found != catalogue.observed.end() && (!found->second || time < *found->second);
}

std::map<std::string, Json> ProfileValues(const Check& check, const Profile& profile) {
  std::map<std::string, Json> values;
  std::map<std::string, bool> seen;
  for (const auto& [name, parameter] : check.parameters) values[name] = parameter.value;
  for (const Clause& clause : profile.clauses) {
    const auto found = clause.measures.find(check.measure);
    if (found != clause.measures.end()) ApplyClause(check, found->second, values, seen);
  }
  return values;
}

Json ValuesToJson(const std::map<std::string, Json>& values) {
  Json::Object members;
  for (const auto& [name, value] : values) {
    if (!value.IsArray() || !value.AsArray().empty()) members.emplace(name, value);
  }
  return members;
}

Digest ParamsDigest(const std::map<std::string, Json>& values) {
  return CanonicalDigest(ValuesToJson(values));
}

}  // namespace tom
