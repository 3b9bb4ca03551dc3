// Settings of the kernel: what it runs with (/proc/sys) and what files set at the next boot. Both
// count: what runs is lost at a boot, what is configured may not have been taken.
//
// A query that names the setting, or a pattern, reads those alone. /proc/sys/fs/binfmt_misc is not
// entered, for that would mount it.
#include <algorithm>
#include <set>

#include "checks/engine/table.h"
#include "checks/parse/ascii_words.h"
#include "checks/tables/sysctl_files.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kRoot[] = "/proc/sys/";
constexpr char kNotEntered[] = "fs/binfmt_misc";
constexpr size_t kMaxSettings = 30000;
constexpr int kMaxDepth = 8;

// SQL's LIKE, with the case of ASCII aside.
bool Like(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() &&
               (pattern[p] == '_' || UpperAscii(pattern[p]) == UpperAscii(text[t]))) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('%', p) == std::string_view::npos;
}

class ControlScan {
 public:
  ControlScan(Env& env, RowSink& sink) : env_(env), sink_(sink), files_(LoadSysctlFiles(env)) {
    for (const std::string& problem : files_.problems) sink_.Incomplete(problem);
  }

  void One(const std::string& name) {
    const std::string path = SysctlPath(name);
    if (path.find("..") != std::string::npos || SysctlName(path) != name) return;
    const auto info = env_.Lstat(kRoot + path);
    const bool there = info.ok() && info->kind == FileKind::kRegular;
    if (!info.ok() && !absl::IsNotFound(info.status())) Say(info.status());
    if (there || ConfiguredFor(files_, path).option != nullptr) Row(path, there);
  }

  // Everything, or what `pattern` stands for. What is configured and not there is a row too.
  void All(std::string_view pattern) {
    pattern_ = pattern;
    if (env_.Lstat("/proc/sys").ok()) {
      const std::string start = StartOf(pattern);  // LIKE takes names of another case, too
      Walk(env_.Lstat(kRoot + start).ok() ? start : "", 0);
    } else {
      sink_.Incomplete("/proc/sys: only a live kernel knows what it runs with");
    }
    for (const SysctlSettings* settings : {&files_.systemd, &files_.procps, &files_.ufw}) {
      for (const auto& [path, option] : settings->options()) {
        if (option.glob || !option.value || seen_.contains(path) || !Asked(path)) continue;
        Row(path, false);
      }
    }
  }

 private:
  // The folder that every match of the pattern lies in.
  static std::string StartOf(std::string_view pattern) {
    const std::string_view literal = pattern.substr(0, pattern.find_first_of("%_"));
    const size_t dot = literal.rfind('.');
    return dot == std::string_view::npos ? "" : SysctlPath(literal.substr(0, dot));
  }

  bool Asked(const std::string& path) const {
    return pattern_.empty() || Like(pattern_, SysctlName(path));
  }

  void Say(const absl::Status& status) { sink_.Incomplete(std::string(status.message())); }

  void Walk(const std::string& folder, int depth) {
    const std::string at = kRoot + folder;
    const auto names = env_.ListDirectory(at);
    if (absl::IsNotFound(names.status())) return;
    if (!names.ok()) return Say(names.status());
    if (depth > kMaxDepth) return sink_.Incomplete(at + ": deeper than is read");
    for (const std::string& name : *names) {
      if (full_) return;
      const std::string path = folder.empty() ? name : std::string(folder).append("/").append(name);
      if (path == kNotEntered) continue;
      const auto info = env_.Lstat(kRoot + path);
      if (!info.ok()) continue;  // an interface that went away meanwhile
      if (info->kind == FileKind::kDirectory) {
        Walk(path, depth + 1);
      } else if (info->kind == FileKind::kRegular && Asked(path)) {
        Row(path, (info->mode & 0444) != 0);
      }
    }
  }

  // What the kernel says now; NULL where it has no value yet (EIO), or does not tell.
  Value Current(const std::string& path) {
    auto text = env_.ReadFile(kRoot + path, 64 << 10);
    if (text.ok()) {
      while (!text->empty() && text->back() == '\n') text->pop_back();
      return *std::move(text);
    }
    if (absl::IsPermissionDenied(text.status())) Say(text.status());
    return {};
  }

  static Value Number(const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    const auto number = text == nullptr ? std::nullopt : SysctlNumber(*text);
    return number ? Value(*number) : Value();
  }

  void Row(const std::string& path, bool readable) {
    if (full_) return;
    if (seen_.size() >= kMaxSettings) {
      full_ = true;
      return sink_.Incomplete("more than 30,000 settings");
    }
    seen_.insert(path);
    const SysctlConfigured configured = ConfiguredFor(files_, path);
    const Value current = readable ? Current(path) : Value();
    Value value;
    Value source;
    if (configured.option != nullptr) {
      value = *configured.option->value;
      source = configured.option->file;
    }
    full_ = !sink_.Add({{"name", SysctlName(path)},
                        {"oid", ""},
                        {"subsystem", path.substr(0, path.find('/'))},
                        {"current_value", current},
                        {"config_value", value},
                        {"type", TypeOf(current)},
                        {"current_number", Number(current)},
                        {"config_number", Number(value)},
                        {"config_source", source},
                        {"config_disputed", int64_t{configured.disputed}}});
  }

  static Value TypeOf(const Value& current) {
    if (IsNull(current)) return {};
    return IsNull(Number(current)) ? "string" : "int";
  }

  Env& env_;
  RowSink& sink_;
  SysctlFiles files_;
  std::string pattern_;
  std::set<std::string> seen_;
  bool full_ = false;
};

absl::Status GenerateControls(Env& env, const TableContext& context, RowSink& sink) {
  ControlScan scan(env, sink);
  if (const std::string* name = context.EqualText("name")) {
    scan.One(*name);
    return absl::OkStatus();
  }
  std::string pattern;
  for (const Constraint& one : context.constraints) {
    const auto* text = std::get_if<std::string>(&one.value);
    if (one.column == "name" && text != nullptr) pattern = *text;
  }
  scan.All(pattern);
  return absl::OkStatus();
}

std::vector<Column> Columns() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      {.name = "name", .description = "As sysctl(8) prints it", .pushdown = true},
      {.name = "oid", .description = "Always empty on Linux"},
      {.name = "subsystem", .description = "First part of the name"},
      {.name = "current_value", .description = "What the kernel runs with; NULL: not told"},
      {.name = "config_value", .description = "What files set at boot; NULL: none does"},
      {.name = "type", .description = "int or string, as the current value looks"},
      {.name = "current_number",
       .type = kBig,
       .description = "current_value where it is one number",
       .hidden = true},
      {.name = "config_number",
       .type = kBig,
       .description = "config_value where it is one number",
       .hidden = true},
      {.name = "config_source", .description = "File that sets it", .hidden = true},
      {.name = "config_disputed",
       .type = kInt,
       .description = "1: systemd, sysctl --system and ufw set different values, or the service "
                      "that would set it is masked",
       .hidden = true},
  };
}

}  // namespace

Table system_controls_table() {
  return {.name = "system_controls",
          .description = "Settings of the kernel, running and configured",
          .columns = Columns(),
          .generate = GenerateControls,
          .touches = [](Env&, const Declared&) {
            std::vector<Touch> touches = SysctlFileTouches();
            for (Touch& one :
                 FileTouches({"/proc/sys", "/proc/sys/**"}, "settings that the kernel runs with")) {
              touches.push_back(std::move(one));
            }
            return touches;
          }};
}

}  // namespace tom
