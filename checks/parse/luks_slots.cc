#include "checks/parse/luks_slots.h"

#include <algorithm>

namespace tom {
namespace {

constexpr uint64_t kSlotInUse = 0x00AC71F3;
constexpr uint64_t kSlotFree = 0x0000DEAD;
constexpr size_t kSlots = 8;
constexpr size_t kSlotsAt = 208;
constexpr size_t kSlotBytes = 48;
constexpr size_t kHashAt = 72;
constexpr size_t kHashBytes = 32;
constexpr size_t kMaxName = 64;
constexpr size_t kMaxSlots = 256;  // LUKS2 has 32

// A name of the header's as something that may be shown.
std::string Shown(std::string_view text) {
  std::string shown(text.substr(0, std::min(text.find('\0'), kMaxName)));
  for (char& c : shown) {
    if (c < 0x21 || c > 0x7e) c = '?';
  }
  return shown;
}

std::optional<int64_t> Count(const JsonNode& object, std::string_view name) {
  const JsonNode* member = object.Find(name);
  if (member == nullptr || !member->IsInteger() || member->integer < 0) return std::nullopt;
  return member->integer;
}

// Whether a digest leads from the slot to a segment that is in use.
bool Opens(const JsonNode& root, const std::string& slot) {
  const auto& segments = root.Find("segments")->members;
  for (const auto& [id, digest] : root.Find("digests")->members) {
    if (!LuksListNames(digest.Find("keyslots"), slot)) continue;
    for (const auto& [segment_id, segment] : segments) {
      if (!IsLuksBackup(segment) && LuksListNames(digest.Find("segments"), segment_id)) return true;
    }
  }
  return false;
}

std::string TokensOf(const JsonNode& root, const std::string& slot) {
  std::string types;
  const JsonNode* tokens = root.Find("tokens");
  if (tokens == nullptr || !tokens->IsObject()) return types;
  for (const auto& [id, token] : tokens->members) {
    if (!LuksListNames(token.Find("keyslots"), slot) || types.size() > 256) continue;
    if (!types.empty()) types.push_back(' ');
    types.append(Shown(token.Text("type")));
  }
  return types;
}

LuksKeySlot ReadSlot(const JsonNode& root, const std::string& id, const JsonNode& slot) {
  LuksKeySlot result;
  result.id = Shown(id);
  result.type = Shown(slot.Text("type"));
  result.opens = Opens(root, id);
  result.token = TokensOf(root, id);
  const JsonNode* kdf = slot.Find("kdf");
  if (kdf == nullptr) return result;
  result.kdf = Shown(kdf->Text("type"));
  result.hash = Shown(kdf->Text("hash"));
  const bool argon = result.kdf.compare(0, 6, "argon2") == 0;
  result.iterations = Count(*kdf, argon ? "time" : "iterations");
  result.memory_kib = Count(*kdf, "memory");
  result.lanes = Count(*kdf, "cpus");
  return result;
}

// "online-reencrypt", "online-reencrypt-v2", …
bool NamesReencryption(const JsonNode* list) {
  if (list == nullptr || !list->IsArray()) return false;
  return std::any_of(list->items.begin(), list->items.end(), [](const JsonNode& item) {
    return item.IsString() && item.text.find("reencrypt") != std::string::npos;
  });
}

}  // namespace

uint64_t LuksNumber(std::string_view text, size_t at, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<uint8_t>(text[at + i]);
  return value;
}

bool LuksListNames(const JsonNode* list, std::string_view id) {
  if (list == nullptr || !list->IsArray()) return false;
  return std::any_of(list->items.begin(), list->items.end(),
                     [&](const JsonNode& item) { return item.IsString() && item.text == id; });
}

bool IsLuksBackup(const JsonNode& segment) {
  const JsonNode* flags = segment.Find("flags");
  if (flags == nullptr || !flags->IsArray()) return false;
  return std::any_of(flags->items.begin(), flags->items.end(), [](const JsonNode& flag) {
    return flag.IsString() && flag.text.compare(0, 7, "backup-") == 0;
  });
}

void ReadLuks1Slots(std::string_view bytes, LuksHeader& header) {
  const std::string hash = Shown(bytes.substr(kHashAt, kHashBytes));
  for (size_t i = 0; i < kSlots; ++i) {
    const size_t at = kSlotsAt + i * kSlotBytes;
    const uint64_t state = LuksNumber(bytes, at, 4);
    if (state == kSlotFree) continue;
    if (state != kSlotInUse) {
      header.primary_problem = "key slot " + std::to_string(i) + " is neither in use nor free";
      header.note = header.primary_problem;
      continue;
    }
    LuksKeySlot slot;
    slot.id = std::to_string(i);
    slot.type = "luks1";
    slot.opens = true;
    slot.kdf = "pbkdf2";
    slot.hash = hash;
    slot.iterations = static_cast<int64_t>(LuksNumber(bytes, at + 4, 4));
    header.slots.push_back(std::move(slot));
  }
}

void ReadLuks2Slots(const JsonNode& root, LuksHeader& header) {
  for (const auto& [id, slot] : root.Find("keyslots")->members) {
    if (header.slots.size() == kMaxSlots) break;
    header.slots.push_back(ReadSlot(root, id, slot));
    header.reencrypting = header.reencrypting || header.slots.back().type == "reencrypt";
  }
  const JsonNode* config = root.Find("config");
  const JsonNode* requirements = config->Find("requirements");
  header.reencrypting = header.reencrypting || (requirements != nullptr &&
                                                NamesReencryption(requirements->Find("mandatory")));
  header.allows_discards = LuksListNames(config->Find("flags"), "allow-discards");
}

}  // namespace tom
