// The durable queue of signed statements, and the chain state that follows from them.
//
// Sequence number, signature and append are one step under the spool's lock: the caller opens the
// spool (which takes the lock), builds on state(), signs and appends. The log is the journal of the
// state: a checkpoint holds the state after some ordinal, the statements behind it are applied
// again on opening. A killed process leaves a statement signed and spooled, or not signed at all.
#ifndef TOM_AGENT_SPOOL_H_
#define TOM_AGENT_SPOOL_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/chain_state.h"
#include "agent/spool_log.h"

namespace tom {

struct SpoolBounds {
  uint64_t max_bytes = 64 << 20;  // of statements not yet acknowledged: nothing is signed over it
  uint64_t heartbeat_bytes = 48 << 20;  // over it no heartbeats are signed
};

// What decides about the next chain and is no part of a statement.
struct ChainNotes {
  bool restart = false;  // the chain cannot go on: the next statement starts a new one
  std::optional<Digest>
      accepted;  // newest statement of the current chain that the collector has made durable
  UnixSeconds accepted_at =
      0;  // latest observed_at that the collector has made durable, of any chain
  std::vector<Digest> others;  // tips of branches that only the collector knew, sorted
};

struct PendingStatement {
  uint64_t ordinal = 0;
  SpooledStatement statement;
};

class Spool {
 public:
  // Takes the lock (Unavailable after `wait_seconds`), recovers log and state.
  static absl::StatusOr<Spool> Open(const StateDir& state, const SpoolBounds& bounds,
                                    int wait_seconds);

  // After the last signed statement; none before the first.
  const std::optional<ChainState>& state() const { return state_; }
  const ChainNotes& notes() const { return notes_; }
  // What was found damaged and where it was put.
  const std::vector<std::string>& notices() const { return notices_; }

  // A new chain has to begin: there is no state, the last chain forked, was refused or damaged.
  bool NeedsNewChain() const;
  // The tips that a new chain continues, sorted.
  std::vector<Digest> Tips() const;

  // Up to when the rows of state() stand in what the collector takes: a `since` after it is of
  // statements that were refused. No value: all of state() counts.
  std::optional<UnixSeconds> SinceBound() const;

  uint64_t pending_bytes() const;
  size_t pending() const { return pending_.size(); }
  bool AllowsHeartbeat() const { return pending_bytes() < bounds_.heartbeat_bytes; }
  bool Fits(uint64_t bytes) const { return pending_bytes() + bytes <= bounds_.max_bytes; }

  // Makes the signed statement durable and moves the state past it. DataLoss when it does not
  // follow from the state: then nothing was written.
  absl::Status Append(const Envelope& envelope, const std::vector<std::string>& blobs);

  // Oldest first, from `after` on, until `count` or `max_bytes` (at least one).
  absl::StatusOr<std::vector<PendingStatement>> NextPending(uint64_t after, size_t count,
                                                            uint64_t max_bytes) const;
  // The statement left the spool; asking twice is fine.
  absl::Status Done(const DoneRecord& done);
  // The collector named the tip of another branch of this host.
  absl::Status NoteFork(const Digest& other);
  // Writes the checkpoint and drops what is done, when that is worth it.
  absl::Status Compact(bool force = false);

 private:
  Spool(StateDir state, OwnedFd lock, SpoolLog log)
      : dir_(std::move(state)), lock_(std::move(lock)), log_(std::move(log)) {}
  absl::Status Recover();
  absl::Status LoadCheckpoint();
  absl::Status Replay(const LogEntry& entry);
  void NoteBreak(const LogEntry& entry, const absl::Status& why);
  absl::Status TakeStatement(const LogEntry& entry, const std::string& body);
  void TakeDone(const DoneRecord& done);
  void StartedChain();
  std::string EncodeCheckpoint() const;
  absl::Status ParseCheckpoint(std::string_view bytes);
  bool WasRejected(const Digest& digest) const;

  StateDir dir_;
  OwnedFd lock_;
  SpoolLog log_;
  SpoolBounds bounds_;
  std::optional<ChainState> state_;
  ChainNotes notes_;
  uint64_t applied_ = 0;           // ordinal of the last record that state_ and notes_ contain
  std::vector<LogEntry> pending_;  // S records without a D record
  std::vector<std::string> notices_;
};

}  // namespace tom

#endif  // TOM_AGENT_SPOOL_H_
