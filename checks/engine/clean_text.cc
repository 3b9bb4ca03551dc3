#include "checks/engine/clean_text.h"

#include "evidence/digest.h"

namespace tom {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

// Bytes of the well-formed character at the front, 0 if there is none.
size_t CharacterSize(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  const size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return first != 0 && size <= bytes.size() && IsUtf8(bytes.substr(0, size)) ? size : 0;
}

}  // namespace

std::string CleanText(std::string_view bytes, size_t max_bytes) {
  std::string text;
  size_t before_ellipsis = 0;  // where the text can be cut so that the ellipsis still fits
  while (!bytes.empty()) {
    const size_t size = CharacterSize(bytes);
    text += size == 0 ? kReplacement : bytes.substr(0, size);
    bytes.remove_prefix(size == 0 ? 1 : size);
    if (text.size() + kEllipsis.size() <= max_bytes) before_ellipsis = text.size();
    if (text.size() > max_bytes) {
      text.resize(before_ellipsis);
      text += kEllipsis;
      return text;
    }
  }
  return text;
}

}  // namespace tom
