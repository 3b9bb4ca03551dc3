#include "collector/assessment/assemble.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "evidence/context.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

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

absl::Status AddParams(const StoreView& view, const std::string& host, ParamsPieces& params) {
  TOM_ASSIGN_OR_RETURN(const std::vector<Digest> contexts, view.Contexts(host));
  for (const Digest& digest : contexts) {
    TOM_ASSIGN_OR_RETURN(const std::string bytes, view.Blob(digest));
    TOM_ASSIGN_OR_RETURN(const Context context, ParseContext(bytes));
    for (const ContextPiece& named : context.pieces) {
      if (named.kind != "params") continue;
      TOM_ASSIGN_OR_RETURN(const std::string piece_bytes, view.Blob(named.digest));
      TOM_ASSIGN_OR_RETURN(ParamsPiece piece, ParseParamsPiece(piece_bytes));
      const Digest key = ParamsKey(piece.check, piece.params);
      params[key] = std::move(piece);
    }
  }
  return absl::OkStatus();
}

}  // namespace

UnixSeconds ActsAt::Of(uint64_t leaf, UnixSeconds received_at) const {
  if (stamps_.empty()) return received_at;
  for (const StampRow& stamp : stamps_) {
    if (stamp.size > leaf) return stamp.time;
  }
  return kForever;
}

absl::StatusOr<HostEvidence> AssembleHost(const StoreView& view, const HostRow& host,
                                          const ActsAt& acts_at, TimeSpan period) {
  HostEvidence out;
  out.host = host.host;
  out.system = host.system;
  out.kind = host.kind;
  TOM_ASSIGN_OR_RETURN(const StoredStatement enrolment, view.Statement(host.enrolment));
  out.enrolled_at = acts_at.Of(enrolment.leaf, enrolment.leaf_body.received_at);
  if (host.retired_leaf) out.retired_at = acts_at.Of(*host.retired_leaf, period.to);
  // From the beginning: a row that failed long ago and has been `unknown` since is still a finding.
  TOM_ASSIGN_OR_RETURN(const std::vector<IntervalRow> rows,
                       view.Intervals(host.host, {0, kForever}));
  for (const IntervalRow& row : rows) {
    for (VerdictInterval& part : ApplyExpiry(row.interval)) {
      out.verdicts.push_back(std::move(part));
    }
  }
  TOM_ASSIGN_OR_RETURN(out.presence, HostPresence(view, host.host, {0, period.to}));
  TOM_RETURN_IF_ERROR(AddParams(view, host.host, out.params));
  return out;
}

absl::StatusOr<RollupInput> AssembleRollup(const StoreView& view, const std::string& profile,
                                           TimeSpan period,
                                           const std::optional<std::string>& controller) {
  RollupInput input;
  input.period = period;
  input.profile = profile;
  input.controller = controller;
  TOM_ASSIGN_OR_RETURN(std::vector<StampRow> stamps, view.Stamps());
  const ActsAt acts_at(std::move(stamps));
  input.outside_anchor = acts_at.stamped();
  Labels labels;
  TOM_RETURN_IF_ERROR(AddRules(view, acts_at, input, labels));
  if (input.profiles.empty()) {
    return absl::NotFoundError(ToAbsl("profile: " + profile + " is not in force"));
  }
  TOM_ASSIGN_OR_RETURN(const std::vector<HostRow> hosts, view.Hosts());
  for (const HostRow& host : hosts) {
    absl::StatusOr<HostEvidence> evidence = AssembleHost(view, host, acts_at, period);
    if (!evidence.ok()) return Annotate(evidence.status(), "host " + host.host);
    TOM_ASSIGN_OR_RETURN(const AuthorisationRow authorisation,
                         view.AuthorisationByStatement(host.authorisation));
    evidence->controllers = {{evidence->enrolled_at, authorisation.controllers}};
    Defaults& later = labels[host.host];
    std::move(later.begin(), later.end(), std::back_inserter(evidence->controllers));
    ApplyLabels(*evidence);
    input.hosts.push_back(*std::move(evidence));
  }
  return input;
}

}  // namespace tom
