#include <algorithm>
#include <string>

#include "evidence/canonical_json.h"
#include "evidence/limits.h"
#include "evidence/report.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kItemBytes = 64 + 3;  // two quotes, and the comma or bracket that follows

absl::Status NotAnItem(size_t number) {
  return BadData("digest list: item " + std::to_string(number) +
                 ": expected 64 lower-case hex digits in quotes");
}

}  // namespace

std::string EncodeDigestList(const std::vector<Digest>& digests) {
  std::vector<Digest> sorted = digests;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return Canonical(DigestArray(sorted));
}

// Read without a tree of values: a list of 300,000 heads has 20 MiB as text already.
absl::StatusOr<std::vector<Digest>> ParseDigestList(std::string_view bytes) {
  if (bytes.size() > limits::kMaxHostBytesPerDay) return BadData("digest list: over 20 MiB");
  if (bytes.size() <= kItemBytes || bytes.size() % kItemBytes != 1 || bytes.front() != '[') {
    return BadData("digest list: expected a canonical array of digests");
  }
  const size_t count = bytes.size() / kItemBytes;
  std::vector<Digest> digests;
  digests.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const std::string_view item = bytes.substr(1 + i * kItemBytes, kItemBytes);
    const auto digest = Digest::FromHex(item.substr(1, 64));
    const char after = i + 1 == count ? ']' : ',';
    if (!digest.ok() || item[0] != '"' || item[65] != '"' || item[66] != after) return NotAnItem(i);
    if (!digests.empty() && *digest <= digests.back()) {
      return BadData("digest list: item " + std::to_string(i) +
                     ": not in ascending order without duplicates");
    }
    digests.push_back(*digest);
  }
  return digests;
}

}  // namespace tom
