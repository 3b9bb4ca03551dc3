#include "checks/parse/rpm_header.h"

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr uint32_t kMaxEntries = 65536;  // rpm's own bound
constexpr uint32_t kMaxData = 256 << 20;
constexpr size_t kEntry = 16;
constexpr size_t kMaxText = 4096;

enum Tag : uint32_t {
  kSha1 = 269,
  kName = 1000,
  kVersion = 1001,
  kRelease = 1002,
  kEpoch = 1003,
  kInstallTime = 1008,
  kSize = 1009,
  kVendor = 1011,
  kGroup = 1016,
  kArch = 1022,
  kSource = 1044,
  kLongSize = 5009
};
enum Type : uint32_t { kInt32 = 4, kInt64 = 5, kString = 6, kStringArray = 8, kI18nString = 9 };

uint32_t U32(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

struct Entry {
  uint32_t tag, type, offset, count;
};

std::optional<std::string> Text(const Entry& entry, std::string_view data) {
  const bool text =
      entry.type == kString || entry.type == kStringArray || entry.type == kI18nString;
  if (!text || entry.offset >= data.size() || entry.count == 0) return std::nullopt;
  const size_t end = data.find('\0', entry.offset);
  if (end == std::string_view::npos || end - entry.offset > kMaxText) return std::nullopt;
  return std::string(data.substr(entry.offset, end - entry.offset));
}

std::optional<int64_t> Number(const Entry& entry, std::string_view data) {
  const size_t width = entry.type == kInt32 ? 4 : entry.type == kInt64 ? 8 : 0;
  if (width == 0 || entry.count == 0 || entry.offset > data.size() ||
      data.size() - entry.offset < width) {
    return std::nullopt;
  }
  if (width == 4) return U32(data, entry.offset);
  const uint64_t high = U32(data, entry.offset);
  if (high > INT32_MAX) return std::nullopt;
  return static_cast<int64_t>(high << 32 | U32(data, entry.offset + 4));
}

// False: a value of ours that cannot be what it says.
bool Take(const Entry& entry, std::string_view data, RpmHeader& header) {
  const auto text = [&](std::string& to) {
    const auto value = Text(entry, data);
    if (value) to = *value;
    return value.has_value();
  };
  const auto number = [&](std::optional<int64_t>& to) {
    to = Number(entry, data);
    return to.has_value();
  };
  switch (entry.tag) {
    case kSha1:
      return text(header.sha1);
    case kName:
      return text(header.name);
    case kVersion:
      return text(header.version);
    case kRelease:
      return text(header.release);
    case kVendor:
      return text(header.vendor);
    case kGroup:
      return text(header.group);
    case kArch:
      return text(header.arch);
    case kSource:
      return text(header.source);
    case kEpoch:
      return number(header.epoch);
    case kInstallTime:
      return number(header.install_time);
    case kSize:
    case kLongSize:
      return number(header.size);
    default:
      return true;
  }
}

}  // namespace

absl::StatusOr<RpmHeader> ParseRpmHeader(std::string_view blob) {
  if (blob.size() < 8) return BadData("a header shorter than its own lengths");
  const uint32_t entries = U32(blob, 0);
  const uint32_t bytes = U32(blob, 4);
  if (entries == 0 || entries > kMaxEntries || bytes > kMaxData ||
      blob.size() - 8 < entries * kEntry + uint64_t{bytes}) {
    return BadData("a header whose lengths do not fit");
  }
  const std::string_view data = blob.substr(8 + entries * kEntry, bytes);
  RpmHeader header;
  for (uint32_t i = 0; i < entries; ++i) {
    const size_t at = 8 + i * kEntry;
    const Entry entry = {U32(blob, at), U32(blob, at + 4), U32(blob, at + 8), U32(blob, at + 12)};
    if (!Take(entry, data, header)) {
      return BadData("the value of tag " + std::to_string(entry.tag) + " lies outside");
    }
  }
  if (header.name.empty() || header.version.empty()) return BadData("a package without a name");
  return header;
}

}  // namespace tom
