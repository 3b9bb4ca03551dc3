#include "collector/assessment/views.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "collector/assessment/assemble.h"
#include "collector/ledger/proofs.h"
#include "evidence/scope_statements.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Out = nlohmann::ordered_json;

constexpr int64_t kStatusAtSeconds = kDay;

// The request's arguments; whatever was not asked for by the end is an error.
class Arguments {
 public:
  explicit Arguments(const ViewRequest& request) : left_(request.arguments) {}

  std::optional<std::string> Take(const std::string& name) {
    const auto node = left_.extract(name);
    if (node.empty() || node.mapped().empty()) return std::nullopt;
    return node.mapped();
  }
  absl::StatusOr<std::optional<UnixSeconds>> Time(const std::string& name) {
    const std::optional<std::string> text = Take(name);
    if (!text) return std::optional<UnixSeconds>();
    const absl::StatusOr<UnixSeconds> time = ParseUtc(*text);
    if (!time.ok()) return Annotate(time.status(), "argument " + name);
    return std::optional<UnixSeconds>(*time);
  }
  absl::Status Finish() const {
    if (left_.empty()) return absl::OkStatus();
    return BadData("argument " + left_.begin()->first + ": not known here");
  }

 private:
  std::map<std::string, std::string> left_;
};

Out TimeOrNull(UnixSeconds time) { return time == kForever ? Out(nullptr) : Out(FormatUtc(time)); }

absl::StatusOr<Json> LatestPredicate(const StoreView& view, Kind kind) {
  TOM_ASSIGN_OR_RETURN(const StoredStatement stored, view.LatestStatement(kind));
  TOM_ASSIGN_OR_RETURN(const Statement statement, ParseKindStatement(stored.envelope.payload));
  return statement.predicate;
}

// The period of a status: from + to; the day before `at`; or all between the first and the last
// stamp.
absl::StatusOr<TimeSpan> PeriodOf(const StoreView& view, Arguments& arguments, UnixSeconds now) {
  TOM_ASSIGN_OR_RETURN(const std::optional<UnixSeconds> at, arguments.Time("at"));
  TOM_ASSIGN_OR_RETURN(const std::optional<UnixSeconds> from, arguments.Time("from"));
  TOM_ASSIGN_OR_RETURN(const std::optional<UnixSeconds> to, arguments.Time("to"));
  if (at && (from || to)) return BadData("argument at: not beside from and to");
  if (at) return TimeSpan{*at - kStatusAtSeconds, *at};
  TOM_ASSIGN_OR_RETURN(const std::vector<StampRow> stamps, view.Stamps());
  TimeSpan period{now - kStatusAtSeconds, now};
  if (stamps.size() > 1) period = {stamps.front().time, stamps.back().time};
  period.from = from.value_or(period.from);
  period.to = to.value_or(period.to);
  if (period.from >= period.to) return BadData("argument from: not before to");
  return period;
}

absl::StatusOr<Assessment> Assess(const StoreView& view, const ViewRequest& request) {
  Arguments arguments(request);
  const std::optional<std::string> profile = arguments.Take("profile");
  const std::optional<std::string> controller = arguments.Take("controller");
  if (!profile) return BadData("argument profile: missing");
  TOM_ASSIGN_OR_RETURN(const TimeSpan period, PeriodOf(view, arguments, request.now));
  TOM_RETURN_IF_ERROR(arguments.Finish());
  return AssessStore(view, *profile, period, controller);
}

