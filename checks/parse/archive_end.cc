// The ends of archives, by their own structure.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "checks/parse/archive_probe.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxDirectory = 8 << 20;
constexpr size_t kTarBlock = 512;
constexpr uint64_t kMaxTarPadding =
    1 << 20;  // tar fills up to its blocking factor, 10 KiB unless told

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

uint32_t Crc(std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

bool IsZeros(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

bool TarChecksumHolds(std::string_view block) {
  uint64_t sum = 0;
  for (size_t i = 0; i < block.size(); ++i) {
    sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(block[i]);
  }
  return std::strtoull(std::string(block.substr(148, 8)).c_str(), nullptr, 8) == sum;
}

// Octal, or GNU's base 256.
uint64_t TarSize(std::string_view block) {
  const std::string_view field = block.substr(124, 12);
  if ((static_cast<unsigned char>(field[0]) & 0x80) != 0) return BigEndian(field.substr(4));
  return std::strtoull(std::string(field).c_str(), nullptr, 8);
}

}  // namespace

// The footer names the index's size and guards itself with a CRC, the index another one (2.1.2 of
// the format).
ArchiveEnd XzEnd(const ByteSource& read, uint64_t size, std::string&) {
  uint64_t end = size;
  for (int i = 0; i < 64 && end >= 32; ++i, end -= 4) {  // padding in fours
    TOM_ASSIGN_OR_RETURN(const std::string pad, read(end - 4, 4));
    if (!IsZeros(pad)) break;
  }
  if (end < 32 || end % 4 != 0) return std::optional<bool>(false);
  TOM_ASSIGN_OR_RETURN(const std::string footer, read(end - 12, 12));
  if (footer.size() != 12 || footer.substr(10) != "YZ" ||
      LittleEndian(footer.substr(0, 4)) != Crc(std::string_view(footer).substr(4, 6))) {
    return std::optional<bool>(false);
  }
  const uint64_t index_size = (LittleEndian(footer.substr(4, 4)) + 1) * 4;
  if (index_size + 24 > end || index_size > (16 << 20)) return std::optional<bool>(false);
  TOM_ASSIGN_OR_RETURN(const std::string index, read(end - 12 - index_size, index_size));
  if (index.size() != index_size || index[0] != '\0') return std::optional<bool>(false);
  const std::string_view body = std::string_view(index).substr(0, index_size - 4);
  return std::optional<bool>(LittleEndian(index.substr(index_size - 4)) == Crc(body));
}

namespace {

// One frame from `offset`, which is moved behind it; false: it breaks off.
absl::StatusOr<bool> WalkZstdFrame(const ByteSource& read, uint64_t size, uint64_t& offset,
                                   int& steps) {
  TOM_ASSIGN_OR_RETURN(const std::string head, read(offset, 18));
  if (head.size() < 8) return false;
  const uint64_t magic = LittleEndian(head.substr(0, 4));
  if (magic >= 0x184D2A50 && magic <= 0x184D2A5F) {  // a skippable frame
    offset += 8 + LittleEndian(head.substr(4, 4));
    return offset <= size;
  }
  if (magic != 0xFD2FB528) return false;
  const auto descriptor = static_cast<unsigned char>(head[4]);
  const bool single = (descriptor & 0x20) != 0;
  constexpr std::array<size_t, 4> kSizes = {0, 2, 4, 8};
  constexpr std::array<size_t, 4> kDictionary = {0, 1, 2, 4};
  const size_t content = descriptor >> 6 == 0 ? (single ? 1 : 0) : kSizes[descriptor >> 6];
  offset += 5 + (single ? 0 : 1) + kDictionary[descriptor & 3] + content;
  for (bool last = false; !last;) {
    if (++steps > kMaxArchiveSteps) return absl::OutOfRangeError("");
    TOM_ASSIGN_OR_RETURN(const std::string block, read(offset, 3));
    if (block.size() != 3) return false;
    const uint64_t header = LittleEndian(block);
    const uint64_t type = header >> 1 & 3;
    last = (header & 1) != 0;
    if (type == 3) return false;
    offset += 3 + (type == 1 ? 1 : header >> 3);
    if (offset > size) return false;
  }
  offset += (descriptor & 0x04) != 0 ? 4 : 0;
  return offset <= size;
}

}  // namespace

ArchiveEnd ZstdEnd(const ByteSource& read, uint64_t size, std::string& doubt) {
  int steps = 0;
  for (uint64_t offset = 0; offset < size;) {
    const auto whole = WalkZstdFrame(read, size, offset, ++steps);
    if (absl::IsOutOfRange(whole.status()) || steps > kMaxArchiveSteps) {
      doubt = "more blocks than the bound allows to walk";
      return std::optional<bool>();
    }
    if (!whole.ok()) return whole.status();
    if (!*whole) return std::optional<bool>(false);
  }
  return std::optional<bool>(true);
}

ArchiveEnd TarEnd(const ByteSource& read, uint64_t size, std::string& doubt) {
  uint64_t offset = 0;
  for (int members = 0; members < kMaxArchiveSteps; ++members) {
    TOM_ASSIGN_OR_RETURN(const std::string block, read(offset, 2 * kTarBlock));
    if (block.size() >= 2 * kTarBlock && IsZeros(block)) {
      if (size - offset <= kMaxTarPadding) return std::optional<bool>(true);
      doubt = "goes on for long after the end of the archive";
      return std::optional<bool>();
    }
    const std::string_view header = std::string_view(block).substr(0, kTarBlock);
    if (header.size() < kTarBlock || !TarChecksumHolds(header)) return std::optional<bool>(false);
    const char type = header[156];
    const bool without_data = type >= '1' && type <= '6';
    const uint64_t data = without_data ? 0 : TarSize(header);
    if (data > size) return std::optional<bool>(false);
    offset += kTarBlock + (data + kTarBlock - 1) / kTarBlock * kTarBlock;
  }
  doubt = "more members than the bound allows to walk";
  return std::optional<bool>();
}

namespace {

struct ZipDirectory {
  uint64_t offset = 0;
  uint64_t bytes = 0;
  uint64_t end = 0;    // where its end's record begins
  bool large = false;  // zip64: the numbers stand elsewhere
};

// By the record at the end, with the comment that it announces (4.3.16). Nothing: there is none.
absl::StatusOr<std::optional<ZipDirectory>> FindZipDirectory(const ByteSource& read,
                                                             uint64_t size) {
  const uint64_t tail_size = std::min<uint64_t>(size, 65535 + 22);
  TOM_ASSIGN_OR_RETURN(const std::string tail, read(size - tail_size, tail_size));
  const size_t at = tail.rfind("PK\x05\x06");
  if (at == std::string::npos || tail.size() - at < 22 ||
      at + 22 + LittleEndian(tail.substr(at + 20, 2)) != tail.size()) {
    return std::optional<ZipDirectory>();
  }
  ZipDirectory directory{LittleEndian(tail.substr(at + 16, 4)),
                         LittleEndian(tail.substr(at + 12, 4)), size - tail_size + at, false};
  directory.large = directory.offset == 0xffffffff || directory.bytes == 0xffffffff;
  return std::optional<ZipDirectory>(directory);
}

}  // namespace

ArchiveEnd ZipEnd(const ByteSource& read, uint64_t size, std::string&) {
  TOM_ASSIGN_OR_RETURN(const std::optional<ZipDirectory> directory, FindZipDirectory(read, size));
  if (!directory) return std::optional<bool>(false);
  return std::optional<bool>(directory->large ||
                             directory->offset + directory->bytes == directory->end);
}

std::optional<bool> ZipEncrypted(const ByteSource& read, uint64_t size) {
  constexpr size_t kEntry = 46;
  constexpr uint64_t kAesMethod = 99;
  const auto directory = FindZipDirectory(read, size);
  if (!directory.ok() || !*directory || (*directory)->large ||
      (*directory)->bytes > kMaxDirectory) {
    return std::nullopt;
  }
  const auto bytes = read((*directory)->offset, (*directory)->bytes);
  if (!bytes.ok()) return std::nullopt;
  std::string_view left = *bytes;
  bool any = false;
  bool weak = false;  // PKZIP's own cipher, which known plain text breaks
  while (left.size() >= kEntry && left.starts_with("PK\x01\x02")) {
    const bool filled = LittleEndian(left.substr(24, 4)) > 0;
    if (filled && (LittleEndian(left.substr(8, 2)) & 1) == 0) return false;
    any = any || filled;
    weak = weak || (filled && LittleEndian(left.substr(10, 2)) != kAesMethod);
    const size_t more = LittleEndian(left.substr(28, 2)) + LittleEndian(left.substr(30, 2)) +
                        LittleEndian(left.substr(32, 2));
    left.remove_prefix(std::min(kEntry + more, left.size()));
  }
  return any && !weak && left.empty() ? std::optional<bool>(true) : std::nullopt;
}

ArchiveEnd SqliteEnd(const ByteSource& read, uint64_t size, std::string& doubt) {
  TOM_ASSIGN_OR_RETURN(const std::string head, read(0, 100));
  if (head.size() < 100) return std::optional<bool>(false);
  const uint64_t raw = BigEndian(head.substr(16, 2));
  const uint64_t page = raw == 1 ? 65536 : raw;
  if (head.substr(24, 4) != head.substr(92, 4)) {  // an old writer: the count of pages is not kept
    doubt = "the database does not say how long it is";
    return std::optional<bool>();
  }
  return std::optional<bool>(page >= 512 && BigEndian(head.substr(28, 4)) * page == size);
}

// What pg_dump, pg_dumpall and mysqldump write last.
ArchiveEnd SqlEnd(const ByteSource& read, uint64_t size, std::string&) {
  const uint64_t tail_size = std::min<uint64_t>(size, 512);
  TOM_ASSIGN_OR_RETURN(const std::string tail, read(size - tail_size, tail_size));
  return std::optional<bool>(EndsAsSqlDump(tail));
}

bool EndsAsSqlDump(std::string_view tail) {
  constexpr std::array<std::string_view, 3> kMarks = {
      "\n-- PostgreSQL database dump complete", "\n-- PostgreSQL database cluster dump complete",
      "\n-- Dump completed"};
  return std::any_of(kMarks.begin(), kMarks.end(), [&](std::string_view mark) {
    return tail.find(mark) != std::string_view::npos;
  });
}

}  // namespace tom
