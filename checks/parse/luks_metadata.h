// The JSON area of a LUKS2 header: which encryption its segments use. Internal to luks_header.
#ifndef TOM_CHECKS_PARSE_LUKS_METADATA_H_
#define TOM_CHECKS_PARSE_LUKS_METADATA_H_

#include <string_view>

#include "absl/status/status.h"
#include "checks/parse/luks_header.h"

namespace tom {

// Fills cipher, mode, integrity, key_bytes, strength and note of `header` from `json`; several
// segments give the weakest of those in use. `area_bytes` is the size that the JSON itself must
// state.
absl::Status ReadLuksMetadata(std::string_view json, size_t area_bytes, LuksHeader& header);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_LUKS_METADATA_H_
