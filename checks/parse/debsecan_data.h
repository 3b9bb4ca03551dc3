// The data of Debian's security tracker as debsecan fetches it, unpacked: text "VERSION 1" in three
// sections, each ended by an empty line (debsecan 0.4.20, fetch_data and is_vulnerable, is what
// this follows). Bytes -> values, no I/O; pure.
//
//   NAME,FLAGS,DESCRIPTION                          bugs, by their position
//   PACKAGE,BUG,KIND URGENCY REMOTE FIX,UNSTABLE,OTHER OTHER…
//                                                   KIND B (binary) or another (source), URGENCY
//                                                   blank L M H, REMOTE ? R blank, FIX F: the
//                                                   release has one
//   SOURCE,BINARY BINARY…                           what the release builds; not there in data of
//                                                   no release (GENERIC)
#ifndef TOM_CHECKS_PARSE_DEBSECAN_DATA_H_
#define TOM_CHECKS_PARSE_DEBSECAN_DATA_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

struct DebsecanVulnerability {
  std::string bug;      // CVE-… or TEMP-…
  std::string package;  // source, or binary where `binary`
  bool binary = false;
  std::string urgency;         // low, medium, high; empty: not told
  std::optional<bool> remote;  // nothing: not known
  bool fix_available = false;
  std::string unstable;             // fixed there since; empty: not fixed
  std::vector<std::string> others;  // versions that are not vulnerable
};

struct DebsecanData {
  // Of the packages that are wanted.
  std::unordered_map<std::string, std::vector<DebsecanVulnerability>> vulnerabilities;
  std::unordered_map<std::string, std::vector<std::string>> binaries;  // by source
  size_t bugs = 0;  // lines of each section, of all packages
  size_t entries = 0;
  size_t sources = 0;
  size_t bad_lines = 0;  // that could not be understood, and count for nothing
  size_t first_bad = 0;  // line number
  bool ended = false;    // the empty line behind the third section was there
};

// One instance of an installed package.
struct DebsecanPackage {
  std::string_view name;
  std::string_view version;
  std::string_view source;
  std::string_view source_version;
};

bool IsVulnerable(const DebsecanVulnerability& one, const DebsecanPackage& package);

class DebsecanReader {
 public:
  // `wanted` says of which packages, by source or binary name, entries are kept.
  explicit DebsecanReader(std::function<bool(std::string_view)> wanted)
      : wanted_(std::move(wanted)) {}

  // InvalidArgument: no such data. ResourceExhausted: a line over 1 MiB, more than 1,000,000 bugs,
  // more than 32 MiB to keep.
  absl::Status Take(std::string_view piece);
  // After the last piece.
  absl::StatusOr<DebsecanData> Finish();

 private:
  absl::Status Line(std::string_view line);
  absl::Status Bug(std::string_view line);
  void Entry(std::string_view line);
  void Source(std::string_view line);
  void Bad();

  std::function<bool(std::string_view)> wanted_;
  DebsecanData data_;
  std::string rest_;
  std::string names_;  // of bugs, one after another
  std::vector<uint32_t> name_ends_;
  size_t line_ = 0;
  size_t section_ = 0;
  size_t kept_ = 0;
};

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_DEBSECAN_DATA_H_
