// Rules of the audit system as files give them: audit.rules(7). augenrules(8) puts rules.d together
// as `ls -v` orders the names, the last -e at the end, -D at the start; auditctl loads the result.
// What the kernel holds is told to CAP_AUDIT_CONTROL alone, over netlink: not asked.
#include <string.h>

#include <algorithm>

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
  std::string kind = "other";  // watch, syscall, never, off, exclude, control, delete
  std::string target;
  std::string keys;
};

// "always,exit" and "exit,always" are the same. What never asks for anything more switches off: no
// program is audited, or no call of any.
std::string KindOf(const std::string& list, bool has_fields) {
  const auto parts = WordsOf(list, ",");
  const auto has = [&](std::string_view word) {
    return std::find(parts.begin(), parts.end(), word) != parts.end();
  };
  if (has("exclude")) return "exclude";
  if (!has("never")) return has("always") || has("possible") ? "syscall" : "other";
  return !has_fields && (has("task") || has("exit")) ? "off" : "never";
}

Rule Understand(const std::vector<std::string_view>& words) {
  Rule rule;
  const bool has_fields = std::find(words.begin(), words.end(), "-F") != words.end() ||
                          std::find(words.begin(), words.end(), "-C") != words.end() ||
                          std::find(words.begin(), words.end(), "-S") != words.end();
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const std::string next = i + 1 < words.size() ? std::string(words[i + 1]) : "";
    if (word == "-w") {
      rule.kind = "watch";
      rule.target = next;
    } else if (word == "-a" || word == "-A") {
      rule.kind = KindOf(next, has_fields);
    } else if (word == "-S" && (rule.kind == "syscall" || rule.kind == "never")) {
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

struct Line {
  std::string path;
  int64_t number = 0;
  std::string rule;
  Rule parts;
};

void ReadRules(std::string_view text, const std::string& path, std::vector<Line>& lines) {
  for (const NumberedLine& line : LinesOf(text)) {
    std::string rule(TrimLine(line.text));
    if (rule.empty() || rule[0] == '#') continue;
    Rule parts = Understand(WordsOf(rule));
    lines.push_back({path, line.number, std::move(rule), std::move(parts)});
  }
}

bool IsSwitch(const Line& line) {
  return line.parts.kind == "control" && line.parts.target.starts_with("e ");
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
  std::sort(paths.begin(), paths.end(), [](const std::string& one, const std::string& other) {
    return strverscmp(one.c_str(), other.c_str()) < 0;
  });
  const bool generated = !paths.empty();
  if (paths.empty()) paths.emplace_back(kRules);  // a host without augenrules
  std::vector<Line> lines;
  for (const std::string& path : paths) {
    const auto text = files.Read(path);
    if (absl::IsNotFound(text.status()) && path == kRules) continue;
    if (!text.ok()) {
      sink.Incomplete(std::string(text.status().message()));
    } else {
      ReadRules(*text, path, lines);
    }
  }
  if (generated) {
    std::stable_partition(lines.begin(), lines.end(),
                          [](const Line& line) { return !IsSwitch(line); });
  }
  int64_t position = 0;
  for (const Line& line : lines) {
    if (!sink.Add({{"path", line.path},
                   {"line", line.number},
                   {"rule", line.rule},
                   {"kind", line.parts.kind},
                   {"target", line.parts.target},
                   {"key", line.parts.keys},
                   {"position", ++position}})) {
      break;
    }
  }
  return absl::OkStatus();
}

}  // namespace

Table audit_rules_table() {
  return {
      .name = "audit_rules",
      .description = "Rules of the audit system, as configured",
      .columns = {{.name = "path", .description = "File that it stands in"},
                  {.name = "line", .type = ColumnType::kInteger, .description = "Line in it"},
                  {.name = "rule", .description = "As it stands"},
                  {.name = "kind",
                   .description = "watch, syscall, never, off, exclude, control, delete or other"},
                  {.name = "target",
                   .description = "Path that is watched, calls, or the setting: \"e 2\""},
                  {.name = "key", .description = "Key that its records carry"},
                  {.name = "position",
                   .type = ColumnType::kInteger,
                   .description = "Place in the order in which they are loaded"}},
      .generate = GenerateRules,
      .touches = [](Env&, const Declared&) {
        std::vector<Touch> touches =
            FileTouches({kFolder, "/etc/audit/rules.d/*", kRules}, "rules of the audit system");
        touches.push_back({TouchKind::kCapability, "CAP_DAC_READ_SEARCH", "/etc/audit"});
        return touches;
      }};
}

}  // namespace tom
