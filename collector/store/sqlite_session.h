// One transaction over one SQLite connection: the whole of StoreView and StoreTransaction, one
// source file a subject.
#ifndef TOM_COLLECTOR_STORE_SQLITE_SESSION_H_
#define TOM_COLLECTOR_STORE_SQLITE_SESSION_H_

#include <map>
#include <set>

#include "collector/store/sqlite_db.h"
#include "collector/store/store.h"

namespace tom {

class SqliteSession : public StoreTransaction {
 public:
  explicit SqliteSession(Database& db) : db_(db) {}

  absl::StatusOr<std::vector<HostRow>> Hosts() const override;
  absl::StatusOr<HostRow> Host(std::string_view host) const override;
  absl::StatusOr<HostRow> HostByEnrolment(const Digest& enrolment) const override;
  absl::StatusOr<AuthorisationRow> AuthorisationByToken(const Digest& token) const override;
  absl::StatusOr<AuthorisationRow> AuthorisationByStatement(const Digest& digest) const override;
  absl::StatusOr<int64_t> EnrolledUnder(const Digest& authorisation,
                                        std::string_view system) const override;

  absl::StatusOr<std::vector<BranchRow>> Branches(std::string_view host) const override;
  absl::StatusOr<BranchRow> BranchById(int64_t branch) const override;
  absl::StatusOr<Branch> BranchAt(int64_t branch, uint64_t seq) const override;
  absl::StatusOr<std::vector<Digest>> HeadsAt(int64_t branch, uint64_t seq) const override;

  absl::StatusOr<StoredReport> Report(int64_t branch, uint64_t seq) const override;
  absl::StatusOr<Digest> ReportDigest(int64_t branch, uint64_t seq) const override;
  absl::Status VisitReports(
      int64_t branch, uint64_t from, uint64_t to,
      const std::function<absl::Status(const StoredReport&)>& visit) const override;
  absl::StatusOr<std::optional<uint64_t>> LastSeqBefore(int64_t branch,
                                                        UnixSeconds time) const override;
  absl::StatusOr<std::optional<uint64_t>> LastSeqUnder(int64_t branch,
                                                       uint64_t size) const override;
  absl::Status VisitLooks(uint64_t from, uint64_t to,
                          const std::function<absl::Status(const LookRow&)>& visit) const override;

  absl::Status VisitStatements(
      uint64_t from, uint64_t to,
      const std::function<absl::Status(const StoredStatement&)>& visit) const override;
  absl::StatusOr<StoredStatement> Statement(const Digest& digest) const override;
  absl::StatusOr<StoredStatement> LatestStatement(Kind kind) const override;

  absl::StatusOr<std::vector<Digest>> Contexts(std::string_view host) const override;
  absl::StatusOr<std::string> Blob(const Digest& digest) const override;
  absl::StatusOr<bool> HasBlob(const Digest& digest) const override;

  absl::StatusOr<std::vector<PresenceRow>> Presence(std::string_view host,
                                                    TimeSpan span) const override;
  absl::StatusOr<std::vector<PresenceRow>> NewestPresence(int64_t branch) const override;
  absl::StatusOr<std::vector<AnchoredRow>> Anchored(std::string_view host,
                                                    TimeSpan span) const override;
  absl::StatusOr<std::vector<AnchoredRow>> NewestAnchored(int64_t branch) const override;
  absl::StatusOr<std::vector<IntervalRow>> Intervals(std::string_view host,
                                                     TimeSpan span) const override;
  absl::StatusOr<std::vector<IntervalRow>> OpenIntervals(int64_t branch) const override;

  absl::StatusOr<LedgerHead> Head() const override;
  absl::StatusOr<std::vector<Digest>> Nodes(
      const std::vector<merkle::NodeId>& nodes) const override;
  absl::StatusOr<std::vector<StampRow>> Stamps() const override;
  absl::StatusOr<StampRow> LatestStamp() const override;
  absl::StatusOr<StampRow> StampBySize(uint64_t size) const override;

  absl::StatusOr<std::vector<NoticeRow>> Notices() const override;
  absl::StatusOr<BudgetRow> Budget(int64_t host, int64_t day) const override;
  absl::StatusOr<std::string> Setting(std::string_view name) const override;

