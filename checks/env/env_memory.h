// What one look leaves for the next, so that servers are not asked again while nothing about them
// has changed. Tables of one evaluation share it; the agent carries it from one evaluation to the
// next, since an evaluator may write nothing.
//
// A hint, and no more: it may be empty at any time, and who reads it checks that it still holds.
#ifndef TOM_CHECKS_ENV_ENV_MEMORY_H_
#define TOM_CHECKS_ENV_ENV_MEMORY_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace tom {

// Not thread-safe.
class EnvMemory {
 public:
  static constexpr size_t kMaxBytes = 4 << 20;  // keys and values together

  // Null when nothing is kept under the key. Valid up to the next Keep or Replace.
  const std::string* Find(const std::string& key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
  }

  // In place of what was there. What does not fit is not kept.
  void Keep(const std::string& key, std::string value) {
    Drop(key);
    if (bytes_ + key.size() + value.size() > kMaxBytes) return;
    bytes_ += key.size() + value.size();
    entries_[key] = std::move(value);
    changed_ = true;
  }

  void Drop(const std::string& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    bytes_ -= key.size() + found->second.size();
    entries_.erase(found);
    changed_ = true;
  }

  const std::map<std::string, std::string>& entries() const { return entries_; }
  // Whether anything was kept or dropped since this was asked last, or Replace was called.
  bool TakeChanged() { return std::exchange(changed_, false); }
  void Replace(const std::map<std::string, std::string>& entries) {
    entries_.clear();
    bytes_ = 0;
    for (const auto& [key, value] : entries) Keep(key, value);
    changed_ = false;
  }

 private:
  std::map<std::string, std::string> entries_;
  size_t bytes_ = 0;
  bool changed_ = false;
};

// All of it as bytes, and back. Bytes that are not whole leave an empty memory.
std::string EncodeEnvMemory(const EnvMemory& memory);
void RestoreEnvMemory(std::string_view bytes, EnvMemory& memory);

// Of EncodeEnvMemory's result.
inline constexpr size_t kMaxMemoryBytes = 6 << 20;

}  // namespace tom

#endif  // TOM_CHECKS_ENV_ENV_MEMORY_H_
