// Internal to borg_format: compression, and what authenticates a manifest.
#ifndef TOM_CHECKS_PARSE_BORG_CRYPTO_H_
#define TOM_CHECKS_PARSE_BORG_CRYPTO_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "checks/parse/borg_format.h"

namespace tom {

// Of the packed content, which names its compression. DataLoss.
absl::StatusOr<std::string> DecompressBorg(std::string_view data);

// HMAC-SHA-512 over the manifest's bytes with zeros in its own place, by a key derived of all three
// (HKDF).
bool BorgManifestIsAuthentic(std::string plain, const BorgKey& key, std::string_view salt,
                             std::string_view hmac);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_BORG_CRYPTO_H_
