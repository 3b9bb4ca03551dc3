#include "collector/pack/oscal_parts.h"

#include <algorithm>

#include "collector/pack/oscal_writer.h"
#include "collector/pack/uuid_v5.h"
#include "evidence/oscal_agrees.h"
#include "evidence/terminal_text.h"

namespace tom {

std::string OscalText(std::string_view text) {
  std::string out = TerminalText(text);
  const size_t first = out.find_first_not_of(' ');
  if (first == std::string::npos) return "-";
  return out.substr(first, out.find_last_not_of(' ') - first + 1);
}

std::string NumberText(const Json& object, std::string_view key) {
  const Json* value = object.Find(key);
  if (value == nullptr) return "";
  if (value->IsInteger()) return std::to_string(value->AsInteger());
  return value->IsString() ? value->AsString() : "";
}

std::vector<const Json*> NumberItems(const Json& object, std::string_view key) {
  std::vector<const Json*> items;
  const Json* array = object.Find(key);
  if (array == nullptr || !array->IsArray()) return items;
  for (const Json& item : array->AsArray()) items.push_back(&item);
  return items;
}

OscalParts::OscalParts(const ReportModel& model) : model_(model) {
  space_ = UuidV5(kUrlNamespace, std::string(kOscalNamespace) + "/processor/" + model.ledger);
  const StampLine last = model.stamps.empty() ? StampLine() : model.stamps.back();
  // The newest thing that the documents speak of: a clock would make every export another.
  last_modified_ = FormatUtc(last.time);
  state_ = CanonicalDigest(model.numbers).Hex() + "|" + std::to_string(last.size) + "|" + last.root;
}

std::string OscalParts::Id(std::string_view kind, std::string_view name) const {
  return UuidV5(space_, std::string(kind) + "|" + std::string(name));
}

std::string OscalParts::ExportId(std::string_view kind, std::string_view name) const {
  return Id(kind, std::string(name) + "|" + state_);
}

Json OscalParts::Metadata(std::string_view title) const {
  return Json::Object{{"title", OscalText(title)},
                      {"last-modified", last_modified_},
                      {"version", OscalText(model_.profile.version)},
                      {"oscal-version", "1.2.2"}};
}

std::vector<std::string> OscalParts::Measures() const {
  std::vector<std::string> ids;
  for (const Json* measure : NumberItems(model_.numbers, "measures")) {
    ids.push_back(NumberText(*measure, "measure"));
  }
  return ids;
}

Json OscalParts::ReviewedControls() const {
  Json::Array controls;
  Json::Array objectives;
  for (const std::string& id : Measures()) {
    controls.emplace_back(Json::Object{{"control-id", ControlId(id)}});
    objectives.emplace_back(Json::Object{{"objective-id", ObjectiveId(id)}});
  }
  return Json::Object{
      {"control-selections", Json::Array{Json::Object{{"include-controls", std::move(controls)}}}},
      {"control-objective-selections",
       Json::Array{Json::Object{{"include-objectives", std::move(objectives)}}}}};
}

std::vector<const Check*> OscalParts::Checks() const {
  std::vector<const Check*> checks;
  const std::vector<std::string> measures = Measures();
  for (const auto& [id, check] : model_.catalogue.checks) {
    if (std::find(measures.begin(), measures.end(), check.measure) != measures.end()) {
      checks.push_back(&check);
    }
  }
  return checks;
}

Json OscalParts::Prop(std::string_view name, std::string_view value) {
  return Json::Object{{"name", name}, {"ns", kOscalNamespace}, {"value", OscalText(value)}};
}

Json::Array OscalParts::Props(const std::map<std::string, std::string>& values) {
  Json::Array props;
  for (const auto& [name, value] : values) props.push_back(Prop(name, value));
  return props;
}

}  // namespace tom
