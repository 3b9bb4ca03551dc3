// Messages in lines of text: OpenPGP's (RFC 4880 6.2) and age's.
#include <algorithm>

#include "checks/parse/archive_probe.h"
#include "evidence/digest.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr uint64_t kMaxDecoded = 32 << 20;
constexpr std::string_view kPgpEnd = "-----END PGP MESSAGE-----";
constexpr std::string_view kAgeEnd = "-----END AGE ENCRYPTED FILE-----";

std::string_view TakeLine(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) {
    line.remove_suffix(1);
  }
  return line;
}

struct Armour {
  bool pgp = false;
  bool ended = false;     // with its last line
  bool sum_holds = true;  // where there is one
  std::string bytes;
};

uint32_t Crc24(std::string_view bytes) {
  uint32_t crc = 0xb704ce;
  for (const char c : bytes) {
    crc ^= static_cast<uint32_t>(static_cast<unsigned char>(c)) << 16;
    for (int i = 0; i < 8; ++i) {
      crc <<= 1;
      if ((crc & 0x1000000) != 0) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}

// As much of it as can be decoded.
Armour Decode(std::string_view text) {
  Armour armour;
  armour.pgp = TakeLine(text).find("PGP") != std::string_view::npos;
  if (armour.pgp) {  // headers, up to an empty line
    while (!text.empty() && !TakeLine(text).empty()) {
    }
  }
  std::string sum;
  std::string base64;
  while (!text.empty() && !armour.ended) {
    const std::string_view line = TakeLine(text);
    armour.ended = line == (armour.pgp ? kPgpEnd : kAgeEnd);
    if (armour.ended || line.empty()) continue;
    if (armour.pgp && line[0] == '=' && line.size() == 5) {
      sum = std::string(line.substr(1));
    } else {
      base64.append(line);
    }
  }
  if (!armour.ended) base64.resize(base64.size() / 4 * 4);
  auto bytes = Base64Decode(base64);
  if (!bytes.ok()) {
    armour.ended = false;
    // What its beginning says is still worth something.
    if (base64.size() >= 64) bytes = Base64Decode(std::string_view(base64).substr(0, 64));
  }
  if (bytes.ok()) armour.bytes = *std::move(bytes);
  if (!sum.empty()) {
    const auto told = Base64Decode(sum);
    uint32_t value = 0;
    for (const char c : told.ok() ? *told : std::string()) {
      value = value << 8 | static_cast<unsigned char>(c);
    }
    armour.sum_holds = told.ok() && value == Crc24(armour.bytes);
  }
  return armour;
}

}  // namespace

std::optional<bool> OpenPgpEncrypted(std::string_view head) {
  if (head.empty() || (static_cast<unsigned char>(head[0]) & 0x80) == 0) return std::nullopt;
  const auto first = static_cast<unsigned char>(head[0]);
  const int type = (first & 0x40) != 0 ? first & 0x3f : (first >> 2) & 0x0f;
  switch (type) {
    case 1:   // a session key, by a public key
    case 3:   // by a passphrase
    case 9:   // encrypted data
    case 18:  // with a sum
    case 20:
      return true;
    case 2:   // a signature
    case 4:   // announced
    case 8:   // packed
    case 11:  // as it is
      return false;
    default:
      return std::nullopt;
  }
}

std::optional<bool> ArmourEncrypted(std::string_view head) {
  const Armour armour = Decode(head);
  return armour.pgp ? OpenPgpEncrypted(armour.bytes) : std::optional<bool>(true);
}

ArchiveEnd ArmourEnd(const ByteSource& read, uint64_t size, std::string& doubt) {
  const uint64_t tail_size = std::min<uint64_t>(size, 4096);
  TOM_ASSIGN_OR_RETURN(const std::string tail, read(size - tail_size, tail_size));
  if (tail.find(kPgpEnd) == std::string::npos && tail.find(kAgeEnd) == std::string::npos) {
    return std::optional<bool>(false);
  }
  if (size > kMaxDecoded) {
    doubt = TooLargeToReadThrough();
    return std::optional<bool>();
  }
  TOM_ASSIGN_OR_RETURN(const std::string text, read(0, size));
  const Armour armour = Decode(text);
  if (!armour.ended || !armour.sum_holds) {
    doubt = "its lines are not whole";
    return std::optional<bool>(false);
  }
  if (!armour.pgp) return std::optional<bool>(true);
  const ByteSource inside = [&](uint64_t offset, size_t bytes) -> absl::StatusOr<std::string> {
    return offset >= armour.bytes.size() ? std::string() : armour.bytes.substr(offset, bytes);
  };
  return OpenPgpEnd(inside, armour.bytes.size(), doubt);
}

}  // namespace tom
