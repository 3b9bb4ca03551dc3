// The three records of a ZIP file as packs use them (APPNOTE 6.3.3,
// sections 4.3.7, 4.3.12, 4.3.16), as bytes. Writer and reader render the same records from the
// same few values; the reader compares.
#ifndef TOM_EVIDENCE_ZIP_LAYOUT_H_
#define TOM_EVIDENCE_ZIP_LAYOUT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace tom::zip {

inline constexpr size_t kLocalBytes = 30;    // before the name
inline constexpr size_t kCentralBytes = 46;  // before the name
inline constexpr size_t kEndBytes = 22;

// Little-endian integers of a record. REQUIRES: the offset is inside.
uint16_t Read16(std::string_view bytes, size_t offset);
uint32_t Read32(std::string_view bytes, size_t offset);

// One stored entry. REQUIRES: the name is at most 65,535 bytes.
std::string LocalHeader(std::string_view name, uint32_t crc, uint32_t size);
std::string CentralHeader(std::string_view name, uint32_t crc, uint32_t size, uint32_t offset);
std::string EndRecord(uint16_t entries, uint32_t directory_bytes, uint32_t directory_offset);

}  // namespace tom::zip

#endif  // TOM_EVIDENCE_ZIP_LAYOUT_H_
