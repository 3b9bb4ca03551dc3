// Key slots of LUKS headers, and the flags beside them. Internal to luks_header.
#ifndef TOM_CHECKS_PARSE_LUKS_SLOTS_H_
#define TOM_CHECKS_PARSE_LUKS_SLOTS_H_

#include <string_view>

#include "checks/parse/json_tree.h"
#include "checks/parse/luks_header.h"

namespace tom {

// A number of `bytes` bytes, the highest first. REQUIRES: at + bytes <= text.size().
uint64_t LuksNumber(std::string_view text, size_t at, size_t bytes);

// Whether the JSON array has the string `id`; false for what is no array.
bool LuksListNames(const JsonNode* list, std::string_view id);

// A segment that re-encryption keeps beside what is in use ("backup-final", "backup-previous", …).
bool IsLuksBackup(const JsonNode& segment);

// The slots in use of a LUKS1 header; one that is neither in use nor free is a problem of the
// header. REQUIRES: at least 592 bytes.
void ReadLuks1Slots(std::string_view bytes, LuksHeader& header);

// Slots, tokens, requirements and flags of LUKS2's JSON, which ReadLuksMetadata has found in shape.
void ReadLuks2Slots(const JsonNode& root, LuksHeader& header);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_LUKS_SLOTS_H_
