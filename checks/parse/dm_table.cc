#include "checks/parse/dm_table.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace tom {
namespace {

constexpr int kMaxKeyBytes = 512;

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  size_t at = 0;
  while ((at = text.find_first_not_of(" \t\r", at)) != std::string_view::npos) {
    const size_t end = std::min(text.find_first_of(" \t\r", at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

std::optional<int64_t> Number(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

// "-" is no key; two digits are a byte; ":32:logon:cryptsetup:…" states its bytes.
std::optional<int> KeyBytes(std::string_view key) {
  if (key == "-") return 0;
  if (!key.empty() && key[0] == ':') {
    const auto bytes = Number(key.substr(1, std::min(key.find(':', 1), key.size()) - 1));
    if (!bytes || *bytes > kMaxKeyBytes) return std::nullopt;
    return static_cast<int>(*bytes);
  }
  if (key.size() % 2 != 0 || key.size() > 2 * kMaxKeyBytes) return std::nullopt;
  if (key.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
    return std::nullopt;
  }
  return static_cast<int>(key.size() / 2);
}

// "integrity:28:hmac(sha256)" -> the name.
std::string Integrity(std::string_view option) {
  constexpr std::string_view kStart = "integrity:";
  if (option.substr(0, kStart.size()) != kStart) return "";
  const size_t colon = option.find(':', kStart.size());
  return colon == std::string_view::npos ? "?" : std::string(option.substr(colon + 1));
}

// Behind the type: cipher, key, offset of the vectors, device, start, count of options, options.
bool ReadCrypt(const std::vector<std::string_view>& words, DmTarget& target) {
  constexpr size_t kArguments = 3;
  if (words.size() < kArguments + 5) return false;
  target.cipher = std::string(words[kArguments].substr(0, 128));
  std::optional<int> bytes = KeyBytes(words[kArguments + 1]);
  for (size_t i = kArguments + 6; i < words.size(); ++i) {
    const std::string integrity = Integrity(words[i]);
    if (!integrity.empty()) target.integrity = integrity;
    if (words[i] == "allow_discards") target.allows_discards = true;
  }
  const std::optional<int> tag = IntegrityKeyBytes(target.integrity);
  if (bytes && tag) target.key_bytes = std::max(*bytes - *tag, 0);
  const auto [cipher, mode] = SplitEncryption(target.cipher);
  // Several keys take turns by sectors ("aes:64-cbc-lmk"): which is whose is not told.
  target.strength = RealKeyBits(cipher, mode, target.key_bytes);
  return true;
}

}  // namespace

DmTables ParseDmTables(std::string_view text) {
  DmTables tables;
  size_t number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.empty() || line == "No devices found") continue;
    const std::string place = "line " + std::to_string(++number) + ": ";
    if (number > kMaxDmLines) {
      tables.problems.push_back(place + "more lines than are read");
      break;
    }
    // Blanks in a name are printed as \x20.
    const size_t colon = line.find(": ");
    const std::string_view name = line.substr(0, std::min(colon, line.size()));
    const std::vector<std::string_view> words = colon == std::string_view::npos
                                                    ? std::vector<std::string_view>()
                                                    : Words(line.substr(colon + 2));
    DmTarget target;
    const bool whole = words.size() >= 3 && Number(words[0]) && Number(words[1]);
    if (whole) target.type = std::string(words[2].substr(0, 64));
    if (!whole || (target.type == "crypt" && !ReadCrypt(words, target))) {
      tables.problems.push_back(place + "not a mapping's line");
      target = DmTarget();
      target.type = "?";
    }
    tables.mappings[std::string(name)].push_back(std::move(target));
  }
  return tables;
}

}  // namespace tom
