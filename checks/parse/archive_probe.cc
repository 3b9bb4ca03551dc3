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
    {"zip", "PK\x03\x04"sv, 0, false, ZipEnd},
    {"sqlite", "SQLite format 3\0"sv, 0, false, SqliteEnd},
    {"pgdump", "PGDMP"sv, 0, false, PgDumpEnd},
    {"sql", "-- MySQL dump"sv, 0, false, SqlEnd},
    {"sql", "-- MariaDB dump"sv, 0, false, SqlEnd},
    {"sql", "/*M!999999\\- enable the sandbox mode */"sv, 0, false, SqlEnd},
    {"sql", "--\n-- PostgreSQL database"sv, 0, false, SqlEnd},
    {"tar", "ustar"sv, 257, false, TarEnd},
    {"luks", "LUKS\xba\xbe"sv, 0, true, nullptr},
    {"age", "age-encryption.org/v1\n"sv, 0, true, nullptr},
    {"age", "-----BEGIN AGE ENCRYPTED FILE-----"sv, 0, true, ArmourEnd},
    {"gpg", "-----BEGIN PGP MESSAGE-----"sv, 0, true, ArmourEnd},
    {"openssl", "Salted__"sv, 0, true, nullptr},
};

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
  return nullptr;
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

// Packed and encrypted data have no long stretches of zeros: a hole is what was never written.
absl::StatusOr<bool> HasHole(const ByteSource& read, uint64_t size) {
  if (size < uint64_t{64} * kHeadBytes) return false;
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

// What is in a compressed file, and whether that came to its own end.
void JudgeContent(const Unpacked& unpacked, ArchiveProbe& probe) {
  if (const Format* inner = FormatOf(unpacked.head); inner != nullptr) {
    probe.content = inner->name;
    probe.encrypted = inner->encrypted;
  } else if (IsOpenPgp(unpacked.head)) {
    probe.content = "gpg";
    probe.encrypted = true;
  }
  if (unpacked.state != Unpacked::State::kWhole) return;
  if (unpacked.produced == 0) NotWhole(probe, "nothing is in it");
  if (probe.content == "sql" && !EndsAsSqlDump(unpacked.tail)) {
    NotWhole(probe, "the dump in it breaks off");
  }
  if (probe.content == "tar" && (unpacked.tail.size() < 1024 || !IsZeros(unpacked.tail))) {
    NotWhole(probe, "the archive in it breaks off");
  }
}

absl::Status ProbeCompressed(const Format& format, const ByteSource& read, uint64_t size,
                             ArchiveProbe& probe) {
  TOM_ASSIGN_OR_RETURN(const Unpacked unpacked, Unpack(probe.format, read, size));
  probe.doubt = unpacked.doubt;
  if (unpacked.state != Unpacked::State::kNotKnown) {
    probe.complete = unpacked.state == Unpacked::State::kWhole;
  } else if (format.end != nullptr) {  // what can be told without reading it
    std::string doubt;
    TOM_ASSIGN_OR_RETURN(probe.complete, format.end(read, size, doubt));
    if (!doubt.empty()) probe.doubt = doubt;
  }
  JudgeContent(unpacked, probe);
  return absl::OkStatus();
}

absl::Status ProbeKnown(const Format& format, const ByteSource& read, uint64_t size,
                        ArchiveProbe& probe) {
  probe.format = format.name;
  probe.encrypted = format.encrypted;
  if (IsCompressed(probe.format)) return ProbeCompressed(format, read, size, probe);
  if (probe.format == "zip") probe.encrypted = ZipEncrypted(read, size);
  if (probe.format == "7z") probe.encrypted = SevenZipEncrypted(read, size);
  if (format.end == nullptr) {
    probe.doubt = "its end cannot be told without its key: " + probe.format;
    return absl::OkStatus();
  }
  TOM_ASSIGN_OR_RETURN(probe.complete, format.end(read, size, probe.doubt));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ArchiveProbe> ProbeArchive(const ByteSource& read, uint64_t size) {
  ArchiveProbe probe;
  TOM_ASSIGN_OR_RETURN(const std::string head, read(0, kHeadBytes));
  const Format* format = FormatOf(head);
  const bool openpgp = format == nullptr && IsOpenPgp(head);
  if (format != nullptr) {
    TOM_RETURN_IF_ERROR(ProbeKnown(*format, read, size, probe));
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
  const bool dense =
      IsCompressed(probe.format) || (probe.encrypted == true && probe.format != "luks");
  if (!dense) return probe;
  TOM_ASSIGN_OR_RETURN(const bool hole, HasHole(read, size));
  const bool read_through = IsCompressed(probe.format) && size <= kMaxInflatedInput;
  if (hole && !read_through) NotWhole(probe, "a stretch of nothing but zeros is in it");
  return probe;
}

}  // namespace tom
