// Assessment results: one result, one finding a measure, one risk a finding, one resource an
// evidence file.
#include "collector/pack/oscal_parts.h"
#include "collector/pack/oscal_writer.h"
#include "evidence/oscal_agrees.h"
#include "evidence/report_agrees.h"

namespace tom {
namespace {

std::string PeriodText(const OscalParts& parts, std::string_view key) {
  return NumberText(*parts.model().numbers.Find("period"), key);
}

std::string Join(const std::vector<const Json*>& texts) {
  std::string out;
  for (const Json* text : texts) {
    if (text->IsString()) out += (out.empty() ? "" : "; ") + text->AsString();
  }
  return out;
}

Json Origins(const OscalParts& parts) {
  return Json::Array{Json::Object{
      {"actors", Json::Array{Json::Object{{"type", "assessment-platform"},
                                          {"actor-uuid", parts.Id("platform", "agents")}}}}}};
}

// Where the report's own figures of a measure come from.
Json MeasureObservation(const OscalParts& parts, const Json& measure) {
  const std::string id = NumberText(measure, "measure");
  const std::string text =
      NumberText(measure, "units") + " units, coverage " + NumberText(measure, "coverage") +
      ", at the end " + NumberText(measure, "passing") + " passing, " +
      NumberText(measure, "failing") + " failing, " + NumberText(measure, "unknown") + " unknown";
  return Json::Object{{"uuid", parts.ExportId("observation", id)},
                      {"title", OscalText(MeasureTitle(parts.model(), id))},
                      {"description", OscalText(text)},
                      {"methods", Json::Array{"TEST"}},
                      {"types", Json::Array{"control-objective"}},
                      {"origins", Origins(parts)},
                      {"collected", PeriodText(parts, "to")}};
}

std::string SubjectText(const OscalParts& parts, const Json& finding) {
  const auto body = parts.model().bodies.find(NumberText(finding, "head"));
  if (body == parts.model().bodies.end()) return "subject " + NumberText(finding, "subject_id");
  return body->second.subject + ": " + body->second.reason;
}

Json FindingObservation(const OscalParts& parts, const Json& finding) {
  const std::string id = NumberText(finding, "id");
  Json::Object json{
      {"uuid", parts.Id("observation", id)},
      {"title", OscalText(NumberText(finding, "check"))},
      {"description", OscalText(SubjectText(parts, finding))},
      {"methods", Json::Array{"TEST"}},
      {"types", Json::Array{"control-objective"}},
      {"origins", Origins(parts)},
      {"collected", NumberText(finding, "opened_at")},
      {"subjects",
       Json::Array{Json::Object{{"subject-uuid", parts.Id("system", NumberText(finding, "system"))},
                                {"type", "inventory-item"}}}}};
  return json;
}

Json Risk(const OscalParts& parts, const Json& finding) {
  const std::string id = NumberText(finding, "id");
  const bool closed = finding.Find("closed_at") != nullptr;
  return Json::Object{
      {"uuid", parts.Id("risk", id)},
      {"title", OscalText(NumberText(finding, "check") + " on " +
                          SystemName(parts.model(), NumberText(finding, "system")))},
      {"description", OscalText(SubjectText(parts, finding))},
      {"statement", OscalText("Severity " + NumberText(finding, "severity") + ", due " +
                              NumberText(finding, "due_at"))},
      {"props", OscalParts::Props(ScalarsOf(finding))},
      {"status", closed ? "closed" : "open"},
      {"deadline", NumberText(finding, "due_at")},
      {"related-observations",
       Json::Array{Json::Object{{"observation-uuid", parts.Id("observation", id)}}}}};
}

Json MeasureFinding(const OscalParts& parts, const Json& measure) {
  const std::string id = NumberText(measure, "measure");
  const std::string status = NumberText(measure, "status");
  const std::string words = ShownNumber("status", status);
  Json::Array risks;
  for (const Json* finding : NumberItems(measure, "findings")) {
    risks.emplace_back(Json::Object{{"risk-uuid", parts.Id("risk", NumberText(*finding, "id"))}});
  }
  const std::string reasons = Join(NumberItems(measure, "reasons"));
  Json::Object json{
      {"uuid", parts.ExportId("finding", id)},
      {"title", OscalText(MeasureTitle(parts.model(), id) + ": " + words)},
      {"description", OscalText(reasons.empty() ? words : reasons)},
      {"props", OscalParts::Props(ScalarsOf(measure))},
      {"target", Json::Object{{"type", "objective-id"},
                              {"target-id", ObjectiveId(id)},
                              {"status", Json::Object{{"state", OscalState(status)},
                                                      {"reason", OscalReason(status)},
                                                      {"remarks", OscalText(words)}}}}},
      {"related-observations",
       Json::Array{Json::Object{{"observation-uuid", parts.ExportId("observation", id)}}}}};
  if (!risks.empty()) json["related-risks"] = std::move(risks);
  return json;
}

// Every system a finding speaks of, and every one with a name.
Json::Array InventoryItems(const OscalParts& parts) {
  std::map<std::string, std::string> systems;
  for (const auto& [id, body] : parts.model().systems) systems[id] = body ? body->role : "";
  for (const Json* measure : NumberItems(parts.model().numbers, "measures")) {
    for (const Json* finding : NumberItems(*measure, "findings")) {
      systems.emplace(NumberText(*finding, "system"), "");
    }
  }
  Json::Array items;
  for (const auto& [id, role] : systems) {
    const std::string name = SystemName(parts.model(), id);
    items.emplace_back(
        Json::Object{{"uuid", parts.Id("system", id)},
                     {"description", OscalText(role.empty() ? name : name + " (" + role + ")")},
                     {"props", Json::Array{OscalParts::Prop("inventory-id", id)}}});
  }
  return items;
}

Json Result(const OscalParts& parts) {
  Json::Array findings;
  Json::Array observations;
  Json::Array risks;
  for (const Json* measure : NumberItems(parts.model().numbers, "measures")) {
    findings.push_back(MeasureFinding(parts, *measure));
    observations.push_back(MeasureObservation(parts, *measure));
    for (const Json* finding : NumberItems(*measure, "findings")) {
      observations.push_back(FindingObservation(parts, *finding));
      risks.push_back(Risk(parts, *finding));
    }
  }
  Json::Object result{
      {"uuid", parts.ExportId("result", "result")},
      {"title", OscalText(parts.model().profile.title)},
      {"description", "Measures over the whole period, by evidence signed where it was seen."},
      {"start", PeriodText(parts, "from")},
      {"end", PeriodText(parts, "to")},
      {"reviewed-controls", parts.ReviewedControls()},
      {"observations", std::move(observations)},
      {"findings", std::move(findings)}};
  if (!risks.empty()) result["risks"] = std::move(risks);
  Json::Array items = InventoryItems(parts);
  if (!items.empty()) {
    result["local-definitions"] = Json::Object{{"inventory-items", std::move(items)}};
  }
  return result;
}

Json::Array Resources(const OscalParts& parts) {
  Json::Array resources;
  for (const auto& [name, digest] : parts.model().files) {
    if (!IsOscalResource(name)) continue;
    const bool json = name.size() > 5 && name.compare(name.size() - 5, 5, ".json") == 0;
    resources.emplace_back(Json::Object{
        {"uuid", parts.Id("resource", name + "|" + digest.Hex())},
        {"title", OscalText(name)},
        {"rlinks", Json::Array{Json::Object{
                       {"href", "../" + name},
                       {"media-type", json ? "application/json" : "application/octet-stream"},
                       {"hashes", Json::Array{Json::Object{{"algorithm", "SHA-256"},
                                                           {"value", digest.Hex()}}}}}}}});
  }
  return resources;
}

}  // namespace

Json OscalResults(const OscalParts& parts) {
  return Json::Object{
      {"assessment-results",
       Json::Object{
           {"uuid", parts.ExportId("document", "assessment-results")},
           {"metadata", parts.Metadata("Assessment results: " + parts.model().profile.title)},
           {"import-ap", Json::Object{{"href", "assessment-plan.json"}}},
           {"results", Json::Array{Result(parts)}},
           {"back-matter", Json::Object{{"resources", Resources(parts)}}}}}};
}

absl::StatusOr<std::map<std::string, std::string>> WriteOscal(const ReportModel& model) {
  const OscalParts parts(model);
  if (parts.Measures().empty()) {
    return absl::FailedPreconditionError("the profile names no measure: nothing to assess");
  }
  const std::map<std::string, Json> documents = {{"assessment-plan.json", OscalPlan(parts)},
                                                 {"assessment-results.json", OscalResults(parts)},
                                                 {"catalog.json", OscalCatalog(parts)},
                                                 {"profile.json", OscalProfile(parts)}};
  std::map<std::string, std::string> files;
  for (const auto& [name, document] : documents) {
    auto bytes = EncodeCanonical(document);
    if (!bytes.ok()) return bytes.status();
    files[name] = *std::move(bytes);
  }
  return files;
}

}  // namespace tom
