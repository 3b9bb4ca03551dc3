// sudoers(5) as sudo 1.9.13 reads it: one file's text -> what it says, in order. Includes are
// named, not followed; names of aliases are not resolved (sudo_policy.h does both). No I/O; pure
// and thread-safe.
//
// A line that sudo cannot parse is a problem and says nothing, as it does to sudo: the lines after
// it count again.
#ifndef TOM_CHECKS_PARSE_SUDOERS_FILE_H_
#define TOM_CHECKS_PARSE_SUDOERS_FILE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evidence/utc_time.h"

namespace tom {

// One element of a list of users, groups, hosts or commands.
struct SudoMember {
  enum class Kind {
    kAll,
    kAlias,     // a name in capitals: an alias, or where none has the name, the name itself
    kName,      // of a user, group or host; "#1000" is an id
    kGroup,     // %name, %#gid; `name` without the first %, ":name" is one of a plugin
    kNetgroup,  // +name
    kAddress,   // of a host or network
    kSelf,      // the invoking user
    kCommand,   // a path, "sudoedit", "list" or ^a pattern$
  };
  Kind kind = Kind::kName;
  bool negated = false;
  std::string name;                       // without escapes; of a command its path
  std::optional<std::string> arguments;   // absent: any; `""`: none
  std::vector<std::string> digests = {};  // "sha256:…": any of them
};
using SudoMembers = std::vector<SudoMember>;

// One command with what holds for it after inheritance along the list.
struct SudoCommand {
  std::optional<SudoMembers> run_users;   // absent: none is named
  std::optional<SudoMembers> run_groups;  // absent: none is named
  std::optional<bool> nopasswd;
  std::optional<bool> noexec;
  std::optional<bool> setenv;
  bool setenv_implied = false;  // by ALL; not inherited
  std::optional<bool> follow;
  std::optional<bool> intercept;
  std::string role;  // SELinux
  std::string type;
  std::string chroot;
  std::string directory;  // to run in
  std::optional<UnixSeconds> not_before;
  std::optional<UnixSeconds> not_after;
  SudoMember command;
};

struct SudoPrivilege {
  SudoMembers hosts;
  std::vector<SudoCommand> commands;
};

struct SudoUserSpec {
  SudoMembers users;
  std::vector<SudoPrivilege> privileges;
  int64_t line = 0;
};

struct SudoAlias {
  enum class Kind { kUser, kRunas, kHost, kCommand };
  Kind kind = Kind::kUser;
  std::string name;
  SudoMembers members;
  int64_t line = 0;
};

struct SudoDefault {
  enum class Scope { kAlways, kUser, kHost, kRunas, kCommand };
  Scope scope = Scope::kAlways;
  SudoMembers binding;  // of the scope
  std::string name;
  char operation = '1';  // '1' on, '0' off, '=' set, '+' add, '-' remove
  std::string value;
  int64_t line = 0;
};

struct SudoInclude {
  std::string path;  // as written, %h and relative ones too
  bool directory = false;
  int64_t line = 0;
};

struct SudoersProblem {
  int64_t line = 0;
  std::string text;
};

// `order` says how the entries follow each other: the kind and the index in its list.
struct SudoersFile {
  enum class Entry { kUserSpec, kDefault, kInclude };
  std::vector<SudoUserSpec> user_specs;
  std::vector<SudoDefault> defaults;
  std::vector<SudoAlias> aliases;
  std::vector<SudoInclude> includes;
  std::vector<std::pair<Entry, size_t>> order;
  std::vector<SudoersProblem> problems;  // at most 100, more are counted in the last
};

// At most 200,000 members of lists; what follows more is a problem.
SudoersFile ParseSudoers(std::string_view text);

// Logical lines as osquery's table sudoers shows them: comments and blank lines left out, lines
// continued with a backslash joined, the first word apart from the rest.
struct SudoersLine {
  std::string header;
  std::string details;
};
std::vector<SudoersLine> SudoersLines(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SUDOERS_FILE_H_
