#include "collector/ctl/token_text.h"

namespace tom {

std::string TokenText(std::string_view secret, const Digest& ca) {
  // RFC 4648, section 5, without padding.
  std::string text = Base64Encode(secret);
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return "tom1." + text + "." + ca.Hex();
}

}  // namespace tom
