#include "agent/spool.h"

#include <unistd.h>

#include <algorithm>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr uint64_t kWorthCompacting = 256 << 10;

}  // namespace

absl::StatusOr<Spool> Spool::Open(const StateDir& state, const SpoolBounds& bounds,
                                  int wait_seconds) {
  TOM_ASSIGN_OR_RETURN(OwnedFd lock, TakeLock(state.File("lock"), wait_seconds));
  TOM_ASSIGN_OR_RETURN(SpoolLog log, SpoolLog::Open(state));
  Spool spool(state, std::move(lock), std::move(log));
  spool.bounds_ = bounds;
  TOM_RETURN_IF_ERROR(spool.Recover());
  return spool;
}

absl::Status Spool::Recover() {
  if (!log_.notice().empty()) notices_.push_back(log_.notice());
  TOM_RETURN_IF_ERROR(LoadCheckpoint());
  for (const LogEntry& entry : log_.entries()) {
    const absl::Status status = Replay(entry);
    if (!status.ok()) NoteBreak(entry, status);
  }
  return absl::OkStatus();
}

// A record that is whole and yet does not follow: what stood between is gone. The chain ends here,
// and what was signed after the gap is a tip that the next chain continues.
void Spool::NoteBreak(const LogEntry& entry, const absl::Status& why) {
  notices_.push_back("the spool's record " + std::to_string(entry.ordinal) +
                     " does not follow: " + std::string(why.message()));
  notes_.restart = true;
  const absl::StatusOr<std::string> body = log_.ReadBody(entry);
  if (!body.ok() || entry.type != RecordType::kStatement) return;
  const absl::StatusOr<SpooledStatement> statement = ParseStatementRecord(*body);
  if (!statement.ok()) return;
  const absl::StatusOr<Report> report = ParseReport(statement->envelope.payload);
  if (report.ok() && report->prev) {
    std::erase(notes_.others, *report->prev);
  }
  notes_.others.push_back(statement->envelope.StatementDigest());
}

absl::Status Spool::Replay(const LogEntry& entry) {
  TOM_ASSIGN_OR_RETURN(const std::string body, log_.ReadBody(entry));
  absl::Status status;
  if (entry.type == RecordType::kStatement) {
    status = TakeStatement(entry, body);
  } else if (entry.type == RecordType::kDone) {
    TOM_ASSIGN_OR_RETURN(const DoneRecord done, ParseDoneRecord(body));
    TakeDone(done);
  } else if (entry.ordinal > applied_ && entry.type == RecordType::kFork) {
    TOM_ASSIGN_OR_RETURN(const Digest tip, ParseForkRecord(body));
    notes_.others.push_back(tip);
  } else if (entry.ordinal > applied_) {
    notes_.restart = true;
  }
  applied_ = std::max(applied_, entry.ordinal);
  return status;
}

absl::Status Spool::TakeStatement(const LogEntry& entry, const std::string& body) {
  pending_.push_back(entry);
  if (entry.ordinal <= applied_) return absl::OkStatus();
  TOM_ASSIGN_OR_RETURN(const SpooledStatement statement, ParseStatementRecord(body));
  const std::string before = state_ ? state_->chain : "";
  TOM_RETURN_IF_ERROR(ApplyStatement(statement.envelope.payload, statement.blobs, state_));
  if (state_->chain != before) StartedChain();
  return absl::OkStatus();
}

void Spool::StartedChain() {
  const UnixSeconds accepted_at = notes_.accepted_at;
  notes_ = ChainNotes();
  notes_.accepted_at = accepted_at;
}

void Spool::TakeDone(const DoneRecord& done) {
  std::erase_if(pending_, [&](const LogEntry& entry) { return entry.ordinal == done.ordinal; });
  if (done.result == DoneResult::kAccepted) {
    notes_.accepted_at = std::max(notes_.accepted_at, done.observed_at);
  }
  if (!state_ || state_->chain != done.chain) return;
  if (done.result == DoneResult::kAccepted) {
    notes_.accepted = done.digest;
  } else {
    notes_.restart = true;
  }
}

