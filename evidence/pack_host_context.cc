#include <algorithm>

#include "evidence/pack_host.h"
#include "evidence/status_text.h"

namespace tom {

absl::StatusOr<const PackHost::KnownContext*> PackHost::ContextOf(const Digest& digest) {
  auto& known = contexts_[digest];
  if (known != nullptr) return known.get();
  TOM_ASSIGN_OR_RETURN(const std::string bytes, ReadBlob(read_, digest));
  auto read = std::make_unique<KnownContext>();
  TOM_ASSIGN_OR_RETURN(read->context, ParseContext(bytes));
  TOM_RETURN_IF_ERROR(ReadPieces(*read));
  const auto catalogue = scope_.published.find(read->context.catalogue);
  if (catalogue != scope_.published.end()) read->catalogue = &catalogue->second;
  CheckGroups(*read);
  known = std::move(read);
  return known.get();
}

absl::Status PackHost::ReadPieces(KnownContext& known) {
  for (const ContextPiece& piece : known.context.pieces) {
    if (piece.kind != "params") continue;
    TOM_ASSIGN_OR_RETURN(const std::string bytes, ReadBlob(read_, piece.digest));
    TOM_ASSIGN_OR_RETURN(ParamsPiece params, ParseParamsPiece(bytes));
    known.demanded.emplace_back(params.check, params.params);
    const Digest key = ParamsKey(params.check, params.params);
    params_.insert_or_assign(key, std::move(params));
  }
  return absl::OkStatus();
}

// What ran is what the publisher signed: checks by their digests, each in the group that its
// interval says. Site checks are the site's own, and satisfy no measure.
void PackHost::CheckGroups(const KnownContext& known) {
  if (known.catalogue == nullptr) {
    sheet_.Unprove("catalogue-known", "a catalogue that hosts ran is not in the pack",
                   enrolled_.host);
    return;
  }
  for (const auto& [interval, ids] : known.context.groups) {
    for (const std::string& id : ids) {
      const auto check = known.catalogue->checks.find(id);
      const bool fits = check != known.catalogue->checks.end() ? check->second.interval == interval
                                                               : id.compare(0, 5, "site/") == 0;
      if (fits) continue;
      sheet_.Disprove("catalogue-known", id + " in group " + interval + " is not the catalogue's",
                      enrolled_.host);
    }
  }
}

void PackHost::CheckTexts(const KnownContext& known, const std::vector<Head>& heads) {
  if (known.catalogue == nullptr) return;
  for (const Head& head : heads) {
    const auto check = known.catalogue->checks.find(head.check);
    if (check == known.catalogue->checks.end()) continue;
    if (check->second.digest == head.check_digest) continue;
    sheet_.Disprove("catalogue-known", head.check + " was run with another text than published",
                    enrolled_.host);
  }
}

absl::Status PackHost::AddLook(const BundleStatement& look, const BundleChain& chain, Live& live,
                               Looks& looks) {
  TOM_RETURN_IF_ERROR(VerifySignature(look, look.payload, live));
  TOM_ASSIGN_OR_RETURN(const Report report, ParseReport(look.payload));
  if (report.chain != chain.chain || report.host != enrolled_.host ||
      report.ledger != facts_.ledger) {
    return BadData("opening: a look of another chain, host or ledger");
  }
  if (!live.branch.states.empty() && report.seq <= live.branch.seq) {
    return BadData("opening: looks are not in the order of the chain");
  }
  const Digest digest = StatementDigest(look.payload);
  const auto leaf = bundle_leaves_->find(digest);
  if (leaf == bundle_leaves_->end()) {
    return absl::FailedPreconditionError("opening: a look without its leaf");
  }
  AddLeafIndex(leaf->second->index, live);
  Node node;
  TOM_RETURN_IF_ERROR(Bracket(report, digest, node));
  node.time.not_after = ledger_.StampedAt(leaf->second->index);
  const CountedTime counted =
      CountTime(report.observed_at, live.branch.counted, node.time, anchor_max_seconds_);
  Branch& branch = live.branch;
  branch.ledger = report.ledger;
  branch.host = report.host;
  branch.chain = report.chain;
  branch.seq = report.seq;
  branch.tip = digest;
  branch.counted = counted.time;
  branch.context = report.context;
  branch.anchor = report.anchor;
  for (const auto& [interval, state] : report.groups) {
    branch.states[interval] = state;
    if (counted.covers) looks[interval] = {counted.time, counted.anchored};
  }
  return absl::OkStatus();
}

// The looks of an opening are signed and logged each by itself; together they give the state of
// every group, which the standing heads have to have.
absl::StatusOr<PackHost::Live> PackHost::Open(const BundleChain& chain) {
  Live live;
  Looks looks;
  for (const BundleStatement& look : chain.opening->looks) {
    TOM_RETURN_IF_ERROR(AddLook(look, chain, live, looks));
  }
  if (live.branch.states.empty() || live.branch.tip != *chain.after) {
    return BadData("opening: its newest look is not the statement that the chain goes on from");
  }
  std::vector<Head> heads;
  for (const Digest& digest : chain.opening->standing) {
    const auto head = bundle_heads_->find(digest);
    if (head == bundle_heads_->end()) return BadData("opening: a standing head is not shown");
    live.heads.emplace(digest, head->second);
    heads.push_back(head->second);
  }
  TOM_ASSIGN_OR_RETURN(const KnownContext* known, ContextOf(live.branch.context));
  TOM_RETURN_IF_ERROR(CheckStanding(live, *known));
  CheckTexts(*known, heads);
  builder_.Open(live.branch.tip, heads, live.branch.counted, looks);
  return live;
}

absl::Status PackHost::CheckStanding(const Live& live, const KnownContext& known) const {
  std::map<std::string, std::string> group_of;
  for (const auto& [interval, checks] : known.context.groups) {
    for (const std::string& check : checks) group_of[check] = interval;
  }
  std::map<std::string, std::vector<Digest>> digests;
  std::set<RowKey> keys;
  std::set<std::pair<std::string, Digest>> answered;
  for (const auto& [digest, head] : live.heads) {
    const auto group = group_of.find(head.check);
    if (group == group_of.end()) return BadData("opening: a row of a check that no group has");
    if (!keys.insert(KeyOf(head)).second) return BadData("opening: two heads of one row");
    digests[group->second].push_back(digest);
    answered.emplace(head.check, head.params);
  }
  for (const auto& demand : known.demanded) {
    if (group_of.contains(demand.first) && !answered.contains(demand)) {
      return BadData("opening: no row of " + demand.first);
    }
  }
  for (const auto& [interval, checks] : known.context.groups) {
    const auto state = live.branch.states.find(interval);
    if (state == live.branch.states.end()) return BadData("opening: no look at group " + interval);
    if (GroupState(digests[interval]) != state->second) {
      return BadData("opening: the standing heads do not give the state of group " + interval);
    }
  }
  return absl::OkStatus();
}

}  // namespace tom
