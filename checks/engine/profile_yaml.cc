#include "checks/engine/profile_yaml.h"

#include "checks/engine/parameter_yaml.h"
#include "checks/engine/yaml_tree.h"
#include "checks/engine/zone_time.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

void ReadAgreement(YamlFields& outer, const std::string& zone, Profile& profile) {
  const YamlNode* node = outer.Map("agreement");
  if (node == nullptr) return outer.Fail("agreement", "missing");
  YamlFields fields(*node, outer.file(), "agreement");
  profile.title = fields.Text("title");
  profile.version = fields.Text("version");
  profile.document = fields.TextOr("sha256", "");
  if (!profile.document.empty() && !IsLowerHex(profile.document, 64)) {
    fields.Fail("sha256", "expected 64 lower-case hex digits");
  }
  const auto from = ParseDateStart(fields.Text("effective_from"), zone);
  if (!from.ok()) fields.Fail("effective_from", FromAbsl(from.status().message()));
  profile.effective_from = from.value_or(0);
  if (fields.Has("effective_to")) {
    const auto to = ParseDateEnd(fields.Text("effective_to"), zone);
    if (!to.ok()) fields.Fail("effective_to", FromAbsl(to.status().message()));
    profile.effective_to = to.value_or(0);
  } else {
    fields.Any("effective_to");
  }
  outer.Keep(fields.Finish());
}

absl::Status ReadMeasures(const YamlNode* node, const std::string& file, Clause& clause) {
  if (node == nullptr) return absl::OkStatus();
  for (const auto& [measure, values] : node->entries) {
    const std::string path = "clauses.measures." + measure;
    if (!values.IsMap() && !values.IsNull()) {
      return YamlError(values, file, path, "expected a map of parameters");
    }
    auto& parameters = clause.measures[measure];
    for (const auto& [name, value] : values.entries) {
      TOM_ASSIGN_OR_RETURN(parameters[name], RawValue(value, file, path + "." + name));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Clause> ParseClause(const YamlNode& node, const std::string& file) {
  YamlFields fields(node, file, "clauses");
  Clause clause;
  clause.clause = fields.Text("clause");
  clause.promise = fields.Text("promise");
  clause.reading = fields.TextOr("reading", "");
  clause.basis = fields.Text("basis");
  clause.proof = fields.Text("proof");
  const YamlNode* by = fields.Map("reading_by");
  const YamlNode* measures = fields.Map("measures");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (by != nullptr) {
    YamlFields names(*by, file, "clauses.reading_by");
    for (const char* key : {"owner", "approved_by", "date"}) {
      if (names.Has(key)) clause.reading_by.AsObject().emplace(key, names.Text(key));
    }
    TOM_RETURN_IF_ERROR(names.Finish());
  }
  TOM_RETURN_IF_ERROR(ReadMeasures(measures, file, clause));
  return clause;
}

int Fraction(YamlFields& fields, std::string_view key, int fallback) {
  if (!fields.Has(key)) return fallback;
  const auto ppm = ParseFractionPpm(fields.Text(key));
  if (!ppm.ok()) fields.Fail(key, FromAbsl(ppm.status().message()));
  return ppm.value_or(0);
}

void ReadThresholds(YamlFields& outer, Thresholds& thresholds) {
  const YamlNode* node = outer.Map("thresholds");
  if (node == nullptr) return;
  YamlFields fields(*node, outer.file(), "thresholds");
  thresholds.coverage_satisfied_ppm =
      Fraction(fields, "coverage_satisfied", thresholds.coverage_satisfied_ppm);
  thresholds.coverage_assessed_ppm =
      Fraction(fields, "coverage_assessed", thresholds.coverage_assessed_ppm);
  thresholds.anchor_max_seconds =
      fields.DurationSecondsOr("anchor_max", thresholds.anchor_max_seconds);
  const YamlNode* remedy = fields.Map("remedy");
  outer.Keep(fields.Finish());
  if (remedy == nullptr) return;
  YamlFields severities(*remedy, outer.file(), "thresholds.remedy");
  for (const char* severity : {"low", "medium", "high", "critical"}) {
    if (!severities.Has(severity)) continue;
    thresholds.remedy_seconds[severity] = severities.DurationSecondsOr(severity, 0);
  }
  outer.Keep(severities.Finish());
}

absl::Status ReadClauses(const YamlNode* node, const std::string& file, Profile& profile) {
  if (node == nullptr) return absl::OkStatus();
  for (const YamlNode& item : node->items) {
    TOM_ASSIGN_OR_RETURN(Clause clause, ParseClause(item, file));
    for (const Clause& other : profile.clauses) {
      if (other.clause == clause.clause) {
        return YamlError(item, file, "clauses", "clause " + clause.clause + " stands twice");
      }
    }
    profile.clauses.push_back(std::move(clause));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Profile> ParseProfileYaml(std::string_view text, const std::string& file) {
  TOM_ASSIGN_OR_RETURN(const YamlNode root, ParseYaml(text, file));
  YamlFields fields(root, file);
  Profile profile;
  profile.id = fields.Text("id");
  profile.time_zone = fields.Text("time_zone");
  ReadAgreement(fields, profile.time_zone, profile);
  ReadThresholds(fields, profile.thresholds);
  profile.source_incomplete = fields.BooleanOr("source_incomplete", false);
  const YamlNode* clauses = fields.Sequence("clauses");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_RETURN_IF_ERROR(ReadClauses(clauses, file, profile));
  return ProfileFromJson(ProfileToJson(profile), file);
}

absl::StatusOr<Measure> ParseMeasureYaml(std::string_view text, const std::string& file) {
  TOM_ASSIGN_OR_RETURN(const YamlNode root, ParseYaml(text, file));
  YamlFields fields(root, file);
  Measure measure;
  measure.id = fields.Text("id");
  measure.title = fields.Text("title");
  measure.statement = fields.Text("statement");
  const YamlNode* references = fields.Map("references");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (references != nullptr) {
    YamlFields frameworks(*references, file, "references");
    for (const auto& [framework, ids] : references->entries) {
      measure.references[framework] = frameworks.Texts(framework);
    }
    TOM_RETURN_IF_ERROR(frameworks.Finish());
  }
  return MeasureFromJson(measure.id, MeasureToJson(measure), file);
}

}  // namespace tom
