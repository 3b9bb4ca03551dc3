#include "checks/parse/sudo_matcher.h"

#include <algorithm>
#include <charconv>

#include "checks/parse/ascii_words.h"

namespace tom {
namespace {

using Kind = SudoMember::Kind;
using AliasKind = SudoAlias::Kind;

constexpr size_t kMaxDoubts = 20;
constexpr size_t kMaxExpanded = 200000;

// "#1000" -> 1000.
std::optional<int64_t> IdOf(std::string_view name) {
  int64_t id = 0;
  if (name.size() < 2 || name[0] != '#') return {};
  const auto end = std::from_chars(name.data() + 1, name.data() + name.size(), id);
  if (end.ec != std::errc() || end.ptr != name.data() + name.size()) return {};
  return id;
}

bool Same(const std::string& one, const std::string& other, bool fold) {
  return fold ? EqualsNoCase(one, other) : one == other;
}

SudoOutcomes Swapped(SudoOutcomes outcomes) {
  SudoOutcomes swapped = outcomes & kSudoNone;
  if ((outcomes & kSudoAllow) != 0) swapped |= kSudoDeny;
  if ((outcomes & kSudoDeny) != 0) swapped |= kSudoAllow;
  return swapped;
}

// `*` is any run of bytes, `?` one; case does not count.
bool Fits(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() &&
               (pattern[p] == '?' || UpperAscii(pattern[p]) == UpperAscii(text[t]))) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// sudo leaves out interfaces that are loopback (get_net_ifs, IFF_LOOPBACK), and no other has these.
bool IsLoopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::1/");
}

bool IsOn(const SudoDefault& one) {
  return one.scope == SudoDefault::Scope::kAlways && one.operation != '0';
}

}  // namespace

std::optional<bool> SudoAllowed(SudoOutcomes outcomes) {
  if (outcomes == kSudoAllow) return true;
  if ((outcomes & kSudoAllow) == 0) return false;
  return {};
}

std::string SudoMemberText(const SudoMember& member) {
  std::string text = member.negated ? "!" : "";
  if (member.kind == Kind::kAll) return text + "ALL";
  if (member.kind == Kind::kGroup) text += '%';
  if (member.kind == Kind::kNetgroup) text += '+';
  text.append(member.name);
  if (member.arguments) text.append(" ").append(*member.arguments);
  return text;
}

SudoMatcher::SudoMatcher(const SudoPolicy& policy, SudoResolver::Host host)
    : policy_(policy), host_(std::move(host)) {
  for (const SudoDefault& one : policy.defaults) {
    if (one.scope != SudoDefault::Scope::kAlways) continue;
    if (one.name == "case_insensitive_user") fold_users_ = IsOn(one);
    if (one.name == "case_insensitive_group") fold_groups_ = IsOn(one);
    if (one.name == "fqdn") full_names_ = IsOn(one);
    if (one.name == "group_plugin") plugin_ = IsOn(one);
  }
}

const SudoAlias* SudoMatcher::Find(AliasKind kind, const std::string& name) const {
  const auto found = policy_.aliases.find({kind, name});
  return found == policy_.aliases.end() ? nullptr : &found->second;
}

SudoOutcomes SudoMatcher::Doubt(const std::string& why) {
  if (doubts_.size() < kMaxDoubts &&
      std::find(doubts_.begin(), doubts_.end(), why) == doubts_.end()) {
    doubts_.push_back(why);
  }
  return kSudoAllow | kSudoNone;
}

bool SudoMatcher::InGroup(const std::string& group, const SudoPerson& person) const {
  const auto id = IdOf(group);
  return std::any_of(person.groups.begin(), person.groups.end(), [&](const auto& one) {
    return (id && *id == one.second) || Same(one.first, group, fold_groups_);
  });
}

bool SudoMatcher::NameFits(const std::string& name, const SudoPerson& person) const {
  const auto id = IdOf(name);
  return (id && *id == person.uid && person.uid >= 0) || Same(name, person.name, fold_users_);
}

// sudo compares what the resolver makes of the host's name, unless Defaults !fqdn; a name without a
// dot with its first label.
SudoOutcomes SudoMatcher::HostFits(const std::string& pattern) {
  const std::string& own = full_names_ ? host_.full_name : host_.name;
  if (own.empty() || pattern.find_first_of("[\\") != std::string::npos) {
    return Doubt("whether a rule for host " + pattern + " is for this one is not known");
  }
  const bool full = pattern.find('.') != std::string::npos;
  const std::string compared = full ? own : own.substr(0, own.find('.'));
  return Fits(pattern, compared) ? kSudoAllow : kSudoNone;
}

