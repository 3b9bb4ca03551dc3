// A host's sudoers with all that they include, in the order and with the refusals of sudo 1.9.13:
// a file or directory that is not root's, or that others may write to, counts as if it were not
// there; names in a drop-in directory that hold a dot or end in ~ are passed over.
#ifndef TOM_CHECKS_TABLES_SUDOERS_TREE_H_
#define TOM_CHECKS_TABLES_SUDOERS_TREE_H_

#include <string>
#include <vector>

#include "checks/env/env.h"
#include "checks/parse/sudo_policy.h"

namespace tom {

inline constexpr char kSudoersPath[] = "/etc/sudoers";

struct SudoersSource {
  std::string path;
  std::string text;  // empty unless it was read
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint32_t mode = 0;
  bool known = false;                    // owner and mode are
  std::string refused;                   // why sudo passes it over
  std::string unread;                    // why it could not be read here
  size_t rules = 0;                      // user specifications in it
  std::vector<SudoersProblem> problems;  // what sudo cannot make sense of, by line
};

struct SudoersTree {
  bool present = false;  // there is an /etc/sudoers
  SudoPolicy policy;
  std::vector<SudoersSource> sources;   // in order; a file that is included twice stands twice
  std::vector<std::string> incomplete;  // rules that may exist and were not read
};

struct HostNames {
  std::string name;  // the kernel's, else the one in /etc/hostname; "" where neither can be read
  std::string full;  // what /etc/hosts makes of it; "" where it does not know the name
};
HostNames ReadHostNames(Env& env);

// Never fails: what went wrong stands in the tree. At most 20,000 files and 32 MiB.
SudoersTree LoadSudoers(Env& env, const HostNames& host);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_SUDOERS_TREE_H_
