#include "checks/tables/cron_files.h"

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxFiles = 2000;
constexpr size_t kMaxBytes = 1 << 20;
constexpr const char* kScriptFolders[] = {"/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly",
                                          "/etc/cron.monthly"};
// Debian's spool; cronie's has the tables in the folder above it.
constexpr const char* kSpools[] = {"/var/spool/cron/crontabs", "/var/spool/cron",
                                   "/var/spool/cron/tabs"};

class Reader {
 public:
  Reader(Env& env, RowSink& sink) : env_(env), sink_(sink) {}

  void File(const std::string& path, const std::string& user, bool required) {
    if (files_.size() >= kMaxFiles) return;
    const auto text = env_.ReadFile(path, kMaxBytes);
    if (!text.ok()) {
      if (required || !absl::IsNotFound(text.status())) Say(path, user, text.status());
      return;
    }
    CronFile file;
    file.path = path;
    file.user = user;
    file.system = user.empty();
    file.table = ParseCrontab(*text, file.system);
    const bool whole =
        file.table.bad_lines.empty() && !file.table.cut && text->find('\0') == std::string::npos;
    if (!whole) sink_.Incomplete(Shown(path, user) + ": lines that are not understood");
    files_.push_back(std::move(file));
    if (files_.size() == kMaxFiles) sink_.Incomplete("more than 2,000 tables of cron");
  }

  void Folder(const std::string& folder, bool of_users) {
    const auto names = env_.ListDirectory(folder);
    if (!names.ok()) {
      if (!absl::IsNotFound(names.status())) Say(folder, "", names.status());
      return;
    }
    for (const std::string& name : *names) {
      if (name[0] == '.') continue;
      const std::string path = std::string(folder).append("/").append(name);
      const auto info = env_.Stat(path);
      if (info.ok() && info->kind == FileKind::kDirectory) continue;
      File(path, of_users ? name : "", true);
    }
  }

  std::vector<CronFile> Take() { return std::move(files_); }

 private:
  // The name of a user's table is the user's: the folder is said.
  static std::string Shown(const std::string& path, const std::string& user) {
    return user.empty() ? path : path.substr(0, path.rfind('/')) + ": a user's table";
  }

  void Say(const std::string& path, const std::string& user, const absl::Status& status) {
    sink_.Incomplete(user.empty() ? std::string(status.message())
                                  : Shown(path, user) + ": " +
                                        std::string(absl::StatusCodeToString(status.code())));
  }

  Env& env_;
  RowSink& sink_;
  std::vector<CronFile> files_;
};

}  // namespace

std::vector<CronFile> ReadCronFiles(Env& env, RowSink& sink) {
  Reader reader(env, sink);
  reader.File("/etc/crontab", "", false);
  reader.Folder("/etc/cron.d", false);
  for (const char* spool : kSpools) reader.Folder(spool, true);
  return reader.Take();
}

std::vector<std::string> CronScripts(Env& env, RowSink& sink) {
  std::vector<std::string> scripts;
  for (const char* folder : kScriptFolders) {
    const auto names = env.ListDirectory(folder);
    if (!names.ok()) {
      if (!absl::IsNotFound(names.status())) sink.Incomplete(std::string(names.status().message()));
      continue;
    }
    for (const std::string& name : *names) {
      if (name[0] == '.') continue;
      if (scripts.size() >= kMaxFiles) {
        sink.Incomplete("more than 2,000 scripts of cron");
        return scripts;
      }
      scripts.push_back(std::string(folder).append("/").append(name));
    }
  }
  return scripts;
}

std::vector<Touch> CronTouches() {
  return FileTouches(
      {"/etc/crontab", "/etc/cron.d", "/etc/cron.d/*", "/var/spool/cron", "/var/spool/cron/**",
       "/etc/cron.hourly", "/etc/cron.hourly/*", "/etc/cron.daily", "/etc/cron.daily/*",
       "/etc/cron.weekly", "/etc/cron.weekly/*", "/etc/cron.monthly", "/etc/cron.monthly/*"},
      "what cron runs");
}

}  // namespace tom
