// Name-based UUIDs (RFC 4122 version 5): OSCAL wants ids, a pack wants the same bytes twice.
#ifndef TOM_COLLECTOR_PACK_UUID_V5_H_
#define TOM_COLLECTOR_PACK_UUID_V5_H_

#include <string>
#include <string_view>

namespace tom {

// RFC 4122, appendix C.
inline constexpr std::string_view kUrlNamespace = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

// `space` is a UUID in its text form.
std::string UuidV5(std::string_view space, std::string_view name);

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_UUID_V5_H_
