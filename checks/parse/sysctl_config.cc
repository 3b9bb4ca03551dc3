#include "checks/parse/sysctl_config.h"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>

namespace tom {
namespace {

constexpr std::string_view kBlanks = " \t\n\r";

std::string_view Strip(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

void Swap(std::string& text) {
  for (char& c : text) {
    if (c == '.') {
      c = '/';
    } else if (c == '/') {
      c = '.';
    }
  }
}

// Without doubled slashes, names ".", and a slash at either end.
std::string Simple(std::string_view path) {
  std::string simple;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view name = path.substr(at, end - at);
    at = end + 1;
    if (name.empty() || name == ".") continue;
    if (!simple.empty()) simple += '/';
    simple.append(name);
  }
  return simple;
}

}  // namespace

std::string SysctlPath(std::string_view key) {
  std::string path(key);
  const size_t first = path.find_first_of("/.");
  if (first != std::string::npos && path[first] == '.') Swap(path);
  return Simple(path);
}

std::string SysctlName(std::string_view path) {
  std::string name(path);
  Swap(name);
  return name;
}

bool SysctlSettings::Read(std::string_view text, const std::string& file) {
  int number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = Strip(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    const bool dash = line[0] == '-';
    if (dash) line.remove_prefix(1);
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos && !dash) continue;  // no assignment: left out
    SysctlOption option;
    option.path = SysctlPath(Strip(line.substr(0, equals)));
    if (equals != std::string_view::npos) option.value = Strip(line.substr(equals + 1));
    option.glob = option.path.find_first_of("*?[") != std::string::npos;
    option.file = file;
    option.line = number;
    if (!option.path.empty() && !Put(std::move(option))) return false;
  }
  return true;
}

bool SysctlSettings::Put(SysctlOption option) {
  option.order = ++next_;
  const auto old = options_.find(option.path);
  if (old != options_.end()) {
    if (old->second.value != option.value) old->second = std::move(option);
    return true;
  }
  if (options_.size() >= kMaxOptions) return false;
  if (option.glob) ++globs_;
  std::string path = option.path;
  options_.emplace(std::move(path), std::move(option));
  return true;
}

const SysctlOption* SysctlSettings::For(std::string_view path) const {
  const auto named = options_.find(path);
  if (named != options_.end()) return named->second.value ? &named->second : nullptr;
  if (globs_ == 0) return nullptr;
  const std::string name(path);
  const SysctlOption* found = nullptr;
  for (const auto& [pattern, option] : options_) {
    if (!option.glob || !option.value || (found != nullptr && option.order < found->order))
      continue;
    if (fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0) found = &option;
  }
  return found;
}

std::optional<int64_t> SysctlNumber(std::string_view value) {
  value = Strip(value);
  const bool minus = !value.empty() && value[0] == '-';
  if (minus) value.remove_prefix(1);
  int base = 10;
  if (value.size() > 2 && value[0] == '0' && (value[1] == 'x' || value[1] == 'X')) {
    base = 16;
    value.remove_prefix(2);
  } else if (value.size() > 1 && value[0] == '0') {
    base = 8;
    value.remove_prefix(1);
  }
  if (value.empty() || value[0] == '-') return std::nullopt;
  int64_t number = 0;
  const auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), number, base);
  if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
  return minus ? -number : number;
}

}  // namespace tom
