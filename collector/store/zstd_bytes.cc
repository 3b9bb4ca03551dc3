#include "collector/store/zstd_bytes.h"

#include <zstd.h>

namespace tom {
namespace {

constexpr int kLevel = 3;
constexpr size_t kMaxInflated = 64 << 20;

}  // namespace

std::string Deflate(std::string_view data) {
  std::string out(ZSTD_compressBound(data.size()), '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), data.data(), data.size(), kLevel);
  if (ZSTD_isError(size) || size >= data.size()) return std::string(data);
  out.resize(size);
  return out;
}

absl::StatusOr<std::string> Inflate(std::string_view stored, size_t size) {
  if (stored.size() == size) return std::string(stored);
  if (size > kMaxInflated) return absl::DataLossError("store: a blob over 64 MiB");
  std::string out(size, '\0');
  const size_t got = ZSTD_decompress(out.data(), out.size(), stored.data(), stored.size());
  if (ZSTD_isError(got) || got != size)
    return absl::DataLossError("store: a blob does not inflate");
  return out;
}

}  // namespace tom
