// Homes of local accounts and who else may write into them. Paths hold people's names: the rows
// name the account alone.
#include <map>
#include <set>

#include "checks/engine/table.h"
#include "checks/tables/account_files.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Group id -> accounts in it, by their own entry or by the group's list.
using Members = std::map<int64_t, std::set<std::string>>;

Members MembersOf(const PasswdFile& users, const GroupFile& groups) {
  Members members;
  for (const PasswdEntry& user : users.entries) members[user.gid].insert(user.name);
  for (const GroupEntry& group : groups.entries) {
    members[group.gid].insert(group.members.begin(), group.members.end());
  }
  return members;
}

std::string Octal(uint32_t mode) {
  std::string digits(4, '0');
  for (size_t i = 4; i-- > 0; mode >>= 3) digits[i] = static_cast<char>('0' + (mode & 7));
  return digits;
}

bool AddHome(Env& env, const PasswdEntry& user, const Members& members, RowSink& sink) {
  const bool absolute = !user.directory.empty() && user.directory[0] == '/';
  const absl::StatusOr<FileInfo> info =
      absolute ? env.Stat(user.directory) : absl::NotFoundError("no absolute path");
  if (absl::IsNotFound(info.status())) {
    return sink.Add({{"username", user.name}, {"uid", user.uid}, {"found", int64_t{0}}});
  }
  if (!info.ok()) {
    sink.Incomplete("a home directory could not be examined: " +
                    std::string(absl::StatusCodeToString(info.status().code())));
    return sink.Add({{"username", user.name}, {"uid", user.uid}});
  }
  const auto found = members.find(info->gid);
  const bool alone = found == members.end() || found->second.empty() ||
                     (found->second.size() == 1 && found->second.contains(user.name));
  return sink.Add({{"username", user.name},
                   {"uid", user.uid},
                   {"found", int64_t{1}},
                   {"owner", int64_t{info->uid}},
                   {"mode", Octal(info->mode)},
                   {"others_write", int64_t{(info->mode & 0002) != 0}},
                   {"others_read", int64_t{(info->mode & 0004) != 0}},
                   {"group_write", int64_t{(info->mode & 0020) != 0}},
                   {"group_own", int64_t{alone || info->gid == 0}}});
}

absl::Status GenerateHomes(Env& env, const TableContext&, RowSink& sink) {
  TOM_ASSIGN_OR_RETURN(const PasswdFile users, ReadPasswd(env, sink));
  TOM_ASSIGN_OR_RETURN(const GroupFile groups, ReadGroup(env, sink));
  SayOtherSources(env, sink, "passwd");
  const Members members = MembersOf(users, groups);
  for (const PasswdEntry& user : users.entries) {
    if (!AddHome(env, user, members, sink)) break;
  }
  return absl::OkStatus();
}

std::vector<Touch> HomeTouches(Env& env, const Declared&) {
  std::vector<Touch> touches = AccountTouches();
  const auto text = env.ReadFile(kPasswdPath);
  if (!text.ok()) return touches;
  for (const PasswdEntry& user : ParsePasswd(*text).entries) {
    if (!user.directory.empty() && user.directory[0] == '/') {
      Append(touches, PathTouches(user.directory, "homes of accounts"));
    }
  }
  return touches;
}

}  // namespace

Table home_directories_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      .name = "home_directories",
      .description = "Homes of local accounts: owner and mode",
      .columns = {{.name = "username", .description = "Login name", .personal = "user"},
                  {.name = "uid", .type = kBig, .description = "User id"},
                  {.name = "found", .type = kInt, .description = "0: there is none"},
                  {.name = "owner", .type = kBig, .description = "User id of the owner"},
                  {.name = "mode", .description = "Permission bits, octal"},
                  {.name = "others_write", .type = kInt, .description = "1: every user may write"},
                  {.name = "others_read", .type = kInt, .description = "1: every user may list it"},
                  {.name = "group_write", .type = kInt, .description = "1: its group may write"},
                  {.name = "group_own",
                   .type = kInt,
                   .description = "1: nobody but the account is in that group, or it is root's"}},
      .generate = GenerateHomes,
      .touches = HomeTouches};
}

}  // namespace tom
