#include "checks/parse/fscrypt_policy.h"

#include "evidence/digest.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Offsets alike in both versions: version, mode of contents, mode of names, flags.
constexpr size_t kVersion1Bytes = 12;
constexpr size_t kVersion2Bytes = 24;
constexpr size_t kKey1At = 4;
constexpr size_t kKey2At = 8;

// FSCRYPT_MODE_… by their numbers.
KeyStrength ModeStrength(unsigned mode) {
  switch (mode) {
    case 1:
      return {.algorithm = "AES-256-XTS", .bits = 256, .weakness = ""};
    case 4:
      return {.algorithm = "AES-256-CTS", .bits = 256, .weakness = ""};
    case 5:
      return {.algorithm = "AES-128-CBC", .bits = 128, .weakness = ""};
    case 6:
      return {.algorithm = "AES-128-CTS", .bits = 128, .weakness = ""};
    case 7:
      return {.algorithm = "SM4-XTS", .bits = 128, .weakness = ""};
    case 8:
      return {.algorithm = "SM4-CTS", .bits = 128, .weakness = ""};
    case 9:
      return {.algorithm = "XChaCha12-Adiantum", .bits = 256, .weakness = ""};
    case 10:
      return {.algorithm = "AES-256-HCTR2", .bits = 256, .weakness = ""};
    default:
      return {};
  }
}

std::string ModeName(unsigned mode) {
  const KeyStrength strength = ModeStrength(mode);
  return strength.algorithm.empty() ? "mode " + std::to_string(mode) : strength.algorithm;
}

}  // namespace

absl::StatusOr<FscryptPolicy> ParseFscryptPolicy(std::string_view bytes) {
  // The kernel numbers its first version 0.
  const int version = bytes.empty() ? 0 : static_cast<uint8_t>(bytes[0]) == 0 ? 1 : bytes[0];
  const bool first = version == 1 && bytes.size() == kVersion1Bytes && bytes[0] == 0;
  if (!first && (version != 2 || bytes.size() != kVersion2Bytes)) {
    return BadData("an encryption policy of an unknown version or length");
  }
  const auto contents = static_cast<uint8_t>(bytes[1]);
  const auto filenames = static_cast<uint8_t>(bytes[2]);
  FscryptPolicy policy;
  policy.version = version;
  policy.contents = ModeName(contents);
  policy.filenames = ModeName(filenames);
  policy.strength = ModeStrength(contents);
  const KeyStrength names = ModeStrength(filenames);
  if (CompareStrength(names, policy.strength) < 0) policy.strength = names;
  policy.key = HexEncode(bytes.substr(first ? kKey1At : kKey2At));
  return policy;
}

}  // namespace tom
