// The header of an installed package as rpm keeps it in its database: an index of 16 bytes an entry
// and a store of data, all big-endian (rpm's lib/header.c, "hdrblob"). Bytes -> values, no I/O;
// pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_RPM_HEADER_H_
#define TOM_CHECKS_PARSE_RPM_HEADER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tom {

struct RpmHeader {
  std::string name, version, release, arch, vendor, group, source, sha1;
  std::optional<int64_t> epoch;
  std::optional<int64_t> size;          // bytes on the disk
  std::optional<int64_t> install_time;  // Unix seconds
};

// InvalidArgument: an index or a value that lies outside, or a package without name or version.
absl::StatusOr<RpmHeader> ParseRpmHeader(std::string_view blob);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_RPM_HEADER_H_
