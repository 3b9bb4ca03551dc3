// What a copy holds, as the program that reads it lists it: a JSON object a line. restic: `restic
// ls --json` (version 0.14); borg: `borg list --json-lines` with the format kBorgListFormat (1.2);
// the reader of archives (agent/drill/archive_reader.h) writes restic's form with a number a line.
#ifndef TOM_CHECKS_PARSE_BACKUP_LISTING_H_
#define TOM_CHECKS_PARSE_BACKUP_LISTING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/utc_time.h"

namespace tom {

inline constexpr char kBorgListFormat[] = "{type}{path}{size}{mtime}{linktarget}";
inline constexpr size_t kMaxListingLine = 64 << 10;

struct ListedEntry {
  enum class Kind { kFile, kLink, kStream, kOther };  // a stream: content without a name or size
  Kind kind = Kind::kOther;
  std::string path;         // as it is listed
  std::string link_target;  // of a link, where it is listed
  int64_t size = 0;         // bytes, of a file
  UnixSeconds modified = 0;
  int64_t modified_ns = 0;   // within the second
  int64_t precision_ns = 1;  // of both: 1, 1,000 or 1,000,000,000
  int64_t number = 0;        // of the entry in an archive
};

// "2026-11-22T13:50:57.457203690+01:00": any offset or Z, up to nine digits of a fraction; without
// an offset UTC. Gives the nanoseconds too.
struct FineTime {
  UnixSeconds seconds = 0;
  int64_t nanoseconds = 0;
  int64_t precision_ns = 1000000000;
};
absl::StatusOr<FineTime> ParseFineTime(std::string_view text);

// Nothing for a line that speaks of no entry (restic's snapshot). InvalidArgument: not such a line,
// or a name that cannot be told again exactly (no UTF-8, U+FFFD in it).
absl::StatusOr<std::optional<ListedEntry>> ParseListedNode(std::string_view line);
absl::StatusOr<std::optional<ListedEntry>> ParseBorgItem(std::string_view line);

struct NewestSnapshot {
  std::string id;  // empty: there is none
  UnixSeconds time = 0;
  std::vector<std::string> paths;  // that were copied, where it tells
};
// `restic snapshots --json` and `borg list --json`: the newest of them.
absl::StatusOr<NewestSnapshot> ParseResticNewest(std::string_view json);
absl::StatusOr<NewestSnapshot> ParseBorgNewest(std::string_view json);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_BACKUP_LISTING_H_
