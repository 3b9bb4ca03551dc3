#include "checks/parse/crypttab.h"

#include <algorithm>
#include <vector>

namespace tom {
namespace {

constexpr size_t kMaxIntention = 256;

std::vector<std::string_view> Split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  size_t at = 0;
  while ((at = text.find_first_not_of(separators, at)) != std::string_view::npos) {
    const size_t end = std::min(text.find_first_of(separators, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end;
  }
  return parts;
}

bool SpeaksOfCipher(std::string_view option) {
  for (const std::string_view name : {"luks", "plain", "tcrypt", "bitlk", "swap"}) {
    if (option == name) return true;
  }
  for (const std::string_view name : {"cipher=", "size=", "hash=", "offset="}) {
    if (option.substr(0, name.size()) == name) return true;
  }
  return false;
}

std::string Options(const std::vector<std::string_view>& fields) {
  std::string kept;
  if (fields.size() > 3) {
    for (const std::string_view option : Split(fields[3], ",")) {
      if (SpeaksOfCipher(option)) kept += (kept.empty() ? "" : ",") + std::string(option);
    }
  }
  return kept.empty() ? "none" : kept.substr(0, kMaxIntention);
}

}  // namespace

std::string CrypttabIntention(std::string_view text, std::string_view name,
                              std::string_view device) {
  std::string by_device;
  for (const std::string_view line : Split(text, "\n")) {
    const std::vector<std::string_view> fields = Split(line, " \t\r");
    if (fields.size() < 2 || fields[0][0] == '#') continue;
    if (!name.empty() && fields[0] == name) return Options(fields);
    if (!device.empty() && fields[1] == device && by_device.empty()) by_device = Options(fields);
  }
  return by_device;
}

}  // namespace tom