absl::StatusOr<Out> StatusView(const StoreView& view, const ViewRequest& request) {
  TOM_ASSIGN_OR_RETURN(const Assessment assessed, Assess(view, request));
  Out measures = Out::array();
  for (const MeasureResult& measure : assessed.rollup.measures) {
    measures.push_back({{"measure", measure.measure},
                        {"clauses", measure.clauses},
                        {"status", MeasureStatusName(measure.status)},
                        {"coverage", static_cast<double>(measure.coverage_ppm) / 1e6},
                        {"failing", measure.failing},
                        {"unknown", measure.unknown},
                        {"reasons", measure.reasons}});
  }
  return Out{{"at", FormatUtc(assessed.rollup.period.to)},
             {"from", FormatUtc(assessed.rollup.period.from)},
             {"profile", assessed.rules.profile},
             {"anchored", assessed.rules.outside_anchor},
             {"measures", std::move(measures)}};
}

// The subject as the body shows it; empty where there is none (a rule of the scope, an erased
// body).
std::string SubjectOf(const StoreView& view, const Finding& finding) {
  if (finding.head == Digest()) return finding.system;
  const absl::StatusOr<std::string> head_bytes = view.Blob(finding.head);
  if (!head_bytes.ok()) return "";
  const absl::StatusOr<Head> head = ParseHead(*head_bytes);
  if (!head.ok()) return "";
  const absl::StatusOr<std::string> body_bytes = view.Blob(head->body);
  if (!body_bytes.ok()) return "";
  const absl::StatusOr<Body> body = ParseBody(*body_bytes);
  return body.ok() ? body->subject : "";
}

absl::StatusOr<Out> FindingsView(const StoreView& view, const ViewRequest& request) {
  TOM_ASSIGN_OR_RETURN(const Assessment assessed, Assess(view, request));
  Out findings = Out::array();
  for (const MeasureResult& measure : assessed.rollup.measures) {
    for (const Finding& finding : measure.findings) {
      findings.push_back({{"id", finding.id},
                          {"measure", finding.measure},
                          {"check", finding.key.check},
                          {"host", finding.host},
                          {"system", finding.system},
                          {"subject", SubjectOf(view, finding)},
                          {"severity", finding.severity},
                          {"opened_at", FormatUtc(finding.opened_at)},
                          {"closed_at", TimeOrNull(finding.closed_at)},
                          {"removed", finding.removed},
                          {"owner", nullptr},
                          {"acknowledged_at", nullptr},
                          {"ticket", nullptr},
                          {"due_at", TimeOrNull(finding.due_at)},
                          {"accepted", nullptr}});
    }
  }
  return findings;
}

absl::StatusOr<Out> HostsView(const StoreView& view, const ViewRequest& request) {
  TOM_RETURN_IF_ERROR(Arguments(request).Finish());
  TOM_ASSIGN_OR_RETURN(const std::vector<HostRow> hosts, view.Hosts());
  Out out = Out::array();
  for (const HostRow& host : hosts) {
    TOM_ASSIGN_OR_RETURN(const StoredStatement enrolment, view.Statement(host.enrolment));
    TOM_ASSIGN_OR_RETURN(const std::vector<BranchRow> branches, view.Branches(host.host));
    uint64_t reports = 0;
    UnixSeconds last = 0;
    for (const BranchRow& branch : branches) {
      reports += branch.tip.seq + 1 - branch.from_seq;
      last = std::max(last, branch.tip.counted);
    }
    out.push_back({{"host", host.host},
                   {"system", host.system},
                   {"kind", host.kind},
                   {"controllers", host.controllers},
                   {"enrolled_at", FormatUtc(enrolment.leaf_body.received_at)},
                   {"last_report_at", branches.empty() ? Out(nullptr) : Out(FormatUtc(last))},
                   {"reports", reports},
                   {"branches", branches.size()},
                   {"state", host.retired_leaf ? "retired" : "enrolled"}});
  }
  return out;
}

