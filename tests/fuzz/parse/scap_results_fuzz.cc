#include "checks/parse/scap_results.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  size_t at = 0;
  const auto results = ParseScapResults([&]() -> absl::StatusOr<std::string> {
    const std::string piece(input.substr(at, 100));
    at += piece.size();
    return piece;
  });
  TOM_FUZZ_CHECK(!results.ok() ||
                 (results->test_results > 0 && results->rules.size() <= kMaxScapRules));
}

}  // namespace tom
