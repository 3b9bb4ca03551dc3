// Results of an OpenSCAP run: XCCDF 1.2 TestResult, alone or within an ARF 1.1 report (NIST IR
// 7275, NIST IR 7694). Bytes -> values, no I/O; pure and thread-safe.
//
// Read as a stream by expat: no tree is built, a document type (and so every entity of its own) is
// refused, depth and counts are bounded.
#ifndef TOM_CHECKS_PARSE_SCAP_RESULTS_H_
#define TOM_CHECKS_PARSE_SCAP_RESULTS_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

struct ScapRule {
  std::string rule;      // idref
  std::string result;    // pass, fail, error, unknown, notapplicable, notchecked, notselected,
                         // informational, fixed
  std::string severity;  // as the result has it; may be empty
  std::string title;     // of the benchmark's rule, where that is in the file
};

struct ScapResults {
  std::vector<ScapRule> rules;
  std::string profile;
  std::string benchmark;
  std::string target;      // host that was examined
  std::string start_time;  // as it stands
  std::string end_time;
  int test_results = 0;  // how many the file holds; the rules are of the last
};

inline constexpr size_t kMaxScapRules = 20000;
inline constexpr size_t kMaxScapDepth = 200;

// `next` gives the next piece, empty at the end. InvalidArgument: no well-formed XML of this kind,
// or over a bound. The error of `next` is passed on.
absl::StatusOr<ScapResults> ParseScapResults(
    const std::function<absl::StatusOr<std::string>()>& next);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SCAP_RESULTS_H_
