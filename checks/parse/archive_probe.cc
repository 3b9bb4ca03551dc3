#include "checks/parse/archive_probe.h"

#include <algorithm>
#include <string_view>

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
    {"gzip", "\x1f\x8b\x08"sv, 0, false, GzipEnd},
    {"xz", "\xfd\x37\x7a\x58\x5a\x00"sv, 0, false, XzEnd},
    {"zstd", "\x28\xb5\x2f\xfd"sv, 0, false, ZstdEnd},
    {"bzip2", "BZh"sv, 0, false, nullptr},
    {"zip", "PK\x03\x04"sv, 0, false, ZipEnd},
    {"sqlite", "SQLite format 3\0"sv, 0, false, SqliteEnd},
    {"pgdump", "PGDMP"sv, 0, false, nullptr},
    {"sql", "-- MySQL dump"sv, 0, false, SqlEnd},
    {"sql", "-- MariaDB dump"sv, 0, false, SqlEnd},
    {"sql", "--\n-- PostgreSQL database"sv, 0, false, SqlEnd},
    {"tar", "ustar"sv, 257, false, TarEnd},
    {"luks", "LUKS\xba\xbe"sv, 0, true, nullptr},
    {"age", "age-encryption.org/v1\n"sv, 0, true, nullptr},
    {"age", "-----BEGIN AGE ENCRYPTED FILE-----"sv, 0, true, nullptr},
    {"gpg", "-----BEGIN PGP MESSAGE-----"sv, 0, true, nullptr},
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

}  // namespace

absl::StatusOr<ArchiveProbe> ProbeArchive(const ByteSource& read, uint64_t size) {
  ArchiveProbe probe;
  TOM_ASSIGN_OR_RETURN(const std::string head, read(0, kHeadBytes));
  const Format* format = FormatOf(head);
  if (format != nullptr) {
    probe.format = format->name;
    probe.encrypted = format->encrypted;
    if (format->end != nullptr) {
      TOM_ASSIGN_OR_RETURN(probe.complete, format->end(read, size, probe.doubt));
      return probe;
    }
    probe.doubt = "the end of a file of this kind is not examined: " + probe.format;
    return probe;
  }
  probe.format = "unknown";
  if (IsOpenPgp(head)) {
    probe.format = "gpg";
    probe.encrypted = true;
  }
  TOM_ASSIGN_OR_RETURN(const bool empty, LooksEmpty(read, size));
  if (empty) probe.complete = false;
  probe.doubt = empty ? "nothing but zeros"
                      : "the end of a file of this kind is not examined: " + probe.format;
  return probe;
}

}  // namespace tom
