#include "checks/parse/sudo_cover.h"

namespace tom {
namespace {

using Kind = SudoMember::Kind;

constexpr size_t kMaxComparisons = 20000000;

bool HasPattern(const std::string& path) {
  return path.find_first_of("*?[]\\") != std::string::npos || path.starts_with('^');
}

// No element takes anything away from ALL.
bool IsAll(const std::optional<SudoMembers>& list) {
  bool all = false;
  if (!list) return false;
  for (const SudoMember& member : *list) {
    if (member.negated || member.kind == Kind::kAlias) return false;
    all = all || member.kind == Kind::kAll;
  }
  return all;
}

// Whoever `other` can be run as, `one` can: the users, and the groups.
bool GroupsCover(const SudoGrant& one, const SudoGrant& other) {
  if (!other.rule->run_groups) return true;
  return IsAll(one.rule->run_groups) ||
         (one.rule->run_groups && one.run_groups == other.run_groups);
}

bool UsersCover(const SudoGrant& one, const SudoGrant& other) {
  if (IsAll(one.rule->run_users)) return true;
  return one.rule->run_users.has_value() == other.rule->run_users.has_value() &&
         one.run_users == other.run_users;
}

// A long list of users or groups is shown cut, and then cannot be compared.
bool Comparable(const SudoGrant& grant) {
  return grant.run_users.find("…") == std::string::npos &&
         grant.run_groups.find("…") == std::string::npos;
}

}  // namespace

bool SudoCommandCovers(const SudoMember& one, const SudoMember& other) {
  if (!one.digests.empty()) return false;
  if (one.kind == Kind::kAll) return true;
  if (one.kind != Kind::kCommand || other.kind != Kind::kCommand) return false;
  if (one.name == other.name) return !one.arguments || one.arguments == other.arguments;
  // A directory: its own files, not what lies deeper.
  if (one.name.back() != '/' || HasPattern(one.name) || HasPattern(other.name)) return false;
  return other.name.starts_with(one.name) &&
         other.name.find('/', one.name.size()) == std::string::npos &&
         other.name.size() > one.name.size();
}

bool SudoMarkOverridden(std::vector<SudoGrant>& grants) {
  size_t comparisons = 0;
  for (size_t i = 0; i < grants.size(); ++i) {
    SudoGrant& grant = grants[i];
    for (size_t j = i + 1; j < grants.size() && !grant.overridden; ++j) {
      if (++comparisons > kMaxComparisons) return false;
      const SudoGrant& later = grants[j];
      if (later.applies != true || !later.rule->chroot.empty() || !grant.rule->chroot.empty() ||
          !Comparable(grant) || !Comparable(later) || !GroupsCover(later, grant) ||
          !SudoCommandCovers(later.command, grant.command)) {
        continue;
      }
      // The later one must fit whenever this one does: a rule that ends in time may not.
      if (later.as_root == true && later.root_group.empty() && grant.root_group.empty()) {
        grant.as_root = false;
      }
      grant.overridden = UsersCover(later, grant);
    }
    if (grant.overridden) grant.as_root = false;
  }
  return true;
}

}  // namespace tom
