// What files say of passwords to come: login.defs(5), pwquality.conf(5) and faillock.conf(5). One
// row a setting, the value that counts.
#include <map>

#include "checks/engine/table.h"
#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"
#include "checks/parse/sysctl_config.h"
#include "checks/tables/drop_ins.h"
#include "checks/tables/pam_touches.h"
#include "checks/tables/password_stack.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kLoginDefs[] = "/etc/login.defs";
constexpr char kQuality[] = "/etc/security/pwquality.conf";
constexpr char kQualityFolder[] = "/etc/security/pwquality.conf.d";
constexpr char kFaillock[] = "/etc/security/faillock.conf";

struct Setting {
  std::string value;
  std::string source;
};
using Settings = std::map<std::string, Setting>;

// "NAME value" or, with `equals`, "name = value"; a name alone is 1, the last of a name counts, `#`
// begins a comment.
void Read(ConfigFiles& files, const std::string& path, bool equals, Settings& all) {
  const auto text = files.Read(path);
  if (absl::IsNotFound(text.status())) return;
  if (!text.ok()) return files.Problem(text.status());
  for (const NumberedLine& line : LinesOf(*text)) {
    const std::string_view rest =
        TrimLine(std::string_view(line.text).substr(0, line.text.find('#')));
    if (rest.empty()) continue;
    const size_t end = rest.find_first_of(equals ? "= \t" : " \t");
    const std::string name(rest.substr(0, end));
    std::string_view value = end == std::string_view::npos ? "1" : TrimLine(rest.substr(end));
    if (equals && value.starts_with("=")) value = TrimLine(value.substr(1));
    if (value.size() > 1 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    if (all.size() > 1000) return files.Problem(path + ": more than 1,000 settings");
    all[name] = {std::string(value), path};
  }
}

void AddAll(const char* group, const Settings& settings, RowSink& sink) {
  for (const auto& [name, setting] : settings) {
    const auto number = SysctlNumber(setting.value);
    sink.Add({{"scope", group},
              {"name", name},
              {"value", setting.value},
              {"number", number ? Value(*number) : Value()},
              {"source", setting.source}});
  }
}

// What the stack of `passwd` makes of it all; nothing where PAM's files are not known.
void AddStack(ConfigFiles& files, const QualitySettings& quality, RowSink& sink) {
  PamFiles pam(files.env());
  const PamService service = pam.Load("passwd");
  if (!service.unknown.empty()) return files.Problem("passwd: " + service.unknown);
  if (!service.aborted.empty() || service.stacks.count(PamType::kPassword) == 0) return;
  const auto login = files.Read(kLoginDefs);
  if (!login.ok() && !absl::IsNotFound(login.status())) return;
  const std::string method = login.ok() ? PamSearchKey(*login, "ENCRYPT_METHOD") : "";
  const PasswordStack judged = JudgePasswordStack(service, quality, method);
  const auto add = [&](const char* name, int64_t number, const std::string& source) {
    sink.Add({{"scope", "passwd"},
              {"name", name},
              {"value", std::to_string(number)},
              {"number", number},
              {"source", source}});
  };
  add("modules", static_cast<int64_t>(judged.modules), "");
  add("shortest", judged.shortest, judged.place);
  add("shortest perhaps", judged.perhaps, quality.problem);
  for (const std::string& one : judged.methods) {
    sink.Add({{"scope", "passwd"}, {"name", "method"}, {"value", one}, {"source", kLoginDefs}});
  }
}

absl::Status GeneratePolicy(Env& env, const TableContext&, RowSink& sink) {
  ConfigFiles files(env);
  Settings login;
  Read(files, kLoginDefs, false, login);
  Settings quality;
  QualitySettings settings;
  std::vector<std::string> paths;
  for (const DropIn& one : ListDropIns(files, {kQualityFolder}, ".conf")) {
    if (!one.masked) paths.push_back(one.path);
  }
  paths.emplace_back(kQuality);  // the main file is read last, and wins
  for (const std::string& path : paths) {
    Read(files, path, true, quality);
    const auto text = files.Read(path);
    if (text.ok()) settings.Read(*text, path);
  }
  Settings faillock;
  Read(files, kFaillock, true, faillock);
  AddAll("login.defs", login, sink);
  AddAll("pwquality", quality, sink);
  AddAll("faillock", faillock, sink);
  if (files.problems().empty()) AddStack(files, settings, sink);
  for (const std::string& problem : files.problems()) sink.Incomplete(problem);
  return absl::OkStatus();
}

}  // namespace

Table password_policy_table() {
  return {
      .name = "password_policy",
      .description = "Settings of passwords: login.defs, pwquality.conf, faillock.conf",
      .columns =
          {{.name = "scope",
            .description =
                "login.defs, pwquality, faillock; passwd: what PAM's stack for it makes of them"},
           {.name = "name", .description = "Name"},
           {.name = "value", .description = "Value that counts; 1: the name alone"},
           {.name = "number",
            .type = ColumnType::kBigint,
            .description = "The value where it is a number (octal with 0 in front)"},
           {.name = "source", .description = "File that says so"}},
      .generate = GeneratePolicy,
      .touches = [](Env& env, const Declared&) {
        std::vector<Touch> touches = PamRuleTouches(env);
        Append(touches, FileTouches({kLoginDefs, kQuality, kQualityFolder,
                                     "/etc/security/pwquality.conf.d/*", kFaillock, "/dev/null"},
                                    "settings of passwords"));
        return touches;
      }};
}

}  // namespace tom
