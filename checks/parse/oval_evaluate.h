// Which definitions of an OVAL file hold for a set of installed packages, as `oscap oval eval` has
// it. Pure; no I/O.
//
// Two things are wider than OpenSCAP's. A name means the packages of every architecture, not of the
// native one alone. And a name that is a package's source means it too, with the version of the
// source: Debian's definitions name sources, so that of a host with libssl3 and without openssl the
// letter of the file says nothing.
#ifndef TOM_CHECKS_PARSE_OVAL_EVALUATE_H_
#define TOM_CHECKS_PARSE_OVAL_EVALUATE_H_

#include <optional>
#include <string>
#include <vector>

#include "checks/parse/oval_definitions.h"

namespace tom {

struct OvalPackage {
  std::string name;
  std::string version;
  std::string architecture;
  std::string source;
  std::string source_version;
};

struct OvalHost {
  std::optional<int64_t> release;  // 12 of Debian 12
  std::vector<OvalPackage> packages;
};

struct OvalFinding {
  size_t package = 0;    // its place in the host's
  std::string weakness;  // CVE-…; the definition's id where it names none
  std::string fixed;     // the version that it must not be earlier than; empty: not told
  std::string severity;  // lower case; may be empty
  bool by_source = false;
};

struct OvalOutcome {
  std::vector<OvalFinding> findings;  // one a package and weakness; at most kMaxOvalFindings
  bool cut = false;
  size_t definitions = 0;  // of weaknesses
  size_t packages = 0;     // of the host's that the file names
  size_t undecided = 0;    // definitions that could not be decided
  std::string first_undecided;
  std::vector<int64_t> releases;  // that tests of the file ask for, else that platforms name
};

inline constexpr size_t kMaxOvalFindings = 50000;

OvalOutcome EvaluateOval(const OvalFile& file, const OvalHost& host);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_OVAL_EVALUATE_H_
