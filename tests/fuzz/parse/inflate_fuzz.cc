#include "checks/parse/inflate.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  if (input.empty()) return;
  constexpr Compression kAll[] = {Compression::kGzip, Compression::kLz4,   Compression::kXz,
                                  Compression::kZstd, Compression::kBzip2, Compression::kZlib};
  const auto inflater = Inflater::Create(kAll[static_cast<unsigned char>(input[0]) % 6]);
  size_t seen = 0;
  const absl::Status fed = inflater->Feed(input.substr(1), [&](std::string_view piece) {
    seen += piece.size();
    return seen < (1 << 20);
  });
  TOM_FUZZ_CHECK(seen < (2 << 20));
  TOM_FUZZ_CHECK(!absl::IsResourceExhausted(fed) || seen >= (1 << 20));
}

}  // namespace tom