// kSudoAllow: the element fits, kSudoNone: it does not; negation is the caller's.
SudoOutcomes SudoMatcher::One(const SudoMember& member, AliasKind aliases,
                              const SudoPerson* person) {
  switch (member.kind) {
    case Kind::kAll:
      return kSudoAllow;
    case Kind::kSelf:
      return kSudoNone;  // the caller looks at it
    case Kind::kAlias:
      return Alias(member, aliases, person);
    case Kind::kNetgroup:
      return Doubt("netgroup +" + member.name + " is not read");
    case Kind::kAddress:
      if (IsLoopback(member.name)) return kSudoNone;
      return Doubt("whether " + member.name + " is an address of this host is not known");
    case Kind::kGroup:
      if (person == nullptr) return Doubt("group %" + member.name + " stands where a host belongs");
      if (member.name.starts_with(':')) {
        return plugin_ ? Doubt("group %" + member.name + " of a plugin is not read") : kSudoNone;
      }
      if (plugin_ && !InGroup(member.name, *person)) {
        return Doubt("group %" + member.name + " may come from a plugin");
      }
      return InGroup(member.name, *person) ? kSudoAllow : kSudoNone;
    case Kind::kName:
      if (person == nullptr) return HostFits(member.name);
      return NameFits(member.name, *person) ? kSudoAllow : kSudoNone;
    case Kind::kCommand:
      break;
  }
  return kSudoNone;
}

// A name without an alias of its kind is the name of a user or host itself; so is an alias inside
// itself.
SudoOutcomes SudoMatcher::Alias(const SudoMember& member, AliasKind aliases,
                                const SudoPerson* person) {
  const SudoAlias* const alias = Find(aliases, member.name);
  const auto key = std::make_pair(aliases, member.name);
  if (alias == nullptr || open_.contains(key)) {
    if (alias != nullptr) Doubt("alias " + member.name + " names itself");
    if (person == nullptr) return HostFits(member.name);
    return NameFits(member.name, *person) ? kSudoAllow : kSudoNone;
  }
  if (open_.size() > 100) return Doubt("aliases in more than 100 steps");
  const auto memory = std::make_tuple(
      aliases, member.name,
      person == nullptr ? "" : std::to_string(person->uid).append(":").append(person->name));
  if (const auto known = known_.find(memory); known != known_.end()) return known->second;
  open_.insert(key);
  const SudoOutcomes outcomes = List(alias->members, aliases, person);
  open_.erase(key);
  known_[memory] = outcomes;
  return outcomes;
}

SudoOutcomes SudoMatcher::List(const SudoMembers& list, AliasKind aliases,
                               const SudoPerson* person) {
  SudoOutcomes possible = 0;
  for (auto member = list.rbegin(); member != list.rend(); ++member) {
    SudoOutcomes outcomes = One(*member, aliases, person);
    if (member->negated) outcomes = Swapped(outcomes);
    possible |= outcomes & ~kSudoNone;
    if ((outcomes & kSudoNone) == 0) return possible;
  }
  return possible | kSudoNone;
}

SudoOutcomes SudoMatcher::Users(const SudoMembers& list, AliasKind aliases,
                                const SudoPerson& person) {
  return List(list, aliases, &person);
}

SudoOutcomes SudoMatcher::Hosts(const SudoMembers& list) {
  return List(list, AliasKind::kHost, nullptr);
}

bool SudoMatcher::Expand(const SudoMember& command, SudoMembers& expanded) {
  if (++expanded_ > kMaxExpanded) return false;
  const auto key = std::make_pair(AliasKind::kCommand, command.name);
  const SudoAlias* const alias =
      command.kind == Kind::kAlias ? Find(AliasKind::kCommand, command.name) : nullptr;
  if (alias == nullptr || open_.contains(key)) {
    if (alias != nullptr) Doubt("alias " + command.name + " names itself");
    if (command.kind != Kind::kAlias) expanded.push_back(command);  // else it fits nothing
    return true;
  }
  if (open_.size() > 100) return false;
  open_.insert(key);
  bool whole = true;
  for (const SudoMember& member : alias->members) {
    SudoMember one = member;
    one.negated = member.negated != command.negated;
    whole = whole && Expand(one, expanded);
  }
  open_.erase(key);
  return whole;
}

std::string SudoMatcher::Text(const SudoMembers& list, AliasKind aliases) {
  constexpr size_t kMaxText = 500;
  std::string text;
  for (const SudoMember& member : list) {
    if (text.size() > kMaxText) return text.append(",…");
    std::string one = SudoMemberText(member);
    const SudoAlias* const alias =
        member.kind == Kind::kAlias ? Find(aliases, member.name) : nullptr;
    const auto key = std::make_pair(aliases, member.name);
    if (alias != nullptr && open_.size() < 20 && open_.insert(key).second) {
      one = Text(alias->members, aliases);
      if (member.negated) one = "!(" + one + ")";
      open_.erase(key);
    }
    if (member.kind == Kind::kSelf) continue;
    text.append(text.empty() ? "" : ",").append(one);
  }
  return text;
}

}  // namespace tom
