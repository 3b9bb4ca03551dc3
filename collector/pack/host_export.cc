#include "collector/pack/host_export.h"

#include <algorithm>
#include <map>
#include <set>

#include "evidence/context.h"
#include "evidence/scope_statements.h"
#include "evidence/statement.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// A bundle in the making.
struct Month {
  HostBundle bundle;
  std::map<Digest, Head> heads;  // in the order of the bundle
  std::map<Digest, std::string> bodies;
  std::map<uint64_t, ProvenLeaf> leaves;
};

class HostExporter {
 public:
  HostExporter(const StoreView& view, const LedgerProofs& proofs, const PackRequest& request,
               const HostToShow& shown, PackSpool& spool)
      : view_(view),
        proofs_(proofs),
        request_(request),
        host_(shown.host),
        controllers_(shown.controllers),
        spool_(spool) {}

  absl::Status Export(const HostPlan& plan, std::vector<ScopeEntry> handovers) {
    for (ScopeEntry& entry : handovers) {
      TOM_ASSIGN_OR_RETURN(const Statement statement, ParseKindStatement(entry.statement.payload));
      TOM_ASSIGN_OR_RETURN(const Handover handover, HandoverFrom(statement.predicate));
      last_of_key_.insert(handover.last_digest);
      MonthOfTime(entry.leaf.body.received_at).bundle.handovers.push_back(std::move(entry));
    }
    for (const auto& [id, shown] : plan) TOM_RETURN_IF_ERROR(AddBranch(id, shown));
    return WriteAll();
  }

 private:
  Month& MonthOfTime(UnixSeconds received_at) {
    const std::string name = MonthOf(received_at);
    Month& month = months_[name];
    month.bundle.host = host_;
    month.bundle.month = name;
    return month;
  }

  // Reports that a stamp covers last are proven to be in the ledger, and the last one shown; `prev`
  // proves those before.
  absl::StatusOr<std::set<uint64_t>> ProvenSeqs(int64_t branch, const BranchPlan& shown) const {
    std::set<uint64_t> seqs = {shown.last};
    for (const StampRow& stamp : proofs_.stamps()) {
      TOM_ASSIGN_OR_RETURN(const std::optional<uint64_t> seq,
                           view_.LastSeqUnder(branch, stamp.size));
      if (seq.has_value()) seqs.insert(*seq);
    }
    return seqs;
  }

  // A run being written: where it is, and what stood before its next statement.
  struct Run {
    std::optional<Digest> previous;
    std::string month;
    Branch state;
  };

  absl::Status AddBranch(int64_t id, const BranchPlan& shown) {
    TOM_ASSIGN_OR_RETURN(const BranchRow branch, view_.BranchById(id));
    Run run;
    run.previous = branch.after;
    if (shown.opening) {
      TOM_RETURN_IF_ERROR(AddOpening(id, shown, run));
    } else if (branch.parent != 0) {
      TOM_ASSIGN_OR_RETURN(run.state, view_.BranchAt(branch.parent, branch.from_seq - 1));
    }
    if (shown.first > shown.last) return absl::OkStatus();
    TOM_ASSIGN_OR_RETURN(const std::set<uint64_t> proven, ProvenSeqs(id, shown));
    const auto add = [&](const StoredReport& row) -> absl::Status {
      Month& month = MonthOfTime(row.leaf_body.received_at);
      if (run.month != month.bundle.month) {
        run.month = month.bundle.month;
        month.bundle.chains.push_back({row.report.chain, run.previous, std::nullopt, {}});
      }
      if (proven.count(row.report.seq) > 0) TOM_RETURN_IF_ERROR(AddLeaf(row, month));
      const bool signs = row.report.seq == shown.last || last_of_key_.count(row.digest) > 0;
      month.bundle.chains.back().statements.push_back(
          ToStatement(row, run.state, run.previous.has_value(), signs));
      TOM_RETURN_IF_ERROR(AddNamed(row, month));
      Advance(row, run.state);
      run.previous = row.digest;
      return absl::OkStatus();
    };
    return view_.VisitReports(id, shown.first, shown.last, add);
  }

