#include "checks/parse/cpu_info.h"

#include <algorithm>
#include <set>
#include <utility>

#include "checks/parse/proc_process.h"

namespace tom {
namespace {

constexpr int64_t kMaxProcessors = 16384;

std::string_view Trimmed(std::string_view text) {
  const size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

}  // namespace

CpuInfo ParseCpuInfo(std::string_view text) {
  CpuInfo info;
  std::set<std::string, std::less<>> sockets;
  std::set<std::pair<std::string, std::string>> cores;
  std::string socket;
  while (!text.empty() && info.logical_cores < kMaxProcessors) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = Trimmed(line.substr(0, colon));
    const std::string value(Trimmed(line.substr(colon + 1)));
    if (name == "processor") ++info.logical_cores;
    if (name == "model name" && info.brand.empty()) info.brand = value;
    if (name == "microcode" && info.microcode.empty()) info.microcode = value;
    if (name == "cpu family" && info.family.empty()) info.family = value;
    if (name == "physical id") sockets.insert(socket = value);
    if (name == "core id") cores.emplace(socket, value);
  }
  info.sockets = static_cast<int64_t>(sockets.size());
  info.physical_cores = cores.empty() ? info.logical_cores : static_cast<int64_t>(cores.size());
  return info;
}

std::optional<int64_t> MemoryBytes(std::string_view meminfo) {
  const auto kib = ProcNumber(meminfo, "MemTotal");
  if (!kib || *kib < 0 || *kib > (int64_t{1} << 50)) return {};
  return *kib * 1024;
}

}  // namespace tom
