#include "checks/parse/archive_probe.h"

#include <algorithm>
#include <string_view>

#include "checks/parse/archive_unpack.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kHeadBytes = 4096;

using End = ArchiveEnd (*)(const ByteSource&, uint64_t, std::string&);

struct Format {
  const char* name;
  std::string_view magic;
  size_t offset;
  bool encrypted;
  End end;  // null: its end is not examined
};

using namespace std::string_view_literals;

constexpr Format kFormats[] = {
    {"gzip", "\x1f\x8b\x08"sv, 0, false, nullptr},
    {"xz", "\xfd\x37\x7a\x58\x5a\x00"sv, 0, false, XzEnd},
    {"zstd", "\x28\xb5\x2f\xfd"sv, 0, false, ZstdEnd},
    {"lz4", "\x04\x22\x4d\x18"sv, 0, false, nullptr},
    {"bzip2", "BZh"sv, 0, false, nullptr},
    {"7z", "7z\xbc\xaf\x27\x1c"sv, 0, false, SevenZipEnd},
    {"zip", "PK\x03\x04"sv, 0, false, nullptr},
    {"sqlite", "SQLite format 3\0"sv, 0, false, SqliteEnd},
    {"pgdump", "PGDMP"sv, 0, false, PgDumpEnd},
    {"sql", "-- MySQL dump"sv, 0, false, SqlEnd},
    {"sql", "-- MariaDB dump"sv, 0, false, SqlEnd},
    {"sql", "/*M!999999\\- enable the sandbox mode */"sv, 0, false, SqlEnd},
    {"sql", "--\n-- PostgreSQL database"sv, 0, false, SqlEnd},
    {"tar", "ustar"sv, 257, false, nullptr},
    {"cpio", "070701"sv, 0, false, CpioEnd},
    {"cpio", "070702"sv, 0, false, CpioEnd},
    {"cpio", "070707"sv, 0, false, CpioEnd},
    {"luks", "LUKS\xba\xbe"sv, 0, true, nullptr},
    {"age", "age-encryption.org/v1\n"sv, 0, true, nullptr},
    {"age", "-----BEGIN AGE ENCRYPTED FILE-----"sv, 0, true, ArmourEnd},
    {"gpg", "-----BEGIN PGP MESSAGE-----"sv, 0, true, ArmourEnd},
    {"openssl", "Salted__"sv, 0, true, nullptr},
};

constexpr Format kTar = {"tar", ""sv, 0, false, nullptr};
constexpr Format kZstdFormat = {"zstd", ""sv, 0, false, ZstdEnd};
constexpr Format kLz4Format = {"lz4", ""sv, 0, false, nullptr};

// A message that starts with an encrypted session key: packet 1 version 3 or packet 3 version 4,
// old or new header.
bool IsOpenPgp(std::string_view head) {
  if (head.size() < 8) return false;
  const auto first = static_cast<unsigned char>(head[0]);
  if ((first & 0x80) == 0) return false;
  const bool fresh = (first & 0x40) != 0;
  const int tag = fresh ? first & 0x3f : (first >> 2) & 0x0f;
  const size_t length_bytes =
      fresh ? (static_cast<unsigned char>(head[1]) < 192 ? 1 : 2) : size_t{1} << (first & 0x03);
  if (!fresh && (first & 0x03) == 3) return false;
  const char version = head[std::min<size_t>(1 + length_bytes, 7)];
  return (tag == 1 && version == 3) || (tag == 3 && version == 4);
}

