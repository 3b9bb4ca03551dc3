#include "agent/check_print.h"

#include <algorithm>

#include "agent/text_output.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

constexpr size_t kTableText = 160;  // bytes of one cell

std::string Join(const std::vector<std::string>& texts, std::string_view between) {
  std::string joined;
  for (const std::string& text : texts)
    joined += (joined.empty() ? "" : std::string(between)) + text;
  return joined;
}

int Urgency(const CheckResult& result) {
  if (result.accepted) return 2;
  if (result.row.verdict == Verdict::kFail) return 0;
  return result.row.verdict == Verdict::kUnknown ? 1 : 3;
}

// SGR codes: red, yellow, green, none.
std::string Painted(const CheckResult& result, bool color) {
  std::string name(VerdictName(result.row.verdict));
  if (result.accepted) name += " (accepted)";
  if (!color) return name;
  const char* code = result.accepted                           ? "36"
                     : result.row.verdict == Verdict::kFail    ? "31"
                     : result.row.verdict == Verdict::kUnknown ? "33"
                     : result.row.verdict == Verdict::kPass    ? "32"
                                                               : "0";
  return std::string("\x1b[") + code + "m" + name + "\x1b[0m";
}

std::string SummaryLine(const CheckSummary& summary) {
  return std::to_string(summary.pass) + " pass, " + std::to_string(summary.fail) + " fail, " +
         std::to_string(summary.unknown) + " unknown, " + std::to_string(summary.not_applicable) +
         " not applicable, " + std::to_string(summary.accepted) + " accepted\n";
}

std::string JsonList(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) list += (list.size() > 1 ? "," : "") + JsonString(text);
  return list + "]";
}

std::string AcceptedJson(const Accepted& accepted) {
  return "{\"by\":" + JsonString(accepted.by) + ",\"id\":" + JsonString(accepted.id) +
         ",\"reason\":" + JsonString(accepted.reason) + ",\"owner\":" + JsonString(accepted.owner) +
         ",\"expires\":" + JsonString(FormatUtc(accepted.expires)) + "}";
}

std::string ResultJson(const CheckResult& result) {
  const RowResult& row = result.row;
  std::string json =
      "{\"measure\":" + JsonString(result.measure) + ",\"clauses\":" + JsonList(result.clauses) +
      ",\"check\":" + JsonString(result.check) + ",\"severity\":" + JsonString(result.severity) +
      ",\"subject\":" + Canonical(TextOrBytes(row.subject)) +
      ",\"verdict\":" + JsonString(VerdictName(row.verdict)) +
      ",\"reason\":" + JsonString(row.reason) + ",\"evidence\":" + Canonical(row.evidence);
  if (!row.aside.AsObject().empty()) json += ",\"volatile\":" + Canonical(row.aside);
  if (row.valid_until) json += ",\"valid_until\":" + JsonString(FormatUtc(*row.valid_until));
  if (result.accepted) json += ",\"accepted\":" + AcceptedJson(*result.accepted);
  return json + "}";
}

}  // namespace

std::string CheckTable(const CheckReport& report, bool color) {
  std::vector<const CheckResult*> order;
  for (const CheckResult& result : report.results) order.push_back(&result);
  std::stable_sort(order.begin(), order.end(), [](const CheckResult* a, const CheckResult* b) {
    return Urgency(*a) < Urgency(*b);
  });
  std::vector<std::vector<std::string>> cells = {
      {"SEVERITY", "CHECK", "SUBJECT", "VERDICT", "REASON"}};
  for (const CheckResult* result : order) {
    cells.push_back({result->severity, TerminalText(result->check, kTableText),
                     TerminalText(result->row.subject, kTableText), Painted(*result, color),
                     TerminalText(result->row.reason, kTableText)});
  }
  if (order.empty()) return "no check ran\n" + SummaryLine(Summarise(report.results));
  return AlignedTable(cells) + "\n" + SummaryLine(Summarise(report.results));
}

std::string CheckJson(const CheckReport& report) {
  const CheckSummary summary = Summarise(report.results);
  std::string json = "{\"host\":{";
  for (const auto& [name, value] : report.host) {
    json += (json.back() == '{' ? "" : ",") + JsonString(name) + ":" + JsonString(value);
  }
  json += "},\"profile\":" + JsonString(Join(report.profiles, ",")) +
          ",\"catalogue_digest\":" + JsonString("sha256:" + report.catalogue_digest.Hex()) +
          ",\"started_at\":" + JsonString(FormatUtc(report.started_at)) +
          ",\"finished_at\":" + JsonString(FormatUtc(report.finished_at)) + ",\"results\":[";
  for (const CheckResult& result : report.results) {
    json += (json.back() == '[' ? "\n" : ",\n") + ResultJson(result);
  }
  json += "],\n\"summary\":{\"pass\":" + std::to_string(summary.pass) +
          ",\"fail\":" + std::to_string(summary.fail) +
          ",\"unknown\":" + std::to_string(summary.unknown) +
          ",\"not_applicable\":" + std::to_string(summary.not_applicable) +
          ",\"accepted\":" + std::to_string(summary.accepted) + "}}\n";
  return AsciiJson(json);
}

std::string CheckCsv(const CheckReport& report) {
  std::string csv = CsvRecord({"measure", "clauses", "check", "severity", "subject", "verdict",
                               "reason", "evidence", "accepted"});
  for (const CheckResult& result : report.results) {
    csv += CsvRecord({result.measure, Join(result.clauses, " "), result.check, result.severity,
                      result.row.subject, std::string(VerdictName(result.row.verdict)),
                      result.row.reason, Canonical(result.row.evidence),
                      result.accepted ? result.accepted->by + " " + result.accepted->id : ""});
  }
  return csv;
}

}  // namespace tom
