// The record of one restore drill: what `tom-agent drill` writes down and the table restore_drills
// reads. Canonical JSON, at most kMaxDrillRecordBytes:
//
//   {"backup","kind","source","began_at","ended_at","snapshot"?,"snapshot_time"?,"result","error"?,
//    "held","chosen","restored","equal","different","changed","unreadable","verified","bytes",
//    "links","links_equal","paths"?: [{"path","restored","equal"}, …]}
//
// No name of a restored file is in it. A record whose counts do not bear its result out is refused:
// nobody can tell what it says.
#ifndef TOM_CHECKS_PARSE_DRILL_RECORD_H_
#define TOM_CHECKS_PARSE_DRILL_RECORD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/utc_time.h"

namespace tom {

inline constexpr size_t kMaxDrillRecordBytes = 256 << 10;
inline constexpr size_t kMaxDrillPaths = 256;

// One declared data path, and what of the sample lies in it.
struct DrilledPath {
  std::string path;
  int64_t restored = 0;
  int64_t equal = 0;  // to the live data, or by the digests that the backup itself keeps
};

enum class DrillResult {
  kSound,        // all of the sample was restored, and what could be compared is equal
  kDifferent,    // something restored is not what it must be
  kNotRestored,  // the copy did not give what it lists, or nothing at all
  kNotCompared,  // restored, and there was nothing to hold it against
  kNotDone       // the drill could not be held: no right to, no time, no program
};

std::string_view DrillResultName(DrillResult result);

struct DrillRecord {
  std::string backup;
  std::string kind;
  std::string source;  // DrillSource of what was declared then
  UnixSeconds began_at = 0;
  UnixSeconds ended_at = 0;
  std::string snapshot;           // id or file; empty where none was found
  UnixSeconds snapshot_time = 0;  // 0 where none was found
  DrillResult result = DrillResult::kNotDone;
  std::string error;        // empty only where sound or different
  int64_t held = 0;         // files and symbolic links that the copy lists
  int64_t chosen = 0;       // files of the sample
  int64_t restored = 0;     // of them
  int64_t equal = 0;        // to the live data, unchanged since by time and size
  int64_t different = 0;    // from the live data unchanged since, or from what the copy lists
  int64_t changed = 0;      // whose live data is another by now, or gone: nothing to compare with
  int64_t unreadable = 0;   // whose live data could not be read
  int64_t verified = 0;     // held by the restoring program against digests that the backup keeps
  int64_t bytes = 0;        // restored
  int64_t links = 0;        // symbolic links of the sample: never made, their targets are compared
  int64_t links_equal = 0;  // to the live ones
  std::vector<DrilledPath> paths;  // ascending, each once
};

// What the counts say: the result that fits a sample that was restored. REQUIRES: chosen > 0.
DrillResult ResultOf(const DrillRecord& record);

// 64 hex digits for what a backup is declared to be made into: one name may mean another repository
// later.
std::string DrillSource(std::string_view kind, std::string_view repository, std::string_view path);

std::string EncodeDrillRecord(const DrillRecord& record);
// InvalidArgument names the member; ResourceExhausted: too large.
absl::StatusOr<DrillRecord> ParseDrillRecord(std::string_view bytes);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_DRILL_RECORD_H_