bool IsZeros(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

const Format* FormatOf(std::string_view head) {
  for (const Format& format : kFormats) {
    if (head.size() >= format.offset &&
        head.substr(format.offset, format.magic.size()) == format.magic) {
      return &format;
    }
  }
  return IsTarHeader(head) ? &kTar : nullptr;
}

// Frames that decoders pass over may stand before the first of Zstandard and of LZ4, which share
// them (RFC 8878 3.1.2).
absl::StatusOr<const Format*> BehindSkippable(const ByteSource& read, std::string_view head) {
  constexpr int kMost = 64;
  std::string start(head.substr(0, 8));
  uint64_t offset = 0;
  for (int i = 0; i < kMost && start.size() == 8; ++i) {
    const auto byte = [&](size_t at) { return uint64_t{static_cast<unsigned char>(start[at])}; };
    const std::string_view rest = std::string_view(start).substr(1, 3);
    if ((byte(0) & 0xf0) != 0x50 || rest != "\x2a\x4d\x18"sv) break;
    offset += 8 + (byte(4) | byte(5) << 8 | byte(6) << 16 | byte(7) << 24);
    TOM_ASSIGN_OR_RETURN(start, read(offset, 8));
  }
  if (offset == 0) return nullptr;
  if (start.starts_with("\x28\xb5\x2f\xfd"sv)) return &kZstdFormat;
  return start.starts_with("\x04\x22\x4d\x18"sv) ? &kLz4Format : nullptr;
}

// A file that was given its size and never written, or a hole: nothing but zeros in 16 places.
absl::StatusOr<bool> LooksEmpty(const ByteSource& read, uint64_t size) {
  for (uint64_t i = 0; i < 16; ++i) {
    TOM_ASSIGN_OR_RETURN(const std::string part, read(size / 16 * i, kHeadBytes));
    if (!IsZeros(part)) return false;
  }
  TOM_ASSIGN_OR_RETURN(const std::string tail,
                       read(size - std::min<uint64_t>(size, kHeadBytes), kHeadBytes));
  return IsZeros(tail);
}

absl::StatusOr<bool> HasZeroBlock(const ByteSource& read, uint64_t size) {
  constexpr size_t kBlock = 512;
  for (uint64_t offset = 0; offset < size; offset += 1 << 20) {
    TOM_ASSIGN_OR_RETURN(const std::string part, read(offset, 1 << 20));
    for (size_t at = 0; at + kBlock <= part.size(); at += kBlock) {
      if (part[at] == '\0' && IsZeros(std::string_view(part).substr(at, kBlock))) return true;
    }
  }
  return false;
}

// Packed and encrypted data have no long stretches of zeros: a hole is what was never written.
absl::StatusOr<bool> HasHole(const ByteSource& read, uint64_t size) {
  if (size <= kMaxInflatedInput) return HasZeroBlock(read, size);
  for (uint64_t i = 1; i <= 16; ++i) {
    const uint64_t offset = i == 16 ? size - kHeadBytes : size / 16 * i;
    TOM_ASSIGN_OR_RETURN(const std::string part, read(offset, kHeadBytes));
    if (part.size() == kHeadBytes && IsZeros(part)) return true;
  }
  return false;
}

bool IsCompressed(std::string_view format) {
  return format == "gzip" || format == "bzip2" || format == "xz" || format == "zstd" ||
         format == "lz4";
}

void NotWhole(ArchiveProbe& probe, std::string why) {
  probe.complete = false;
  probe.doubt = std::move(why);
}

// Zip's own way to be asked, and tar's: they tell their members.
absl::Status EndOf(const Format& format, const ByteSource& read, uint64_t size,
                   const MemberSink& sink, ArchiveProbe& probe) {
  const bool tar = std::string_view(format.name) == "tar";
  if (tar) {
    TOM_ASSIGN_OR_RETURN(probe.complete, TarEnd(read, size, probe.doubt, sink));
    probe.members_told = probe.complete == true;
  } else if (std::string_view(format.name) == "zip") {
    TOM_ASSIGN_OR_RETURN(probe.complete, ZipEnd(read, size, probe.doubt, sink));
    probe.members_told = probe.complete == true;
  } else if (format.end == nullptr) {
    probe.complete.reset();
    probe.doubt = "its end cannot be told without its key: " + std::string(format.name);
  } else {
    TOM_ASSIGN_OR_RETURN(probe.complete, format.end(read, size, probe.doubt));
  }
  return absl::OkStatus();
}

// What passes by while a compressed file is read through.
struct Passing {
  explicit Passing(const MemberSink& sink) : tar(sink) {}

  void Add(std::string_view bytes) {
    tar.Add(bytes);
    zeros = zeros || bytes.find('\0') != std::string_view::npos;
    others = others || !IsZeros(bytes);
  }
  TarStream tar;
  bool zeros = false;   // one of them at least
  bool others = false;  // something that is not zero
};

// The end of what is in a compressed file that is whole itself.
absl::Status JudgeInside(const Format& inner, const ByteSource& read, uint64_t size,
                         const Unpacked& unpacked, const Passing& passing, ArchiveProbe& probe) {
  const std::string_view name = inner.name;
  if (name == "sql") {
    if (!EndsAsSqlDump(unpacked.tail)) NotWhole(probe, "the dump in it breaks off");
    if (passing.zeros) NotWhole(probe, "zeros are in the dump in it");
  } else if (name == "cpio") {
    if (!EndsAsCpio(unpacked.tail)) NotWhole(probe, "the archive in it breaks off");
  } else if (name == "tar") {
    const bool ended = passing.tar.walk().state() == TarWalk::State::kEnded;
    if (!ended || !IsZeros(unpacked.tail)) NotWhole(probe, "the archive in it breaks off");
    probe.members_told = probe.complete == true;
  } else if (IsCompressed(name) || name == "zip" || name == "7z") {
    probe.complete.reset();
    probe.doubt = "what is in it is not read through: " + std::string(name);
  } else {
    const ByteSource inside = UnpackedBytes(probe.format, read, size);
    ArchiveProbe within;
    const absl::Status looked = EndOf(inner, inside, unpacked.produced, nullptr, within);
    probe.complete = looked.ok() ? within.complete : std::nullopt;
    probe.doubt = looked.ok() ? within.doubt : std::string(looked.message());
    if (probe.complete == false && probe.doubt.empty()) probe.doubt = "what is in it breaks off";
  }
  return absl::OkStatus();
}

constexpr Format kOpenPgp = {"gpg", ""sv, 0, true, OpenPgpEnd};

// What is in a compressed file, and whether that came to its own end.
absl::Status JudgeContent(const ByteSource& read, uint64_t size, const Unpacked& unpacked,
                          const Passing& passing, ArchiveProbe& probe) {
  const Format* inner = FormatOf(unpacked.head);
  if (inner == nullptr && IsOpenPgp(unpacked.head)) inner = &kOpenPgp;
  if (inner != nullptr) {
    probe.content = inner->name;
    probe.encrypted = inner->encrypted;
    if (inner->end == ArmourEnd) probe.encrypted = ArmourEncrypted(unpacked.head);
  }
  if (unpacked.state != Unpacked::State::kWhole) return absl::OkStatus();
  if (unpacked.produced == 0) {
    NotWhole(probe, "nothing is in it");
  } else if (!passing.others) {
    NotWhole(probe, "nothing but zeros is in it");
  } else if (inner != nullptr) {
    return JudgeInside(*inner, read, size, unpacked, passing, probe);
  }
  return absl::OkStatus();
}

absl::Status ProbeCompressed(const Format& format, const ByteSource& read, uint64_t size,
                             const MemberSink& sink, ArchiveProbe& probe) {
  Passing passing(sink);
  TOM_ASSIGN_OR_RETURN(
      const Unpacked unpacked,
      Unpack(probe.format, read, size, [&](std::string_view bytes) { passing.Add(bytes); }));
  probe.doubt = unpacked.doubt;
  if (unpacked.state != Unpacked::State::kNotKnown) {
    probe.complete = unpacked.state == Unpacked::State::kWhole;
  } else if (format.end != nullptr) {  // what can be told without reading it
    std::string doubt;
    TOM_ASSIGN_OR_RETURN(probe.complete, format.end(read, size, doubt));
    if (probe.complete == true) probe.complete.reset();
    if (!doubt.empty()) probe.doubt = doubt;
  }
  return JudgeContent(read, size, unpacked, passing, probe);
}

absl::Status ProbeKnown(const Format& format, const ByteSource& read, uint64_t size,
                        std::string_view head, const MemberSink& sink, ArchiveProbe& probe) {
  probe.format = format.name;
  probe.encrypted = format.encrypted;
  if (IsCompressed(probe.format)) return ProbeCompressed(format, read, size, sink, probe);
  if (probe.format == "zip") probe.encrypted = ZipEncrypted(read, size);
  if (probe.format == "7z") probe.encrypted = SevenZipEncrypted(read, size);
  if (format.end == ArmourEnd) probe.encrypted = ArmourEncrypted(head);
  return EndOf(format, read, size, sink, probe);
}

}  // namespace

