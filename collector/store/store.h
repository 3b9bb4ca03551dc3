// What the collector keeps, behind one narrow interface (records.md "Store").
//
// Store runs transactions; StoreView reads inside one, StoreTransaction writes too. A view is one
// snapshot: whatever is read inside one Read or Write call belongs together. Views must not outlive
// their call and belong to its thread; Read and Write themselves may be called from any thread.
// Write is for one writer at a time (the sequencer); when it returns OK the changes are durable,
// otherwise nothing of them is there.
//
// Errors: NotFound where a thing asked for by name is absent, DataLoss where stored bytes
// contradict themselves, AlreadyExists for a second row of one key, Unavailable where the database
// does not answer.
#ifndef TOM_COLLECTOR_STORE_STORE_H_
#define TOM_COLLECTOR_STORE_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "collector/store/rows.h"
#include "evidence/merkle.h"

namespace tom {

class StoreView {
 public:
  virtual ~StoreView() = default;

  // Hosts, in order of enrolment.
  virtual absl::StatusOr<std::vector<HostRow>> Hosts() const = 0;
  virtual absl::StatusOr<HostRow> Host(std::string_view host) const = 0;
  virtual absl::StatusOr<HostRow> HostByEnrolment(const Digest& enrolment) const = 0;
  virtual absl::StatusOr<AuthorisationRow> AuthorisationByToken(const Digest& token) const = 0;
  virtual absl::StatusOr<AuthorisationRow> AuthorisationByStatement(const Digest& digest) const = 0;
  // How many hosts were enrolled as `system` under this authorisation.
  virtual absl::StatusOr<int64_t> EnrolledUnder(const Digest& authorisation,
                                                std::string_view system) const = 0;

  // Branches of a host, oldest first, tips filled with their states and looks.
  virtual absl::StatusOr<std::vector<BranchRow>> Branches(std::string_view host) const = 0;
  virtual absl::StatusOr<BranchRow> BranchById(int64_t branch) const = 0;
  // The branch as it stood after its statement `seq`: what a fork starts from, and a bundle's
  // opening.
  virtual absl::StatusOr<Branch> BranchAt(int64_t branch, uint64_t seq) const = 0;
  // Digests of the heads in force after statement `seq`, sorted; over all groups.
  virtual absl::StatusOr<std::vector<Digest>> HeadsAt(int64_t branch, uint64_t seq) const = 0;

  // One report with its payload as it was received; NotFound.
  virtual absl::StatusOr<StoredReport> Report(int64_t branch, uint64_t seq) const = 0;
  // Only its digest: what idempotence asks.
  virtual absl::StatusOr<Digest> ReportDigest(int64_t branch, uint64_t seq) const = 0;
  // Reports of a branch in chain order, seq in [from, to]; stops at the first error of `visit` and
  // gives it back.
  virtual absl::Status VisitReports(
      int64_t branch, uint64_t from, uint64_t to,
      const std::function<absl::Status(const StoredReport&)>& visit) const = 0;
  // The newest report of the branch counted before `time`, or with a leaf before `size`; nothing
  // when there is none.
  virtual absl::StatusOr<std::optional<uint64_t>> LastSeqBefore(int64_t branch,
                                                                UnixSeconds time) const = 0;
  virtual absl::StatusOr<std::optional<uint64_t>> LastSeqUnder(int64_t branch,
                                                               uint64_t size) const = 0;
  // Looks of all hosts whose leaf is in [from, to), by leaf: what a new stamp anchors.
  virtual absl::Status VisitLooks(
      uint64_t from, uint64_t to,
      const std::function<absl::Status(const LookRow&)>& visit) const = 0;

  // Statements other than reports, by leaf, index in [from, to).
  virtual absl::Status VisitStatements(
      uint64_t from, uint64_t to,
      const std::function<absl::Status(const StoredStatement&)>& visit) const = 0;
  virtual absl::StatusOr<StoredStatement> Statement(const Digest& digest) const = 0;
  // The newest of a kind, by leaf.
  virtual absl::StatusOr<StoredStatement> LatestStatement(Kind kind) const = 0;

  // Contexts that reports of the host have named, oldest first.
  virtual absl::StatusOr<std::vector<Digest>> Contexts(std::string_view host) const = 0;

  virtual absl::StatusOr<std::string> Blob(const Digest& digest) const = 0;
  virtual absl::StatusOr<bool> HasBlob(const Digest& digest) const = 0;

