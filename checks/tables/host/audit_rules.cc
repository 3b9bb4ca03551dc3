// Rules of the audit system as files give them: audit.rules(7). augenrules(8) puts rules.d together
// in the order of names; auditctl loads the result. What the kernel holds is told to
// CAP_AUDIT_CONTROL alone, over netlink: not asked.
#include "checks/engine/table.h"
#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"
#include "checks/tables/config_files.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kFolder[] = "/etc/audit/rules.d";
constexpr char kRules[] = "/etc/audit/audit.rules";

struct Rule {
  std::string kind = "other";  // watch, syscall, control, delete
  std::string target;
  std::string keys;
};

Rule Understand(const std::vector<std::string_view>& words) {
  Rule rule;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const std::string next = i + 1 < words.size() ? std::string(words[i + 1]) : "";
    if (word == "-w") {
      rule.kind = "watch";
      rule.target = next;
    } else if (word == "-a" || word == "-A") {
      rule.kind = "syscall";
    } else if (word == "-S" && rule.kind == "syscall") {
      rule.target.append(rule.target.empty() ? "" : ",").append(next);
    } else if (word == "-F" && (next.starts_with("path=") || next.starts_with("dir="))) {
      rule.target = next.substr(next.find('=') + 1);
    } else if (word == "-k") {
      rule.keys = next;
    } else if (word == "-F" && next.starts_with("key=")) {
      rule.keys = next.substr(4);
    } else if (word == "-D" || word == "-d" || word == "-W") {
      rule.kind = "delete";
    } else if (i == 0 && word.size() == 2 && word[0] == '-') {
      rule.kind = "control";
      rule.target = std::string(word.substr(1)).append(" ").append(next);
    }
  }
  return rule;
}

bool AddRules(std::string_view text, const std::string& path, RowSink& sink) {
  for (const NumberedLine& line : LinesOf(text)) {
    const std::string rule(TrimLine(line.text));
    if (rule.empty() || rule[0] == '#') continue;
    const Rule parts = Understand(WordsOf(rule));
    if (!sink.Add({{"path", path},
                   {"line", int64_t{line.number}},
                   {"rule", rule},
                   {"kind", parts.kind},
                   {"target", parts.target},
                   {"key", parts.keys}})) {
      return false;
    }
  }
  return true;
}

absl::Status GenerateRules(Env& env, const TableContext&, RowSink& sink) {
  ConfigFiles files(env);
  std::vector<std::string> paths;
  const auto names = env.ListDirectory(kFolder);
  if (!names.ok() && !absl::IsNotFound(names.status())) return names.status();
  if (names.ok()) {
    for (const std::string& name : *names) {
      if (name.ends_with(".rules")) paths.push_back(std::string(kFolder).append("/").append(name));
    }
  }
  if (paths.empty()) paths.emplace_back(kRules);  // a host without augenrules
  for (const std::string& path : paths) {
    const auto text = files.Read(path);
    if (absl::IsNotFound(text.status()) && path == kRules) continue;
    if (!text.ok()) {
      sink.Incomplete(std::string(text.status().message()));
    } else if (!AddRules(*text, path, sink)) {
      break;
    }
  }
  return absl::OkStatus();
}

}  // namespace

Table audit_rules_table() {
  return {.name = "audit_rules",
          .description = "Rules of the audit system, as configured",
          .columns = {{.name = "path", .description = "File that it stands in"},
                      {.name = "line", .type = ColumnType::kInteger, .description = "Line in it"},
                      {.name = "rule", .description = "As it stands"},
                      {.name = "kind", .description = "watch, syscall, control, delete or other"},
                      {.name = "target",
                       .description = "Path that is watched, calls, or the setting: \"e 2\""},
                      {.name = "key", .description = "Key that its records carry"}},
          .generate = GenerateRules,
          .touches = [](Env&, const Declared&) {
            std::vector<Touch> touches =
                FileTouches({kFolder, "/etc/audit/rules.d/*", kRules}, "rules of the audit system");
            touches.push_back({TouchKind::kCapability, "CAP_DAC_READ_SEARCH", "/etc/audit"});
            return touches;
          }};
}

}  // namespace tom
