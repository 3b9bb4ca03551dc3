// The ends of archives, by their own structure.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "checks/parse/archive_probe.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kChunk = 1 << 20;
constexpr uint64_t kMaxInflatedOutput = uint64_t{4} << 30;
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

// Reads members one after another; zlib checks each one's CRC and length.
class Inflater {
 public:
  Inflater() { ok_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // False: the data are wrong, or more comes out than the bound.
  bool Feed(const std::string& bytes) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    while (ok_ && stream_.avail_in > 0) {
      if (ended_ && !NextMember()) return ok_;
      stream_.next_out = out_->data();
      stream_.avail_out = static_cast<uInt>(out_->size());
      const int result = inflate(&stream_, Z_NO_FLUSH);
      produced_ += out_->size() - stream_.avail_out;
      ended_ = result == Z_STREAM_END;
      too_much_ = produced_ > kMaxInflatedOutput;
      ok_ = (result == Z_OK || ended_) && !too_much_;
    }
    return ok_;
  }

  bool ended() const { return ok_ && ended_; }
  bool too_much() const { return too_much_; }

 private:
  // Zeros may fill up the rest (gzip(1) takes them); false when nothing else is left in this input.
  bool NextMember() {
    while (stream_.avail_in > 0 && *stream_.next_in == 0) {
      ++stream_.next_in;
      --stream_.avail_in;
      padded_ = true;
    }
    if (stream_.avail_in == 0) return false;
    ok_ = !padded_ && inflateReset(&stream_) == Z_OK;
    ended_ = false;
    return ok_;
  }

  z_stream stream_{};
  std::unique_ptr<std::array<Bytef, 1 << 16>> out_ = std::make_unique<std::array<Bytef, 1 << 16>>();
  uint64_t produced_ = 0;
  bool ok_ = false;
  bool ended_ = false;
  bool padded_ = false;
  bool too_much_ = false;
};

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

ArchiveEnd GzipEnd(const ByteSource& read, uint64_t size, std::string& doubt) {
  if (size > kMaxInflatedInput) {
    doubt = "too large to be read through, and the end of a gzip file alone proves nothing";
    return std::optional<bool>();
  }
  Inflater inflater;
  for (uint64_t offset = 0; offset < size;) {
    TOM_ASSIGN_OR_RETURN(const std::string chunk, read(offset, kChunk));
    if (chunk.empty()) break;
    if (!inflater.Feed(chunk)) break;
    offset += chunk.size();
  }
  if (inflater.too_much()) {
    doubt = "inflates to more than the bound";
    return std::optional<bool>();
  }
  return std::optional<bool>(inflater.ended());
}

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

// The record at the end of the directory, with the comment that it announces (4.3.16).
ArchiveEnd ZipEnd(const ByteSource& read, uint64_t size, std::string&) {
  const uint64_t tail_size = std::min<uint64_t>(size, 65535 + 22);
  TOM_ASSIGN_OR_RETURN(const std::string tail, read(size - tail_size, tail_size));
  const size_t at = tail.rfind("PK\x05\x06");
  if (at == std::string::npos || tail.size() - at < 22) return std::optional<bool>(false);
  return std::optional<bool>(at + 22 + LittleEndian(tail.substr(at + 20, 2)) == tail.size());
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
  for (const char* mark :
       {"\n-- PostgreSQL database dump complete", "\n-- PostgreSQL database cluster dump complete",
        "\n-- Dump completed"}) {
    if (tail.find(mark) != std::string::npos) return std::optional<bool>(true);
  }
  return std::optional<bool>(false);
}

}  // namespace tom
