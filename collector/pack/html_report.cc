#include "collector/pack/html_report.h"

#include <algorithm>
#include <kainjow/mustache.hpp>

#include "collector/pack/oscal_parts.h"
#include "evidence/number_list.h"
#include "evidence/report_agrees.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

using Mustache = kainjow::mustache::mustache;
using Data = kainjow::mustache::data;
using List = kainjow::mustache::list;

std::string Time(UnixSeconds seconds) { return ShownNumber("", FormatUtc(seconds)); }

// A figure: {path, text} for the partial `n`.
Data Figure(const std::string& path, std::string_view text) {
  Data data;
  data.set("path", path);
  data.set("text", ShownNumber(path, text));
  return data;
}

// The member `key` of `object` under `as`, where it is there.
void SetFigure(Data& data, const char* as, const Json& object, const std::string& path,
               std::string_view key) {
  if (object.Find(key) == nullptr) return;
  data.set(as, Figure(NumberPath(path, key), NumberText(object, key)));
}

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

Data FindingData(const ReportModel& model, const Json& finding, const std::string& path) {
  Data data;
  data.set("name", SystemName(model, NumberText(finding, "system")));
  const auto body = model.bodies.find(NumberText(finding, "head"));
  const bool shown = body != model.bodies.end();
  data.set("subject", shown ? TerminalText(body->second.subject) : "(withheld)");
  data.set("reason", shown ? TerminalText(body->second.reason) : "");
  data.set("trace", Trace(finding, path));
  SetFigure(data, "check", finding, path, "check");
  SetFigure(data, "severity", finding, path, "severity");
  SetFigure(data, "opened", finding, path, "opened_at");
  SetFigure(data, "due", finding, path, "due_at");
  SetFigure(data, "closed", finding, path, "closed_at");
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

List Measures(const ReportModel& model) {
  List list;
  for (const Json* measure : NumberItems(model.numbers, "measures")) {
    list.push_back(MeasureData(model, *measure));
  }
  return list;
}

List Counts(const ReportModel& model) {
  List list;
  for (const char* status :
       {"satisfied", "satisfied_with_exceptions", "not_satisfied", "not_assessed"}) {
    Data data =
        Figure(NumberPath("counts", status), NumberText(*model.numbers.Find("counts"), status));
    data.set("class", status);
    data.set("words", ShownNumber("status", status));
    list.push_back(data);
  }
  return list;
}

List Clauses(const ReportModel& model) {
  List list;
  for (const Clause& clause : model.profile.clauses) {
    Data data;
    data.set("clause", clause.clause);
    data.set("promise", clause.promise);
    data.set("reading", clause.reading);
    data.set("basis", clause.basis);
    data.set("proof", clause.proof);
    list.push_back(data);
  }
  return list;
}

List Systems(const ReportModel& model) {
  List list;
  for (const auto& [id, body] : model.systems) {
    Data data;
    data.set("system_id", id);
    data.set("name", SystemName(model, id));
    if (body) {
      data.set("role", body->role);
      data.set("owner", body->owner);
      data.set("site", body->site);
    }
    data.set("personal", !body ? "withheld" : body->personal_data ? "yes" : "no");
    data.set("critical", !body ? "withheld" : body->critical ? "yes" : "no");
    list.push_back(data);
  }
  return list;
}

List Changes(const ReportModel& model) {
  List list;
  for (const RuleChange& change : model.changes) {
    Data data;
    data.set("at", Time(change.received_at));
    data.set("kind", change.kind);
    data.set("who", TerminalText(change.who));
    data.set("what", TerminalText(change.what));
    data.set("digest", change.digest);
    list.push_back(data);
  }
  return list;
}

List Stamps(const ReportModel& model) {
  List list;
  for (const StampLine& stamp : model.stamps) {
    Data data;
    data.set("at", stamp.authority.empty() ? "not believed" : Time(stamp.time));
    data.set("size", std::to_string(stamp.size));
    data.set("authority", TerminalText(stamp.authority));
    data.set("root", stamp.root);
    list.push_back(data);
  }
  return list;
}

List Authorities(const ReportModel& model) {
  std::vector<std::string> names;
  for (const StampLine& stamp : model.stamps) {
    if (!stamp.authority.empty()) names.push_back(stamp.authority);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  List list;
  for (const std::string& name : names) {
    Data data;
    data.set("name", TerminalText(name));
    list.push_back(data);
  }
  return list;
}

std::string Exclusions(const ReportModel& model) {
  const auto count = std::count_if(
      model.changes.begin(), model.changes.end(),
      [](const RuleChange& c) { return c.kind == "exclusion" || c.kind == "waiver"; });
  if (count == 0) return "No exclusion and no waiver is in force in this period.";
  return std::to_string(count) +
         " exclusions or waivers are recorded; they are listed among the rules above.";
}

void SetHead(const ReportModel& model, Data& page) {
  const Json& numbers = model.numbers;
  page.set("title", model.profile.title);
  page.set("version", model.profile.version);
  page.set("ledger", model.ledger);
  if (!model.profile.document.empty()) page.set("document", model.profile.document);
  page.set("incomplete", Data(model.profile.source_incomplete));
  page.set("anchored", Data(NumberText(numbers, "outside_anchor") == "1"));
  SetFigure(page, "profile", numbers, "", "profile");
  SetFigure(page, "controller", numbers, "", "controller");
  SetFigure(page, "hosts", numbers, "", "hosts");
  SetFigure(page, "outside", numbers, "", "outside_anchor");
  SetFigure(page, "from", *numbers.Find("period"), "period", "from");
  SetFigure(page, "to", *numbers.Find("period"), "period", "to");
}

// 980000 -> the words of ShownNumber for a coverage.
std::string Share(int ppm) {
  const std::string fraction = std::to_string(1000000 + ppm % 1000000).substr(1);
  return ShownNumber("coverage", std::to_string(ppm / 1000000) + "." + fraction);
}

}  // namespace

absl::StatusOr<std::string> WriteHtmlReport(const ReportModel& model) {
  Data page;
  SetHead(model, page);
  page.set("threshold_satisfied", Share(model.profile.thresholds.coverage_satisfied_ppm));
  page.set("threshold_assessed", Share(model.profile.thresholds.coverage_assessed_ppm));
  page.set("counts", Data(Counts(model)));
  page.set("measures", Data(Measures(model)));
  page.set("clauses", Data(Clauses(model)));
  page.set("systems", Data(Systems(model)));
  page.set("changes", Data(Changes(model)));
  page.set("stamps", Data(Stamps(model)));
  page.set("authorities", Data(Authorities(model)));
  page.set("exclusions", Exclusions(model));
  page.set("n", Data(kainjow::mustache::partial(
                    [] { return "<span data-tom=\"{{path}}\">{{text}}</span>"; })));
  Mustache report{kReportTemplate};
  if (!report.is_valid()) return absl::InternalError(report.error_message());
  report.set_custom_escape([](const std::string& text) { return HtmlText(text); });
  std::string html = report.render(page);
  if (!report.is_valid()) return absl::InternalError(report.error_message());
  // What the verifier would refuse must not leave the house.
  TOM_RETURN_IF_ERROR(Annotate(CheckReport(html, model.numbers), kReportName));
  return html;
}

}  // namespace tom
