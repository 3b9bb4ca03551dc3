#include "checks/env/env_memory.h"

namespace tom {
namespace {

void PutText(std::string& out, std::string_view text) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(text.size() >> shift & 0xFF));
  }
  out.append(text);
}

// False: it is cut short.
bool TakeText(std::string_view& bytes, std::string& text) {
  if (bytes.size() < 4) return false;
  size_t size = 0;
  for (const char c : bytes.substr(0, 4)) size = size << 8 | static_cast<unsigned char>(c);
  if (size > bytes.size() - 4) return false;
  text = std::string(bytes.substr(4, size));
  bytes.remove_prefix(4 + size);
  return true;
}

}  // namespace

std::string EncodeEnvMemory(const EnvMemory& memory) {
  std::string bytes;
  for (const auto& [key, value] : memory.entries()) {
    PutText(bytes, key);
    PutText(bytes, value);
  }
  return bytes;
}

void RestoreEnvMemory(std::string_view bytes, EnvMemory& memory) {
  std::map<std::string, std::string> entries;
  while (!bytes.empty()) {
    std::string key;
    std::string value;
    if (!TakeText(bytes, key) || !TakeText(bytes, value)) {
      entries.clear();
      break;
    }
    entries[std::move(key)] = std::move(value);
  }
  memory.Replace(entries);
}

}  // namespace tom
