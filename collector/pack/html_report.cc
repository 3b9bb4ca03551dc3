#include "collector/pack/html_report.h"

#include <algorithm>

#include "collector/pack/html_data.h"
#include "collector/pack/oscal_parts.h"
#include "evidence/number_list.h"
#include "evidence/report_agrees.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

using Mustache = kainjow::mustache::mustache;
using html::Data;
using html::Figure;
using html::List;
using html::SetFigure;

std::string Time(UnixSeconds seconds) { return ShownNumber("", FormatUtc(seconds)); }

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
    data.set("stamped", change.stamped ? Time(*change.stamped) : "not yet");
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

// Whose stamps were believed, each once.
std::vector<std::string> AuthorityNames(const ReportModel& model) {
  std::vector<std::string> names;
  for (const StampLine& stamp : model.stamps) {
    if (!stamp.authority.empty()) names.push_back(stamp.authority);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// The quickstart's authority says in its name what it is; so must the report.
bool OnlyDemonstrations(const std::vector<std::string>& names) {
  return !names.empty() && std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return name.find("demonstration") != std::string::npos;
  });
}

List Authorities(const std::vector<std::string>& names) {
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

// How long a finding of each severity may stand: {severity, time}, the worst first.
List Remedy(const ReportModel& model) {
  List list;
  for (const char* severity : {"critical", "high", "medium", "low"}) {
    const auto& times = model.profile.thresholds.remedy_seconds;
    const auto found = times.find(severity);
    if (found == times.end()) continue;
    const int64_t hours = found->second / 3600;
    Data data;
    data.set("severity", severity);
    data.set("time", hours % 24 == 0 ? std::to_string(hours / 24) + " days"
                                     : std::to_string(hours) + " hours");
    list.push_back(data);
  }
  if (!list.empty()) list.back().set("last", Data(true));
  return list;
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
  page.set("style", kReportStyle);
  page.set("threshold_satisfied", Share(model.profile.thresholds.coverage_satisfied_ppm));
  page.set("threshold_assessed", Share(model.profile.thresholds.coverage_assessed_ppm));
  page.set("counts", Data(Counts(model)));
  const List attention = html::MeasuresToAttend(model);
  page.set("has_attention", Data(!attention.empty()));
  page.set("attention", Data(attention));
  page.set("measures", Data(html::Measures(model)));
  page.set("clauses", Data(html::Clauses(model)));
  const List remedy = Remedy(model);
  page.set("has_remedy", Data(!remedy.empty()));
  page.set("remedy", Data(remedy));
  page.set("systems", Data(Systems(model)));
  page.set("changes", Data(Changes(model)));
  page.set("stamps", Data(Stamps(model)));
  const std::vector<std::string> authorities = AuthorityNames(model);
  page.set("authorities", Data(Authorities(authorities)));
  page.set("demonstration", Data(OnlyDemonstrations(authorities)));
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
