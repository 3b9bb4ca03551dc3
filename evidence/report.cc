#include "evidence/report.h"

#include <algorithm>
#include <iterator>

#include "evidence/canonical_json.h"
#include "evidence/json_bounds.h"
#include "evidence/limits.h"
#include "evidence/merkle.h"
#include "evidence/row.h"
#include "evidence/statement.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr std::string_view kGroupPrefix = "group/";

Json LostToJson(const Lost& lost) {
  return Json::Object{
      {"cycles", lost.cycles}, {"from", FormatUtc(lost.from)}, {"to", FormatUtc(lost.to)}};
}

Json AnchorToJson(const Anchor& anchor) {
  return Json::Object{
      {"root", anchor.root.Hex()}, {"size", anchor.size}, {"token", anchor.token.Hex()}};
}

void PutDigests(Json::Object& json, const char* key, const std::vector<Digest>& digests) {
  if (!digests.empty()) json.emplace(key, DigestArray(digests));
}

Json PredicateOf(const Report& report) {
  Json::Object json = {{"chain", report.chain},
                       {"context", report.context.Hex()},
                       {"duration_ms", report.duration_ms},
                       {"host", report.host},
                       {"ledger", report.ledger},
                       {"observed_at", FormatUtc(report.observed_at)},
                       {"seq", report.seq}};
  if (report.prev) json.emplace("prev", report.prev->Hex());
  if (report.clock_offset_ms) json.emplace("clock_offset_ms", *report.clock_offset_ms);
  if (report.changed_blob) json.emplace("changed_blob", report.changed_blob->Hex());
  if (report.lost) json.emplace("lost", LostToJson(*report.lost));
  if (report.anchor) json.emplace("anchor", AnchorToJson(*report.anchor));
  PutDigests(json, "continues", report.continues);
  PutDigests(json, "changed", report.changed);
  PutDigests(json, "removed", report.removed);
  return json;
}

absl::Status ReadGroups(const std::vector<Subject>& subjects, Report& report) {
  if (subjects.empty()) return BadData("subject: no group looked at");
  for (size_t i = 0; i < subjects.size(); ++i) {
    const std::string_view name = subjects[i].name;
    const std::string where = "subject[" + std::to_string(i) + "].name";
    if (!name.starts_with(kGroupPrefix)) return BadData(where + ": expected group/<interval>");
    const std::string_view interval = name.substr(kGroupPrefix.size());
    if (const auto seconds = IntervalSeconds(interval); !seconds.ok()) {
      return Annotate(seconds.status(), where);
    }
    report.groups.emplace(interval, subjects[i].digest);
  }
  return absl::OkStatus();
}

absl::Status ReadLost(const Json& json, Report& report) {
  FieldReader fields(json, "predicate.lost");
  Lost lost;
  lost.cycles = fields.Integer("cycles", 1);
  lost.from = fields.Time("from");
  lost.to = fields.Time("to");
  if (lost.to < lost.from) fields.Fail("to", "before from");
  report.lost = lost;
  return fields.Finish();
}

absl::Status ReadAnchor(const Json& json, Report& report) {
  FieldReader fields(json, "predicate.anchor");
  Anchor anchor;
  anchor.size = static_cast<uint64_t>(fields.Integer("size", 0));
  anchor.root = fields.DigestOf("root");
  anchor.token = fields.DigestOf("token");
  if (anchor.size == 0 && anchor.root != merkle::EmptyRoot()) {
    fields.Fail("root", "not that of an empty tree");
  }
  report.anchor = anchor;
  return fields.Finish();
}

// What one report alone can show of its place in the chain.
void CheckPlace(const Report& report, FieldReader& fields) {
  if (report.seq == 0 && report.prev) fields.Fail("prev", "stands at seq 0");
  if (report.seq != 0 && !report.prev) fields.Fail("prev", "missing");
  if (report.seq != 0 && !report.continues.empty()) {
    fields.Fail("continues", "stands only at seq 0");
  }
  if (report.seq == 0 && !report.removed.empty()) {
    fields.Fail("removed", "nothing stands yet at seq 0");
  }
}

void CheckChanges(const Report& report, FieldReader& fields) {
  if (report.changed.size() > limits::kMaxHeadsInReport) {
    fields.Fail("changed", "over 8,000 heads: changed_blob");
  }
  if (report.changed_blob && !report.changed.empty()) {
    fields.Fail("changed_blob", "stands beside changed");
  }
  std::vector<Digest> both;
  std::set_intersection(report.changed.begin(), report.changed.end(), report.removed.begin(),
                        report.removed.end(), std::back_inserter(both));
  if (!both.empty()) fields.Fail("removed", "a head that stands in changed too");
}

absl::Status ReadPredicate(const Json& predicate, Report& report) {
  FieldReader fields(predicate, "predicate");
  report.ledger = fields.String("ledger");
  if (report.ledger.empty()) fields.Fail("ledger", "empty");
  report.host = fields.Hex("host", 32);
  report.chain = fields.Hex("chain", 16);
  report.seq = static_cast<uint64_t>(fields.Integer("seq", 0));
  if (fields.Has("prev")) report.prev = fields.DigestOf("prev");
  report.continues = fields.Digests("continues");
  report.observed_at = fields.Time("observed_at");
  report.duration_ms = fields.Integer("duration_ms", 0);
  if (fields.Has("clock_offset_ms")) report.clock_offset_ms = fields.Integer("clock_offset_ms");
  report.context = fields.DigestOf("context");
  report.changed = fields.Digests("changed");
  if (fields.Has("changed_blob")) report.changed_blob = fields.DigestOf("changed_blob");
  report.removed = fields.Digests("removed");
  const Json* lost = fields.Object("lost");
  const Json* anchor = fields.Object("anchor");
  CheckPlace(report, fields);
  CheckChanges(report, fields);
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (lost != nullptr) TOM_RETURN_IF_ERROR(ReadLost(*lost, report));
  if (anchor != nullptr) TOM_RETURN_IF_ERROR(ReadAnchor(*anchor, report));
  return absl::OkStatus();
}

}  // namespace

std::string EncodeReport(const Report& report) {
  Statement statement;
  statement.kind = Kind::kReport;
  for (const auto& [interval, state] : report.groups) {
    statement.subjects.push_back({std::string(kGroupPrefix) + interval, state});
  }
  statement.predicate = PredicateOf(report);
  return EncodeStatement(statement);
}

absl::StatusOr<Report> ParseReport(std::string_view payload) {
  if (payload.size() > limits::kMaxReportBytes) return BadData("report: over 1 MiB");
  TOM_ASSIGN_OR_RETURN(const Statement statement, ParseStatement(payload));
  if (statement.kind != Kind::kReport) return BadData("predicateType: not a report");
  TOM_RETURN_IF_ERROR(CheckStringBounds(statement.predicate, "predicate"));
  Report report;
  TOM_RETURN_IF_ERROR(ReadGroups(statement.subjects, report));
  TOM_RETURN_IF_ERROR(ReadPredicate(statement.predicate, report));
  return report;
}

}  // namespace tom