  absl::Status AddLeaf(const StoredReport& row, Month& month) {
    TOM_ASSIGN_OR_RETURN(ProvenLeaf leaf, proofs_.Prove(row.leaf, row.leaf_body));
    month.leaves.emplace(row.leaf, std::move(leaf));
    return absl::OkStatus();
  }

  // An opening stands in the bundle of the first statement after it.
  absl::StatusOr<UnixSeconds> TimeOfOpening(int64_t id, const BranchPlan& shown) const {
    const bool alone = shown.first > shown.last;
    TOM_ASSIGN_OR_RETURN(const StoredReport at,
                         alone ? view_.Report(shown.opening->branch, shown.opening->seq)
                               : view_.Report(id, shown.first));
    return at.leaf_body.received_at;
  }

  absl::Status AddOpening(int64_t id, const BranchPlan& shown, Run& run) {
    TOM_ASSIGN_OR_RETURN(const UnixSeconds time, TimeOfOpening(id, shown));
    Month& month = MonthOfTime(time);
    run.month = month.bundle.month;
    TOM_ASSIGN_OR_RETURN(const std::vector<StoredReport> looks, LooksUpTo(view_, *shown.opening));
    std::map<std::string, Digest> last;  // look of each group
    for (const StoredReport& look : looks) {
      for (const auto& [group, state] : look.report.groups) last[group] = look.digest;
    }
    std::set<Digest> bound;
    for (const auto& [group, digest] : last) bound.insert(digest);
    BundleOpening opening;
    for (const StoredReport& look : looks) {
      const bool is_last = bound.count(look.digest) > 0;
      const bool signs = is_last || last_of_key_.count(look.digest) > 0;
      opening.looks.push_back(ToStatement(look, run.state, !opening.looks.empty(), signs));
      if (is_last) TOM_RETURN_IF_ERROR(AddLeaf(look, month));
      Advance(look, run.state);
    }
    run.previous = looks.back().digest;
    TOM_RETURN_IF_ERROR(AddContext(looks.back().report.context, looks.back().counted));
    TOM_ASSIGN_OR_RETURN(opening.standing,
                         view_.HeadsAt(shown.opening->branch, shown.opening->seq));
    for (const Digest& head : opening.standing) TOM_RETURN_IF_ERROR(AddHead(head, month));
    month.bundle.chains.push_back(
        {looks.back().report.chain, run.previous, std::move(opening), {}});
    return absl::OkStatus();
  }

  static BundleStatement ToStatement(const StoredReport& row, const Branch& before, bool follows,
                                     bool signs) {
    BundleStatement statement;
    if (follows) statement.heartbeat = CollapseReport(row.report, before);
    if (!statement.heartbeat.has_value()) statement.payload = row.payload;
    if (signs) statement.signature = row.signature;
    return statement;
  }

  // The parts of a Branch that CollapseReport compares with.
  static void Advance(const StoredReport& row, Branch& state) {
    state.ledger = row.report.ledger;
    state.host = row.report.host;
    state.chain = row.report.chain;
    state.seq = row.report.seq;
    state.tip = row.digest;
    state.context = row.report.context;
    if (row.report.anchor.has_value()) state.anchor = row.report.anchor;
    for (const auto& [group, digest] : row.report.groups) state.states[group] = digest;
  }

  absl::Status AddNamed(const StoredReport& row, Month& month) {
    const Report& report = row.report;
    TOM_RETURN_IF_ERROR(AddContext(report.context, row.counted));
    std::vector<Digest> changed = report.changed;
    if (report.changed_blob.has_value()) {
      TOM_RETURN_IF_ERROR(ExportBlob(view_, *report.changed_blob, true, spool_));
      TOM_ASSIGN_OR_RETURN(const std::string bytes, view_.Blob(*report.changed_blob));
      TOM_ASSIGN_OR_RETURN(changed, ParseDigestList(bytes));
    }
    for (const Digest& digest : changed) TOM_RETURN_IF_ERROR(AddHead(digest, month));
    return absl::OkStatus();
  }

