// sshd_config(5) as OpenSSH 9.2 reads it: bytes in, values out; reading the files is the caller's.
//
// sshd reads the file twice. At its start every line is checked, and what stands outside Match
// blocks (and inside "Match all") counts; for a connection the blocks that match it are read again,
// and what they set wins over all that stands outside. Either time the first value of an option
// wins, but AllowUsers and its kin add up. An Include stands for its files' lines; a Match inside
// an included file ends with that file, and in a block that does not apply nothing of an included
// file does, not even its own "Match all".
#ifndef TOM_CHECKS_PARSE_SSHD_CONFIG_H_
#define TOM_CHECKS_PARSE_SSHD_CONFIG_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/parse/sshd_keywords.h"

namespace tom {

inline constexpr int kSshdMaxIncludeDepth = 16;

struct SshdCriterion {
  enum class Kind {
    kAll,
    kUser,
    kGroup,
    kHost,
    kAddress,
    kLocalAddress,
    kLocalPort,
    kRoutingDomain
  };
  Kind kind = Kind::kAll;
  std::string argument;

  bool operator<(const SshdCriterion& other) const {
    return kind != other.kind ? kind < other.kind : argument < other.argument;
  }
};

struct SshdLine {
  int number = 0;
  const SshdKeyword* keyword = nullptr;
  std::vector<std::string> arguments;
  std::string value;                    // normal form, NormalSshdValue
  std::vector<SshdCriterion> criteria;  // of a Match
};

// The lines that say something. InvalidArgument, naming path and line: sshd refuses the file.
absl::StatusOr<std::vector<SshdLine>> ParseSshdLines(std::string_view text,
                                                     const std::string& path);

struct SshdFile {
  std::string path;
  std::vector<SshdLine> lines;
};

// files[0] is the main file. `includes`: which files an Include's argument (SshdSelector) stands
// for, in glob's order.
struct SshdTree {
  std::vector<SshdFile> files;
  std::map<std::string, std::vector<size_t>> includes;
};

// The argument of an Include as an absolute pattern.
std::string SshdSelector(const std::string& argument);

// Who connects, from where, to where.
struct SshdClient {
  std::string user;
  std::vector<std::string> groups;  // names; empty when there is no such account
  std::string host;                 // as sshd knows it: the address, unless UseDNS is on
  std::string address;
  std::string local_address;
  int local_port = 22;
  std::string routing_domain;
};

bool SshdCriterionHolds(const SshdCriterion& criterion, const SshdClient& client);

struct SshdSetting {
  std::string value;
  std::string file;  // "" = the default
  int line = 0;
};

// By option, in lower case, aliases resolved; every reported keyword is there, with its default
// when nothing sets it.
using SshdSettings = std::map<std::string, SshdSetting, std::less<>>;

// What holds for `client`; null: what holds before anybody is known (sshd -T without -C).
// InvalidArgument: sshd refuses the files; ResourceExhausted: more than a million lines to walk, as
// nested includes can make.
absl::StatusOr<SshdSettings> EvaluateSshd(const SshdTree& tree, const SshdClient* client);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SSHD_CONFIG_H_
