#include "checks/tables/sudo_view.h"

#include <map>
#include <set>
#include <utility>

#include "checks/tables/account_files.h"
#include "checks/tables/path_reach.h"
#include "checks/tables/sudoers_tree.h"
#include "checks/tables/touch_lists.h"
#include "evidence/digest.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxRows = 50000;

std::vector<SudoPerson> Persons(const PasswdFile& users, const GroupFile& groups) {
  std::map<int64_t, std::string> names;
  std::map<std::string, std::vector<std::pair<std::string, int64_t>>> members;
  for (const GroupEntry& group : groups.entries) {
    names.emplace(group.gid, group.name);
    for (const std::string& member : group.members) {
      members[member].emplace_back(group.name, group.gid);
    }
  }
  std::vector<SudoPerson> persons;
  std::set<std::pair<std::string, int64_t>> said;
  persons.reserve(users.entries.size());
  for (const PasswdEntry& user : users.entries) {
    if (!said.emplace(user.name, user.uid).second) continue;
    SudoPerson person{.name = user.name, .uid = user.uid, .groups = members[user.name]};
    const auto primary = names.find(user.gid);
    person.groups.emplace_back(primary == names.end() ? "" : primary->second, user.gid);
    persons.push_back(std::move(person));
  }
  return persons;
}

}  // namespace

absl::Status ViewSudo(Env& env, RowSink& sink, const std::function<bool(const SudoRow&)>& take) {
  const HostNames names = ReadHostNames(env);
  const SudoersTree tree = LoadSudoers(env, names);
  for (const std::string& reason : tree.incomplete) sink.Incomplete(PrintableText(reason));
  if (!tree.present) return absl::OkStatus();
  TOM_ASSIGN_OR_RETURN(const PasswdFile users, ReadPasswd(env, sink));
  TOM_ASSIGN_OR_RETURN(const GroupFile groups, ReadGroup(env, sink));
  SayOtherSources(env, sink, "passwd");
  SayOtherSources(env, sink, "group");
  std::vector<SudoPerson> persons = Persons(users, groups);
  SudoResolver::Host host{
      .name = names.name, .full_name = names.full, .now = env.Now(), .roots = {}};
  for (const SudoPerson& person : persons) {
    if (person.uid == 0) host.roots.push_back(person);
  }
  for (SudoPerson& stranger : SudoStrangers(tree.policy, persons)) {
    persons.push_back(std::move(stranger));
  }
  SudoResolver resolver(tree.policy, std::move(host));
  std::set<std::string> doubts;
  size_t rows = 0;
  bool cut = false;
  bool more = true;
  for (const SudoPerson& person : persons) {
    const SudoSettings settings = resolver.Settings(person);
    doubts.insert(settings.doubts.begin(), settings.doubts.end());
    const std::vector<SudoGrant> grants = resolver.Grants(person, cut);
    int64_t number = 0;
    for (const SudoGrant& grant : grants) {
      more = more && ++rows <= kMaxRows &&
             take({.person = person, .settings = settings, .grant = grant, .number = ++number});
    }
    if (!more) break;
  }
  doubts.insert(resolver.doubts().begin(), resolver.doubts().end());
  for (const std::string& doubt : doubts) sink.Incomplete(PrintableText(doubt));
  if (cut || rows > kMaxRows) sink.Incomplete("more rules of sudo than can be looked at");
  return absl::OkStatus();
}

std::string PrintableText(std::string text) {
  const bool utf8 = IsUtf8(text);
  for (char& byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if (value < 0x20 || value == 0x7f || (!utf8 && value >= 0x80)) byte = '?';
  }
  return text;
}

std::vector<Touch> SudoersTouches(Env& env, const Declared&) {
  std::vector<Touch> touches = FileTouches(
      {"/etc/sudoers", "/etc/sudoers.d", "/etc/sudoers.d/*", "/etc/nsswitch.conf", "/etc/sudo.conf",
       "/etc/doas.conf", "/proc/sys/kernel/hostname", "/etc/hostname", "/etc/hosts"},
      "sudo's rules");
  for (const SudoersSource& source : LoadSudoers(env, ReadHostNames(env)).sources) {
    Append(touches, PathTouches(source.path, "sudo's rules"));
  }
  touches.push_back({TouchKind::kCapability, "CAP_DAC_READ_SEARCH", "/etc/sudoers"});
  return touches;
}

std::vector<Touch> SudoCommandTouches(Env& env) {
  constexpr size_t kMaxPaths = 2000;
  std::set<std::string> paths;
  const auto add = [&](const SudoMember& command) {
    if (command.kind != SudoMember::Kind::kCommand || paths.size() >= kMaxPaths) return;
    if (command.name.starts_with('/')) paths.insert(command.name);
    if (command.arguments && command.arguments->starts_with('/')) {
      paths.insert(command.arguments->substr(0, command.arguments->find(' ')));
    }
  };
  const SudoersTree tree = LoadSudoers(env, ReadHostNames(env));
  for (const auto& one : tree.policy.user_specs) {
    for (const SudoPrivilege& privilege : one.spec.privileges) {
      for (const SudoCommand& command : privilege.commands) add(command.command);
    }
  }
  for (const auto& [key, alias] : tree.policy.aliases) {
    for (const SudoMember& member : alias.members) add(member);
  }
  std::vector<Touch> touches;
  for (const std::string& path : paths) {
    Append(touches, PathTouches(path, "who may change what sudo allows"));
    const auto real = RealPath(env, path);
    if (real.ok()) Append(touches, PathTouches(*real, "who may change what sudo allows"));
  }
  return touches;
}

}  // namespace tom
