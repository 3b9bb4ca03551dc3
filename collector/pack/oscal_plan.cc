// Catalog, profile and assessment plan: what was promised and how it is looked at.
#include <array>

#include "collector/pack/oscal_parts.h"
#include "collector/pack/oscal_writer.h"
#include "evidence/oscal_agrees.h"

namespace tom {
namespace {

Json Part(const std::string& id, std::string_view name, std::string_view prose) {
  return Json::Object{{"id", id}, {"name", name}, {"prose", OscalText(prose)}};
}

// The other frameworks' ids, one prop each, as long as mapping-collection is read by few tools.
Json::Array Crosswalk(const Measure& measure) {
  Json::Array props;
  for (const auto& [framework, ids] : measure.references) {
    for (const std::string& id : ids) props.push_back(OscalParts::Prop(framework, id));
  }
  return props;
}

Json Control(const OscalParts& parts, const std::string& id) {
  const std::string control = ControlId(id);
  const std::string title = MeasureTitle(parts.model(), id);
  std::string checks;
  for (const Check* check : parts.Checks()) {
    if (check->measure == id)
      checks += (checks.empty() ? "" : "; ") + check->id + ": " + check->title;
  }
  Json::Object json{{"id", control}, {"title", OscalText(title)}};
  std::string statement = title;
  const auto measure = parts.model().catalogue.measures.find(id);
  if (measure != parts.model().catalogue.measures.end()) {
    statement = measure->second.statement;
    Json::Array props = Crosswalk(measure->second);
    if (!props.empty()) json["props"] = std::move(props);
  }
  Json method = Part(control + "_test", "assessment-method",
                     checks.empty() ? "No check of this catalogue looks at it." : checks);
  method.AsObject()["props"] = Json::Array{Json::Object{{"name", "method"}, {"value", "TEST"}}};
  json["parts"] = Json::Array{Part(control + "_smt", "statement", statement),
                              Part(ObjectiveId(id), "assessment-objective",
                                   "Over the whole period every subject in scope held: " + title),
                              std::move(method)};
  return json;
}

// "1h" -> {period: 1, unit: hours}
Json Frequency(const std::string& interval) {
  const int number = std::stoi(interval);
  const char unit = interval.back();
  const char* name = unit == 'm' ? "minutes" : unit == 'h' ? "hours" : "days";
  return Json::Object{{"at-frequency", Json::Object{{"period", number}, {"unit", name}}}};
}

Json Activity(const OscalParts& parts, const Check& check) {
  return Json::Object{
      {"uuid", parts.Id("activity", check.id)},
      {"title", OscalText(check.title)},
      {"description", OscalText(check.rationale.empty() ? check.title : check.rationale)},
      {"props", Json::Array{OscalParts::Prop("check-id", check.id),
                            OscalParts::Prop("check-sha256", check.digest.Hex()),
                            OscalParts::Prop("severity", check.severity)}},
      {"related-controls",
       Json::Object{{"control-selections",
                     Json::Array{Json::Object{
                         {"include-controls", Json::Array{Json::Object{
                                                  {"control-id", ControlId(check.measure)}}}}}}}}}};
}

Json Task(const OscalParts& parts, const Check& check) {
  const Json subjects =
      Json::Array{Json::Object{{"type", "inventory-item"}, {"include-all", Json::Object{}}}};
  return Json::Object{{"uuid", parts.Id("task", check.id)},
                      {"type", "action"},
                      {"title", OscalText("Run " + check.id + " every " + check.interval)},
                      {"timing", Frequency(check.interval)},
                      {"associated-activities",
                       Json::Array{Json::Object{{"activity-uuid", parts.Id("activity", check.id)},
                                                {"subjects", subjects}}}}};
}

Json Agreement(const OscalParts& parts) {
  const Profile& profile = parts.model().profile;
  Json::Object resource{{"uuid", parts.Id("agreement", profile.id)},
                        {"title", OscalText(profile.title + ", version " + profile.version)}};
  if (!profile.document.empty()) {
    resource["props"] = Json::Array{OscalParts::Prop("agreement-sha256", profile.document)};
  }
  return Json::Object{{"resources", Json::Array{std::move(resource)}}};
}

}  // namespace

Json OscalCatalog(const OscalParts& parts) {
  Json::Array controls;
  for (const std::string& id : parts.Measures()) controls.push_back(Control(parts, id));
  return Json::Object{
      {"catalog",
       Json::Object{{"uuid", parts.ExportId("document", "catalog")},
                    {"metadata", parts.Metadata("Technical and organisational measures")},
                    {"controls", std::move(controls)}}}};
}

Json OscalProfile(const OscalParts& parts) {
  Json::Array ids;
  for (const std::string& id : parts.Measures()) ids.emplace_back(ControlId(id));
  Json::Array clauses;
  for (const Clause& clause : parts.model().profile.clauses) {
    Json prop = OscalParts::Prop("clause", clause.clause);
    prop.AsObject()["remarks"] = OscalText(clause.promise);
    clauses.push_back(std::move(prop));
  }
  Json metadata = parts.Metadata(parts.model().profile.title);
  if (!clauses.empty()) metadata.AsObject()["props"] = std::move(clauses);
  const Json import =
      Json::Object{{"href", "catalog.json"},
                   {"include-controls", Json::Array{Json::Object{{"with-ids", std::move(ids)}}}}};
  return Json::Object{{"profile", Json::Object{{"uuid", parts.ExportId("document", "profile")},
                                               {"metadata", std::move(metadata)},
                                               {"imports", Json::Array{import}}}}};
}

Json OscalPlan(const OscalParts& parts) {
  Json::Object plan{
      {"uuid", parts.ExportId("document", "assessment-plan")},
      {"metadata", parts.Metadata("Assessment plan: " + parts.model().profile.title)},
      {"import-ssp", Json::Object{{"href", "#" + parts.Id("agreement", parts.model().profile.id)}}},
      {"reviewed-controls", parts.ReviewedControls()},
      {"assessment-assets",
       Json::Object{{"assessment-platforms",
                     Json::Array{Json::Object{{"uuid", parts.Id("platform", "agents")},
                                              {"title", "tom-agent and tom-collector"}}}}}},
      {"back-matter", Agreement(parts)}};
  Json::Array activities;
  Json::Array tasks;
  for (const Check* check : parts.Checks()) {
    activities.push_back(Activity(parts, *check));
    tasks.push_back(Task(parts, *check));
  }
  if (!activities.empty()) {
    plan["local-definitions"] = Json::Object{{"activities", std::move(activities)}};
    plan["tasks"] = std::move(tasks);
  }
  return Json::Object{{"assessment-plan", std::move(plan)}};
}

}  // namespace tom
