// Reports on their way into the ledger (records.md "Acknowledgement and receipt").
#ifndef TOM_COLLECTOR_INGEST_REPORT_INGEST_H_
#define TOM_COLLECTOR_INGEST_REPORT_INGEST_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "collector/ingest/blob_set.h"
#include "collector/ledger/sequencer.h"
#include "evidence/context.h"
#include "evidence/replay.h"

namespace tom {

enum class AckStatus { kAccepted, kDuplicate, kFork, kHeld, kRejected };

struct AckResult {
  AckStatus status = AckStatus::kRejected;
  std::string chain;  // empty where the statement could not be read
  uint64_t seq = 0;
  Digest digest;
  std::string other;  // hex; with kFork the rival branch's tip
  std::string reason;
  uint32_t retry_after_seconds = 0;
};

// A context with what its params pieces demand.
struct KnownContext {
  Context context;
  std::vector<std::pair<std::string, Digest>> demanded;
};

// Thread-safe. The sequencer and store must outlive it.
class ReportIngest {
 public:
  ReportIngest(Store& store, Sequencer& sequencer) : store_(store), sequencer_(sequencer) {}

  // `host` is the one of the caller's certificate. Errors are for the caller to try again:
  // FailedPrecondition (a blob is missing), ResourceExhausted (the day's budget), Unavailable,
  // PermissionDenied (host unknown or retired). Everything else is an AckResult; accepted,
  // duplicate and fork are durable.
  absl::StatusOr<AckResult> Submit(const std::string& host, const Envelope& envelope,
                                   std::vector<std::string> blobs);

  // A blob for a later Submit, at the cost of the host's budget.
  absl::StatusOr<Digest> PutBlob(const std::string& host, const std::string& data);

 private:
  struct Submission;
  struct Ground;
  absl::Status Judge(LedgerWriter& ledger, Submission& submission);
  absl::Status JudgeInPlace(LedgerWriter& ledger, Submission& submission);
  static absl::Status GatherBefore(const StoreView& view, const Submission& submission,
                                   Ground& ground);
  static absl::Status GatherChanged(const StoreView& view, Submission& submission, Ground& ground);
  static absl::Status Accept(LedgerWriter& ledger, Submission& submission, const Ground& ground,
                             const ReplayStep& step);
  absl::Status Hold(LedgerWriter& ledger, Submission& submission);
  absl::Status Refuse(LedgerWriter& ledger, Submission& submission, std::string reason);
  absl::StatusOr<std::shared_ptr<const KnownContext>> ContextOf(const StoreView& view,
                                                                BlobSet& blobs,
                                                                const Digest& digest);

  absl::StatusOr<PublicKey> KeyOf(const std::string& spki);

  Store& store_;
  Sequencer& sequencer_;
  std::mutex keys_mutex_;
  std::map<std::string, PublicKey> keys_;  // under keys_mutex_: by SPKI
  std::mutex contexts_mutex_;
  std::map<Digest, std::shared_ptr<const KnownContext>> contexts_;  // under contexts_mutex_
  std::mutex held_mutex_;
  std::map<Digest, UnixSeconds> held_;  // under held_mutex_: first time seen
};

// Spends from the host's day. ResourceExhausted over the limit, with one notice a day; nothing is
// spent then.
absl::Status SpendBudget(LedgerWriter& ledger, const HostRow& host, int64_t bytes,
                         int64_t subjects);

}  // namespace tom

#endif  // TOM_COLLECTOR_INGEST_REPORT_INGEST_H_
