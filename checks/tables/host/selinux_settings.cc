// SELinux: what the running kernel has (/sys/fs/selinux) and what /etc/selinux/config says for the
// next boot. No row: neither is there.
#include "checks/engine/table.h"
#include "checks/parse/config_lines.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kKernel[] = "/sys/fs/selinux";
constexpr char kConfig[] = "/etc/selinux/config";
constexpr const char* kRoot[] = {"enforce",        "policyvers", "deny_unknown",
                                 "reject_unknown", "mls",        "checkreqprot"};
constexpr size_t kMaxBooleans = 2000;

std::string Line(const std::string& text) { return text.substr(0, text.find('\n')); }

void Kernel(Env& env, RowSink& sink) {
  if (absl::IsNotFound(env.Stat(std::string(kKernel) + "/enforce").status())) return;
  for (const char* key : kRoot) {
    const auto text = env.ReadFile(std::string(kKernel).append("/").append(key), 256);
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) {
      sink.Incomplete(std::string(text.status().message()));
      continue;
    }
    sink.Add({{"scope", "root"}, {"key", key}, {"value", Line(*text)}});
  }
  const std::string booleans = std::string(kKernel) + "/booleans";
  const auto names = env.ListDirectory(booleans);
  if (!names.ok()) {
    if (!absl::IsNotFound(names.status())) sink.Incomplete(std::string(names.status().message()));
    return;
  }
  size_t count = 0;
  for (const std::string& name : *names) {
    if (++count > kMaxBooleans) return sink.Incomplete(booleans + ": more than 2,000");
    const auto text = env.ReadFile(std::string(booleans).append("/").append(name), 256);
    // "current pending"
    if (text.ok()) sink.Add({{"scope", "booleans"}, {"key", name}, {"value", text->substr(0, 1)}});
  }
}

absl::Status GenerateSettings(Env& env, const TableContext&, RowSink& sink) {
  Kernel(env, sink);
  const auto config = env.ReadFile(kConfig, 64 << 10);
  if (absl::IsNotFound(config.status())) return absl::OkStatus();
  if (!config.ok()) return config.status();
  for (const NumberedLine& line : LinesOf(*config)) {
    const std::string_view text = TrimLine(line.text);
    const size_t equals = text.find('=');
    if (text.empty() || text[0] == '#' || equals == std::string_view::npos) continue;
    sink.Add({{"scope", "config"},
              {"key", std::string(TrimLine(text.substr(0, equals)))},
              {"value", std::string(TrimLine(text.substr(equals + 1)))}});
  }
  return absl::OkStatus();
}

}  // namespace

Table selinux_settings_table() {
  return {.name = "selinux_settings",
          .description = "Settings of SELinux, running and configured",
          .columns = {{.name = "scope", .description = "root, booleans; config: /etc/selinux"},
                      {.name = "key", .description = "Name"},
                      {.name = "value", .description = "Value"}},
          .generate = GenerateSettings,
          .touches = [](Env&, const Declared&) {
            return FileTouches({kConfig, "/sys/fs/selinux/*", "/sys/fs/selinux/booleans/*"},
                               "settings of SELinux");
          }};
}

}  // namespace tom
