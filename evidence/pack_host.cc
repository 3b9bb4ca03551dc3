#include "evidence/pack_host.h"

#include <algorithm>

#include "evidence/status_text.h"

namespace tom {

PackHost::PackHost(const EnrolledHost& enrolled, const PackSetting& setting, ClaimSheet& sheet)
    : enrolled_(enrolled),
      ledger_(setting.ledger),
      scope_(setting.scope),
      facts_(setting.facts),
      anchor_max_seconds_(setting.anchor_max_seconds),
      read_(setting.read),
      bodies_(setting.bodies),
      sheet_(sheet) {
  auto key = PublicKey::FromSpki(enrolled.spki);
  if (sheet.Check("key-continuity", key.status(), enrolled.host)) {
    keys_.push_back({*std::move(key), enrolled.index, std::nullopt, std::nullopt});
  }
}

void PackHost::Add(const HostBundle& bundle) {
  if (keys_.empty()) return;
  AddHandovers(bundle);
  std::map<Digest, Head> heads;
  for (const Head& head : bundle.heads) heads.emplace(HeadDigest(head), head);
  const std::map<Digest, const ProvenLeaf*> leaves = GoodLeaves(bundle);
  bundle_heads_ = &heads;
  bundle_leaves_ = &leaves;
  CountHeads();
  bodies_.CountRows(bundle, heads, sheet_);
  MarkForks(bundle);
  for (const BundleChain& chain : bundle.chains) {
    const absl::Status status = AddChain(chain);
    sheet_.Check("host-chains", Annotate(status, "chain " + chain.chain), bundle.host);
  }
  bundle_heads_ = nullptr;
  bundle_leaves_ = nullptr;
  kept_.clear();
  forks_.clear();
  Flush(false);
}

// Statements that more than one run goes on from, or that lie inside a run.
void PackHost::MarkForks(const HostBundle& bundle) {
  std::set<Digest> seen;
  for (const BundleChain& chain : bundle.chains) {
    if (!chain.after || chain.opening) continue;
    const auto live = lives_.find(*chain.after);
    if (seen.insert(*chain.after).second && live != lives_.end()) continue;
    forks_.insert(*chain.after);
    builder_.KeepForFork(*chain.after);
    if (live != lives_.end()) kept_.insert_or_assign(live->first, live->second);
  }
}

std::map<Digest, const ProvenLeaf*> PackHost::GoodLeaves(const HostBundle& bundle) {
  std::map<Digest, const ProvenLeaf*> leaves;
  const LeafBody* before = nullptr;
  for (const ProvenLeaf& leaf : bundle.leaves) {
    const absl::Status good =
        ledger_.VerifyStatementLeaf(leaf, leaf.body.digest, LeafKind::kReport);
    if (sheet_.Check("host-chains", good, bundle.host)) leaves.emplace(leaf.body.digest, &leaf);
    if (leaf.body.host != bundle.host) {
      sheet_.Disprove("host-chains", "a leaf of another host", bundle.host);
    }
    if (before != nullptr && leaf.body.received_at < before->received_at) {
      sheet_.Disprove("host-chains", "received_at decreases with the index", bundle.host);
    }
    before = &leaf.body;
  }
  return leaves;
}

void PackHost::CountHeads() {
  for (const auto& [digest, head] : *bundle_heads_) {
    if (!seen_heads_.insert(digest).second) continue;
    if (head.excluded) ++totals_.excluded;
    if (!IsDefault(head.scope)) ++totals_.refined;
  }
}

bool PackHost::IsDefault(const std::vector<std::string>& scope) const {
  static const std::vector<std::string>& shared = *new std::vector<std::string>{"shared"};
  return std::any_of(
      enrolled_.controllers.begin(), enrolled_.controllers.end(),
      [&](const auto& rule) { return scope == (rule.value.empty() ? shared : rule.value); });
}

absl::Status PackHost::AddChain(const BundleChain& chain) {
  std::optional<Live> live;
  if (chain.after) {
    TOM_ASSIGN_OR_RETURN(live, Begin(chain));
    if (chain.opening && forks_.contains(*chain.after)) {
      builder_.KeepForFork(live->line);
      kept_.insert_or_assign(*chain.after, *live);
    }
  } else {
    ++totals_.chains;
  }
  for (size_t i = 0; i < chain.statements.size(); ++i) {
    const absl::Status status = AddStatement(chain.statements[i], chain, live);
    if (!status.ok()) return Annotate(status, "statement " + std::to_string(i));
    if (forks_.contains(live->branch.tip)) kept_.insert_or_assign(live->branch.tip, *live);
  }
  if (live) {
    const Digest tip = live->branch.tip;
    lives_.insert_or_assign(tip, *std::move(live));
  }
  return absl::OkStatus();
}

absl::StatusOr<PackHost::Live> PackHost::Begin(const BundleChain& chain) {
  if (chain.opening) {
    ++totals_.chains;
    return Open(chain);
  }
  if (auto live = lives_.extract(*chain.after); !live.empty()) return std::move(live.mapped());
  if (const auto kept = kept_.find(*chain.after); kept != kept_.end()) return kept->second;
  return BadData("follows a statement that is not in the pack");
}

absl::Status PackHost::AddStatement(const BundleStatement& statement, const BundleChain& chain,
                                    std::optional<Live>& live) {
  if (!live && statement.payload.empty()) return BadData("a chain begins with a heartbeat");
  const std::string payload =
      statement.heartbeat ? EncodeReport(ExpandHeartbeat(*statement.heartbeat, live->branch))
                          : statement.payload;
  const Digest digest = StatementDigest(payload);
  TOM_ASSIGN_OR_RETURN(const Report report, ParseReport(payload));
  if (report.chain != chain.chain) return BadData("of chain " + report.chain);
  if (report.host != enrolled_.host) return BadData("of another host");
  if (report.ledger != facts_.ledger) return BadData("for another ledger");
  Node node;
  const bool first = !live;
  Live next = live ? *std::move(live) : Live();
  TOM_RETURN_IF_ERROR(Replay(report, digest, next, first, node));
  if (AdvanceKey(report.prev, next.tip_signed, next.key)) {
    next.lowest.reset();
    next.highest.reset();
  }
  TOM_RETURN_IF_ERROR(VerifySignature(statement, payload, next));
  ApplyHeads(node.step, next);
  for (const Digest& tip : report.continues) lives_.erase(tip);
  next.branch = node.step.branch;
  next.node = flushed_ + waiting_.size();
  node.step.branch = Branch();
  node.step.branch.tip = digest;
  waiting_.push_back(std::move(node));
  shown_.insert(HalfOf(digest));
  ++totals_.statements;
  if (const auto leaf = bundle_leaves_->find(digest); leaf != bundle_leaves_->end()) {
    AddLeafIndex(leaf->second->index, next);
    if (const auto stamped = ledger_.StampedAt(leaf->second->index)) Stamp(next.node, *stamped);
  }
  live = std::move(next);
  return absl::OkStatus();
}

// `node` as the step of `report` after `live`, its bracket as far as it is known by now.
absl::Status PackHost::Replay(const Report& report, const Digest& digest, Live& live, bool first,
                              Node& node) {
  TOM_ASSIGN_OR_RETURN(const KnownContext* known, ContextOf(report.context));
  TOM_ASSIGN_OR_RETURN(const std::vector<Digest> changed, ChangedList(report));
  ReplayInput input;
  input.before = first ? nullptr : &live.branch;
  input.report = &report;
  input.digest = digest;
  input.context = &known->context;
  input.demanded = known->demanded;
  input.withheld = known->withheld;
  input.current = &live.heads;
  input.changed_list = &changed;
  input.lookup = [this](const Digest& wanted) {
    const auto found = bundle_heads_->find(wanted);
    return found == bundle_heads_->end() ? nullptr : &found->second;
  };
  node.prev = report.prev;
  node.continues = report.continues;
  node.observed_at = report.observed_at;
  if (first) {
    TOM_RETURN_IF_ERROR(TakeOver(report, input, node, live.key));
  } else if (live.node == kNone) {
    node.base = live.branch.counted;
    node.prev = live.line;
  } else {
    node.parents.push_back(live.node);
  }
  TOM_ASSIGN_OR_RETURN(node.step, ApplyReport(input));
  CheckTexts(*known, node.step.opened);
  return Bracket(report, digest, node);
}

// The first statement of a chain: what it continues has to be here.
absl::Status PackHost::TakeOver(const Report& report, ReplayInput& input, Node& node,
                                std::optional<size_t>& key) {
  for (const Digest& tip : report.continues) {
    const auto live = lives_.find(tip);
    if (live == lives_.end()) return BadData("continues " + tip.Hex() + ", which is not shown");
    input.continued.push_back(&live->second.heads);
    if (live->second.node == kNone) {
      std::replace(node.continues.begin(), node.continues.end(), tip, live->second.line);
    } else {
      node.parents.push_back(live->second.node);
    }
    std::optional<size_t> of_tip = live->second.key;
    AdvanceKey(tip, live->second.tip_signed, of_tip);
    if (of_tip && (!key || *of_tip > *key)) key = of_tip;
  }
  return absl::OkStatus();
}

absl::Status PackHost::Bracket(const Report& report, const Digest& digest, Node& node) {
  if (report.anchor) {
    TOM_ASSIGN_OR_RETURN(node.time.not_before, ledger_.AnchorTime(*report.anchor));
  }
  if (const auto leaf = bundle_leaves_->find(digest); leaf != bundle_leaves_->end()) {
    if (leaf->second->body.chain != report.chain || leaf->second->body.seq != report.seq) {
      return BadData("its leaf names another place in the chain");
    }
    node.time.received_at = leaf->second->body.received_at;
  }
  return absl::OkStatus();
}

void PackHost::ApplyHeads(const ReplayStep& step, Live& live) {
  std::map<RowKey, const std::vector<std::string>*> scopes;
  for (const Head& head : step.closed) {
    scopes.emplace(KeyOf(head), &head.scope);
    live.heads.erase(HeadDigest(head));
  }
  for (const Head& head : step.opened) {
    const auto before = scopes.find(KeyOf(head));
    if (before != scopes.end() && *before->second != head.scope) ++totals_.rescoped;
    live.heads.emplace(HeadDigest(head), head);
  }
}

absl::StatusOr<std::vector<Digest>> PackHost::ChangedList(const Report& report) const {
  if (!report.changed_blob) return std::vector<Digest>();
  TOM_ASSIGN_OR_RETURN(const std::string bytes, ReadBlob(read_, *report.changed_blob));
  return ParseDigestList(bytes);
}

// The earliest stamp over a statement or a descendant ends its bracket.
void PackHost::Stamp(size_t node, UnixSeconds not_after) {
  std::vector<size_t> todo = {node};
  while (!todo.empty()) {
    const size_t id = todo.back();
    todo.pop_back();
    if (id == kNone || id < flushed_) continue;
    Node& at = NodeAt(id);
    if (at.time.not_after && *at.time.not_after <= not_after) continue;
    at.time.not_after = not_after;
    todo.insert(todo.end(), at.parents.begin(), at.parents.end());
  }
}

// Counts waiting steps in the order they came, up to the first whose bracket is still open - or
// all.
void PackHost::Flush(bool all) {
  size_t done = 0;
  for (; done < waiting_.size(); ++done) {
    Node& node = waiting_[done];
    if (!all && !node.time.not_after) break;
    const bool follows = node.prev && !node.parents.empty();
    const UnixSeconds previous = follows ? counted_[node.parents.front()] : node.base;
    node.step.counted = CountTime(node.observed_at, previous, node.time, anchor_max_seconds_);
    counted_.push_back(node.step.counted.time);
    if (!builder_.Add(node.step, node.prev, node.continues)) {
      sheet_.Disprove("host-chains", "a statement follows one that is not shown", enrolled_.host);
    }
    if (node.observed_at < facts_.from || node.observed_at >= facts_.to) continue;
    ++totals_.looks;
    if (!node.step.counted.anchored) ++totals_.unanchored;
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(done));
  flushed_ += done;
}

HostEvidence PackHost::Finish() {
  Flush(true);
  for (const auto& [tip, live] : lives_) {
    if (live.tip_signed) continue;
    sheet_.Disprove("statement-signatures",
                    "the newest report of chain " + live.branch.chain + " carries no signature",
                    enrolled_.host);
  }
  HostEvidence evidence;
  evidence.host = enrolled_.host;
  evidence.system = enrolled_.system;
  evidence.kind = enrolled_.kind;
  evidence.enrolled_at = enrolled_.acts_at;
  evidence.controllers = enrolled_.controllers;
  evidence.verdicts = builder_.Verdicts();
  ApplyLabels(evidence);
  evidence.presence = builder_.Presence();
  evidence.params = std::move(params_);
  return evidence;
}

}  // namespace tom
