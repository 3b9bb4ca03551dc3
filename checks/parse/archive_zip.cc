// Zip archives: PKWARE's APPNOTE.
#include <zlib.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "checks/parse/archive_probe.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr uint64_t kMaxDirectory = 8 << 20;
constexpr size_t kPiece = 128 << 10;
constexpr uint64_t kMaxOutput = uint64_t{2} << 30;
constexpr uint64_t kInZip64 = 0xffffffff;

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

uint64_t NumberAt(std::string_view bytes, size_t at, size_t count) {
  return LittleEndian(bytes.substr(std::min(at, bytes.size()), count));
}

struct ZipDirectory {
  uint64_t offset = 0;
  uint64_t bytes = 0;
  uint64_t entries = 0;
  uint64_t end = 0;  // where the first of the records behind it begins
};

struct ZipEntry {
  uint64_t flags = 0;
  uint64_t method = 0;
  uint64_t crc = 0;
  uint64_t packed = 0;
  uint64_t size = 0;
  uint64_t offset = 0;
  std::string name;

  bool encrypted() const { return (flags & 1) != 0; }
};

// The 64 bit numbers in place of those that the old record has no room for (4.3.14, 4.3.15).
absl::StatusOr<bool> ReadZip64(const ByteSource& read, ZipDirectory& directory) {
  if (directory.end < 20 + 56) return false;
  TOM_ASSIGN_OR_RETURN(const std::string locator, read(directory.end - 20, 20));
  if (!locator.starts_with("PK\x06\x07")) return false;
  const uint64_t at = NumberAt(locator, 8, 8);
  if (at > directory.end - 20 - 56) return false;
  TOM_ASSIGN_OR_RETURN(const std::string record, read(at, 56));
  if (record.size() < 56 || !record.starts_with("PK\x06\x06")) return false;
  directory.entries = NumberAt(record, 32, 8);
  directory.bytes = NumberAt(record, 40, 8);
  directory.offset = NumberAt(record, 48, 8);
  directory.end = at;
  return true;
}

// By the record at the end, with the comment that it announces (4.3.16). Nothing: there is none, or
// it is not followed by what it says.
absl::StatusOr<std::optional<ZipDirectory>> FindZipDirectory(const ByteSource& read,
                                                             uint64_t size) {
  const uint64_t tail_size = std::min<uint64_t>(size, 65535 + 22);
  TOM_ASSIGN_OR_RETURN(const std::string tail, read(size - tail_size, tail_size));
  const size_t at = tail.rfind("PK\x05\x06");
  if (at == std::string::npos || tail.size() - at < 22 ||
      at + 22 + NumberAt(tail, at + 20, 2) != tail.size()) {
    return std::optional<ZipDirectory>();
  }
  ZipDirectory directory{NumberAt(tail, at + 16, 4), NumberAt(tail, at + 12, 4),
                         NumberAt(tail, at + 10, 2), size - tail_size + at};
  const bool large = directory.offset == kInZip64 || directory.bytes == kInZip64 ||
                     directory.entries == 0xffff ||
                     directory.offset + directory.bytes != directory.end;
  if (large) {
    TOM_ASSIGN_OR_RETURN(const bool found, ReadZip64(read, directory));
    if (!found) return std::optional<ZipDirectory>();
  }
  if (directory.bytes > directory.end || directory.offset > directory.end - directory.bytes ||
      directory.offset + directory.bytes != directory.end) {
    return std::optional<ZipDirectory>();
  }
  return std::optional<ZipDirectory>(directory);
}

// The extra field 0x0001 (4.5.3): those of the numbers that have no room in their places.
void TakeZip64(std::string_view extra, ZipEntry& entry) {
  while (extra.size() >= 4) {
    const uint64_t bytes = NumberAt(extra, 2, 2);
    std::string_view data = extra.substr(4, bytes);
    if (NumberAt(extra, 0, 2) == 1) {
      for (uint64_t* number : {&entry.size, &entry.packed, &entry.offset}) {
        if (*number != kInZip64 || data.size() < 8) continue;
        *number = LittleEndian(data.substr(0, 8));
        data.remove_prefix(8);
      }
    }
    extra.remove_prefix(std::min<size_t>(4 + bytes, extra.size()));
  }
}

// Nothing: it is no directory of as many entries as were told, or larger than the bound.
absl::StatusOr<std::optional<std::vector<ZipEntry>>> ReadEntries(const ByteSource& read,
                                                                 const ZipDirectory& directory) {
  constexpr size_t kEntry = 46;
  std::vector<ZipEntry> entries;
  TOM_ASSIGN_OR_RETURN(const std::string bytes, read(directory.offset, directory.bytes));
  std::string_view left = bytes;
  while (left.size() >= kEntry && left.starts_with("PK\x01\x02")) {
    const size_t name = NumberAt(left, 28, 2);
    const size_t extra = NumberAt(left, 30, 2);
    const size_t whole = kEntry + name + extra + NumberAt(left, 32, 2);
    if (whole > left.size()) return std::optional<std::vector<ZipEntry>>();
    ZipEntry& one = entries.emplace_back(ZipEntry{
        NumberAt(left, 8, 2), NumberAt(left, 10, 2), NumberAt(left, 16, 4), NumberAt(left, 20, 4),
        NumberAt(left, 24, 4), NumberAt(left, 42, 4), std::string(left.substr(kEntry, name))});
    TakeZip64(left.substr(kEntry + name, extra), one);
    left.remove_prefix(whole);
  }
  if (!left.empty() || entries.size() != directory.entries) {
    return std::optional<std::vector<ZipEntry>>();
  }
  return std::optional<std::vector<ZipEntry>>(std::move(entries));
}