absl::StatusOr<ArchiveProbe> ProbeArchive(const ByteSource& read, uint64_t size,
                                          const MemberSink& sink) {
  ArchiveProbe probe;
  TOM_ASSIGN_OR_RETURN(const std::string head, read(0, kHeadBytes));
  const Format* format = FormatOf(head);
  if (format == nullptr) {
    TOM_ASSIGN_OR_RETURN(format, BehindSkippable(read, head));
  }
  const bool openpgp = format == nullptr && IsOpenPgp(head);
  if (format != nullptr) {
    TOM_RETURN_IF_ERROR(ProbeKnown(*format, read, size, head, sink, probe));
  } else if (openpgp) {
    probe.format = "gpg";
    probe.encrypted = true;
    TOM_ASSIGN_OR_RETURN(probe.complete, OpenPgpEnd(read, size, probe.doubt));
  } else {
    probe.format = "unknown";
    probe.doubt = "what it is cannot be told, so neither can its end";
    TOM_ASSIGN_OR_RETURN(const bool empty, LooksEmpty(read, size));
    if (empty) NotWhole(probe, "nothing but zeros");
    return probe;
  }
  if (probe.format == "openssl" && size <= 16) NotWhole(probe, "nothing is in it");
  const bool read_through = size <= kMaxInflatedInput && IsCompressed(probe.format);
  const bool sealed = (probe.encrypted == true && probe.format != "luks") ||
                      (probe.format == "zip" && probe.encrypted != false);
  if (read_through || (!sealed && !IsCompressed(probe.format))) return probe;
  TOM_ASSIGN_OR_RETURN(const bool hole, HasHole(read, size));
  if (hole) NotWhole(probe, "a stretch of nothing but zeros is in it");
  return probe;
}

}  // namespace tom