bool Spool::NeedsNewChain() const { return !state_ || notes_.restart || !notes_.others.empty(); }

bool Spool::WasRejected(const Digest& digest) const {
  return access(dir_.File("rejected/" + digest.Hex() + ".json").c_str(), F_OK) == 0;
}

std::optional<UnixSeconds> Spool::SinceBound() const {
  if (!state_ || !WasRejected(state_->tip)) return std::nullopt;
  return notes_.accepted_at;
}

std::vector<Digest> Spool::Tips() const {
  std::vector<Digest> tips = notes_.others;
  if (state_ && !WasRejected(state_->tip)) {
    tips.push_back(state_->tip);
  } else if (notes_.accepted) {
    tips.push_back(*notes_.accepted);
  } else if (state_) {
    tips.insert(tips.end(), state_->base.begin(), state_->base.end());
  }
  std::erase_if(tips, [&](const Digest& tip) { return WasRejected(tip); });
  std::sort(tips.begin(), tips.end());
  tips.erase(std::unique(tips.begin(), tips.end()), tips.end());
  return tips;
}

uint64_t Spool::pending_bytes() const {
  uint64_t bytes = 0;
  for (const LogEntry& entry : pending_) bytes += kRecordHeaderBytes + entry.length;
  return bytes;
}

absl::Status Spool::Append(const Envelope& envelope, const std::vector<std::string>& blobs) {
  std::optional<ChainState> next = state_;
  TOM_RETURN_IF_ERROR(ApplyStatement(envelope.payload, blobs, next));
  const std::string body = EncodeStatementRecord(envelope, blobs);
  TOM_ASSIGN_OR_RETURN(const uint64_t ordinal, log_.Append(RecordType::kStatement, body, applied_));
  applied_ = ordinal;
  pending_.push_back(log_.entries().back());
  const bool started = !state_ || state_->chain != next->chain;
  state_ = std::move(next);
  if (started) StartedChain();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PendingStatement>> Spool::NextPending(uint64_t after, size_t count,
                                                                 uint64_t max_bytes) const {
  std::vector<PendingStatement> next;
  uint64_t bytes = 0;
  for (const LogEntry& entry : pending_) {
    if (entry.ordinal <= after) continue;
    bytes += entry.length;
    if (next.size() == count || (!next.empty() && bytes > max_bytes)) break;
    TOM_ASSIGN_OR_RETURN(const std::string body, log_.ReadBody(entry));
    TOM_ASSIGN_OR_RETURN(SpooledStatement statement, ParseStatementRecord(body));
    next.push_back({entry.ordinal, std::move(statement)});
  }
  return next;
}

absl::Status Spool::Done(const DoneRecord& done) {
  const auto is_it = [&](const LogEntry& entry) { return entry.ordinal == done.ordinal; };
  if (std::none_of(pending_.begin(), pending_.end(), is_it)) return absl::OkStatus();
  TOM_ASSIGN_OR_RETURN(applied_, log_.Append(RecordType::kDone, EncodeDoneRecord(done), applied_));
  TakeDone(done);
  return absl::OkStatus();
}

absl::Status Spool::NoteFork(const Digest& other) {
  if (std::find(notes_.others.begin(), notes_.others.end(), other) != notes_.others.end()) {
    return absl::OkStatus();
  }
  TOM_ASSIGN_OR_RETURN(applied_, log_.Append(RecordType::kFork, EncodeForkRecord(other), applied_));
  notes_.others.push_back(other);
  return absl::OkStatus();
}

absl::Status Spool::Compact(bool force) {
  const uint64_t done = log_.bytes() - pending_bytes();
  if (!force && (done < kWorthCompacting || done < log_.bytes() / 2)) return absl::OkStatus();
  // The checkpoint first: a log that is shorter than its checkpoint expects loses nothing.
  TOM_RETURN_IF_ERROR(WriteAtomic(dir_.File("spool/checkpoint"), EncodeCheckpoint()));
  const std::vector<LogEntry> kept = pending_;
  TOM_RETURN_IF_ERROR(log_.Keep(kept));
  pending_ = log_.entries();
  return absl::OkStatus();
}

}  // namespace tom