  absl::Status AddHead(const Digest& digest, Month& month) {
    if (month.heads.contains(digest)) return absl::OkStatus();
    const auto bytes = view_.Blob(digest);
    if (!bytes.ok()) return Annotate(bytes.status(), "head " + digest.Hex());
    TOM_ASSIGN_OR_RETURN(Head head, ParseHead(*bytes));
    if (request_.Shows(head.scope)) {
      const auto body = view_.Blob(head.body);
      if (body.ok()) month.bodies.emplace(head.body, *body);
      if (!body.ok() && body.status().code() != absl::StatusCode::kNotFound) return body.status();
    }
    month.heads.emplace(digest, std::move(head));
    return absl::OkStatus();
  }

  // How many of the host's labels act at a time.
  size_t LabelsAt(UnixSeconds time) const {
    size_t acting = 0;
    while (acting + 1 < controllers_.size() && controllers_[acting + 1].acts_at <= time) ++acting;
    return acting;
  }

  // Whoever a label gave the host sees the parameters that its rows have been judged by since.
  bool ShowsByLabel(const ContextPiece& piece, size_t acting) const {
    if (piece.kind != "params" || acting == 0) return false;
    const auto past = controllers_.begin() + static_cast<std::ptrdiff_t>(acting);
    const bool was_default = std::any_of(
        controllers_.begin(), past, [&](const auto& rule) { return rule.value == piece.scope; });
    return was_default && request_.Shows(past->value);
  }

  absl::Status AddContext(const Digest& digest, UnixSeconds counted) {
    const size_t acting = LabelsAt(counted);
    if (!contexts_.emplace(digest, acting).second) return absl::OkStatus();
    TOM_RETURN_IF_ERROR(ExportBlob(view_, digest, true, spool_));
    TOM_ASSIGN_OR_RETURN(const std::string bytes, view_.Blob(digest));
    TOM_ASSIGN_OR_RETURN(const Context context, ParseContext(bytes));
    for (const ContextPiece& piece : context.pieces) {
      if (!request_.Shows(piece.scope) && !ShowsByLabel(piece, acting)) continue;
      // Replay needs the sets of parameters, for each demands rows; the others are only text.
      TOM_RETURN_IF_ERROR(ExportBlob(view_, piece.digest, piece.kind == "params", spool_));
    }
    return absl::OkStatus();
  }

  absl::Status WriteAll() {
    for (auto& [name, month] : months_) {
      HostBundle& bundle = month.bundle;
      for (auto& [digest, head] : month.heads) bundle.heads.push_back(std::move(head));
      for (auto& [digest, body] : month.bodies) bundle.bodies.push_back(std::move(body));
      for (auto& [index, leaf] : month.leaves) bundle.leaves.push_back(std::move(leaf));
      TOM_RETURN_IF_ERROR(spool_.Put(HostBundleName(host_, name), EncodeHostBundle(bundle)));
    }
    return absl::OkStatus();
  }

  const StoreView& view_;
  const LedgerProofs& proofs_;
  const PackRequest& request_;
  const std::string host_;
  const LabelsOfHost& controllers_;
  PackSpool& spool_;
  std::map<std::string, Month> months_;
  std::set<std::pair<Digest, size_t>> contexts_;  // with the labels that acted
  std::set<Digest> last_of_key_;
};

}  // namespace

absl::Status ExportHost(const StoreView& view, const LedgerProofs& proofs,
                        const PackRequest& request, HostToShow shown, PackSpool& spool) {
  HostExporter exporter(view, proofs, request, shown, spool);
  return Annotate(exporter.Export(shown.plan, std::move(shown.handovers)), "host " + shown.host);
}

}  // namespace tom
