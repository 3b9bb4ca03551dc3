#include "agent/spool_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kCopyBytes = 1 << 20;
constexpr uint64_t kOrdinalSkip = 1 << 20;  // over every ordinal that a damaged tail can have used

absl::StatusOr<OwnedFd> OpenOwn(const std::string& path, int flags) {
  OwnedFd fd(open(path.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  if (!fd.ok()) return FileError(path, "cannot open");
  TOM_RETURN_IF_ERROR(CheckOwnAndPrivate(fd.get(), path));
  return fd;
}

absl::StatusOr<uint64_t> SizeOf(int fd, const std::string& path) {
  struct stat facts {};
  if (fstat(fd, &facts) != 0) return FileError(path, "cannot examine");
  return static_cast<uint64_t>(facts.st_size);
}

}  // namespace

absl::StatusOr<OwnedFd> TakeLock(const std::string& path, int wait_seconds) {
  TOM_ASSIGN_OR_RETURN(OwnedFd fd, OpenOwn(path, O_RDWR | O_CREAT));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(wait_seconds);
  while (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return FileError(path, "cannot lock");
    if (std::chrono::steady_clock::now() >= until) {
      return absl::UnavailableError(path + ": another tom-agent holds it (waited " +
                                    std::to_string(wait_seconds) + " s)");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return fd;
}

absl::StatusOr<SpoolLog> SpoolLog::Open(const StateDir& state) {
  TOM_ASSIGN_OR_RETURN(const std::string folder, state.Folder("spool"));
  SpoolLog log;
  log.path_ = folder + "/log";
  log.created_ = access(log.path_.c_str(), F_OK) != 0;
  TOM_ASSIGN_OR_RETURN(log.fd_, OpenOwn(log.path_, O_RDWR | O_CREAT));
  if (log.created_) TOM_RETURN_IF_ERROR(SyncFolderOf(log.path_));
  TOM_RETURN_IF_ERROR(log.Scan(state));
  return log;
}

absl::StatusOr<std::string> SpoolLog::ReadAt(uint64_t offset, size_t length) const {
  std::string bytes(length, '\0');
  size_t got = 0;
  while (got < length) {
    const ssize_t n =
        pread(fd_.get(), bytes.data() + got, length - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError(path_, "cannot read");
    if (n == 0) break;
    got += static_cast<size_t>(n);
  }
  bytes.resize(got);
  return bytes;
}

// A crash tears at most the last append: the file ends before its record does, and no other record
// follows.
bool SpoolLog::IsTorn(uint64_t size) const {
  const uint64_t rest = size - end_;
  if (rest > kMaxRecordBytes) return false;
  const absl::StatusOr<std::string> tail = ReadAt(end_, rest);
  if (!tail.ok()) return false;
  const size_t known = std::min<size_t>(tail->size(), kRecordMagic.size());
  if (tail->substr(0, known) != kRecordMagic.substr(0, known)) return false;
  if (tail->find(kRecordMagic, 1) != std::string::npos) return false;
  if (rest < kRecordHeaderBytes) return true;
  const absl::StatusOr<RecordHeader> header = ParseRecordHeader(*tail);
  return header.ok() && rest - kRecordHeaderBytes < header->length;
}

absl::Status SpoolLog::Scan(const StateDir& state) {
  TOM_ASSIGN_OR_RETURN(const uint64_t size, SizeOf(fd_.get(), path_));
  while (size - end_ >= kRecordHeaderBytes) {
    TOM_ASSIGN_OR_RETURN(const std::string head, ReadAt(end_, kRecordHeaderBytes));
    const absl::StatusOr<RecordHeader> header = ParseRecordHeader(head);
    if (!header.ok() || size - end_ - kRecordHeaderBytes < header->length) break;
    TOM_ASSIGN_OR_RETURN(const std::string body, ReadAt(end_ + kRecordHeaderBytes, header->length));
    const bool rises = entries_.empty() || header->ordinal > entries_.back().ordinal;
    if (!RecordIsWhole(*header, body) || !rises) break;
    entries_.push_back({header->type, header->ordinal, end_ + kRecordHeaderBytes, header->length});
    end_ += kRecordHeaderBytes + header->length;
  }
  return end_ == size ? absl::OkStatus() : SetTailAside(state, size, IsTorn(size));
}

absl::Status SpoolLog::SetTailAside(const StateDir& state, uint64_t size, bool torn) {
  TOM_ASSIGN_OR_RETURN(const std::string folder, state.Folder("rejected"));
  const std::string aside = folder + "/spool-tail-" + RandomId();
  {
    TOM_ASSIGN_OR_RETURN(const OwnedFd out, OpenOwn(aside, O_WRONLY | O_CREAT | O_EXCL));
    for (uint64_t at = end_; at < size; at += kCopyBytes) {
      TOM_ASSIGN_OR_RETURN(const std::string part,
                           ReadAt(at, std::min<uint64_t>(kCopyBytes, size - at)));
      TOM_RETURN_IF_ERROR(WriteAll(out.get(), part, aside));
    }
    TOM_RETURN_IF_ERROR(SyncFile(out.get(), aside));
  }
  TOM_RETURN_IF_ERROR(SyncFolderOf(aside));
  notice_ = path_ + ": the last " + std::to_string(size - end_) + " bytes are " +
            (torn ? "an append that was cut off" : "damaged") + "; set aside as " + aside;
  if (torn) {
    if (ftruncate(fd_.get(), static_cast<off_t>(end_)) != 0) return FileError(path_, "cannot cut");
    return SyncFile(fd_.get(), path_);
  }
  // The good prefix and the note that something is missing appear together, or neither does.
  return Keep(entries_, true);
}

absl::StatusOr<uint64_t> SpoolLog::Append(RecordType type, std::string_view body, uint64_t least) {
  if (body.size() > kMaxRecordBytes) {
    return absl::ResourceExhaustedError(path_ + ": a record of " + std::to_string(body.size()) +
                                        " bytes is over the bound");
  }
  const uint64_t last = entries_.empty() ? 0 : entries_.back().ordinal;
  const uint64_t ordinal = std::max(last, least) + 1;
  const std::string record = EncodeRecord(type, ordinal, body);
  if (lseek(fd_.get(), static_cast<off_t>(end_), SEEK_SET) < 0)
    return FileError(path_, "cannot seek");
  absl::Status written = WriteAll(fd_.get(), record, path_);
  if (written.ok()) written = SyncFile(fd_.get(), path_);
  if (!written.ok()) {
    // What was written in part must not stand before the next record.
    if (ftruncate(fd_.get(), static_cast<off_t>(end_)) != 0) return FileError(path_, "cannot cut");
    return written;
  }
  entries_.push_back(
      {type, ordinal, end_ + kRecordHeaderBytes, static_cast<uint32_t>(body.size())});
  end_ += record.size();
  return ordinal;
}

absl::StatusOr<std::string> SpoolLog::ReadBody(const LogEntry& entry) const {
  TOM_ASSIGN_OR_RETURN(std::string body, ReadAt(entry.offset, entry.length));
  if (body.size() != entry.length) return absl::DataLossError(path_ + ": became shorter");
  return body;
}

absl::Status SpoolLog::Keep(const std::vector<LogEntry>& kept, bool note_corruption) {
  const std::string temporary = path_ + ".new";
  TOM_RETURN_IF_ERROR(RemoveFile(temporary));
  TOM_ASSIGN_OR_RETURN(OwnedFd out, OpenOwn(temporary, O_RDWR | O_CREAT | O_EXCL));
  std::vector<LogEntry> moved;
  uint64_t end = 0;
  for (const LogEntry& entry : kept) {
    TOM_ASSIGN_OR_RETURN(const std::string body, ReadBody(entry));
    const std::string record = EncodeRecord(entry.type, entry.ordinal, body);
    TOM_RETURN_IF_ERROR(WriteAll(out.get(), record, temporary));
    moved.push_back({entry.type, entry.ordinal, end + kRecordHeaderBytes, entry.length});
    end += record.size();
  }
  if (note_corruption) {
    const uint64_t ordinal = (kept.empty() ? 0 : kept.back().ordinal) + kOrdinalSkip;
    const std::string record = EncodeRecord(RecordType::kCorrupt, ordinal, "{}");
    TOM_RETURN_IF_ERROR(WriteAll(out.get(), record, temporary));
    moved.push_back({RecordType::kCorrupt, ordinal, end + kRecordHeaderBytes, 2});
    end += record.size();
  }
  TOM_RETURN_IF_ERROR(SyncFile(out.get(), temporary));
  if (rename(temporary.c_str(), path_.c_str()) != 0) return FileError(path_, "cannot replace");
  TOM_RETURN_IF_ERROR(SyncFolderOf(path_));
  fd_ = std::move(out);
  entries_ = std::move(moved);
  end_ = end;
  return absl::OkStatus();
}

}  // namespace tom