  // Rows of all branches of a host that touch `span`.
  virtual absl::StatusOr<std::vector<PresenceRow>> Presence(std::string_view host,
                                                            TimeSpan span) const = 0;
  virtual absl::StatusOr<std::vector<AnchoredRow>> Anchored(std::string_view host,
                                                            TimeSpan span) const = 0;
  // Of one branch, the newest row of each group.
  virtual absl::StatusOr<std::vector<PresenceRow>> NewestPresence(int64_t branch) const = 0;
  virtual absl::StatusOr<std::vector<AnchoredRow>> NewestAnchored(int64_t branch) const = 0;
  virtual absl::StatusOr<std::vector<IntervalRow>> Intervals(std::string_view host,
                                                             TimeSpan span) const = 0;
  // Those that stand, of one branch.
  virtual absl::StatusOr<std::vector<IntervalRow>> OpenIntervals(int64_t branch) const = 0;

  // The ledger.
  virtual absl::StatusOr<LedgerHead> Head() const = 0;
  virtual absl::StatusOr<std::vector<Digest>> Nodes(
      const std::vector<merkle::NodeId>& nodes) const = 0;
  // Stamped checkpoints, oldest first.
  virtual absl::StatusOr<std::vector<StampRow>> Stamps() const = 0;
  virtual absl::StatusOr<StampRow> LatestStamp() const = 0;
  virtual absl::StatusOr<StampRow> StampBySize(uint64_t size) const = 0;

  virtual absl::StatusOr<std::vector<NoticeRow>> Notices() const = 0;
  virtual absl::StatusOr<BudgetRow> Budget(int64_t host, int64_t day) const = 0;
  virtual absl::StatusOr<std::string> Setting(std::string_view name) const = 0;
};

class StoreTransaction : public StoreView {
 public:
  // Does `work` as a part: what it wrote is undone where it fails, and the transaction goes on.
  virtual absl::Status Part(const std::function<absl::Status()>& work) = 0;

  // Fill `id` where the row has one.
  virtual absl::Status AddHost(HostRow& host) = 0;
  virtual absl::Status UpdateHost(const HostRow& host) = 0;
  virtual absl::Status AddAuthorisation(const AuthorisationRow& authorisation) = 0;
  // OutOfRange when every use is spent.
  virtual absl::Status SpendAuthorisation(const Digest& digest) = 0;

  virtual absl::Status AddBranch(BranchRow& branch) = 0;
  virtual absl::Status UpdateBranch(const BranchRow& branch) = 0;
  // A report after the tip of its branch. The branch's row and the presence of the looked-at groups
  // must be written before it in this transaction: a heartbeat's bytes are rebuilt from them, and
  // kept as well where they differ.
  virtual absl::Status AddReport(const StoredReport& report) = 0;
  // A second time changes nothing.
  virtual absl::Status AddContext(int64_t host_id, const Digest& context) = 0;
  virtual absl::Status AddStatement(const StoredStatement& statement) = 0;
  // Named by its SHA-256; a second time changes nothing.
  virtual absl::Status AddBlob(std::string_view data) = 0;

  virtual absl::Status PutPresence(const PresenceRow& row) = 0;
  virtual absl::Status PutAnchored(const AnchoredRow& row) = 0;
  virtual absl::Status PutInterval(IntervalRow& row) = 0;  // id 0: a new row

  // Appends leaf hashes after the newest leaf; their tiles with them.
  virtual absl::Status AppendLeaves(const std::vector<Digest>& leaf_hashes) = 0;
  // Compare and swap: Aborted when the stored head is not `expected` (in size and root).
  virtual absl::Status SwapHead(const LedgerHead& expected, const LedgerHead& next) = 0;
  virtual absl::Status AddStamp(const StampRow& stamp) = 0;

  virtual absl::Status AddNotice(
      const NoticeRow& notice) = 0;  // the same kind, host and key: nothing
  virtual absl::Status PutBudget(const BudgetRow& budget) = 0;
  virtual absl::Status PutSetting(std::string_view name, std::string_view value) = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual absl::Status Read(const std::function<absl::Status(const StoreView&)>& work) = 0;
  virtual absl::Status Write(const std::function<absl::Status(StoreTransaction&)>& work) = 0;
};

}  // namespace tom

#endif  // TOM_COLLECTOR_STORE_STORE_H_
