// Matches lists of sudoers against accounts and hosts. Internal to sudo_policy.
#ifndef TOM_CHECKS_PARSE_SUDO_MATCHER_H_
#define TOM_CHECKS_PARSE_SUDO_MATCHER_H_

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "checks/parse/sudo_policy.h"

namespace tom {

class SudoMatcher {
 public:
  SudoMatcher(const SudoPolicy& policy, SudoResolver::Host host);

  const SudoResolver::Host& host() const { return host_; }

  // A list of users, of a rule or of the users to run as.
  SudoOutcomes Users(const SudoMembers& list, SudoAlias::Kind aliases, const SudoPerson& person);
  SudoOutcomes Hosts(const SudoMembers& list);
  // The elements of a command, aliases resolved; negation carried to each. False: too many.
  bool Expand(const SudoMember& command, SudoMembers& expanded);
  // The same of a list of users or groups, for showing.
  std::string Text(const SudoMembers& list, SudoAlias::Kind aliases);
  bool InGroup(const std::string& group, const SudoPerson& person) const;

  const std::vector<std::string>& doubts() const { return doubts_; }

 private:
  SudoOutcomes One(const SudoMember& member, SudoAlias::Kind aliases, const SudoPerson* person);
  SudoOutcomes Alias(const SudoMember& member, SudoAlias::Kind aliases, const SudoPerson* person);
  SudoOutcomes List(const SudoMembers& list, SudoAlias::Kind aliases, const SudoPerson* person);
  bool NameFits(const std::string& name, const SudoPerson& person) const;
  SudoOutcomes HostFits(const std::string& pattern);
  SudoOutcomes Doubt(const std::string& why);
  const SudoAlias* Find(SudoAlias::Kind kind, const std::string& name) const;

  const SudoPolicy& policy_;
  SudoResolver::Host host_;
  bool fold_users_ = true;   // case_insensitive_user
  bool fold_groups_ = true;  // case_insensitive_group
  bool full_names_ = true;   // fqdn
  bool plugin_ = false;      // group_plugin
  std::map<std::tuple<SudoAlias::Kind, std::string, std::string>, SudoOutcomes> known_;
  std::set<std::pair<SudoAlias::Kind, std::string>> open_;  // being resolved
  std::vector<std::string> doubts_;
  size_t expanded_ = 0;
};

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SUDO_MATCHER_H_