absl::StatusOr<Out> InventoryView(const StoreView& view, const ViewRequest& request) {
  TOM_RETURN_IF_ERROR(Arguments(request).Finish());
  TOM_ASSIGN_OR_RETURN(const Json predicate, LatestPredicate(view, Kind::kInventory));
  TOM_ASSIGN_OR_RETURN(const Inventory inventory, InventoryFrom(predicate));
  Out systems = Out::array();
  for (const InventorySystem& system : inventory.systems) {
    Out row{{"id", system.id},
            {"kind", system.kind},
            {"controllers", system.controllers},
            {"in_service_from", FormatUtc(system.in_service_from)},
            {"in_service_to", TimeOrNull(system.in_service_to.value_or(kForever))}};
    const absl::StatusOr<std::string> bytes = view.Blob(system.body);
    if (bytes.ok()) {
      TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(*bytes));
      TOM_ASSIGN_OR_RETURN(const InventoryBody body, InventoryBodyFrom(json));
      row.update({{"name", body.name},
                  {"role", body.role},
                  {"owner", body.owner},
                  {"site", body.site},
                  {"personal_data", body.personal_data},
                  {"critical", body.critical}});
    }
    systems.push_back(std::move(row));
  }
  return Out{{"source", inventory.source},
             {"drawn_at", FormatUtc(inventory.drawn_at)},
             {"drawn_by", inventory.drawn_by},
             {"systems", std::move(systems)}};
}

absl::StatusOr<Out> NoticesView(const StoreView& view, const ViewRequest& request) {
  TOM_RETURN_IF_ERROR(Arguments(request).Finish());
  TOM_ASSIGN_OR_RETURN(const std::vector<NoticeRow> notices, view.Notices());
  Out out = Out::array();
  for (const NoticeRow& notice : notices) {
    out.push_back({{"kind", notice.kind},
                   {"host", notice.host},
                   {"at", FormatUtc(notice.at)},
                   {"detail", notice.detail}});
  }
  return out;
}

absl::StatusOr<Out> CatalogueView(const StoreView& view, const ViewRequest& request) {
  TOM_RETURN_IF_ERROR(Arguments(request).Finish());
  TOM_ASSIGN_OR_RETURN(const Json outer, LatestPredicate(view, Kind::kCatalogueVersion));
  TOM_ASSIGN_OR_RETURN(const CatalogueVersion version, CatalogueVersionFrom(outer));
  TOM_ASSIGN_OR_RETURN(const StoredStatement stored, view.Statement(version.catalogue));
  TOM_ASSIGN_OR_RETURN(const Statement inner, ParseKindStatement(stored.envelope.payload));
  TOM_ASSIGN_OR_RETURN(const CatalogueStatement statement, CatalogueStatementFrom(inner.predicate));
  TOM_ASSIGN_OR_RETURN(const std::string bytes, view.Blob(statement.digest));
  TOM_ASSIGN_OR_RETURN(const Catalogue catalogue, ParseCatalogue(bytes));
  return Out{{"version", statement.version},      {"statement", stored.digest.Hex()},
             {"digest", statement.digest.Hex()},  {"expires", FormatUtc(statement.expires)},
             {"checks", catalogue.checks.size()}, {"measures", catalogue.measures.size()}};
}

// The proof that the ledger extends a checkpoint of `held` leaves, as [{"hash"}].
absl::StatusOr<Out> Consistency(const StoreView& view, const std::string& held, uint64_t size) {
  uint64_t from = 0;
  const auto [end, error] = std::from_chars(held.data(), held.data() + held.size(), from);
  if (error != std::errc() || end != held.data() + held.size() || from > size) {
    return BadData("argument held_size: not a size of this ledger");
  }
  TOM_ASSIGN_OR_RETURN(const std::vector<Digest> proof,
                       merkle::ConsistencyProof(from, size, NodesOf(view)));
  Out out = Out::array();
  for (const Digest& digest : proof) out.push_back({{"hash", digest.Hex()}});
  return out;
}

