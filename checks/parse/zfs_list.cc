#include "checks/parse/zfs_list.h"

#include <algorithm>
#include <functional>

namespace tom {
namespace {

std::vector<std::string_view> Fields(std::string_view line) {
  std::vector<std::string_view> fields;
  for (size_t at = 0; at <= line.size();) {
    const size_t end = std::min(line.find('\t', at), line.size());
    fields.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return fields;
}

void EachLine(std::string_view text, const std::function<void(std::string_view)>& use) {
  size_t count = 0;
  for (size_t at = 0; at < text.size() && count < kMaxZfsLines; ++count) {
    const size_t end = std::min(text.find('\n', at), text.size());
    use(text.substr(at, end - at));
    at = end + 1;
  }
}

// zfsprops(7) "encryption"; "on" is not told apart from what it stood for when it was set.
KeyStrength StrengthOf(std::string_view encryption) {
  struct Known {
    std::string_view name;
    const char* shown;
    int bits;
  };
  static constexpr Known kKnown[] = {
      {"off", "none", 0},
      {"aes-128-ccm", "AES-128-CCM", 128},
      {"aes-192-ccm", "AES-192-CCM", 192},
      {"aes-256-ccm", "AES-256-CCM", 256},
      {"aes-128-gcm", "AES-128-GCM", 128},
      {"aes-192-gcm", "AES-192-GCM", 192},
      {"aes-256-gcm", "AES-256-GCM", 256},
  };
  for (const Known& known : kKnown) {
    if (known.name == encryption) {
      return {.algorithm = known.shown, .bits = known.bits, .weakness = ""};
    }
  }
  return {};
}

// Headings within a pool. (A pool of such a name gives its devices to the one before it: more
// devices than it has, never fewer.)
bool IsClass(std::string_view name) {
  static constexpr std::string_view kClasses[] = {"logs",   "cache",   "spare",
                                                  "spares", "special", "dedup"};
  return std::find(std::begin(kClasses), std::end(kClasses), name) != std::end(kClasses);
}

}  // namespace

ZfsDatasets ParseZfsEncryption(std::string_view text) {
  ZfsDatasets datasets;
  EachLine(text, [&](std::string_view line) {
    const std::vector<std::string_view> fields = Fields(line);
    if (fields.size() != 3 || fields[0].empty() || fields[1] != "encryption") return;
    ZfsDataset& dataset = datasets[std::string(fields[0])];
    dataset.encryption = std::string(fields[2].substr(0, 64));
    dataset.strength = StrengthOf(fields[2]);
  });
  return datasets;
}

ZfsPools ParseZfsPools(std::string_view text) {
  ZfsPools pools;
  std::vector<std::string>* pool = nullptr;
  EachLine(text, [&](std::string_view line) {
    const std::vector<std::string_view> fields = Fields(line);
    if (IsClass(fields[0])) return;
    if (!fields[0].empty()) {
      pool = &pools[std::string(fields[0])];
    } else if (pool != nullptr && fields.size() > 1 && fields[1].substr(0, 1) == "/") {
      pool->emplace_back(fields[1]);
    }
  });
  return pools;
}

}  // namespace tom