  absl::Status Part(const std::function<absl::Status()>& work) override;
  absl::Status AddHost(HostRow& host) override;
  absl::Status UpdateHost(const HostRow& host) override;
  absl::Status AddAuthorisation(const AuthorisationRow& authorisation) override;
  absl::Status SpendAuthorisation(const Digest& digest) override;
  absl::Status AddBranch(BranchRow& branch) override;
  absl::Status UpdateBranch(const BranchRow& branch) override;
  absl::Status AddReport(const StoredReport& report) override;
  absl::Status AddContext(int64_t host_id, const Digest& context) override;
  absl::Status AddStatement(const StoredStatement& statement) override;
  absl::Status AddBlob(std::string_view data) override;
  absl::Status PutPresence(const PresenceRow& row) override;
  absl::Status PutAnchored(const AnchoredRow& row) override;
  absl::Status PutInterval(IntervalRow& row) override;
  absl::Status AppendLeaves(const std::vector<Digest>& leaf_hashes) override;
  absl::Status SwapHead(const LedgerHead& expected, const LedgerHead& next) override;
  absl::Status AddStamp(const StampRow& stamp) override;
  absl::Status AddNotice(const NoticeRow& notice) override;
  absl::Status PutBudget(const BudgetRow& budget) override;
  absl::Status PutSetting(std::string_view name, std::string_view value) override;

 private:
  // Interned values (sqlite_terms.cc).
  absl::StatusOr<int64_t> TermId(std::string_view value);
  absl::StatusOr<std::string> Term(int64_t id) const;
  absl::StatusOr<int64_t> AnchorId(const Anchor& anchor);
  absl::StatusOr<Anchor> AnchorById(int64_t id) const;

  // Branch rows whose tips hold nothing but ledger, host, chain and seq.
  absl::StatusOr<BranchRow> LightBranch(int64_t branch) const;
  absl::StatusOr<std::vector<int64_t>> BranchIds(std::string_view host) const;
  absl::Status CollectHeads(const BranchRow& branch, uint64_t seq, std::set<Digest>& heads) const;
  absl::StatusOr<StoredReport> ReadReport(Query& row, const BranchRow& branch) const;
  // The bytes a heartbeat must have had, out of its columns, `presence` and its predecessor.
  absl::StatusOr<std::string> RebuildPayload(tom::Report report, const BranchRow& branch) const;
  absl::StatusOr<std::optional<Digest>> PreviousDigest(const BranchRow& branch, uint64_t seq) const;
  absl::StatusOr<Digest> StateAt(const BranchRow& branch, int group, uint64_t seq) const;
  absl::Status FillStates(const BranchRow& branch, uint64_t seq, Branch& out) const;
  absl::StatusOr<std::optional<UnixSeconds>> LookAt(int64_t branch, int group, uint64_t seq) const;
  absl::StatusOr<std::optional<uint64_t>> LastSeqThat(const char* fits, int64_t branch,
                                                      int64_t limit) const;
  absl::StatusOr<std::string> Body(uint64_t leaf) const;
  absl::Status AddBody(uint64_t leaf, std::string_view payload);
  absl::StatusOr<std::string> Tile(int level, uint64_t n) const;
  absl::StatusOr<Digest> Node(const merkle::NodeId& node) const;
  absl::StatusOr<IntervalRow> ReadInterval(Query& row) const;

  Database& db_;
  // Terms read in this transaction: every row names four of the same few. A part that is undone may
  // take terms with it, so it empties this.
  mutable std::map<int64_t, std::string> terms_;
};

// Small codes of the columns.
int GroupCode(std::string_view interval);  // index in kIntervals; -1 when it is none
int64_t GroupMask(const std::vector<std::string>& groups);
std::vector<std::string> GroupsOfMask(int64_t mask);       // sorted by name
std::string JoinSet(const std::vector<std::string>& set);  // newline-separated; no item holds one
std::vector<std::string> SplitSet(std::string_view joined);

}  // namespace tom

#endif  // TOM_COLLECTOR_STORE_SQLITE_SESSION_H_
