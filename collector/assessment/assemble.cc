#include "collector/assessment/assemble.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "evidence/context.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxContexts = 1000;  // kept in memory

absl::StatusOr<Json> PredicateOf(const StoredStatement& statement) {
  TOM_ASSIGN_OR_RETURN(const Statement parsed, ParseKindStatement(statement.envelope.payload));
  return parsed.predicate;
}

absl::Status AddProfile(const StoreView& view, const StoredStatement& stored, UnixSeconds acts_at,
                        RollupInput& input) {
  TOM_ASSIGN_OR_RETURN(const Json predicate, PredicateOf(stored));
  TOM_ASSIGN_OR_RETURN(const ProfileStatement statement, ProfileStatementFrom(predicate));
  if (statement.profile != input.profile) return absl::OkStatus();
  TOM_ASSIGN_OR_RETURN(const std::string bytes, view.Blob(statement.digest));
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  TOM_ASSIGN_OR_RETURN(Profile profile, ProfileFromJson(json, "profile"));
  input.profiles.push_back({acts_at, std::move(profile)});
  return absl::OkStatus();
}

absl::Status AddCatalogue(const StoreView& view, const StoredStatement& stored, UnixSeconds acts_at,
                          RollupInput& input) {
  TOM_ASSIGN_OR_RETURN(const Json predicate, PredicateOf(stored));
  TOM_ASSIGN_OR_RETURN(const CatalogueVersion version, CatalogueVersionFrom(predicate));
  TOM_ASSIGN_OR_RETURN(const StoredStatement named, view.Statement(version.catalogue));
  TOM_ASSIGN_OR_RETURN(const Json inner, PredicateOf(named));
  TOM_ASSIGN_OR_RETURN(const CatalogueStatement statement, CatalogueStatementFrom(inner));
  TOM_ASSIGN_OR_RETURN(const std::string bytes, view.Blob(statement.digest));
  TOM_ASSIGN_OR_RETURN(Catalogue catalogue, ParseCatalogue(bytes));
  input.catalogues.push_back({acts_at, std::move(catalogue)});
  return absl::OkStatus();
}

absl::Status AddInventory(const StoredStatement& stored, UnixSeconds acts_at, RollupInput& input) {
  TOM_ASSIGN_OR_RETURN(const Json predicate, PredicateOf(stored));
  TOM_ASSIGN_OR_RETURN(Inventory inventory, InventoryFrom(predicate));
  input.inventories.push_back({acts_at, std::move(inventory)});
  return absl::OkStatus();
}

using Defaults = std::vector<InForce<std::vector<std::string>>>;
using Labels = std::map<std::string, Defaults>;  // by host

absl::Status AddLabel(const StoredStatement& stored, UnixSeconds acts_at, Labels& labels) {
  TOM_ASSIGN_OR_RETURN(const Json predicate, PredicateOf(stored));
  TOM_ASSIGN_OR_RETURN(Label label, LabelFrom(predicate));
  labels[label.host].push_back({acts_at, std::move(label.controllers)});
  return absl::OkStatus();
}

absl::Status AddRules(const StoreView& view, const ActsAt& acts_at, RollupInput& input,
                      Labels& labels) {
  return view.VisitStatements(0, UINT64_MAX, [&](const StoredStatement& stored) -> absl::Status {
    const UnixSeconds time = acts_at.Of(stored.leaf, stored.leaf_body.received_at);
    if (time == kForever) return absl::OkStatus();
    switch (stored.kind) {
      case Kind::kProfile:
        return AddProfile(view, stored, time, input);
      case Kind::kCatalogueVersion:
        return AddCatalogue(view, stored, time, input);
      case Kind::kInventory:
        return AddInventory(stored, time, input);
      case Kind::kLabel:
        return AddLabel(stored, time, labels);
      default:
        return absl::OkStatus();
    }
  });
}

}  // namespace

UnixSeconds ActsAt::Of(uint64_t leaf, UnixSeconds received_at) const {
  if (stamps_.empty()) return received_at;
  const auto over =
      std::upper_bound(stamps_.begin(), stamps_.end(), leaf,
                       [](uint64_t index, const StampRow& stamp) { return index < stamp.size; });
  return over == stamps_.end() ? kForever : over->time;
}

