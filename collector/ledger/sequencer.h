// The one writer: judges in order, gives indexes, and makes leaf, rows and checkpoint durable in
// one transaction.
//
// Jobs are collected into batches (group commit): what Run returns OK for is on disk, and the
// checkpoint that covers it was saved before anybody can see it. A job that fails leaves nothing
// behind and harms no other job of its batch.
#ifndef TOM_COLLECTOR_LEDGER_SEQUENCER_H_
#define TOM_COLLECTOR_LEDGER_SEQUENCER_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "collector/ledger/clock.h"
#include "collector/store/store.h"
#include "evidence/keys.h"

namespace tom {

// The ledger as one job sees it. Valid during the job, on the sequencer's thread.
class LedgerWriter {
 public:
  LedgerWriter(StoreTransaction& store, LedgerHead head, UnixSeconds now);

  StoreTransaction& store() { return store_; }
  // What the next leaf will carry: never less than the leaf before.
  UnixSeconds received_at() const { return received_at_; }
  uint64_t next_index() const { return head_.size + hashes_.size(); }

  // Fills received_at, salt and (for scope leaves) scope_prev, appends, and gives the index. A tick
  // is no reason for another stamp.
  uint64_t Append(LeafBody& body, bool tick = false);
  // The same for a statement that is no report: appended and stored.
  absl::StatusOr<StoredStatement> AppendStatement(Kind kind, Envelope envelope,
                                                  const std::optional<std::string>& host);

 private:
  friend class Sequencer;
  // Writes tiles and head; `sign` gives the note for a size and root.
  absl::Status Finish(
      const std::function<absl::StatusOr<std::string>(uint64_t, const Digest&)>& sign);

  StoreTransaction& store_;
  const LedgerHead before_;
  LedgerHead head_;  // size: before; the rest moves with Append
  UnixSeconds received_at_;
  std::vector<Digest> hashes_;
};

using LedgerJob = std::function<absl::Status(LedgerWriter&)>;

// Thread-safe. `store` must outlive it.
class Sequencer {
 public:
  Sequencer(Store& store, std::string origin, PrivateKey log_key, Clock clock);
  ~Sequencer();  // waits for the jobs that were accepted
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  // Waits until the job's batch is durable. The job's own error, or Unavailable (ResourceExhausted
  // when too many wait): then nothing of it was written. Must not be called from within a job.
  absl::Status Run(LedgerJob job);

  const std::string& origin() const { return origin_; }
  const PrivateKey& log_key() const { return log_key_; }
  UnixSeconds Now() const { return clock_(); }

 private:
  struct Pending;
  void Loop();
  void RunBatch(std::vector<std::shared_ptr<Pending>>& batch);
  absl::Status RunJobs(StoreTransaction& store, std::vector<std::shared_ptr<Pending>>& batch);

  Store& store_;
  const std::string origin_;
  const PrivateKey log_key_;
  const Clock clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Pending>> queue_;  // under mutex_
  bool stopping_ = false;                       // under mutex_
  std::thread thread_;
};

// The very first checkpoint, of the empty tree. AlreadyExists where there is one.
absl::StatusOr<std::string> StartLedger(Store& store, const std::string& origin,
                                        const PrivateKey& log_key);

}  // namespace tom

#endif  // TOM_COLLECTOR_LEDGER_SEQUENCER_H_
