// The ends of 7z archives, OpenPGP messages and pg_dump's custom format, by their own structure.
#include <zlib.h>

#include <algorithm>
#include <array>

#include "checks/parse/archive_probe.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxHeader = 8 << 20;
constexpr size_t kMaxTocBytes = 8 << 20;

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

uint32_t Crc(std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

// pg_backup_archiver.c of PostgreSQL: integers are a sign and `int_bytes` bytes, strings a length
// and their bytes.
class DumpReader {
 public:
  DumpReader(const ByteSource& read, uint64_t size) : read_(read), size_(size) {}

  bool ok() const { return ok_; }
  uint64_t at() const { return start_ + offset_; }
  const absl::Status& status() const { return status_; }
  void SetIntBytes(size_t bytes) { int_bytes_ = bytes; }

  std::string_view Bytes(size_t count) {
    if (ok_ && offset_ + count > window_.size() && !Refill(count)) return {};
    if (!ok_) return {};
    const std::string_view bytes = std::string_view(window_).substr(offset_, count);
    offset_ += count;
    return bytes;
  }
  int Byte() {
    const std::string_view byte = Bytes(1);
    return byte.empty() ? 0 : static_cast<unsigned char>(byte[0]);
  }
  int64_t Int() {
    const int sign = Byte();
    const auto value = static_cast<int64_t>(LittleEndian(Bytes(int_bytes_)));
    return sign != 0 ? -value : value;
  }
  // False: it is absent.
  bool Text(std::string* text = nullptr) {
    const int64_t length = Int();
    if (length < 0) return false;
    if (static_cast<uint64_t>(length) > kMaxTocBytes) {
      ok_ = false;
      return false;
    }
    const std::string_view bytes = Bytes(static_cast<size_t>(length));
    if (text != nullptr) *text = std::string(bytes);
    return ok_;
  }
  void Skip(uint64_t count) {
    const uint64_t target = at() + count;
    if (target > size_) ok_ = false;
    if (!ok_) return;
    if (target <= start_ + window_.size()) {
      offset_ += count;
      return;
    }
    start_ = target;
    offset_ = 0;
    window_.clear();
  }

 private:
  bool Refill(size_t count) {
    start_ += offset_;
    offset_ = 0;
    auto window = read_(start_, std::max<size_t>(count, 256 << 10));
    if (!window.ok()) {
      status_ = window.status();
      ok_ = false;
      return false;
    }
    window_ = *std::move(window);
    ok_ = window_.size() >= count;
    return ok_;
  }

  const ByteSource& read_;
  uint64_t size_;
  uint64_t start_ = 0;
  size_t offset_ = 0;
  std::string window_;
  size_t int_bytes_ = 4;
  bool ok_ = true;
  absl::Status status_;
};

enum class Packing { kNone, kZlib, kOther };

// Version 1.10 (PostgreSQL 8.0) to 1.16 (17); the head up to the table of contents.
bool ReadDumpHead(DumpReader& dump, int& minor, size_t& offset_bytes, Packing& packing) {
  dump.Skip(5);
  const int major = dump.Byte();
  minor = dump.Byte();
  dump.Byte();
  const int int_bytes = dump.Byte();
  offset_bytes = static_cast<size_t>(dump.Byte());
  const int format = dump.Byte();
  if (major != 1 || minor < 10 || minor > 16 || format != 1 || int_bytes < 1 || int_bytes > 8 ||
      offset_bytes < 1 || offset_bytes > 8) {
    return false;
  }
  dump.SetIntBytes(static_cast<size_t>(int_bytes));
  if (minor >= 15) {
    const int method = dump.Byte();
    packing = method == 0 ? Packing::kNone : method == 1 ? Packing::kZlib : Packing::kOther;
  } else {
    packing = dump.Int() == 0 ? Packing::kNone : Packing::kZlib;
  }
  for (int i = 0; i < 7; ++i) dump.Int();  // when it was made
  for (int i = 0; i < 3; ++i) dump.Text();
  return dump.ok();
}

// Of one entry: whether data follow for it.
bool ReadDumpEntry(DumpReader& dump, int minor, size_t offset_bytes) {
  constexpr int kNoData = 3;
  dump.Int();
  const bool has_data = dump.Int() != 0;
  for (int i = 0; i < 4; ++i) dump.Text();
  if (minor >= 11) dump.Int();
  for (int i = 0; i < 5; ++i) dump.Text();
  if (minor >= 14) dump.Text();
  if (minor >= 16) dump.Int();
  for (int i = 0; i < 2; ++i) dump.Text();
  for (int i = 0; dump.ok() && i < kMaxArchiveSteps && dump.Text(); ++i) {
  }
  const int flag = dump.Byte();
  dump.Skip(offset_bytes);
  return has_data && flag != kNoData;
}

// What the chunks of one block hold: a stream of zlib, or lines of text.
class Inside {
 public:
  explicit Inside(Packing packing) : packing_(packing) {
    if (packing_ == Packing::kZlib) good_ = inflateInit(&stream_) == Z_OK;
  }
  ~Inside() {
    if (packing_ == Packing::kZlib) inflateEnd(&stream_);
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  void Add(std::string_view bytes) {
    any_ = any_ || !bytes.empty();
    if (packing_ != Packing::kZlib) return;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    while (good_ && stream_.avail_in > 0 && !ended_) {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      const int code = inflate(&stream_, Z_NO_FLUSH);
      ended_ = code == Z_STREAM_END;
      good_ = ended_ || code == Z_OK;
      produced_ += buffer_.size() - stream_.avail_out;
    }
    good_ = good_ && stream_.avail_in == 0;
  }
  bool Whole() const { return good_ && (packing_ != Packing::kZlib || ended_ || !any_); }
  uint64_t produced() const { return produced_; }

 private:
  Packing packing_;
  z_stream stream_{};
  bool good_ = true;
  bool ended_ = false;
  bool any_ = false;
  uint64_t produced_ = 0;
  std::string buffer_ = std::string(64 << 10, '\0');
};

// The blocks of data behind the table of contents.
class DumpBlocks {
 public:
  DumpBlocks(DumpReader& dump, Packing packing, bool read_through)
      : dump_(dump), packing_(packing), read_through_(read_through) {}

  bool Next() {
    constexpr int kData = 1;
    constexpr int kBlobs = 3;
    const int kind = dump_.Byte();
    dump_.Int();
    if (kind == kData) {
      Chunks(true);
    } else if (kind == kBlobs) {
      while (dump_.ok() && steps_ < kMaxArchiveSteps && dump_.Int() != 0) Chunks(false);
    }
    return dump_.ok() && (kind == kData || kind == kBlobs);
  }
  bool TooMany() const { return steps_ >= kMaxArchiveSteps; }
  bool damaged() const { return damaged_; }
  bool too_large() const { return produced_ > kMaxProduced; }

 private:
  // Of one block, up to one of length 0.
  void Chunks(bool text) {
    constexpr int64_t kPiece = 64 << 10;
    Inside inside(packing_);
    while (dump_.ok() && ++steps_ < kMaxArchiveSteps) {
      int64_t length = dump_.Int();
      if (length <= 0) break;
      if (!read_through_ || packing_ == Packing::kOther || too_large()) {
        dump_.Skip(static_cast<uint64_t>(length));
        continue;
      }
      for (; length > 0 && dump_.ok(); length -= kPiece) {
        const std::string_view piece = dump_.Bytes(static_cast<size_t>(std::min(length, kPiece)));
        inside.Add(piece);
        const bool zeros =
            packing_ == Packing::kNone && text && piece.find('\0') != std::string_view::npos;
        damaged_ = damaged_ || zeros;
      }
    }
    produced_ += inside.produced();
    const bool seen = read_through_ && packing_ != Packing::kOther && !too_large();
    if (seen && dump_.ok() && !inside.Whole()) damaged_ = true;
  }

  static constexpr uint64_t kMaxProduced = uint64_t{2} << 30;
  DumpReader& dump_;
  Packing packing_;
  bool read_through_;
  int steps_ = 0;
  uint64_t produced_ = 0;
  bool damaged_ = false;
};

}  // namespace

ArchiveEnd PgDumpEnd(const ByteSource& read, uint64_t size, std::string& doubt) {
  DumpReader dump(read, size);
  int minor = 0;
  size_t offset_bytes = 0;
  Packing packing = Packing::kOther;
  if (!ReadDumpHead(dump, minor, offset_bytes, packing)) {
    TOM_RETURN_IF_ERROR(dump.status());
    if (!dump.ok()) return std::optional<bool>(false);
    doubt = "a version of pg_dump's format that is not known";
    return std::optional<bool>();
  }
  const int64_t entries = dump.Int();
  if (entries < 0 || entries > kMaxArchiveSteps) {
    doubt = "more entries than the bound allows to walk";
    return std::optional<bool>();
  }
  int64_t with_data = 0;
  for (int64_t i = 0; i < entries && dump.ok(); ++i) {
    with_data += ReadDumpEntry(dump, minor, offset_bytes) ? 1 : 0;
  }
  DumpBlocks data(dump, packing, size <= kMaxInflatedInput);
  int64_t blocks = 0;
  while (dump.ok() && dump.at() < size && !data.TooMany() && data.Next()) ++blocks;
  TOM_RETURN_IF_ERROR(dump.status());
  if (dump.ok() && data.TooMany()) {
    doubt = "more pieces than the bound allows to walk";
    return std::optional<bool>();
  }
  if (!dump.ok() || dump.at() != size || blocks != with_data) return std::optional<bool>(false);
  if (data.damaged()) {
    doubt = "the data in it are damaged";
    return std::optional<bool>(false);
  }
  if (size > kMaxInflatedInput || data.too_large()) {
    doubt = TooLargeToReadThrough();
    return std::optional<bool>();
  }
  if (packing == Packing::kOther) {
    doubt = "it is packed in a way that is not read through";
    return std::optional<bool>();
  }
  return std::optional<bool>(true);
}

// 7zFormat.txt: the signature header names where the other header is, and its CRC.
ArchiveEnd SevenZipEnd(const ByteSource& read, uint64_t size, std::string& doubt) {
  TOM_ASSIGN_OR_RETURN(const std::string head, read(0, 32));
  if (head.size() < 32) return std::optional<bool>(false);
  const std::string_view start = std::string_view(head).substr(12, 20);
  if (LittleEndian(head.substr(8, 4)) != Crc(start)) return std::optional<bool>(false);
  const uint64_t offset = LittleEndian(start.substr(0, 8));
  const uint64_t bytes = LittleEndian(start.substr(8, 8));
  if (offset > size || bytes > size || 32 + offset + bytes != size) {
    return std::optional<bool>(false);
  }
  if (bytes > kMaxHeader) {
    doubt = "its header is larger than the bound";
    return std::optional<bool>();
  }
  TOM_ASSIGN_OR_RETURN(const std::string header, read(32 + offset, bytes));
  if (header.size() != bytes || LittleEndian(start.substr(16, 4)) != Crc(header)) {
    return std::optional<bool>(false);
  }
  // The sums of what is packed can only be taken of what comes out.
  doubt = "its headers are whole, and its data are not read through: 7z";
  return std::optional<bool>();
}

std::optional<bool> SevenZipEncrypted(const ByteSource& read, uint64_t size) {
  using namespace std::string_view_literals;
  const auto head = read(0, 32);
  if (!head.ok() || head->size() < 32) return std::nullopt;
  const uint64_t offset = LittleEndian(head->substr(12, 8));
  const uint64_t bytes = LittleEndian(head->substr(20, 8));
  if (offset > size || bytes > kMaxHeader || bytes == 0) return std::nullopt;
  const auto header = read(32 + offset, bytes);
  if (!header.ok() || header->empty()) return std::nullopt;
  if (header->find("\x06\xf1\x07\x01"sv) != std::string::npos) return true;  // AES-256 and SHA-256
  // 1: the header itself; 23: it is packed, and what it says of its files is not read.
  return (*header)[0] == '\x01' ? std::optional<bool>(false) : std::nullopt;
}

namespace {

// The length of a packet's body (RFC 4880 4.2.2); moves `offset` behind it.
struct PacketLength {
  uint64_t bytes = 0;
  bool partial = false;
  bool to_the_end = false;
};

absl::StatusOr<std::optional<PacketLength>> NewLength(const ByteSource& read, uint64_t& offset) {
  TOM_ASSIGN_OR_RETURN(const std::string bytes, read(offset, 5));
  if (bytes.empty()) return std::optional<PacketLength>();
  const auto at = [&](size_t i) { return uint64_t{static_cast<unsigned char>(bytes[i])}; };
  const uint64_t first = at(0);
  if (first < 192) {
    offset += 1;
    return std::optional<PacketLength>({first, false, false});
  }
  if (first >= 224 && first < 255) {
    offset += 1;
    return std::optional<PacketLength>({uint64_t{1} << (first & 31), true, false});
  }
  const size_t needed = first < 224 ? 2 : 5;
  if (bytes.size() < needed) return std::optional<PacketLength>();
  offset += needed;
  if (needed == 2)
    return std::optional<PacketLength>({((first - 192) << 8) + at(1) + 192, false, false});
  return std::optional<PacketLength>(
      {at(1) << 24 | at(2) << 16 | at(3) << 8 | at(4), false, false});
}

absl::StatusOr<std::optional<PacketLength>> OldLength(const ByteSource& read, int type,
                                                      uint64_t& offset) {
  if (type == 3) return std::optional<PacketLength>({0, false, true});
  const size_t needed = size_t{1} << type;
  TOM_ASSIGN_OR_RETURN(const std::string bytes, read(offset, needed));
  if (bytes.size() < needed) return std::optional<PacketLength>();
  offset += needed;
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return std::optional<PacketLength>({value, false, false});
}

}  // namespace

ArchiveEnd OpenPgpEnd(const ByteSource& read, uint64_t size, std::string& doubt) {
  uint64_t offset = 0;
  bool data = false;  // keys alone are no message
  for (int steps = 0; offset < size; ++steps) {
    TOM_ASSIGN_OR_RETURN(const std::string tag, read(offset, 1));
    const int first = tag.empty() ? 0 : static_cast<unsigned char>(tag[0]);
    if ((first & 0x80) == 0) return std::optional<bool>(false);
    ++offset;
    const bool fresh = (first & 0x40) != 0;
    const int type = fresh ? first & 0x3f : (first >> 2) & 0x0f;
    data = data || (type != 1 && type != 3 && type != 10);
    for (bool more = true; more; ++steps) {
      auto length = fresh ? NewLength(read, offset) : OldLength(read, first & 3, offset);
      if (!length.ok()) return length.status();
      if (!*length) return std::optional<bool>(false);
      if ((*length)->to_the_end || steps > kMaxArchiveSteps) {
        doubt = "it does not say how long it is";
        return std::optional<bool>();
      }
      if ((*length)->bytes > size - offset) return std::optional<bool>(false);
      offset += (*length)->bytes;
      more = (*length)->partial;
    }
  }
  if (!data) doubt = "only the keys of a message are in it";
  return std::optional<bool>(data);
}

}  // namespace tom
