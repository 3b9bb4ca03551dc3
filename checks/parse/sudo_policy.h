// What sudoers files grant to an account, as sudo 1.9.13 decides it: aliases, negation, order,
// defaults with their scopes. No I/O; pure.
//
// The last rule that fits decides, and so does the last element of a list. What cannot be decided
// here - netgroups, groups of a plugin, addresses, names that need a resolver - leaves several
// outcomes possible, and the answer is "not known" (absent) unless they agree.
#ifndef TOM_CHECKS_PARSE_SUDO_POLICY_H_
#define TOM_CHECKS_PARSE_SUDO_POLICY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checks/parse/sudoers_file.h"

namespace tom {

class SudoMatcher;

struct SudoPerson {
  std::string name;
  int64_t uid = -1;                                     // -1: no local account
  std::vector<std::pair<std::string, int64_t>> groups;  // names and ids, the primary one too
  bool local = true;
};

// All files of a host in the order in which sudo reads them.
struct SudoPolicy {
  struct UserSpec {
    SudoUserSpec spec;
    std::string file;
  };
  std::vector<UserSpec> user_specs;
  std::vector<SudoDefault> defaults;
  std::map<std::pair<SudoAlias::Kind, std::string>, SudoAlias> aliases;
};

// A set of possible outcomes of matching a list.
using SudoOutcomes = unsigned;
inline constexpr SudoOutcomes kSudoAllow = 1;
inline constexpr SudoOutcomes kSudoDeny = 2;
inline constexpr SudoOutcomes kSudoNone = 4;

// true: certainly allowed; false: certainly not; nothing: not known.
std::optional<bool> SudoAllowed(SudoOutcomes outcomes);

// One command of a rule, for one account.
struct SudoGrant {
  const SudoCommand* rule = nullptr;  // of the policy: must outlive this
  SudoMember command;                 // one element, aliases resolved; negated: forbids
  std::string file;
  int64_t line = 0;
  std::optional<bool> applies;  // to this account, on this host, now
  std::optional<bool> as_root;  // makes user id 0, or a group as good, possible in the end
  std::string root_group;       // the group by which; "" the user id
  bool as_any = false;          // as every user but perhaps root
  bool overridden = false;      // later rules decide whatever this one says
  bool authenticate = true;     // a password is asked for
  std::string password_of;      // user, root, target, runas_default
  std::string run_users;        // as resolved, comma-separated; "" the account itself
  std::string run_groups;
  bool noexec = false;
  bool setenv = false;
};

// Settings that hold for one account on this host, whatever is run.
struct SudoSettings {
  bool authenticate = true;
  bool exempt = false;  // in exempt_group
  bool root_password = false;
  bool target_password = false;
  bool runas_password = false;
  bool noexec = false;
  bool setenv = false;
  std::string exempt_group;
  std::string runas_default = "root";
  std::string timestamp_timeout;  // as set last; "" sudo's own default
  std::vector<std::string> kept;  // env_keep, beside sudo's own list
  std::vector<std::string> doubts;
};

class SudoResolver {
 public:
  struct Host {
    std::string name;       // of the kernel; "" not known
    std::string full_name;  // what the resolver makes of it, as Debian's sudo asks; "" not known
    UnixSeconds now = 0;
    std::vector<SudoPerson> roots;  // accounts with user id 0
  };

  // `policy` must outlive it.
  SudoResolver(const SudoPolicy& policy, Host host);
  ~SudoResolver();
  SudoResolver(const SudoResolver&) = delete;
  SudoResolver& operator=(const SudoResolver&) = delete;

  SudoSettings Settings(const SudoPerson& person);
  // In sudo's order; at most 20,000, `cut` says that there are more. Rules for other accounts,
  // other hosts or other times are left out.
  std::vector<SudoGrant> Grants(const SudoPerson& person, bool& cut);
  // Aliases that name themselves, in any number of steps; elements that cannot be decided here.
  const std::vector<std::string>& doubts() const;

 private:
  const SudoPolicy& policy_;
  std::unique_ptr<SudoMatcher> matcher_;
  std::map<const SudoCommand*, SudoMembers> expanded_;  // commands without aliases
  bool too_many_ = false;                               // for that
};

// Names of users in lists of users, and ids as "#1000", that `local` has no account for.
std::vector<SudoPerson> SudoStrangers(const SudoPolicy& policy,
                                      const std::vector<SudoPerson>& local);

// A member as it would be written: "!%adm", "/bin/ls -l".
std::string SudoMemberText(const SudoMember& member);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SUDO_POLICY_H_
