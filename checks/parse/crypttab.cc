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

std::string Intended(const CrypttabEntry& entry) {
  std::string kept;
  for (const std::string_view option : Split(entry.options, ",")) {
    if (!SpeaksOfCipher(option)) continue;
    if (!kept.empty()) kept.push_back(',');
    kept.append(option);
  }
  return kept.empty() ? "none" : kept.substr(0, kMaxIntention);
}

std::string Field(const std::vector<std::string_view>& fields, size_t index) {
  return index < fields.size() ? std::string(fields[index]) : std::string();
}

}  // namespace

std::optional<std::string> CrypttabEntry::Option(std::string_view option) const {
  std::optional<std::string> value;
  for (const std::string_view one : Split(options, ",")) {
    const size_t equals = std::min(one.find('='), one.size());
    if (one.substr(0, equals) != option) continue;
    value = std::string(one.substr(std::min(equals + 1, one.size())));
  }
  return value;
}

Crypttab ParseCrypttab(std::string_view text) {
  Crypttab table;
  int64_t number = 0;
  for (size_t at = 0; at < text.size(); ++number) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    const std::vector<std::string_view> fields = Split(line, " \t\r");
    if (fields.empty() || fields[0][0] == '#') continue;
    const std::string place = "line " + std::to_string(number + 1) + ": ";
    if (table.entries.size() == kMaxCrypttabLines) {
      table.problems.push_back(place + "more than 1,000 entries");
      break;
    }
    if (fields.size() < 2 || line.find('\0') != std::string_view::npos) {
      table.problems.push_back(place + (fields.size() < 2 ? "no device" : "holds a NUL"));
      continue;
    }
    const std::string key = Field(fields, 2);
    table.entries.push_back({.line = number + 1,
                             .name = Field(fields, 0),
                             .device = Field(fields, 1),
                             .key = key == "none" || key == "-" ? "" : key,
                             .options = Field(fields, 3)});
  }
  return table;
}

std::string CrypttabIntention(const Crypttab& table, std::string_view name,
                              std::string_view device) {
  std::string by_device;
  for (const CrypttabEntry& entry : table.entries) {
    if (!name.empty() && entry.name == name) return Intended(entry);
    if (!device.empty() && entry.device == device && by_device.empty()) by_device = Intended(entry);
  }
  return by_device;
}

}  // namespace tom
