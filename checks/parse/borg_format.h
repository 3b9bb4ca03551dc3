// Repositories of BorgBackup 1.x, read without the program: its own commands take locks and write
// caches and a security database, even where they are told to list only. Bytes -> values, no I/O;
// pure and thread-safe.
//
// Source: docs/internals/data-structures.rst of BorgBackup 1.2 (segments, index, keys, encryption,
// compression, manifest, archives).
#ifndef TOM_CHECKS_PARSE_BORG_FORMAT_H_
#define TOM_CHECKS_PARSE_BORG_FORMAT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/digest.h"
#include "evidence/utc_time.h"

namespace tom {

struct BorgConfig {
  int64_t version = 0;
  int64_t segments_per_dir = 0;
  bool append_only = false;
  std::string id;   // 64 hex digits
  std::string key;  // base64 in lines, joined; empty: not kept here
};

// The file `config` of the repository. InvalidArgument where it is none, or of a version other
// than 1.
absl::StatusOr<BorgConfig> ParseBorgConfig(std::string_view text);

// The base64 of a key file ("BORG_KEY <id of the repository>", then lines). FailedPrecondition: of
// another repository.
absl::StatusOr<std::string> ParseBorgKeyFile(std::string_view text, std::string_view id);

struct BorgKey {
  std::string enc_key;
  std::string mac_key;
  std::string id_key;
};

// PermissionDenied: the passphrase is wrong.
absl::StatusOr<BorgKey> UnlockBorgKey(std::string_view base64, std::string_view passphrase);

// What the first byte of every object says; all of one repository agree.
enum class BorgEncryption { kNone, kAuthenticated, kAes, kUnknown };
BorgEncryption EncryptionOfBorgObject(std::string_view object);
bool BorgTypeUsesBlake2(std::string_view object);
// The key lies outside the repository.
bool BorgTypeUsesKeyFile(std::string_view object);

inline constexpr size_t kMaxBorgObject = 21 << 20;  // borg's own bound, with its overhead
inline constexpr size_t kMaxBorgPlain = 24 << 20;

// Authenticates, decrypts and decompresses one object. `key` null: of a repository without
// encryption. `id` null: of the manifest, which is known by its place; else the plain text must
// hash to it. DataLoss: it does not hold.
absl::StatusOr<std::string> OpenBorgObject(std::string_view object, const BorgKey* key,
                                           const Digest* id);

struct BorgArchiveEntry {
  std::string name;
  Digest id;
  UnixSeconds time = 0;
  int64_t micros = 0;  // of that second
};

// The list of archives. With a key it must be authenticated (TAM): else whoever may write the
// repository could put any other object in its place.
absl::StatusOr<std::vector<BorgArchiveEntry>> ParseBorgManifest(std::string_view plain,
                                                                const BorgKey* key);

struct BorgArchive {
  std::vector<Digest> items;         // chunks of the stream of items
  std::vector<std::string> cmdline;  // as it was called
  std::optional<int64_t> size;       // of all files, bytes
};
absl::StatusOr<BorgArchive> ParseBorgArchive(std::string_view plain);

struct BorgItem {
  std::string path;   // without a slash in front
  uint32_t mode = 0;  // with the file's type
  std::vector<Digest> chunks;
};

// Takes the stream of items in pieces.
class BorgItems {
 public:
  // Appends the whole items of what came so far; the rest waits. InvalidArgument: no items.
  absl::Status Add(std::string_view bytes, std::vector<BorgItem>& items);
  // Nothing waits.
  bool AtEnd() const { return rest_.empty(); }

 private:
  std::string rest_;
};

// One entry of a segment: CRC-32, size, tag (put, delete, commit), id, data.
struct BorgEntryHead {
  uint32_t crc = 0;
  uint32_t size = 0;  // with this head
  uint8_t tag = 0;
  Digest id;              // of put and delete
  size_t head_bytes = 0;  // 9 or 41
};
inline constexpr std::string_view kBorgSegmentMagic = "BORG_SEG";
inline constexpr size_t kBorgHeadBytes = 41;
inline constexpr uint8_t kBorgPut = 0;
inline constexpr uint8_t kBorgDelete = 1;
inline constexpr uint8_t kBorgCommit = 2;
// Nothing: it is no head, or breaks off.
std::optional<BorgEntryHead> ParseBorgEntryHead(std::string_view bytes);

// The table of a repository's file index.N: where each object lies.
struct BorgPlace {
  uint32_t segment = 0;
  uint32_t offset = 0;
};
struct BorgIndexHead {
  uint64_t entries = 0;
  uint64_t buckets = 0;
};
inline constexpr size_t kBorgIndexHeadBytes = 18;
inline constexpr size_t kBorgBucketBytes = 40;
absl::StatusOr<BorgIndexHead> ParseBorgIndexHead(std::string_view bytes, uint64_t file_size);
// The bucket where the search for `id` begins; it goes on to the next, and from the last to the
// first, up to an empty one.
uint64_t FirstBorgBucket(const Digest& id, const BorgIndexHead& head);
enum class BorgBucket { kEmpty, kDeleted, kOther, kFound };
BorgBucket LookAtBorgBucket(std::string_view bucket, const Digest& id, BorgPlace& place);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_BORG_FORMAT_H_
