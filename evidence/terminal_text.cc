#include "evidence/terminal_text.h"

#include <array>
#include <cstdint>
#include <cstdio>

#include "evidence/digest.h"

namespace tom {
namespace {

struct Range {
  uint32_t first, last;
};

// Unicode 15: controls, and the default-ignorable and format characters that turn, join or hide
// text.
constexpr std::array kHidden = {
    Range{0x00, 0x1f},       Range{0x7f, 0x9f},       Range{0xad, 0xad},
    Range{0x34f, 0x34f},     Range{0x61c, 0x61c},     Range{0x115f, 0x1160},
    Range{0x17b4, 0x17b5},   Range{0x180b, 0x180f},   Range{0x200b, 0x200f},
    Range{0x2028, 0x202e},   Range{0x2060, 0x206f},   Range{0x3164, 0x3164},
    Range{0xd800, 0xf8ff},   Range{0xfe00, 0xfe0f},   Range{0xfeff, 0xfeff},
    Range{0xffa0, 0xffa0},   Range{0xfff0, 0xfffb},   Range{0xfffe, 0xffff},
    Range{0x1bca0, 0x1bca3}, Range{0x1d173, 0x1d17a}, Range{0xe0000, 0x10ffff}};

bool IsHidden(uint32_t code) {
  for (const Range& range : kHidden) {
    if (code >= range.first && code <= range.last) return true;
  }
  return false;
}

// Bytes of the UTF-8 character that `text` begins with; 0 when it begins with none.
size_t CharacterBytes(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t bytes = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
  if (bytes == 0 || bytes > text.size() || !IsUtf8(text.substr(0, bytes))) return 0;
  return bytes;
}

// REQUIRES: one UTF-8 character.
uint32_t CodeOf(std::string_view character) {
  const auto lead = static_cast<uint8_t>(character[0]);
  uint32_t code = character.size() == 1 ? lead : lead & (0x7f >> character.size());
  for (size_t i = 1; i < character.size(); ++i) {
    code = code << 6 | (static_cast<uint8_t>(character[i]) & 0x3f);
  }
  return code;
}

std::string Escaped(const char* format, uint32_t value) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, value);
  return buffer.data();
}

std::string Shown(std::string_view character) {
  const uint32_t code = CodeOf(character);
  if (code == '\n') return "\\n";
  if (code == '\t') return "\\t";
  if (code == '\\') return "\\\\";
  if (!IsHidden(code)) return std::string(character);
  return Escaped(code < 0x80 ? "\\x%02x" : "\\u{%x}", code);
}

}  // namespace

std::string TerminalText(std::string_view text, size_t max_bytes) {
  std::string out;
  while (!text.empty()) {
    const size_t bytes = CharacterBytes(text);
    const std::string shown = bytes == 0 ? Escaped("\\x%02x", static_cast<uint8_t>(text[0]))
                                         : Shown(text.substr(0, bytes));
    if (out.size() + shown.size() > max_bytes) return out + "...";
    out += shown;
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return out;
}

}  // namespace tom
