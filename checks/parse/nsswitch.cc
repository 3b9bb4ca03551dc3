#include "checks/parse/nsswitch.h"

namespace tom {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string> Services(std::string_view text) {
  std::vector<std::string> services;
  while (!(text = Trim(text)).empty()) {
    const bool action = text[0] == '[';
    size_t end = action ? text.find(']') : text.find_first_of(" \t[");
    if (end == std::string_view::npos) end = text.size();
    if (!action) services.emplace_back(text.substr(0, end));
    text.remove_prefix(action && end < text.size() ? end + 1 : end);
  }
  return services;
}

}  // namespace

std::vector<std::string> NameServices(std::string_view text, std::string_view database) {
  std::vector<std::string> services;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line = line.substr(0, line.find('#'));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || Trim(line.substr(0, colon)) != database) continue;
    services = Services(line.substr(colon + 1));
  }
  return services;
}

}  // namespace tom
