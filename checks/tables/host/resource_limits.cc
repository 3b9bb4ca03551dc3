// limits.conf(5) as pam_limits reads it: limits.conf, then limits.d in the order of names; and what
// systemd sets for what it starts (DefaultLimitCORE=, coredump.conf(5)).
#include "checks/engine/table.h"
#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"
#include "checks/parse/unit_file.h"
#include "checks/tables/drop_ins.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kMain[] = "/etc/security/limits.conf";
constexpr char kFolder[] = "/etc/security/limits.d";

void Limits(const std::string& text, const std::string& path, RowSink& sink) {
  for (const NumberedLine& line : LinesOf(text)) {
    const std::string_view rest = std::string_view(line.text).substr(0, line.text.find('#'));
    const auto words = WordsOf(rest);
    if (words.size() != 4) continue;  // "domain -": no limits at all for it
    const std::string domain(words[0]);
    const bool of_user = domain != "*" && domain[0] != '@' && domain[0] != '%' &&
                         domain != "root" && domain.find(':') == std::string::npos;
    sink.Add({{"domain", of_user ? "user" : domain},
              {"username", of_user ? Value(domain) : Value()},
              {"kind", std::string(words[1])},
              {"item", std::string(words[2])},
              {"value", std::string(words[3])},
              {"source", path}});
  }
}

// One setting of systemd's .conf files; empty where none says it.
std::string SystemdSetting(ConfigFiles& files, const std::string& name, const char* section,
                           const char* key, std::string& source) {
  std::vector<std::string> paths;
  for (const char* folder : {"/lib/systemd/", "/usr/lib/systemd/", "/usr/local/lib/systemd/",
                             "/run/systemd/", "/etc/systemd/"}) {
    if (files.Exists(folder + name)) paths = {folder + name};  // the strongest alone counts
  }
  const std::string suffix = name + ".d";
  for (const DropIn& one :
       ListDropIns(files,
                   {"/etc/systemd/" + suffix, "/run/systemd/" + suffix,
                    "/usr/local/lib/systemd/" + suffix, "/usr/lib/systemd/" + suffix},
                   ".conf")) {
    if (!one.masked) paths.push_back(one.path);
  }
  UnitFile settings;
  for (const std::string& path : paths) {
    const auto text = files.Read(path);
    if (!text.ok()) {
      files.Problem(text.status());
      continue;
    }
    const std::string before = settings.Value(section, key);
    settings.Read(*text);
    if (settings.Value(section, key) != before || source.empty()) source = path;
  }
  return settings.Value(section, key);
}

absl::Status GenerateLimits(Env& env, const TableContext&, RowSink& sink) {
  ConfigFiles files(env);
  std::vector<std::string> paths = {kMain};
  for (const DropIn& one : ListDropIns(files, {kFolder}, ".conf")) paths.push_back(one.path);
  for (const std::string& path : paths) {
    const auto text = files.Read(path);
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) {
      files.Problem(text.status());
    } else {
      Limits(*text, path, sink);
    }
  }
  const auto systemd = [&](const char* file, const char* section, const char* key) {
    std::string source;
    const std::string value = SystemdSetting(files, file, section, key, source);
    if (value.empty()) return;
    sink.Add({{"domain", "systemd"},
              {"kind", "-"},
              {"item", key},
              {"value", value},
              {"source", source}});
  };
  systemd("system.conf", "Manager", "DefaultLimitCORE");
  systemd("coredump.conf", "Coredump", "Storage");
  systemd("coredump.conf", "Coredump", "ProcessSizeMax");
  for (const std::string& problem : files.problems()) sink.Incomplete(problem);
  return absl::OkStatus();
}

}  // namespace

Table resource_limits_table() {
  return {.name = "resource_limits",
          .description = "Limits of logins and services, as configured; a later row wins",
          .columns = {{.name = "domain",
                       .description = "*, @group, root, an id range, systemd; user: a single one"},
                      {.name = "username", .description = "That one", .personal = "user"},
                      {.name = "kind", .description = "soft, hard or - (both)"},
                      {.name = "item", .description = "core, nofile, …, or the setting's name"},
                      {.name = "value", .description = "As it stands"},
                      {.name = "source", .description = "File that says so"}},
          .generate = GenerateLimits,
          .touches = [](Env&, const Declared&) {
            return FileTouches(
                {kMain, kFolder, "/etc/security/limits.d/*", "/etc/systemd/*.conf",
                 "/etc/systemd/*.conf.d", "/etc/systemd/*.conf.d/*", "/run/systemd/*.conf",
                 "/run/systemd/*.conf.d", "/run/systemd/*.conf.d/*", "/usr/lib/systemd/*.conf",
                 "/usr/lib/systemd/*.conf.d", "/usr/lib/systemd/*.conf.d/*",
                 "/usr/local/lib/systemd/**", "/lib/systemd/*.conf", "/dev/null"},
                "limits of what runs");
          }};
}

}  // namespace tom
