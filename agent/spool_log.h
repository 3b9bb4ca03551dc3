// The append-only file of the spool, its lock, and what is still good of it after a crash.
#ifndef TOM_AGENT_SPOOL_LOG_H_
#define TOM_AGENT_SPOOL_LOG_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/spool_format.h"
#include "agent/state.h"
#include "agent/state_file.h"

namespace tom {

// An exclusive flock on `path`, given back on destruction (and by the kernel when the process
// dies). Unavailable when another process still holds it after `wait_seconds`.
absl::StatusOr<OwnedFd> TakeLock(const std::string& path, int wait_seconds);

struct LogEntry {
  RecordType type = RecordType::kStatement;
  uint64_t ordinal = 0;
  uint64_t offset = 0;  // of the body
  uint32_t length = 0;
};

// REQUIRES: the caller holds the spool's lock as long as the log is open.
class SpoolLog {
 public:
  // Opens or makes the log and checks every record. A tail that is no whole record is copied to
  // rejected/ and cut off; where it is more than the one append that a crash can tear, a C record
  // is added in its place.
  static absl::StatusOr<SpoolLog> Open(const StateDir& state);

  const std::vector<LogEntry>& entries() const { return entries_; }
  uint64_t bytes() const { return end_; }
  bool created() const { return created_; }
  // What was set aside on opening: for a person to read. Empty when nothing was.
  const std::string& notice() const { return notice_; }

  // The record is durable when this returns OK; its ordinal is over `least` and over that of every
  // record before it.
  absl::StatusOr<uint64_t> Append(RecordType type, std::string_view body, uint64_t least = 0);
  absl::StatusOr<std::string> ReadBody(const LogEntry& entry) const;
  // Replaces the log by one with only these entries, and a C record where asked for, in one rename.
  absl::Status Keep(const std::vector<LogEntry>& kept, bool note_corruption = false);

 private:
  SpoolLog() = default;
  absl::Status Scan(const StateDir& state);
  absl::Status SetTailAside(const StateDir& state, uint64_t size, bool torn);
  absl::StatusOr<std::string> ReadAt(uint64_t offset, size_t length) const;
  bool IsTorn(uint64_t size) const;

  std::string path_;
  OwnedFd fd_;
  bool created_ = false;
  uint64_t end_ = 0;
  std::vector<LogEntry> entries_;
  std::string notice_;
};

}  // namespace tom

#endif  // TOM_AGENT_SPOOL_LOG_H_
