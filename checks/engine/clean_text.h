// Bytes of any origin as bounded UTF-8.
#ifndef TOM_CHECKS_ENGINE_CLEAN_TEXT_H_
#define TOM_CHECKS_ENGINE_CLEAN_TEXT_H_

#include <string>
#include <string_view>

namespace tom {

// Each byte that is not part of a UTF-8 character, and each NUL, becomes U+FFFD; the result has at
// most `max_bytes`, cut between characters with an ellipsis. REQUIRES: max_bytes >= 3.
std::string CleanText(std::string_view bytes, size_t max_bytes);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_CLEAN_TEXT_H_
