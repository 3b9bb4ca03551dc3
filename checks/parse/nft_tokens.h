// Words of nft(8)'s language. Internal to the reader of its text.
#ifndef TOM_CHECKS_PARSE_NFT_TOKENS_H_
#define TOM_CHECKS_PARSE_NFT_TOKENS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

inline constexpr size_t kMaxNftTokens = 400000;

struct NftToken {
  std::string text;  // ";" for a line end too; a quoted word without its quotes
  bool quoted = false;
  int line = 0;
};

// InvalidArgument: a NUL, a quote without its end, too much.
absl::StatusOr<std::vector<NftToken>> NftTokens(std::string_view text, const std::string& path);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_NFT_TOKENS_H_
