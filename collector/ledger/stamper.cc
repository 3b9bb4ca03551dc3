#include "collector/ledger/stamper.h"

#include "collector/ledger/anchoring.h"
#include "evidence/checkpoint.h"
#include "evidence/limits.h"
#include "evidence/scope_statements.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr auto kLookAgain = std::chrono::seconds(1);
constexpr auto kAfterFailure = std::chrono::seconds(60);

}  // namespace

Stamper::Stamper(Store& store, Sequencer& sequencer, TsaConfig config)
    : store_(store), sequencer_(sequencer), config_(std::move(config)) {}

Stamper::~Stamper() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

absl::Status Stamper::WriteTick() {
  return sequencer_.Run([this](LedgerWriter& ledger) -> absl::Status {
    Tick tick;
    tick.common = {sequencer_.origin(), std::nullopt, RandomId()};
    tick.size = ledger.next_index() + 1;
    TOM_ASSIGN_OR_RETURN(
        Envelope envelope,
        SignEnvelope(EncodeKindStatement(Kind::kTick, ToPredicate(tick)), sequencer_.log_key()));
    return ledger.AppendStatement(Kind::kTick, std::move(envelope), std::nullopt).status();
  });
}

absl::Status Stamper::ReadState(LedgerHead& head, StampRow& last) {
  return store_.Read([&](const StoreView& view) -> absl::Status {
    TOM_ASSIGN_OR_RETURN(head, view.Head());
    absl::StatusOr<StampRow> stamp = view.LatestStamp();
    if (absl::IsNotFound(stamp.status())) return absl::OkStatus();
    TOM_RETURN_IF_ERROR(stamp.status());
    last = *std::move(stamp);
    return absl::OkStatus();
  });
}

absl::StatusOr<Stamped> Stamper::StampNow() {
  const std::lock_guard<std::mutex> lock(stamping_);
  if (config_.url.empty()) {
    return absl::FailedPreconditionError("no time-stamp authority is configured (tsa.url)");
  }
  TOM_RETURN_IF_ERROR(WriteTick());
  LedgerHead head;
  StampRow before;
  TOM_RETURN_IF_ERROR(ReadState(head, before));
  const Checkpoint checkpoint{sequencer_.origin(), head.size, head.root};
  TOM_ASSIGN_OR_RETURN(const Token token,
                       RequestTimeStamp(config_, Sha256(CheckpointText(checkpoint))));
  if (token.stamp.time < before.time) {
    return absl::UnavailableError("tsa: stamps an earlier time than its last one");
  }
  const StampRow stamp{head.size, head.root, head.note, token.der, token.stamp.time};
  const absl::Status saved = sequencer_.Run([&](LedgerWriter& ledger) -> absl::Status {
    TOM_RETURN_IF_ERROR(ledger.store().AddStamp(stamp));
    TOM_RETURN_IF_ERROR(ledger.store().AddBlob(stamp.token));
    return AnchorLooks(ledger.store(), stamp, before.size, limits::kDefaultAnchorMaxSeconds);
  });
  if (!saved.ok()) return saved;
  return Stamped{stamp, token.stamp.authority};
}

absl::StatusOr<bool> Stamper::Due() {
  LedgerHead head;
  StampRow last;
  TOM_RETURN_IF_ERROR(ReadState(head, last));
  const int64_t age = sequencer_.Now() - last.time;
  if (head.scope_size > last.size) return age >= config_.after_scope_seconds;
  return head.size > 0 && age >= config_.every_seconds;
}

void Stamper::Start(StampLog log) {
  if (config_.url.empty() || thread_.joinable()) return;
  thread_ = std::thread([this, log = std::move(log)] { Loop(log); });
}

void Stamper::Loop(const StampLog& log) {
  std::chrono::seconds pause = kLookAgain;
  while (true) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      if (wake_.wait_for(lock, pause, [this] { return stopping_; })) return;
    }
    pause = kLookAgain;
    const absl::StatusOr<bool> due = Due();
    if (due.ok() && !*due) continue;
    const absl::Status status = due.ok() ? StampNow().status() : due.status();
    log(status);
    if (!status.ok()) pause = kAfterFailure;
  }
}

}  // namespace tom
