#include "collector/pack/html_data.h"
#include "collector/pack/oscal_parts.h"
#include "evidence/number_list.h"
#include "evidence/report_agrees.h"
#include "evidence/terminal_text.h"

namespace tom::html {

Data Figure(const std::string& path, std::string_view text) {
  Data data;
  data.set("path", path);
  data.set("text", ShownNumber(path, text));
  return data;
}

void SetFigure(Data& data, const char* as, const Json& object, const std::string& path,
               std::string_view key) {
  if (object.Find(key) == nullptr) return;
  data.set(as, Figure(NumberPath(path, key), NumberText(object, key)));
}

namespace {

// The strings of a list, one figure each.
List Figures(const Json& object, const std::string& path, std::string_view key) {
  List list;
  int position = 0;
  for (const Json* item : NumberItems(object, key)) {
    const std::string at = NumberPath(NumberPath(path, key), std::to_string(position++));
    list.push_back(Figure(at, item->IsString() ? item->AsString() : ""));
  }
  return list;
}

// What identifies a finding to a machine, small, under what was seen.
List Trace(const Json& finding, const std::string& path) {
  constexpr const char* kKeys[] = {"id",         "host", "system",   "params",
                                   "subject_id", "head", "closed_by"};
  List list;
  for (const char* key : kKeys) {
    if (finding.Find(key) == nullptr) continue;
    Data data = Figure(NumberPath(path, key), NumberText(finding, key));
    data.set("label", key);
    list.push_back(data);
  }
  return list;
}

// One observed column as text.
std::string ValueText(const Json& value) {
  if (value.IsInteger()) return std::to_string(value.AsInteger());
  return TerminalText(value.IsString() ? value.AsString() : Canonical(value));
}

// Subject, reason and columns of the row, where its body may be shown. A finding without a row is
// one about the system itself.
void SetSeen(const ReportModel& model, const Json& finding, Data& data) {
  List evidence;
  const std::string head = NumberText(finding, "head");
  const auto body = model.bodies.find(head);
  if (body == model.bodies.end()) {
    data.set("subject", head.empty() ? "the system itself" : "(withheld)");
  } else {
    data.set("subject", TerminalText(body->second.subject));
    data.set("reason", TerminalText(body->second.reason));
    for (const auto& [column, value] : body->second.evidence.AsObject()) {
      Data pair;
      pair.set("column", TerminalText(column));
      pair.set("value", ValueText(value));
      evidence.push_back(pair);
    }
  }
  data.set("has_evidence", Data(!evidence.empty()));
  data.set("evidence", Data(evidence));
}

Data FindingData(const ReportModel& model, const Json& finding, const std::string& path) {
  Data data;
  data.set("name", SystemName(model, NumberText(finding, "system")));
  SetSeen(model, finding, data);
  data.set("trace", Trace(finding, path));
  SetFigure(data, "check", finding, path, "check");
  SetFigure(data, "severity", finding, path, "severity");
  SetFigure(data, "opened", finding, path, "opened_at");
  SetFigure(data, "due", finding, path, "due_at");
  SetFigure(data, "closed", finding, path, "closed_at");
  // Times of the records compare as texts.
  const std::string due = NumberText(finding, "due_at");
  data.set("late", Data(!due.empty() && due < NumberText(*model.numbers.Find("period"), "to")));
  return data;
}

Data GapData(const ReportModel& model, const Json& gap, const std::string& path) {
  Data data;
  data.set("name", SystemName(model, NumberText(gap, "system")));
  SetFigure(data, "system", gap, path, "system");
  SetFigure(data, "check", gap, path, "check");
  SetFigure(data, "params", gap, path, "params");
  SetFigure(data, "demanded", gap, path, "demanded_seconds");
  SetFigure(data, "covered", gap, path, "covered_seconds");
  return data;
}

std::string ClauseList(const Json& measure) {
  std::string out;
  for (const Json* clause : NumberItems(measure, "clauses")) {
    out += (out.empty() ? "" : ", ") + clause->AsString();
  }
  return out;
}

void SetLists(const ReportModel& model, const Json& measure, const std::string& path, Data& data) {
  List findings;
  for (const Json* finding : NumberItems(measure, "findings")) {
    const std::string at = NumberPath(NumberPath(path, "findings"), NumberText(*finding, "id"));
    findings.push_back(FindingData(model, *finding, at));
  }
  List gaps;
  int position = 0;
  for (const Json* gap : NumberItems(measure, "gaps")) {
    const std::string at = NumberPath(NumberPath(path, "gaps"), std::to_string(position++));
    gaps.push_back(GapData(model, *gap, at));
  }
  data.set("has_findings", Data(!findings.empty()));
  data.set("findings", Data(findings));
  data.set("has_gaps", Data(!gaps.empty()));
  data.set("gaps", Data(gaps));
  const List reasons = Figures(measure, path, "reasons");
  data.set("has_reasons", Data(!reasons.empty()));
  data.set("reasons", Data(reasons));
  data.set("clauses", Data(Figures(measure, path, "clauses")));
}

Data MeasureData(const ReportModel& model, const Json& measure) {
  const std::string id = NumberText(measure, "measure");
  const std::string path = NumberPath("measures", id);
  Data data;
  data.set("anchor", "measure-" + id);
  data.set("title", MeasureTitle(model, id));
  data.set("class", NumberText(measure, "status"));
  data.set("clause_list", ClauseList(measure));
  const auto found = model.catalogue.measures.find(id);
  if (found != model.catalogue.measures.end()) data.set("statement", found->second.statement);
  SetFigure(data, "id", measure, path, "measure");
  for (const char* key : {"status", "coverage", "passing", "failing", "unknown", "units"}) {
    SetFigure(data, key, measure, path, key);
  }
  SetLists(model, measure, path, data);
  return data;
}

}  // namespace

List Measures(const ReportModel& model) {
  List list;
  for (const Json* measure : NumberItems(model.numbers, "measures")) {
    list.push_back(MeasureData(model, *measure));
  }
  return list;
}

List MeasuresToAttend(const ReportModel& model) {
  List list;
  for (const Json* measure : NumberItems(model.numbers, "measures")) {
    const std::string status = NumberText(*measure, "status");
    if (status != "not_satisfied" && status != "satisfied_with_exceptions") continue;
    list.push_back(MeasureData(model, *measure));
  }
  return list;
}

}  // namespace tom::html
