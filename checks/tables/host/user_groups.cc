// Which local user is in which group: by the primary group of passwd(5) and by the member lists of
// group(5). Also whom a member list names though no local account has the name: uid is NULL there.
#include <set>
#include <unordered_map>

#include "checks/engine/table.h"
#include "checks/tables/account_files.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Membership {
  Value uid;
  int64_t gid = 0;
  std::string username;
  std::string groupname;
  bool primary = false;
};

// By group id, for the names of primary groups; the first entry of an id is the one that is found.
std::unordered_map<int64_t, std::string> NamesOf(const GroupFile& groups) {
  std::unordered_map<int64_t, std::string> names;
  for (const GroupEntry& group : groups.entries) names.emplace(group.gid, group.name);
  return names;
}

bool AddRow(RowSink& sink, const Membership& one) {
  return sink.Add({{"uid", one.uid},
                   {"gid", one.gid},
                   {"username", one.username},
                   {"groupname", one.groupname.empty() ? Value() : Value(one.groupname)},
                   {"is_primary", int64_t{one.primary}}});
}

absl::Status GenerateUserGroups(Env& env, const TableContext&, RowSink& sink) {
  TOM_ASSIGN_OR_RETURN(const PasswdFile users, ReadPasswd(env, sink));
  TOM_ASSIGN_OR_RETURN(const GroupFile groups, ReadGroup(env, sink));
  SayOtherSources(env, sink, "passwd");
  SayOtherSources(env, sink, "group");
  const auto names = NamesOf(groups);
  std::unordered_map<std::string, int64_t> uids;
  std::set<std::pair<std::string, int64_t>> said;
  for (const PasswdEntry& user : users.entries) {
    uids.emplace(user.name, user.uid);
    if (!said.emplace(user.name, user.gid).second) continue;
    const auto name = names.find(user.gid);
    if (!AddRow(sink,
                {user.uid, user.gid, user.name, name == names.end() ? "" : name->second, true})) {
      return absl::OkStatus();
    }
  }
  for (const GroupEntry& group : groups.entries) {
    for (const std::string& member : group.members) {
      if (!said.emplace(member, group.gid).second) continue;
      const auto uid = uids.find(member);
      const Value value = uid == uids.end() ? Value() : Value(uid->second);
      if (!AddRow(sink, {value, group.gid, member, group.name, false})) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

}  // namespace

Table user_groups_table() {
  return {.name = "user_groups",
          .description = "Members of local groups",
          .columns = {{.name = "uid",
                       .type = ColumnType::kBigint,
                       .description = "User id; NULL: no local account has this name"},
                      {.name = "gid", .type = ColumnType::kBigint, .description = "Group id"},
                      {.name = "username",
                       .description = "Login name",
                       .personal = "user",
                       .hidden = true},
                      {.name = "groupname",
                       .description = "Name of the group; NULL: no local group has this id",
                       .hidden = true},
                      {.name = "is_primary",
                       .type = ColumnType::kInteger,
                       .description = "1: the user's group in passwd",
                       .hidden = true}},
          .generate = GenerateUserGroups,
          .touches = [](Env&, const Declared&) { return AccountTouches(); }};
}

}  // namespace tom
