#include "checks/parse/sudo_policy.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "checks/parse/sudo_cover.h"
#include "checks/parse/sudo_matcher.h"

namespace tom {
namespace {

using AliasKind = SudoAlias::Kind;
using Scope = SudoDefault::Scope;
using Kind = SudoMember::Kind;

constexpr size_t kMaxGrants = 20000;

// Groups whose members are root in all but name: by their devices, sockets, files or sudo's own
// rules. As Debian's base-passwd and the named services' own manuals have it, November 2026.
constexpr const char* kRootGroups[] = {"root", "sudo", "wheel",  "admin", "docker",     "lxd",
                                       "lxc",  "disk", "shadow", "kmem",  "incus-admin"};

bool Words(const std::string& value, std::vector<std::string>& words) {
  size_t at = 0;
  while ((at = value.find_first_not_of(" \t", at)) != std::string::npos) {
    const size_t end = std::min(value.find_first_of(" \t", at), value.size());
    words.push_back(value.substr(at, end - at));
    at = end;
  }
  return !words.empty();
}

void Apply(const SudoDefault& one, SudoSettings& settings) {
  const bool on = one.operation != '0';
  if (one.name == "authenticate") settings.authenticate = on;
  if (one.name == "exempt_group") settings.exempt_group = on ? one.value : "";
  if (one.name == "rootpw") settings.root_password = on;
  if (one.name == "targetpw") settings.target_password = on;
  if (one.name == "runaspw") settings.runas_password = on;
  if (one.name == "noexec") settings.noexec = on;
  if (one.name == "setenv") settings.setenv = on;
  if (one.name == "runas_default" && on && !one.value.empty()) settings.runas_default = one.value;
  if (one.name == "timestamp_timeout") settings.timestamp_timeout = on ? one.value : "0";
  if (one.name == "env_keep") {
    if (one.operation == '=' || one.operation == '0') settings.kept.clear();
    if (one.operation == '=' || one.operation == '+') Words(one.value, settings.kept);
  }
}

bool Matters(const std::string& name) {
  constexpr std::string_view kNames[] = {"authenticate",  "exempt_group",     "rootpw", "targetpw",
                                         "runaspw",       "noexec",           "setenv", "env_keep",
                                         "runas_default", "timestamp_timeout"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// The group of the rule's list that is as good as root; "" where there is none.
std::string RootGroup(const SudoCommand& rule) {
  if (!rule.run_groups) return "";
  for (const SudoMember& group : *rule.run_groups) {
    if (group.negated) continue;
    if (group.kind == Kind::kAll) return "ALL";
    const bool known = std::find(std::begin(kRootGroups), std::end(kRootGroups), group.name) !=
                       std::end(kRootGroups);
    // An alias, or an id that no name was looked up for, may be any of them.
    if (known || group.kind == Kind::kAlias || group.name.starts_with('#')) {
      return SudoMemberText(group);
    }
  }
  return "";
}

std::string PasswordOf(const SudoSettings& settings) {
  if (settings.root_password) return "root";
  if (settings.runas_password) return "runas_default";
  return settings.target_password ? "target" : "user";
}

// What Defaults!COMMAND says of a password for this command: on, off or nothing. Where they speak
// of a part of what the rule allows, that part follows in `parts`.
std::optional<bool> CommandAuthentication(const SudoPolicy& policy, SudoMatcher& matcher,
                                          const SudoMember& command, SudoMembers& parts) {
  std::optional<bool> said;
  for (const SudoDefault& one : policy.defaults) {
    if (one.scope != Scope::kCommand || one.name != "authenticate") continue;
    SudoMembers bound;
    for (const SudoMember& member : one.binding) matcher.Expand(member, bound);
    for (const SudoMember& member : bound) {
      if (member.negated) continue;
      if (SudoCommandCovers(member, command)) {
        said = one.operation != '0';
      } else if (one.operation == '0' && SudoCommandCovers(command, member)) {
        parts.push_back(member);
      }
    }
  }
  return said;
}

}  // namespace

SudoResolver::SudoResolver(const SudoPolicy& policy, Host host)
    : policy_(policy), matcher_(std::make_unique<SudoMatcher>(policy, std::move(host))) {
  for (const SudoPolicy::UserSpec& one : policy_.user_specs) {
    for (const SudoPrivilege& privilege : one.spec.privileges) {
      for (const SudoCommand& command : privilege.commands) {
        too_many_ = !matcher_->Expand(command.command, expanded_[&command]) || too_many_;
      }
    }
  }
}

SudoResolver::~SudoResolver() = default;

const std::vector<std::string>& SudoResolver::doubts() const { return matcher_->doubts(); }

// In the file's order, whatever they are bound to; the user to run as is root here.
SudoSettings SudoResolver::Settings(const SudoPerson& person) {
  SudoSettings settings;
  const SudoPerson root{.name = "root", .uid = 0, .groups = {{"root", 0}}};
  const auto& roots = matcher_->host().roots;
  for (const SudoDefault& one : policy_.defaults) {
    if (one.scope == Scope::kCommand || !Matters(one.name)) continue;
    SudoOutcomes outcomes = kSudoAllow;
    if (one.scope == Scope::kHost) outcomes = matcher_->Hosts(one.binding);
    if (one.scope == Scope::kUser) {
      outcomes = matcher_->Users(one.binding, AliasKind::kUser, person);
    }
    if (one.scope == Scope::kRunas) {
      outcomes =
          matcher_->Users(one.binding, AliasKind::kRunas, roots.empty() ? root : roots.front());
    }
    const auto holds = SudoAllowed(outcomes);
    if (!holds) settings.doubts.push_back("whether Defaults " + one.name + " hold is not known");
    if (holds.value_or(one.name != "authenticate" || one.operation == '0')) Apply(one, settings);
  }
  settings.exempt =
      !settings.exempt_group.empty() && matcher_->InGroup(settings.exempt_group, person);
  return settings;
}

std::vector<SudoGrant> SudoResolver::Grants(const SudoPerson& person, bool& cut) {
  const SudoSettings settings = Settings(person);
  const UnixSeconds now = matcher_->host().now;
  std::vector<SudoGrant> grants;
  cut = cut || too_many_;
  for (const SudoPolicy::UserSpec& one : policy_.user_specs) {
    const SudoOutcomes users = matcher_->Users(one.spec.users, AliasKind::kUser, person);
    if ((users & kSudoAllow) == 0) continue;
    for (const SudoPrivilege& privilege : one.spec.privileges) {
      const SudoOutcomes hosts = matcher_->Hosts(privilege.hosts);
      if ((hosts & kSudoAllow) == 0) continue;
      for (const SudoCommand& rule : privilege.commands) {
        if ((rule.not_before && now < *rule.not_before) ||
            (rule.not_after && now > *rule.not_after)) {
          continue;
        }
        SudoGrant grant = SudoGrantOf(rule, person, settings, *matcher_);
        grant.file = one.file;
        grant.line = one.spec.line;
        if (users == kSudoAllow && hosts == kSudoAllow) grant.applies = true;
        for (const SudoMember& command : expanded_[&rule]) {
          if (grants.size() >= kMaxGrants) {
            cut = true;
            break;
          }
          SudoMembers parts;
          const auto said = CommandAuthentication(policy_, *matcher_, command, parts);
          const bool asked = rule.nopasswd ? !*rule.nopasswd : said.value_or(settings.authenticate);
          grant.authenticate = asked && !settings.exempt && person.uid != 0;
          grant.command = command;
          grants.push_back(grant);
          if (command.negated || rule.nopasswd) continue;
          for (SudoMember& part : parts) {
            grant.authenticate = false;
            grant.command = std::move(part);
            grants.push_back(grant);
          }
        }
      }
    }
  }
  cut = !SudoMarkOverridden(grants) || cut;
  return grants;
}

SudoGrant SudoGrantOf(const SudoCommand& rule, const SudoPerson& person,
                      const SudoSettings& settings, SudoMatcher& matcher) {
  SudoGrant grant;
  grant.rule = &rule;
  grant.password_of = PasswordOf(settings);
  grant.noexec = rule.noexec.value_or(settings.noexec);
  grant.setenv = rule.setenv.value_or(settings.setenv);
  std::vector<SudoPerson> roots = matcher.host().roots;
  if (roots.empty()) roots.push_back({.name = "root", .uid = 0, .groups = {{"root", 0}}});
  grant.as_root = false;
  if (!rule.run_users && !rule.run_groups) {
    grant.run_users = settings.runas_default;
    grant.as_root = std::any_of(roots.begin(), roots.end(), [&](const SudoPerson& root) {
      return root.name == settings.runas_default || settings.runas_default == "#0";
    });
    return grant;
  }
  if (rule.run_users) {
    grant.run_users = matcher.Text(*rule.run_users, AliasKind::kRunas);
    SudoOutcomes sure = 0;
    SudoOutcomes any = 0;
    for (const SudoPerson& root : roots) {
      const SudoOutcomes outcomes = matcher.Users(*rule.run_users, AliasKind::kRunas, root);
      if (outcomes == kSudoAllow) sure = outcomes;
      any |= outcomes & kSudoAllow;
    }
    if (sure != 0) {
      grant.as_root = true;
    } else if (any != 0) {
      grant.as_root = std::nullopt;
    }
    const bool self = rule.run_users->size() == 1 && rule.run_users->front().kind == Kind::kSelf;
    if (self && person.uid == 0) grant.as_root = true;
    const SudoPerson stranger{.name = "\x01", .uid = -2, .groups = {}, .local = false};
    grant.as_any = (matcher.Users(*rule.run_users, AliasKind::kRunas, stranger) & kSudoAllow) != 0;
  }
  if (rule.run_groups) {
    grant.run_groups = matcher.Text(*rule.run_groups, AliasKind::kRunas);
    grant.root_group = grant.as_root == true ? "" : RootGroup(rule);
    if (!grant.root_group.empty()) grant.as_root = true;
  }
  return grant;
}

std::vector<SudoPerson> SudoStrangers(const SudoPolicy& policy,
                                      const std::vector<SudoPerson>& local) {
  constexpr size_t kMaxStrangers = 1000;
  std::set<std::string> known;
  for (const SudoPerson& person : local) {
    known.insert(person.name);
    known.insert("#" + std::to_string(person.uid));
  }
  std::vector<SudoPerson> strangers;
  const auto add = [&](const SudoMembers& members) {
    for (const SudoMember& member : members) {
      const bool alias =
          member.kind == Kind::kAlias && policy.aliases.contains({AliasKind::kUser, member.name});
      if ((member.kind != Kind::kName && member.kind != Kind::kAlias) || alias) continue;
      if (strangers.size() >= kMaxStrangers || !known.insert(member.name).second) continue;
      strangers.push_back({.name = member.name, .uid = -1, .groups = {}, .local = false});
    }
  };
  for (const auto& one : policy.user_specs) add(one.spec.users);
  for (const auto& [key, alias] : policy.aliases) {
    if (alias.kind == AliasKind::kUser) add(alias.members);
  }
  return strangers;
}

}  // namespace tom
