#include "evidence/zip_layout.h"

namespace tom::zip {
namespace {

constexpr uint16_t kVersionNeeded = 20;             // 2.0: what every reader knows
constexpr uint16_t kMadeBy = 3 << 8 | 20;           // on Unix, so that the mode below is one
constexpr uint16_t kDosDate = 0 << 9 | 1 << 5 | 1;  // 1980-01-01
constexpr uint32_t kAttributes = uint32_t{0100644} << 16;

void Put16(std::string& out, uint16_t value) {
  out.push_back(static_cast<char>(value & 0xff));
  out.push_back(static_cast<char>(value >> 8));
}

void Put32(std::string& out, uint32_t value) {
  Put16(out, static_cast<uint16_t>(value & 0xffff));
  Put16(out, static_cast<uint16_t>(value >> 16));
}

// From "version needed" to "extra field length": the same in local and central headers.
void PutCommon(std::string& out, std::string_view name, uint32_t crc, uint32_t size) {
  Put16(out, kVersionNeeded);
  Put16(out, 0);  // flags
  Put16(out, 0);  // stored
  Put16(out, 0);  // 00:00
  Put16(out, kDosDate);
  Put32(out, crc);
  Put32(out, size);
  Put32(out, size);
  Put16(out, static_cast<uint16_t>(name.size()));
  Put16(out, 0);  // extra
}

}  // namespace

uint16_t Read16(std::string_view bytes, size_t offset) {
  const auto low = static_cast<uint8_t>(bytes[offset]);
  const auto high = static_cast<uint8_t>(bytes[offset + 1]);
  return static_cast<uint16_t>(low | high << 8);
}

uint32_t Read32(std::string_view bytes, size_t offset) {
  return Read16(bytes, offset) | uint32_t{Read16(bytes, offset + 2)} << 16;
}

std::string LocalHeader(std::string_view name, uint32_t crc, uint32_t size) {
  std::string out = "PK\x03\x04";
  PutCommon(out, name, crc, size);
  return out.append(name);
}

std::string CentralHeader(std::string_view name, uint32_t crc, uint32_t size, uint32_t offset) {
  std::string out = "PK\x01\x02";
  Put16(out, kMadeBy);
  PutCommon(out, name, crc, size);
  Put16(out, 0);  // comment
  Put16(out, 0);  // disk
  Put16(out, 0);  // internal attributes
  Put32(out, kAttributes);
  Put32(out, offset);
  return out.append(name);
}

std::string EndRecord(uint16_t entries, uint32_t directory_bytes, uint32_t directory_offset) {
  std::string out = "PK\x05\x06";
  Put16(out, 0);  // this disk
  Put16(out, 0);  // the directory's disk
  Put16(out, entries);
  Put16(out, entries);
  Put32(out, directory_bytes);
  Put32(out, directory_offset);
  Put16(out, 0);  // comment
  return out;
}

}  // namespace tom::zip
