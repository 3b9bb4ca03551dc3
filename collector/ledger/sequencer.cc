#include "collector/ledger/sequencer.h"

#include <future>

#include "evidence/checkpoint.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxBatch = 256;
constexpr size_t kMaxWaiting = 4096;

}  // namespace

struct Sequencer::Pending {
  LedgerJob job;
  absl::Status outcome;
  std::promise<absl::Status> done;
};

Sequencer::Sequencer(Store& store, std::string origin, PrivateKey log_key, Clock clock)
    : store_(store),
      origin_(std::move(origin)),
      log_key_(std::move(log_key)),
      clock_(std::move(clock)),
      thread_([this] { Loop(); }) {}

Sequencer::~Sequencer() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

absl::Status Sequencer::Run(LedgerJob job) {
  auto pending = std::make_shared<Pending>();
  pending->job = std::move(job);
  std::future<absl::Status> done = pending->done.get_future();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return absl::UnavailableError("the collector is stopping");
    if (queue_.size() >= kMaxWaiting) return absl::ResourceExhaustedError("too much is waiting");
    queue_.push_back(pending);
  }
  wake_.notify_one();
  return done.get();
}

void Sequencer::Loop() {
  while (true) {
    std::vector<std::shared_ptr<Pending>> batch;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      while (!queue_.empty() && batch.size() < kMaxBatch) {
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    RunBatch(batch);
  }
}

void Sequencer::RunBatch(std::vector<std::shared_ptr<Pending>>& batch) {
  const absl::Status status =
      store_.Write([&](StoreTransaction& store) { return RunJobs(store, batch); });
  for (const std::shared_ptr<Pending>& pending : batch) {
    if (!status.ok()) pending->outcome = absl::UnavailableError(status.message());
    pending->done.set_value(pending->outcome);
  }
}

absl::Status Sequencer::RunJobs(StoreTransaction& store,
                                std::vector<std::shared_ptr<Pending>>& batch) {
  TOM_ASSIGN_OR_RETURN(LedgerHead head, store.Head());
  LedgerWriter ledger(store, std::move(head), clock_());
  for (const std::shared_ptr<Pending>& pending : batch) {
    const LedgerHead before = ledger.head_;
    const size_t leaves = ledger.hashes_.size();
    pending->outcome = store.Part([&] { return pending->job(ledger); });
    if (pending->outcome.ok()) continue;
    ledger.head_ = before;
    ledger.hashes_.resize(leaves);
  }
  return ledger.Finish([this](uint64_t size, const Digest& root) {
    return SignCheckpoint({origin_, size, root}, log_key_);
  });
}

absl::StatusOr<std::string> StartLedger(Store& store, const std::string& origin,
                                        const PrivateKey& log_key) {
  LedgerHead first;
  first.root = merkle::EmptyRoot();
  TOM_ASSIGN_OR_RETURN(first.note, SignCheckpoint({origin, 0, first.root}, log_key));
  const absl::Status status = store.Write([&](StoreTransaction& transaction) -> absl::Status {
    TOM_RETURN_IF_ERROR(transaction.SwapHead(LedgerHead(), first));
    return transaction.PutSetting("origin", origin);
  });
  if (!status.ok()) return status;
  return first.note;
}

}  // namespace tom