absl::StatusOr<Out> LedgerView(const StoreView& view, const ViewRequest& request) {
  Arguments arguments(request);
  const std::optional<std::string> held = arguments.Take("held_size");
  TOM_RETURN_IF_ERROR(arguments.Finish());
  TOM_ASSIGN_OR_RETURN(const LedgerHead head, view.Head());
  Out out{{"origin", request.trust->origin}, {"size", head.size},
          {"root", head.root.Hex()},         {"checkpoint", head.note},
          {"vkey", request.trust->log_vkey}, {"stamp", nullptr}};
  if (held) {
    TOM_ASSIGN_OR_RETURN(out["consistency"], Consistency(view, *held, head.size));
  }
  const absl::StatusOr<StampRow> stamp = view.LatestStamp();
  if (absl::IsNotFound(stamp.status())) return out;
  TOM_RETURN_IF_ERROR(stamp.status());
  out["stamp"] = {{"size", stamp->size},
                  {"root", stamp->root.Hex()},
                  {"time", FormatUtc(stamp->time)},
                  {"checkpoint", stamp->note},
                  {"token", Sha256(stamp->token).Hex()}};
  return out;
}

absl::StatusOr<Out> ProfilesView(const StoreView& view) {
  TOM_ASSIGN_OR_RETURN(std::vector<StampRow> stamps, view.Stamps());
  const ActsAt acts_at(std::move(stamps));
  Out out = Out::array();
  TOM_RETURN_IF_ERROR(view.VisitStatements(0, UINT64_MAX, [&](const StoredStatement& stored) {
    if (stored.kind != Kind::kProfile) return absl::OkStatus();
    const auto statement = ParseKindStatement(stored.envelope.payload);
    if (!statement.ok()) return statement.status();
    const auto profile = ProfileStatementFrom(statement->predicate);
    if (!profile.ok()) return profile.status();
    out.push_back(
        {{"profile", profile->profile},
         {"statement", stored.digest.Hex()},
         {"digest", profile->digest.Hex()},
         {"in_force_from", TimeOrNull(acts_at.Of(stored.leaf, stored.leaf_body.received_at))}});
    return absl::OkStatus();
  }));
  return out;
}

// The newest one logged under that name: its own canonical bytes.
absl::StatusOr<std::string> ProfileView(const StoreView& view, const std::string& name) {
  std::optional<Digest> newest;
  TOM_RETURN_IF_ERROR(view.VisitStatements(0, UINT64_MAX, [&](const StoredStatement& stored) {
    if (stored.kind != Kind::kProfile) return absl::OkStatus();
    const auto statement = ParseKindStatement(stored.envelope.payload);
    if (!statement.ok()) return statement.status();
    const auto profile = ProfileStatementFrom(statement->predicate);
    if (profile.ok() && profile->profile == name) newest = profile->digest;
    return profile.status();
  }));
  if (!newest) return absl::NotFoundError(ToAbsl("profile: no " + name));
  return view.Blob(*newest);
}

using ViewFunction = absl::StatusOr<Out> (*)(const StoreView&, const ViewRequest&);

constexpr std::pair<std::string_view, ViewFunction> kViews[] = {
    {"hosts", HostsView},       {"inventory", InventoryView}, {"status", StatusView},
    {"findings", FindingsView}, {"notices", NoticesView},     {"catalogue", CatalogueView},
    {"ledger", LedgerView},
};

}  // namespace

absl::StatusOr<std::string> QueryView(const StoreView& view, const ViewRequest& request) {
  if (request.view == "trust") return EncodeTrust(*request.trust);
  absl::StatusOr<Out> out = absl::NotFoundError(ToAbsl("view: no " + request.view));
  if (request.view == "profile") {
    Arguments arguments(request);
    const std::optional<std::string> name = arguments.Take("name");
    TOM_RETURN_IF_ERROR(arguments.Finish());
    if (name) return ProfileView(view, *name);
    out = ProfilesView(view);
  }
  for (const auto& [name, function] : kViews) {
    if (name == request.view) out = function(view, request);
  }
  if (!out.ok()) return out.status();
  return out->dump(-1, ' ', false, Out::error_handler_t::replace);
}

}  // namespace tom
