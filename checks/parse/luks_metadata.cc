#include "checks/parse/luks_metadata.h"

#include <algorithm>
#include <optional>

#include "checks/parse/json_tree.h"
#include "checks/parse/luks_slots.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr JsonTreeLimits kLimits = {.max_bytes = 4 << 20, .max_depth = 64, .max_nodes = 100000};
constexpr int kMaxKeyBytes = 512;

struct Part {
  std::string cipher;
  std::string mode;
  std::string integrity;
  int key_bytes = 0;
  KeyStrength strength;
};

// The size of the volume key of a segment: that of the key slots of the digest which names it. 0
// when no slot is left.
absl::StatusOr<int> VolumeKeyBytes(const JsonNode& root, const std::string& segment) {
  int bytes = 0;
  for (const auto& [id, digest] : root.Find("digests")->members) {
    if (!LuksListNames(digest.Find("segments"), segment)) continue;
    for (const auto& [slot_id, slot] : root.Find("keyslots")->members) {
      if (!LuksListNames(digest.Find("keyslots"), slot_id)) continue;
      const JsonNode* size = slot.Find("key_size");
      if (size == nullptr || !size->IsInteger() || size->integer < 1 ||
          size->integer > kMaxKeyBytes) {
        return BadData("keyslot " + slot_id + ": key_size is not a size");
      }
      if (bytes != 0 && bytes != size->integer) {
        return BadData("segment " + segment + ": key slots of different sizes");
      }
      bytes = static_cast<int>(size->integer);
    }
  }
  return bytes;
}

absl::Status ReadIntegrity(const JsonNode& segment, Part& part) {
  const JsonNode* integrity = segment.Find("integrity");
  if (integrity == nullptr) return absl::OkStatus();
  part.integrity = std::string(integrity->Text("type"));
  if (part.integrity.empty()) return BadData("integrity without a type");
  std::optional<int> bytes = IntegrityKeyBytes(part.integrity);
  const JsonNode* size = integrity->Find("key_size");
  if (size != nullptr && size->IsInteger() && size->integer >= 0 && size->integer < kMaxKeyBytes) {
    bytes = static_cast<int>(size->integer);
  }
  // A key whose share is not known hides an unknown number of bits.
  part.key_bytes = bytes.has_value() ? std::max(part.key_bytes - *bytes, 0) : 0;
  return absl::OkStatus();
}

absl::StatusOr<Part> ReadSegment(const JsonNode& root, const std::string& id,
                                 const JsonNode& segment) {
  Part part;
  const std::string_view type = segment.Text("type");
  if (type == "linear") {
    part.strength = {.algorithm = "none", .bits = 0, .weakness = "a part is not encrypted"};
    return part;
  }
  if (type != "crypt") {
    return BadData("segment " + id + ": type " + std::string(type.substr(0, 40)) + " is not known");
  }
  const std::string_view encryption = segment.Text("encryption");
  if (encryption.empty() || encryption.size() > 128)
    return BadData("segment " + id + ": no cipher");
  std::tie(part.cipher, part.mode) = SplitEncryption(encryption);
  TOM_ASSIGN_OR_RETURN(part.key_bytes, VolumeKeyBytes(root, id));
  TOM_RETURN_IF_ERROR(Annotate(ReadIntegrity(segment, part), "segment " + id));
  part.strength = RealKeyBits(part.cipher, part.mode, part.key_bytes);
  return part;
}

absl::Status CheckShape(const JsonNode& root, size_t area_bytes) {
  for (const char* name : {"keyslots", "segments", "digests", "config"}) {
    const JsonNode* member = root.Find(name);
    if (member == nullptr || !member->IsObject()) {
      return BadData(std::string("no object \"") + name + "\"");
    }
  }
  if (root.Find("config")->Text("json_size") != std::to_string(area_bytes)) {
    return BadData("config.json_size is not the area's size");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadLuksMetadata(std::string_view json, size_t area_bytes, LuksHeader& header) {
  TOM_ASSIGN_OR_RETURN(const JsonNode root, ParseJsonTree(json, kLimits));
  TOM_RETURN_IF_ERROR(CheckShape(root, area_bytes));
  std::optional<Part> weakest;
  size_t live = 0;
  for (const auto& [id, segment] : root.Find("segments")->members) {
    if (IsLuksBackup(segment)) continue;
    TOM_ASSIGN_OR_RETURN(Part part, ReadSegment(root, id, segment));
    ++live;
    if (!weakest.has_value() || CompareStrength(part.strength, weakest->strength) < 0) {
      weakest = std::move(part);
    }
  }
  if (!weakest.has_value()) return BadData("no segment");
  header.cipher = weakest->cipher;
  header.mode = weakest->mode;
  header.integrity = weakest->integrity;
  header.key_bytes = weakest->key_bytes;
  header.strength = weakest->strength;
  ReadLuks2Slots(root, header);
  if (live > 1) header.note = std::to_string(live) + " segments, the weakest is shown";
  return absl::OkStatus();
}

}  // namespace tom
