// Files that the whole system rests on: whose they are, and who else can change or read them. A
// pattern names several; what is not there is no row but for those that always are.
#include <array>

#include "checks/engine/table.h"
#include "checks/tables/env_glob.h"
#include "checks/tables/path_guard.h"
#include "checks/tables/path_reach.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Kind {
  const char* category;
  const char* pattern;
  bool secret;    // others may not read it
  bool expected;  // its absence is a row
};

constexpr std::array<Kind, 33> kKinds = {{
    {"accounts", "/etc/passwd", false, true},
    {"accounts", "/etc/group", false, true},
    {"accounts", "/etc/shadow", true, true},
    {"accounts", "/etc/gshadow", true, false},
    {"accounts", "/etc/passwd-", false, false},
    {"accounts", "/etc/group-", false, false},
    {"accounts", "/etc/shadow-", true, false},
    {"accounts", "/etc/gshadow-", true, false},
    {"accounts", "/etc/security/opasswd", true, false},
    {"accounts", "/etc/sudoers", true, false},
    {"accounts", "/etc/sudoers.d", false, false},
    {"accounts", "/etc/pam.d", false, false},
    {"accounts", "/etc/login.defs", false, false},
    {"accounts", "/etc/shells", false, false},
    {"cron", "/etc/crontab", false, false},
    {"cron", "/etc/cron.d", false, false},
    {"cron", "/etc/cron.hourly", false, false},
    {"cron", "/etc/cron.daily", false, false},
    {"cron", "/etc/cron.weekly", false, false},
    {"cron", "/etc/cron.monthly", false, false},
    {"cron", "/etc/cron.allow", false, false},
    {"cron", "/etc/at.allow", false, false},
    {"ssh", "/etc/ssh/ssh_host_*_key", true, false},
    {"ssh", "/etc/ssh/sshd_config", false, false},
    {"ssh", "/etc/ssh/sshd_config.d", false, false},
    {"boot", "/boot/grub/grub.cfg", true, false},
    {"boot", "/boot/grub2/grub.cfg", true, false},
    {"boot", "/etc/default/grub", false, false},
    {"loader", "/etc/ld.so.preload", false, false},
    {"loader", "/etc/ld.so.conf.d", false, false},
    {"loader", "/etc/profile.d", false, false},
    {"units", "/etc/systemd/system", false, false},
    {"sysctl", "/etc/sysctl.d", false, false},
}};

class FileRows {
 public:
  FileRows(Env& env, RowSink& sink) : env_(env), sink_(sink), guard_(env) {}

  void Add(const Kind& kind) {
    GlobResult found = ExpandGlob(env_, kind.pattern);
    for (const std::string& problem : found.problems) sink_.Incomplete(problem);
    if (found.paths.empty() && found.problems.empty() && kind.expected) {
      sink_.Add({{"category", kind.category}, {"path", kind.pattern}, {"found", int64_t{0}}});
    }
    for (const std::string& path : found.paths) Row(kind, path);
  }

 private:
  void Row(const Kind& kind, const std::string& path) {
    const auto info = env_.Stat(path);
    const auto weakness = guard_.Weakness(path);
    if (!info.ok() || !weakness.ok()) {
      const absl::Status& status = info.ok() ? weakness.status() : info.status();
      sink_.Incomplete(std::string(status.message()));
      sink_.Add({{"category", kind.category}, {"path", path}, {"secret", int64_t{kind.secret}}});
      return;
    }
    sink_.Add({{"category", kind.category},
               {"path", path},
               {"found", int64_t{1}},
               {"type", std::string(FileKindName(info->kind))},
               {"uid", int64_t{info->uid}},
               {"gid", int64_t{info->gid}},
               {"mode", Octal(info->mode)},
               {"secret", int64_t{kind.secret}},
               {"group_read", int64_t{(info->mode & 0040) != 0}},
               {"others_read", int64_t{(info->mode & 0004) != 0}},
               {"others_write", int64_t{(info->mode & 0002) != 0}},
               {"guarded", int64_t{weakness->empty()}},
               {"weakness", *weakness}});
  }

  static std::string Octal(uint32_t mode) {
    std::string digits(4, '0');
    for (size_t i = 4; i-- > 0; mode >>= 3) digits[i] = static_cast<char>('0' + (mode & 7));
    return digits;
  }

  Env& env_;
  RowSink& sink_;
  PathGuard guard_;
};

absl::Status GenerateFiles(Env& env, const TableContext&, RowSink& sink) {
  FileRows rows(env, sink);
  for (const Kind& kind : kKinds) rows.Add(kind);
  return absl::OkStatus();
}

std::vector<Touch> FileListTouches(Env& env, const Declared&) {
  std::vector<Touch> touches;
  for (const Kind& kind : kKinds) {
    Append(touches, GlobTouches(kind.pattern, "files that the system rests on"));
    for (const std::string& path : ExpandGlob(env, kind.pattern).paths) {
      const auto real = RealPath(env, path);
      if (real.ok()) Append(touches, PathTouches(*real, "files that the system rests on"));
    }
  }
  return touches;
}

}  // namespace

Table system_files_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      .name = "system_files",
      .description = "Files that the system rests on, and who can change or read them",
      .columns = {{.name = "category",
                   .description = "accounts, cron, ssh, boot, loader, units or sysctl"},
                  {.name = "path", .description = "The file or folder"},
                  {.name = "found", .type = kInt, .description = "0: it is missing"},
                  {.name = "type", .description = "regular, directory, …"},
                  {.name = "uid", .type = kBig, .description = "Owner"},
                  {.name = "gid", .type = kBig, .description = "Group"},
                  {.name = "mode", .description = "Permission bits, octal"},
                  {.name = "secret", .type = kInt, .description = "1: others may not read it"},
                  {.name = "group_read", .type = kInt, .description = "1: its group may read it"},
                  {.name = "others_read", .type = kInt, .description = "1: every user may read it"},
                  {.name = "others_write", .type = kInt, .description = "1: every user may write"},
                  {.name = "guarded",
                   .type = kInt,
                   .description = "1: nobody but root can change or replace it"},
                  {.name = "weakness", .description = "What lets others change it"}},
      .generate = GenerateFiles,
      .touches = FileListTouches};
}

}  // namespace tom
