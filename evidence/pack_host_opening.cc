#include <algorithm>

#include "evidence/pack_host.h"
#include "evidence/status_text.h"

namespace tom {

absl::Status PackHost::CheckLookPlace(const Report& report, const BundleChain& chain,
                                      const Live& live) {
  if (report.chain != chain.chain || report.host != enrolled_.host ||
      report.ledger != facts_.ledger) {
    return BadData("opening: a look of another chain, host or ledger");
  }
  const Branch& before = live.branch;
  if (before.states.empty()) return absl::OkStatus();
  // A first look under a context looks at every group, so none before it is anybody's last.
  if (report.context != before.context) return BadData("opening: a look under an older context");
  if (report.seq <= before.seq) return BadData("opening: looks are not in the order of the chain");
  if (report.prev == before.tip) {
    return report.seq == before.seq + 1 ? absl::OkStatus()
                                        : BadData("opening: seq does not follow");
  }
  if (report.seq == before.seq + 1) return BadData("opening: a look does not follow");
  sheet_.Unprove("host-chains", "an opening leaves out statements, among which may be later looks",
                 enrolled_.host);
  return absl::OkStatus();
}

absl::Status PackHost::AddLook(const BundleStatement& look, const BundleChain& chain, Live& live,
                               Looks& looks) {
  const std::string payload =
      look.heartbeat ? EncodeReport(ExpandHeartbeat(*look.heartbeat, live.branch)) : look.payload;
  const Digest digest = StatementDigest(payload);
  TOM_ASSIGN_OR_RETURN(const Report report, ParseReport(payload));
  TOM_RETURN_IF_ERROR(CheckLookPlace(report, chain, live));
  if (AdvanceKey(report.prev, live.tip_signed, live.key)) {
    live.lowest.reset();
    live.highest.reset();
  }
  TOM_RETURN_IF_ERROR(VerifySignature(look, payload, live));
  Node node;
  TOM_RETURN_IF_ERROR(Bracket(report, digest, node));
  const auto leaf = bundle_leaves_->find(digest);
  if (leaf != bundle_leaves_->end()) {
    AddLeafIndex(leaf->second->index, live);
    node.time.not_after = ledger_.StampedAt(leaf->second->index);
  }
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
    LastLook& last = looks[interval];
    last.bound = live.tip_signed && leaf != bundle_leaves_->end();
    if (counted.covers) last.counted = counted;
  }
  return absl::OkStatus();
}

// The looks of an opening are one run; the last of each group is signed and logged itself. Together
// they give the state of every group, which the standing heads have to have.
absl::StatusOr<PackHost::Live> PackHost::Open(const BundleChain& chain) {
  Live live;
  Looks looks;
  for (const BundleStatement& look : chain.opening->looks) {
    TOM_RETURN_IF_ERROR(AddLook(look, chain, live, looks));
  }
  TOM_ASSIGN_OR_RETURN(const KnownContext* known, ContextOf(live.branch.context));
  TOM_RETURN_IF_ERROR(CheckOpening(chain, live, looks, *known));
  std::vector<Head> heads;
  for (const Digest& digest : chain.opening->standing) {
    const auto head = bundle_heads_->find(digest);
    if (head == bundle_heads_->end()) return BadData("opening: a standing head is not shown");
    live.heads.emplace(digest, head->second);
    heads.push_back(head->second);
  }
  TOM_RETURN_IF_ERROR(CheckStanding(live, *known));
  CheckTexts(*known, heads);
  std::map<std::string, std::pair<UnixSeconds, bool>> counted;
  for (const auto& [interval, last] : looks) {
    if (last.counted) counted[interval] = {last.counted->time, last.counted->anchored};
  }
  // Not the tip's digest: an earlier run may go on from the same statement.
  live.line = Sha256("opening " + std::to_string(totals_.openings) + live.branch.tip.Hex());
  builder_.Open(live.line, heads, live.branch.counted, counted);
  ++totals_.openings;
  return live;
}

absl::Status PackHost::CheckOpening(const BundleChain& chain, const Live& live, const Looks& looks,
                                    const KnownContext& known) const {
  if (live.branch.states.empty() || live.branch.tip != *chain.after) {
    return BadData("opening: its newest look is not the statement that the chain goes on from");
  }
  if (live.branch.counted >= facts_.from && !shown_.contains(HalfOf(live.branch.tip))) {
    return BadData("opening: it hides a part of the period");
  }
  for (const auto& [interval, checks] : known.context.groups) {
    const auto last = looks.find(interval);
    if (last == looks.end()) return BadData("opening: no look at group " + interval);
    if (!last->second.bound) {
      return absl::FailedPreconditionError("opening: a look without its signature or leaf");
    }
  }
  return absl::OkStatus();
}

std::array<char, 16> PackHost::HalfOf(const Digest& digest) {
  std::array<char, 16> half;
  std::copy_n(digest.Raw().begin(), half.size(), half.begin());
  return half;
}

absl::Status PackHost::CheckStanding(const Live& live, const KnownContext& known) const {
  std::map<std::string, std::string> group_of;
  for (const auto& [interval, checks] : known.context.groups) {
    for (const std::string& check : checks) group_of[check] = interval;
  }
  std::map<std::string, std::vector<Digest>> digests;
  std::set<RowKey> keys;
  std::set<std::pair<std::string, Digest>> answered;
  std::set<std::pair<std::string, Digest>> hidden;
  const std::set<std::pair<std::string, Digest>> demanded(known.demanded.begin(),
                                                          known.demanded.end());
  for (const auto& [digest, head] : live.heads) {
    const auto group = group_of.find(head.check);
    if (group == group_of.end()) return BadData("opening: a row of a check that no group has");
    if (!keys.insert(KeyOf(head)).second) return BadData("opening: two heads of one row");
    digests[group->second].push_back(digest);
    (demanded.contains({head.check, head.params}) ? answered : hidden)
        .emplace(head.check, head.params);
  }
  if (hidden.size() > known.withheld) {
    return BadData("opening: a row under params that the context does not name");
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
