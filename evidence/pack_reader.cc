#include "evidence/pack_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <set>
#include <utility>

#include "evidence/status_text.h"
#include "evidence/zip_layout.h"

namespace tom {
namespace {

constexpr size_t kChunkBytes = 256 << 10;

absl::Status OpenError(const std::string& path, int error) {
  const std::string text = path + ": " + std::strerror(error);
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(text);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(text);
  return absl::FailedPreconditionError(text);
}

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

std::string LowerCase(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

absl::Status CheckPart(std::string_view part) {
  if (part.empty()) return BadData("a name with an empty part");
  if (part == "." || part == "..") return BadData("a name with a part . or ..");
  if (!std::all_of(part.begin(), part.end(), IsNameByte)) {
    return BadData("a name with a byte outside [A-Za-z0-9._/-]");
  }
  return absl::OkStatus();
}

// `bytes` in pieces to `take`, and their CRC-32.
absl::StatusOr<uint32_t> Stream(int fd, uint64_t offset, uint32_t bytes,
                                const std::function<void(std::string_view)>& take) {
  std::string chunk(std::min<size_t>(kChunkBytes, bytes), '\0');
  uint32_t crc = 0;
  for (uint32_t done = 0; done < bytes;) {
    const size_t want = std::min<size_t>(chunk.size(), bytes - done);
    const ssize_t got = pread(fd, chunk.data(), want, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return absl::DataLossError("the file shrank or could not be read");
    take(std::string_view(chunk).substr(0, static_cast<size_t>(got)));
    crc = static_cast<uint32_t>(
        crc32(crc, reinterpret_cast<const Bytef*>(chunk.data()), static_cast<uInt>(got)));
    done += static_cast<uint32_t>(got);
  }
  return crc;
}

}  // namespace

absl::Status CheckPackName(std::string_view name) {
  if (name.empty() || name.size() > kMaxPackNameBytes) {
    return BadData("a name of " + std::to_string(name.size()) + " bytes");
  }
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('/', begin), name.size());
    TOM_RETURN_IF_ERROR(CheckPart(name.substr(begin, end - begin)));
    begin = end + 1;
  }
  return absl::OkStatus();
}

PackReader::~PackReader() {
  if (fd_ >= 0) close(fd_);
}

PackReader::PackReader(PackReader&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      file_bytes_(other.file_bytes_),
      names_(std::move(other.names_)),
      entries_(std::move(other.entries_)) {}

PackReader& PackReader::operator=(PackReader&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(file_bytes_, other.file_bytes_);
  names_.swap(other.names_);
  entries_.swap(other.entries_);
  return *this;
}

absl::StatusOr<PackReader> PackReader::Open(const std::string& path) {
  // O_NONBLOCK: a FIFO must not hold the verifier.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return OpenError(path, errno);
  PackReader reader(fd);
  struct stat info {};
  if (fstat(fd, &info) != 0) return OpenError(path, errno);
  if (!S_ISREG(info.st_mode))
    return absl::FailedPreconditionError(ToAbsl(path + ": no regular file"));
  reader.file_bytes_ = static_cast<uint64_t>(info.st_size);
  TOM_RETURN_IF_ERROR(reader.ReadDirectory());
  return reader;
}

absl::StatusOr<std::string> PackReader::ReadAt(uint64_t offset, size_t bytes) const {
  if (offset > file_bytes_ || bytes > file_bytes_ - offset) {
    return BadData("a record reaches past the end of the file");
  }
  std::string out;
  out.reserve(bytes);
  const auto crc = Stream(fd_, offset, static_cast<uint32_t>(bytes),
                          [&out](std::string_view piece) { out.append(piece); });
  if (!crc.ok()) return crc.status();
  return out;
}

absl::Status PackReader::ReadDirectory() {
  if (file_bytes_ < zip::kEndBytes || file_bytes_ > kMaxPackBytes) {
    return BadData("a file of " + std::to_string(file_bytes_) + " bytes is no pack");
  }
  const uint64_t end_offset = file_bytes_ - zip::kEndBytes;
  TOM_ASSIGN_OR_RETURN(const std::string end, ReadAt(end_offset, zip::kEndBytes));
  const uint16_t count = zip::Read16(end, 10);
  const uint32_t directory_bytes = zip::Read32(end, 12);
  const uint32_t directory_offset = zip::Read32(end, 16);
  if (end != zip::EndRecord(count, directory_bytes, directory_offset)) {
    return BadData("the file does not end with a plain end-of-directory record");
  }
  if (count == 0 || count > kMaxPackEntries) return BadData("a number of entries out of bounds");
  if (uint64_t{directory_offset} + directory_bytes != end_offset) {
    return BadData("bytes between the directory and its end record");
  }
  TOM_ASSIGN_OR_RETURN(const std::string directory, ReadAt(directory_offset, directory_bytes));
  uint64_t next = 0;  // where the next entry's local header must begin
  std::string_view rest = directory;
  for (int i = 0; i < count; ++i) {
    if (rest.size() < zip::kCentralBytes) return BadData("the directory ends early");
    const size_t name_bytes = zip::Read16(rest, 28);
    if (rest.size() < zip::kCentralBytes + name_bytes) return BadData("the directory ends early");
    const std::string_view record = rest.substr(0, zip::kCentralBytes + name_bytes);
    TOM_RETURN_IF_ERROR(AddEntry(record, record.substr(zip::kCentralBytes), next));
    rest.remove_prefix(record.size());
  }
  if (!rest.empty()) return BadData("bytes in the directory that belong to no entry");
  if (next != directory_offset) return BadData("bytes between the last entry and the directory");
  std::set<std::string> folded;
  for (const std::string& name : names_) {
    if (!folded.insert(LowerCase(name)).second) {
      return BadData("two entries whose names differ at most in case: " + name);
    }
  }
  TOM_ASSIGN_OR_RETURN(const std::string mimetype, Read(names_.front(), kPackMimetype.size()));
  if (names_.front() != "mimetype" || mimetype != kPackMimetype) {
    return BadData("the first entry is not the mimetype of ASiC-E");
  }
  return absl::OkStatus();
}

absl::Status PackReader::AddEntry(std::string_view record, std::string_view name, uint64_t& next) {
  TOM_RETURN_IF_ERROR(CheckPackName(name));
  const Entry entry{next + zip::kLocalBytes + name.size(), zip::Read32(record, 24),
                    zip::Read32(record, 16)};
  const std::string where(name);
  if (zip::Read32(record, 42) != next) {
    return BadData(where + ": entries do not follow each other without gap or overlap");
  }
  if (record != zip::CentralHeader(name, entry.crc, entry.size, static_cast<uint32_t>(next))) {
    return BadData(
        where +
        ": not a plain stored entry (compression, flags, date, mode, extra data or comment)");
  }
  const auto local = ReadAt(next, zip::kLocalBytes + name.size());
  if (!local.ok()) return Annotate(local.status(), where);
  if (*local != zip::LocalHeader(name, entry.crc, entry.size)) {
    return BadData(where + ": local and central header differ");
  }
  next = entry.data + entry.size;
  if (next > file_bytes_) return BadData(where + ": reaches past the end of the file");
  if (!entries_.emplace(where, entry).second) return BadData(where + ": there twice");
  names_.push_back(where);
  return absl::OkStatus();
}

absl::StatusOr<std::string> PackReader::Read(const std::string& name, size_t max_bytes) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return absl::NotFoundError(ToAbsl(name + ": not in the pack"));
  const Entry& entry = found->second;
  if (entry.size > max_bytes) return BadData(name + ": too large to be read");
  std::string out;
  out.reserve(entry.size);
  TOM_ASSIGN_OR_RETURN(
      const uint32_t crc,
      Stream(fd_, entry.data, entry.size, [&out](std::string_view piece) { out.append(piece); }));
  if (crc != entry.crc) return BadData(name + ": its checksum differs");
  return out;
}

absl::StatusOr<Digest> PackReader::DigestOf(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return absl::NotFoundError(ToAbsl(name + ": not in the pack"));
  Sha256Stream sha;
  TOM_ASSIGN_OR_RETURN(const uint32_t crc,
                       Stream(fd_, found->second.data, found->second.size,
                              [&sha](std::string_view piece) { sha.Add(piece); }));
  if (crc != found->second.crc) return BadData(name + ": its checksum differs");
  return sha.Finish();
}

}  // namespace tom
