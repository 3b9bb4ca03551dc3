#include "evidence/report_numbers.h"

namespace tom {
namespace {

// Parts per million as a fraction: "0.98", "1.0", "0.000001".
std::string Fraction(int64_t ppm) {
  std::string digits = std::to_string(1000000 + ppm % 1000000).substr(1);
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  return std::to_string(ppm / 1000000) + "." + digits;
}

void PutArray(Json::Object& json, const char* key, Json::Array items) {
  if (!items.empty()) json.emplace(key, std::move(items));
}

Json FindingToJson(const Finding& finding) {
  Json::Object json = {{"check", finding.key.check},
                       {"due_at", FormatUtc(finding.due_at)},
                       {"id", finding.id},
                       {"opened_at", FormatUtc(finding.opened_at)},
                       {"params", finding.key.params.Hex()},
                       {"severity", finding.severity},
                       {"subject_id", finding.key.subject_id},
                       {"system", finding.system}};
  if (!finding.host.empty()) json.emplace("host", finding.host);
  if (finding.head != Digest()) json.emplace("head", finding.head.Hex());
  if (finding.closed_at != kForever) {
    json.emplace("closed_at", FormatUtc(finding.closed_at));
    json.emplace("closed_by", finding.removed ? "removal" : "pass");
  }
  return json;
}

Json UnitToJson(const UnitCoverage& unit) {
  return Json::Object{{"check", unit.check},
                      {"covered_seconds", unit.covered_seconds},
                      {"demanded_seconds", unit.demanded_seconds},
                      {"params", unit.params.Hex()},
                      {"system", unit.system}};
}

// Units of a measure: how many, and those that were not covered all the time.
void PutUnits(Json::Object& json, const std::vector<UnitCoverage>& units) {
  Json::Array gaps;
  for (const UnitCoverage& unit : units) {
    if (unit.covered_seconds < unit.demanded_seconds) gaps.push_back(UnitToJson(unit));
  }
  json.emplace("units", units.size());
  PutArray(json, "gaps", std::move(gaps));
}

Json MeasureToJson(const MeasureResult& result) {
  Json::Object json = {{"coverage", Fraction(result.coverage_ppm)},
                       {"failing", result.failing},
                       {"measure", result.measure},
                       {"passing", result.passing},
                       {"status", MeasureStatusName(result.status)},
                       {"unknown", result.unknown}};
  Json::Array findings;
  for (const Finding& finding : result.findings) findings.push_back(FindingToJson(finding));
  PutArray(json, "findings", std::move(findings));
  PutArray(json, "clauses", StringArray(result.clauses).AsArray());
  PutArray(json, "reasons", StringArray(result.reasons).AsArray());
  PutUnits(json, result.units);
  return json;
}

}  // namespace

Json ReportNumbers(const Rollup& rollup, const RollupInput& input) {
  Json::Object counts = {{"not_assessed", 0},
                         {"not_satisfied", 0},
                         {"satisfied", 0},
                         {"satisfied_with_exceptions", 0}};
  Json::Array measures;
  for (const MeasureResult& result : rollup.measures) {
    Json& count = counts[std::string(MeasureStatusName(result.status))];
    count = count.AsInteger() + 1;
    measures.push_back(MeasureToJson(result));
  }
  Json::Object json = {{"counts", std::move(counts)},
                       {"hosts", rollup.hosts},
                       {"outside_anchor", input.outside_anchor ? 1 : 0},
                       {"period", Json::Object{{"from", FormatUtc(rollup.period.from)},
                                               {"to", FormatUtc(rollup.period.to)}}},
                       {"profile", input.profile}};
  if (input.controller) json.emplace("controller", *input.controller);
  PutArray(json, "measures", std::move(measures));
  return json;
}

}  // namespace tom
