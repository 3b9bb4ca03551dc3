// The ends of archives, by their own structure.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "checks/parse/archive_probe.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kTextPiece = 1 << 20;
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

std::optional<bool> NothingIn(std::string& doubt) {
  doubt = "nothing is in it";
  return false;
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

ArchiveEnd TarEnd(const ByteSource& read, uint64_t size, std::string& doubt,
                  const MemberSink& sink) {
  constexpr size_t kWindow = 16 * kTarBlockBytes;
  TarWalk walk(sink);
  uint64_t offset = 0;
  uint64_t start = 0;
  std::string window;
  while (walk.state() == TarWalk::State::kMembers) {
    if (walk.members() > kMaxArchiveSteps) {
      doubt = "more members than the bound allows to walk";
      return std::optional<bool>();
    }
    if (offset < start || offset + kTarBlockBytes > start + window.size()) {
      TOM_ASSIGN_OR_RETURN(window, read(offset, kWindow));
      start = offset;
    }
    if (window.size() < offset - start + kTarBlockBytes) return std::optional<bool>(false);
    walk.TakeBlock(std::string_view(window).substr(offset - start, kTarBlockBytes));
    const uint64_t skip = walk.TakeSkip();
    if (skip > size) return std::optional<bool>(false);
    offset += kTarBlockBytes + skip;
  }
  if (walk.state() == TarWalk::State::kBroken) return std::optional<bool>(false);
  if (walk.members() == 0) return NothingIn(doubt);
  if (size - std::min(offset, size) <= kMaxTarPadding) return std::optional<bool>(true);
  doubt = "goes on for long after the end of the archive";
  return std::optional<bool>();
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

// What pg_dump, pg_dumpall and mysqldump write last, and no NUL before, which none of them writes:
// it stands where blocks of the file never came to the disk.
ArchiveEnd SqlEnd(const ByteSource& read, uint64_t size, std::string& doubt) {
  const uint64_t tail_size = std::min<uint64_t>(size, 512);
  TOM_ASSIGN_OR_RETURN(const std::string tail, read(size - tail_size, tail_size));
  if (!EndsAsSqlDump(tail)) return std::optional<bool>(false);
  for (uint64_t offset = 0; offset < std::min(size, kMaxInflatedInput); offset += kTextPiece) {
    TOM_ASSIGN_OR_RETURN(const std::string part, read(offset, kTextPiece));
    if (part.find('\0') == std::string::npos) continue;
    doubt = "zeros are in it";
    return std::optional<bool>(false);
  }
  if (size <= kMaxInflatedInput) return std::optional<bool>(true);
  doubt = TooLargeToReadThrough();
  return std::optional<bool>();
}

std::string TooLargeToReadThrough() {
  return "too large to be read through: only up to " + std::to_string(kMaxInflatedInput >> 20) +
         " MiB are";
}

// The last member of cpio's archives, then zeros up to a block.
ArchiveEnd CpioEnd(const ByteSource& read, uint64_t size, std::string&) {
  const uint64_t tail_size = std::min<uint64_t>(size, 1024);
  TOM_ASSIGN_OR_RETURN(const std::string tail, read(size - tail_size, tail_size));
  return std::optional<bool>(EndsAsCpio(tail));
}

bool EndsAsCpio(std::string_view tail) {
  const size_t at = tail.rfind("TRAILER!!!");
  return at != std::string_view::npos && IsZeros(tail.substr(at + 10));
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