enum class Content { kWhole, kDamaged, kNotKnown };

// One member's bytes, unpacked where that is needed, counted and summed up.
class Summed {
 public:
  explicit Summed(bool deflated) : deflated_(deflated) {
    if (deflated_) ready_ = inflateInit2(&stream_, -15) == Z_OK;
  }
  ~Summed() {
    if (deflated_) inflateEnd(&stream_);
  }
  Summed(const Summed&) = delete;
  Summed& operator=(const Summed&) = delete;

  // False: wrong bytes, or more of them than `most`.
  bool Add(std::string_view bytes, uint64_t most) {
    if (!deflated_) {
      Count(bytes);
      return size_ <= most;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    while (ready_ && (stream_.avail_in > 0 || !room_left_) && !ended_) {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      const int code = inflate(&stream_, Z_NO_FLUSH);
      room_left_ = stream_.avail_out > 0;
      Count({buffer_.data(), buffer_.size() - stream_.avail_out});
      ended_ = code == Z_STREAM_END;
      if ((code != Z_OK && !ended_ && code != Z_BUF_ERROR) || size_ > most) return false;
    }
    return ready_ && stream_.avail_in == 0;
  }
  bool Is(const ZipEntry& entry) const {
    return size_ == entry.size && crc_ == entry.crc && (ended_ || !deflated_);
  }

 private:
  void Count(std::string_view bytes) {
    size_ += bytes.size();
    crc_ =
        crc32(crc_, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
  }

  bool deflated_;
  bool ready_ = true;
  bool ended_ = false;
  bool room_left_ = true;
  z_stream stream_{};
  std::string buffer_ = std::string(kPiece, '\0');
  uint64_t size_ = 0;
  uLong crc_ = 0;
};

absl::StatusOr<Content> ReadMember(const ByteSource& read, const ZipDirectory& directory,
                                   const ZipEntry& entry) {
  constexpr uint64_t kLocal = 30;
  constexpr uint64_t kStored = 0;
  constexpr uint64_t kDeflated = 8;
  if (entry.offset > directory.offset) return Content::kDamaged;
  TOM_ASSIGN_OR_RETURN(const std::string local, read(entry.offset, kLocal));
  if (local.size() < kLocal || !local.starts_with("PK\x03\x04")) return Content::kDamaged;
  const uint64_t begin = entry.offset + kLocal + NumberAt(local, 26, 2) + NumberAt(local, 28, 2);
  if (begin > directory.offset || entry.packed > directory.offset - begin) return Content::kDamaged;
  if (entry.encrypted()) return Content::kWhole;  // no more can be seen of it
  if (entry.method != kStored && entry.method != kDeflated) return Content::kNotKnown;
  Summed sum(entry.method == kDeflated);
  for (uint64_t done = 0; done < entry.packed;) {
    TOM_ASSIGN_OR_RETURN(const std::string part,
                         read(begin + done, std::min<uint64_t>(kPiece, entry.packed - done)));
    if (part.empty() || !sum.Add(part, entry.size)) return Content::kDamaged;
    done += part.size();
  }
  return sum.Is(entry) ? Content::kWhole : Content::kDamaged;
}

}  // namespace

ArchiveEnd ZipEnd(const ByteSource& read, uint64_t size, std::string& doubt,
                  const MemberSink& sink) {
  TOM_ASSIGN_OR_RETURN(const std::optional<ZipDirectory> directory, FindZipDirectory(read, size));
  if (!directory) return std::optional<bool>(false);
  if (directory->bytes > kMaxDirectory) {
    doubt = "its directory is larger than the bound";
    return std::optional<bool>();
  }
  TOM_ASSIGN_OR_RETURN(const auto entries, ReadEntries(read, *directory));
  if (!entries) return std::optional<bool>(false);
  uint64_t output = 0;
  for (const ZipEntry& entry : *entries) {
    if (sink) sink({entry.name, entry.name.ends_with('/'), false});
    output += std::min(entry.size, kMaxOutput);
    if (size > kMaxInflatedInput || output > kMaxOutput) {
      doubt = TooLargeToReadThrough();
      continue;
    }
    TOM_ASSIGN_OR_RETURN(const Content content, ReadMember(read, *directory, entry));
    if (content == Content::kDamaged) {
      doubt = "a file in it is damaged";
      return std::optional<bool>(false);
    }
    if (content == Content::kNotKnown) doubt = "it is packed in a way that is not read through";
  }
  return doubt.empty() ? std::optional<bool>(true) : std::optional<bool>();
}

std::optional<bool> ZipEncrypted(const ByteSource& read, uint64_t size) {
  constexpr uint64_t kAesMethod = 99;
  const auto directory = FindZipDirectory(read, size);
  if (!directory.ok() || !*directory || (*directory)->bytes > kMaxDirectory) return std::nullopt;
  const auto entries = ReadEntries(read, **directory);
  if (!entries.ok() || !*entries) return std::nullopt;
  bool any = false;
  bool weak = false;  // PKZIP's own cipher, which known plain text breaks
  for (const ZipEntry& entry : **entries) {
    const bool filled = entry.size > 0;
    if (filled && !entry.encrypted()) return false;
    any = any || filled;
    weak = weak || (filled && entry.method != kAesMethod);
  }
  return any && !weak ? std::optional<bool>(true) : std::nullopt;
}

}  // namespace tom
