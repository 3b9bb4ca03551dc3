#include "agent/sender.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "agent/state_file.h"
#include "evidence/canonical_json.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kBatch = limits::kMaxReportsInFlight;
constexpr uint64_t kBatchBytes = 8 << 20;
constexpr size_t kRequestSlack = 16 << 10;

// What one acknowledgement asks the spool to do.
struct Settled {
  DoneRecord done;
  bool leaves = false;
  std::optional<Digest> fork;
};

bool WasRejected(const StateDir& state, const Digest& digest) {
  return access(state.File("rejected/" + digest.Hex() + ".json").c_str(), F_OK) == 0;
}

absl::Status KeepRejected(const StateDir& state, const Envelope& envelope,
                          const std::string& reason) {
  TOM_ASSIGN_OR_RETURN(const std::string folder, state.Folder("rejected"));
  const std::string shown = IsUtf8(reason) && reason.find('\0') == std::string::npos ? reason : "?";
  const std::string path = folder + "/" + envelope.StatementDigest().Hex() + ".json";
  return WriteAtomic(
      path, Canonical(Json::Object{{"envelope", EnvelopeToJson(envelope)}, {"reason", shown}}));
}

// As many blobs as fit beside the statement; the others travel before it.
absl::StatusOr<std::vector<std::string>> SendLargeFirst(const SpooledStatement& statement,
                                                        ReportingClient& client) {
  std::vector<std::string> beside;
  size_t room =
      limits::kMaxReportBytes -
      std::min(limits::kMaxReportBytes, statement.envelope.payload.size() + kRequestSlack);
  for (const std::string& blob : statement.blobs) {
    constexpr size_t kFraming = 16;
    if (blob.size() + kFraming <= room) {
      room -= blob.size() + kFraming;
      beside.push_back(blob);
      continue;
    }
    TOM_RETURN_IF_ERROR(client.PutBlob(blob));
  }
  return beside;
}

absl::Status CheckAnswer(const SubmitAnswer& answer, const Report& report, const Digest& digest) {
  if (answer.chain == report.chain && answer.seq == report.seq && answer.digest == digest) {
    return absl::OkStatus();
  }
  return BadData("the collector acknowledged another statement than the one sent");
}

absl::StatusOr<Settled> SettleRejected(const StateDir& state, const Envelope& envelope,
                                       const std::string& reason, Settled settled,
                                       SendTally& tally) {
  TOM_RETURN_IF_ERROR(KeepRejected(state, envelope, reason));
  settled.leaves = true;
  settled.done.result = DoneResult::kRejected;
  ++tally.rejected;
  tally.notices.push_back("statement " + settled.done.digest.Hex() + " was refused: " + reason);
  return settled;
}

absl::StatusOr<Settled> Settle(const StateDir& state, const Envelope& envelope,
                               const Report& report, const SubmitAnswer& answer, Settled settled,
                               SendTally& tally) {
  const bool orphan = report.prev && WasRejected(state, *report.prev);
  if (answer.status == AckStatus::kRejected) {
    return SettleRejected(state, envelope, answer.reason, std::move(settled), tally);
  }
  if (answer.status == AckStatus::kHeld && orphan) {
    return SettleRejected(state, envelope, "its predecessor was refused", std::move(settled),
                          tally);
  }
  if (answer.status == AckStatus::kHeld) {
    ++tally.held;
    return settled;
  }
  settled.leaves = true;
  ++tally.accepted;
  if (answer.status == AckStatus::kDuplicate) ++tally.duplicates;
  if (answer.status == AckStatus::kFork) {
    ++tally.forks;
    settled.fork = answer.other;
    tally.notices.push_back("the collector knows another branch of this host" +
                            (answer.other ? ": " + answer.other->Hex() : std::string()));
  }
  return settled;
}

absl::StatusOr<Settled> SendOne(const StateDir& state, const PendingStatement& pending,
                                ReportingClient& client, SendTally& tally) {
  const Envelope& envelope = pending.statement.envelope;
  TOM_ASSIGN_OR_RETURN(const Report report, ParseReport(envelope.payload));
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> beside,
                       SendLargeFirst(pending.statement, client));
  TOM_ASSIGN_OR_RETURN(const SubmitAnswer answer, client.Submit(envelope, beside));
  Settled settled;
  settled.done = {pending.ordinal, report.chain, envelope.StatementDigest(), report.observed_at,
                  DoneResult::kAccepted};
  TOM_RETURN_IF_ERROR(CheckAnswer(answer, report, settled.done.digest));
  tally.retry_after_seconds = std::max(tally.retry_after_seconds, answer.retry_after_seconds);
  return Settle(state, envelope, report, answer, std::move(settled), tally);
}

absl::Status Record(const StateDir& state, const SendOptions& options,
                    const std::vector<Settled>& settled, SendTally& tally) {
  TOM_ASSIGN_OR_RETURN(Spool spool, Spool::Open(state, options.bounds, options.lock_wait_seconds));
  for (const Settled& one : settled) {
    if (one.fork) TOM_RETURN_IF_ERROR(spool.NoteFork(*one.fork));
    if (one.leaves) TOM_RETURN_IF_ERROR(spool.Done(one.done));
  }
  TOM_RETURN_IF_ERROR(spool.Compact());
  tally.left = spool.pending();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PendingStatement>> NextBatch(const StateDir& state,
                                                        const SendOptions& options, uint64_t after,
                                                        SendTally& tally) {
  TOM_ASSIGN_OR_RETURN(const Spool spool,
                       Spool::Open(state, options.bounds, options.lock_wait_seconds));
  tally.left = spool.pending();
  tally.notices.insert(tally.notices.end(), spool.notices().begin(), spool.notices().end());
  return spool.NextPending(after, kBatch, kBatchBytes);
}

bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsAborted(status);
}

}  // namespace

absl::Status SendPending(const StateDir& state, const SendOptions& options, ReportingClient& client,
                         SendTally& tally) {
  uint64_t after = 0;
  while (true) {
    TOM_ASSIGN_OR_RETURN(const std::vector<PendingStatement> batch,
                         NextBatch(state, options, after, tally));
    if (batch.empty()) return absl::OkStatus();
    std::vector<Settled> settled;
    absl::Status status;
    for (const PendingStatement& pending : batch) {
      absl::StatusOr<Settled> one = SendOne(state, pending, client, tally);
      status = one.status();
      if (!status.ok()) break;
      settled.push_back(*std::move(one));
      after = pending.ordinal;
      if (tally.retry_after_seconds > 0) break;
    }
    TOM_RETURN_IF_ERROR(Record(state, options, settled, tally));
    if (!status.ok() || tally.retry_after_seconds > 0) return status;
  }
}

absl::Status SendWithPatience(const StateDir& state, const SendOptions& options,
                              ReportingClient& client, int give_up_seconds,
                              const std::function<void(int64_t)>& sleep, SendTally& tally) {
  constexpr int64_t kLeastMillis = 1000;
  constexpr int64_t kMostMillis = 60'000;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(give_up_seconds);
  int64_t ceiling = kLeastMillis;
  while (true) {
    absl::Status status = SendPending(state, options, client, tally);
    if (status.ok() || !MayPass(status) || std::chrono::steady_clock::now() >= until) return status;
    const std::string random = RandomBytes(2);
    const int64_t share = static_cast<uint8_t>(random[0]) * 256 + static_cast<uint8_t>(random[1]);
    sleep(ceiling * share / 65536);
    ceiling = std::min(ceiling * 2, kMostMillis);
  }
}

}  // namespace tom
