// What kind of archive a file is, whether anybody can read it, and whether it goes on to its end.
// Bytes come from a callback, so that terabytes are judged by their structure and the parser can be
// fuzzed.
//
// Sources: RFC 1952 (gzip), the .xz file format 1.1, RFC 8878 (Zstandard), POSIX pax (ustar),
// PKWARE APPNOTE (zip), 7zFormat.txt, SQLite's file format, RFC 4880 (OpenPGP), the LUKS and age
// formats, pg_backup_archiver.c of PostgreSQL.
//
// What no structure can show: a file of several gzip members or Zstandard frames that was cut
// exactly between two, and damage within what is encrypted.
#ifndef TOM_CHECKS_PARSE_ARCHIVE_PROBE_H_
#define TOM_CHECKS_PARSE_ARCHIVE_PROBE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "checks/parse/tar_walk.h"

namespace tom {

// The bytes at an offset, fewer only at the file's end.
using ByteSource = std::function<absl::StatusOr<std::string>(uint64_t offset, size_t bytes)>;

// Compressed files are read through up to this size, for their ends alone prove little.
inline constexpr uint64_t kMaxInflatedInput = 128 << 20;
inline constexpr int kMaxArchiveSteps = 100000;  // blocks or members walked

struct ArchiveProbe {
  std::string format;   // gzip xz zstd lz4 bzip2 tar cpio zip 7z sqlite pgdump sql gpg age luks
                        // openssl | unknown
  std::string content;  // of a compressed one the format of what is in it, or empty
  std::optional<bool> encrypted;  // the content cannot be read without a key; nothing: not known
  std::optional<bool>
      complete;  // false: cut off, damaged or all zeros; nothing: not examined, `doubt` says why
  std::string doubt;
  bool members_told = false;
};

// Fails only as `read` does. `sink` is told the members of a tar or zip archive, compressed or not;
// they are all of them where `members_told`.
absl::StatusOr<ArchiveProbe> ProbeArchive(const ByteSource& read, uint64_t size,
                                          const MemberSink& sink = nullptr);

// How far the structure of one format goes on; used by ProbeArchive. True: to its end; false: it
// breaks off; nothing: `doubt` says why that is not known.
using ArchiveEnd = absl::StatusOr<std::optional<bool>>;
ArchiveEnd XzEnd(const ByteSource& read, uint64_t size, std::string& doubt);
ArchiveEnd ZstdEnd(const ByteSource& read, uint64_t size, std::string& doubt);
ArchiveEnd TarEnd(const ByteSource& read, uint64_t size, std::string& doubt,
                  const MemberSink& sink);
ArchiveEnd ZipEnd(const ByteSource& read, uint64_t size, std::string& doubt,
                  const MemberSink& sink);
ArchiveEnd CpioEnd(const ByteSource& read, uint64_t size, std::string& doubt);
ArchiveEnd SqliteEnd(const ByteSource& read, uint64_t size, std::string& doubt);
ArchiveEnd SqlEnd(const ByteSource& read, uint64_t size, std::string& doubt);
ArchiveEnd PgDumpEnd(const ByteSource& read, uint64_t size, std::string& doubt);
ArchiveEnd SevenZipEnd(const ByteSource& read, uint64_t size, std::string& doubt);
ArchiveEnd OpenPgpEnd(const ByteSource& read, uint64_t size, std::string& doubt);
ArchiveEnd ArmourEnd(const ByteSource& read, uint64_t size, std::string& doubt);

// Whether all files in it that are not empty are encrypted with AES; nothing: it does not tell, or
// they are by zip's old cipher, which is broken.
std::optional<bool> ZipEncrypted(const ByteSource& read, uint64_t size);
std::optional<bool> SevenZipEncrypted(const ByteSource& read, uint64_t size);

// `tail` is the end of a dump as text: the line that its program writes last stands in it.
bool EndsAsSqlDump(std::string_view tail);
bool EndsAsCpio(std::string_view tail);

// Whether a message of OpenPGP is encrypted, by its first packet: signed or merely packed ones are
// not. Nothing: it is no message. `head` may be any part of its beginning.
std::optional<bool> OpenPgpEncrypted(std::string_view head);
// The same of one in armour, by the bytes in its lines.
std::optional<bool> ArmourEncrypted(std::string_view head);

std::string TooLargeToReadThrough();

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_ARCHIVE_PROBE_H_
