#include "collector/pack/html_data.h"
#include "collector/pack/oscal_parts.h"
#include "evidence/number_list.h"

namespace tom::html {
namespace {

// ", by <owner>, approved by <who>, <date>", as far as the profile says.
std::string ReadBy(const Json& reading_by) {
  std::string out;
  const struct {
    const char* key;
    const char* before;
  } parts[] = {{"owner", "; read by "}, {"approved_by", ", approved by "}, {"date", ", "}};
  if (!reading_by.IsObject()) return out;
  for (const auto& part : parts) {
    const Json* value = reading_by.Find(part.key);
    if (value != nullptr && value->IsString()) out.append(part.before).append(value->AsString());
  }
  return out;
}

// The measures of a clause as the figures give them: those of the profile that were assessed.
List Assessed(const ReportModel& model, const Clause& clause) {
  List list;
  for (const Json* measure : NumberItems(model.numbers, "measures")) {
    const std::string id = NumberText(*measure, "measure");
    if (clause.measures.count(id) == 0) continue;
    const std::string path = NumberPath("measures", id);
    Data data;
    data.set("anchor", "measure-" + id);
    data.set("title", MeasureTitle(model, id));
    data.set("class", NumberText(*measure, "status"));
    SetFigure(data, "status", *measure, path, "status");
    SetFigure(data, "coverage", *measure, path, "coverage");
    list.push_back(data);
  }
  return list;
}

}  // namespace

List Clauses(const ReportModel& model) {
  List list;
  for (const Clause& clause : model.profile.clauses) {
    Data data;
    data.set("clause", clause.clause);
    data.set("promise", clause.promise);
    if (!clause.reading.empty()) {
      Data reading;
      reading.set("text", clause.reading);
      reading.set("by", ReadBy(clause.reading_by));
      data.set("reading", reading);
    }
    data.set("basis", clause.basis);
    data.set("proof", clause.proof);
    const List assessed = Assessed(model, clause);
    data.set("has_assessed", Data(!assessed.empty()));
    data.set("assessed", Data(assessed));
    list.push_back(data);
  }
  return list;
}

}  // namespace tom::html
