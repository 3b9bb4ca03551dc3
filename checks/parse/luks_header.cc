#include "checks/parse/luks_header.h"

#include <cstdint>

#include "checks/parse/luks_metadata.h"
#include "checks/parse/luks_slots.h"
#include "evidence/digest.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kLuks1Bytes = 592;
// Offsets within the binary header of LUKS2; it takes 4,096 bytes, the JSON area the rest.
constexpr size_t kBinaryBytes = 4096;
constexpr size_t kChecksumAt = 448;
constexpr size_t kChecksumBytes = 64;

// A field padded with NUL; empty when it has no end or holds what no name holds.
std::string Name(std::string_view bytes, size_t at, size_t size) {
  const std::string_view field = bytes.substr(at, size);
  const size_t end = field.find('\0');
  if (end == std::string_view::npos) return "";
  for (const char c : field.substr(0, end)) {
    if (c < 0x21 || c > 0x7e) return "";
  }
  return std::string(field.substr(0, end));
}

bool IsCopySize(uint64_t bytes) {
  return bytes >= kMinLuksCopyBytes && bytes <= kMaxLuksCopyBytes && (bytes & (bytes - 1)) == 0;
}

absl::StatusOr<LuksHeader> ParseLuks1(std::string_view bytes) {
  if (bytes.size() < kLuks1Bytes) return BadData("LUKS1: cut short");
  LuksHeader header;
  header.version = 1;
  header.copy = "primary";
  header.cipher = Name(bytes, 8, 32);
  header.mode = Name(bytes, 40, 32);
  header.uuid = Name(bytes, 168, 40);
  if (header.cipher.empty()) return BadData("LUKS1: the cipher has no name");
  const uint64_t key_bytes = LuksNumber(bytes, 108, 4);
  if (key_bytes == 0 || key_bytes > 512) return BadData("LUKS1: the key's size is not a size");
  header.key_bytes = static_cast<int>(key_bytes);
  header.strength = RealKeyBits(header.cipher, header.mode, header.key_bytes);
  ReadLuks1Slots(bytes, header);
  return header;
}

struct Copy {
  uint64_t sequence = 0;
  std::string_view bytes;
  LuksHeader header;
};

// The copy that starts at `at`. `bytes` is the whole device's start.
absl::StatusOr<Copy> ParseCopy(std::string_view bytes, size_t at, bool second) {
  if (bytes.size() < at + kBinaryBytes) return BadData("cut short");
  const std::string_view start = bytes.substr(at, kBinaryBytes);
  if (start.substr(0, 6) != (second ? kLuksSecondMagic : kLuksMagic)) return BadData("no magic");
  if (LuksNumber(start, 6, 2) != 2) return BadData("another version than 2");
  const uint64_t size = LuksNumber(start, 8, 8);
  if (!IsCopySize(size)) return BadData("its size is not one that LUKS2 has");
  if (LuksNumber(start, 256, 8) != at || (second && size != at)) return BadData("not at its place");
  if (bytes.size() - at < size) return BadData("cut short");
  if (Name(start, 72, 32) != "sha256") return BadData("its checksum is not SHA-256");
  std::string copy(bytes.substr(at, size));
  copy.replace(kChecksumAt, kChecksumBytes, kChecksumBytes, '\0');
  if (Sha256(copy).Raw() != start.substr(kChecksumAt, 32)) return BadData("its checksum is wrong");
  Copy result;
  result.sequence = LuksNumber(start, 16, 8);
  result.bytes = bytes.substr(at, size);
  result.header.version = 2;
  result.header.uuid = Name(start, 168, 40);
  result.header.label = Name(start, 24, 48);
  result.header.copy = second ? "secondary" : "primary";
  const std::string_view area = result.bytes.substr(kBinaryBytes);
  const absl::Status read =
      ReadLuksMetadata(area.substr(0, area.find('\0')), area.size(), result.header);
  if (!read.ok()) return Annotate(read, "JSON");
  return result;
}

// The secondary copy stands where the primary ends, which is not known when that is damaged.
absl::StatusOr<Copy> FindSecond(std::string_view bytes) {
  absl::Status first_error = BadData("not found");
  for (size_t at = kMinLuksCopyBytes; at <= kMaxLuksCopyBytes; at *= 2) {
    if (bytes.size() < at + 6 || bytes.substr(at, 6) != kLuksSecondMagic) continue;
    auto copy = ParseCopy(bytes, at, true);
    if (copy.ok()) return copy;
    first_error = copy.status();
  }
  return first_error;
}

void AddNote(LuksHeader& header, const std::string& note) {
  header.note += (header.note.empty() ? "" : "; ") + note;
}

void Say(const absl::StatusOr<Copy>& copy, std::string& problem, std::optional<int64_t>& sequence) {
  if (!copy.ok()) {
    problem = std::string(copy.status().message());
  } else if (copy->sequence <= INT64_MAX) {
    sequence = static_cast<int64_t>(copy->sequence);
  }
}

absl::StatusOr<LuksHeader> ParseLuks2(std::string_view bytes) {
  auto first = ParseCopy(bytes, 0, false);
  auto second = first.ok() ? ParseCopy(bytes, first->bytes.size(), true) : FindSecond(bytes);
  if (!first.ok() && !second.ok()) {
    return BadData("LUKS2: primary copy: " + std::string(first.status().message()) +
                   "; secondary copy: " + std::string(second.status().message()));
  }
  const bool use_second = !first.ok() || (second.ok() && second->sequence > first->sequence);
  LuksHeader header = use_second ? second->header : first->header;
  Say(first, header.primary_problem, header.primary_sequence);
  Say(second, header.secondary_problem, header.secondary_sequence);
  if (!first.ok()) {
    AddNote(header, "the primary copy is damaged: " + header.primary_problem);
  } else if (!second.ok()) {
    AddNote(header, "the secondary copy is damaged: " + header.secondary_problem);
  } else if (first->sequence != second->sequence) {
    AddNote(header, "the two copies are of different age");
  } else if (first->bytes.substr(kBinaryBytes) != second->bytes.substr(kBinaryBytes)) {
    header.secondary_problem = "says something else than the primary copy";
    AddNote(header, "the two copies say different things");
  }
  return header;
}

}  // namespace

size_t LuksHeaderBytes(std::string_view start) {
  if (start.size() < kLuksStartBytes || start.substr(0, 6) != kLuksMagic) return kMaxLuksBytes;
  if (LuksNumber(start, 6, 2) == 1) return kLuksStartBytes;
  const uint64_t size = LuksNumber(start, 8, 8);
  return IsCopySize(size) ? static_cast<size_t>(2 * size) : kMaxLuksBytes;
}

absl::StatusOr<LuksHeader> ParseLuksHeader(std::string_view bytes) {
  const bool magic = bytes.size() >= 8 && bytes.substr(0, 6) == kLuksMagic;
  if (magic && LuksNumber(bytes, 6, 2) == 1) return ParseLuks1(bytes);
  if (magic) return ParseLuks2(bytes);
  // Without the magic only a good second copy tells LUKS2 from anything else.
  auto second = FindSecond(bytes);
  if (!second.ok()) return absl::NotFoundError("no LUKS header");
  LuksHeader header = second->header;
  header.primary_problem = "no magic";
  Say(second, header.secondary_problem, header.secondary_sequence);
  AddNote(header, "the primary copy is damaged: no magic");
  return header;
}

}  // namespace tom