absl::StatusOr<HostEvidence> HostAssembler::Assemble(const HostRow& host) {
  HostEvidence out;
  out.host = host.host;
  out.system = host.system;
  out.kind = host.kind;
  TOM_ASSIGN_OR_RETURN(const StoredStatement enrolment, view_.Statement(host.enrolment));
  out.enrolled_at = acts_at_.Of(enrolment.leaf, enrolment.leaf_body.received_at);
  if (host.retired_leaf) out.retired_at = acts_at_.Of(*host.retired_leaf, period_.to);
  // From the beginning: a row that failed long ago and has been `unknown` since is still a finding.
  TOM_ASSIGN_OR_RETURN(std::vector<IntervalRow> rows, view_.Intervals(host.host, {0, kForever}));
  out.verdicts.reserve(rows.size());
  for (IntervalRow& row : rows) {
    if (!row.interval.valid_until) {
      out.verdicts.push_back(std::move(row.interval));
      continue;
    }
    for (VerdictInterval& part : ApplyExpiry(row.interval)) {
      out.verdicts.push_back(std::move(part));
    }
  }
  TOM_ASSIGN_OR_RETURN(out.presence, HostPresence(view_, host.host, {0, period_.to}));
  TOM_ASSIGN_OR_RETURN(const std::vector<Digest> contexts, view_.Contexts(host.host));
  for (const Digest& digest : contexts) {
    TOM_ASSIGN_OR_RETURN(const ParamsPieces* pieces, PiecesOf(digest));
    for (const auto& [key, piece] : *pieces) out.params.insert_or_assign(key, piece);
  }
  return out;
}

absl::StatusOr<const ParamsPieces*> HostAssembler::PiecesOf(const Digest& digest) {
  if (const auto known = contexts_.find(digest); known != contexts_.end()) return &known->second;
  if (contexts_.size() >= kMaxContexts) contexts_.clear();
  TOM_ASSIGN_OR_RETURN(const std::string bytes, view_.Blob(digest));
  TOM_ASSIGN_OR_RETURN(const Context context, ParseContext(bytes));
  ParamsPieces pieces;
  for (const ContextPiece& named : context.pieces) {
    if (named.kind != "params") continue;
    TOM_ASSIGN_OR_RETURN(const std::string piece_bytes, view_.Blob(named.digest));
    TOM_ASSIGN_OR_RETURN(ParamsPiece piece, ParseParamsPiece(piece_bytes));
    const Digest key = ParamsKey(piece.check, piece.params);
    pieces.insert_or_assign(key, std::move(piece));
  }
  return &contexts_.emplace(digest, std::move(pieces)).first->second;
}

absl::StatusOr<Assessment> AssessStore(const StoreView& view, const std::string& profile,
                                       TimeSpan period,
                                       const std::optional<std::string>& controller) {
  Assessment out;
  out.rules.period = period;
  out.rules.profile = profile;
  out.rules.controller = controller;
  TOM_ASSIGN_OR_RETURN(std::vector<StampRow> stamps, view.Stamps());
  const ActsAt acts_at(std::move(stamps));
  out.rules.outside_anchor = acts_at.stamped();
  Labels labels;
  TOM_RETURN_IF_ERROR(AddRules(view, acts_at, out.rules, labels));
  if (out.rules.profiles.empty()) {
    return absl::NotFoundError(ToAbsl("profile: " + profile + " is not in force"));
  }
  TOM_ASSIGN_OR_RETURN(std::vector<HostRow> hosts, view.Hosts());
  std::stable_sort(hosts.begin(), hosts.end(),
                   [](const HostRow& a, const HostRow& b) { return a.system < b.system; });
  HostAssembler assembler(view, acts_at, period);
  RollupBuilder rollup(out.rules);
  for (const HostRow& host : hosts) {
    absl::StatusOr<HostEvidence> evidence = assembler.Assemble(host);
    if (!evidence.ok()) return Annotate(evidence.status(), "host " + host.host);
    TOM_ASSIGN_OR_RETURN(const AuthorisationRow authorisation,
                         view.AuthorisationByStatement(host.authorisation));
    evidence->controllers = {{evidence->enrolled_at, authorisation.controllers}};
    Defaults& later = labels[host.host];
    std::move(later.begin(), later.end(), std::back_inserter(evidence->controllers));
    ApplyLabels(*evidence);
    rollup.Add(*evidence);
  }
  out.rollup = rollup.Finish();
  return out;
}

}  // namespace tom
