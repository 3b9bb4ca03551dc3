// zstd for what the store keeps. Inflating is bounded by the size that stands beside the bytes.
#ifndef TOM_COLLECTOR_STORE_ZSTD_BYTES_H_
#define TOM_COLLECTOR_STORE_ZSTD_BYTES_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tom {

// The compressed bytes, or `data` itself where compression saves nothing: equal length tells.
std::string Deflate(std::string_view data);
// DataLoss unless exactly `size` bytes come out; at most 64 MiB.
absl::StatusOr<std::string> Inflate(std::string_view stored, size_t size);

}  // namespace tom

#endif  // TOM_COLLECTOR_STORE_ZSTD_BYTES_H_
