#include "agent/host_facts.h"

#include "checks/engine/clean_text.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxName = 256;
constexpr size_t kMaxFile = 64 << 10;

std::string FirstLine(const absl::StatusOr<std::string>& text) {
  return text.ok() ? CleanText(text->substr(0, text->find('\n')), kMaxName) : "";
}

std::string HostName(Env& env) {
  const std::string kernel = FirstLine(env.ReadFile("/proc/sys/kernel/hostname", kMaxFile));
  return kernel.empty() ? FirstLine(env.ReadFile("/etc/hostname", kMaxFile)) : kernel;
}

// os-release(5): NAME="value", one a line.
std::string OsName(Env& env) {
  static constexpr std::string_view kKey = "PRETTY_NAME=";
  auto text = env.ReadFile("/etc/os-release", kMaxFile);
  if (!text.ok()) text = env.ReadFile("/usr/lib/os-release", kMaxFile);
  if (!text.ok()) return "";
  const std::string lines = "\n" + *text;
  const size_t at = lines.find("\n" + std::string(kKey));
  if (at == std::string::npos) return "";
  std::string value = lines.substr(at + 1 + kKey.size());
  value = value.substr(0, value.find('\n'));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return CleanText(value, kMaxName);
}

}  // namespace

std::map<std::string, std::string> HostFacts(Env& env) {
  const std::string name = HostName(env);
  const std::string os = OsName(env);
  const char* mode = env.mode() == RootMode::kLive       ? "live"
                     : env.mode() == RootMode::kDeadTree ? "dead tree"
                                                         : "host root";
  return {{"name", name.empty() ? "unknown" : name},
          {"os", os.empty() ? "unknown" : os},
          {"mode", mode}};
}

}  // namespace tom
