#include "checks/parse/sudoers_cursor.h"

#include <charconv>

namespace tom {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool In(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

constexpr std::string_view kWordEnds = "#>!=:,() \t\r\n\\\"";
constexpr std::string_view kValueEnds = "#=, \t\r\n\\\"";
constexpr std::string_view kPathEnds = ",:=\\ \t\r\n#";
constexpr std::string_view kPathEscapes = ",:= \t#";

// Without backslashes; \xHH is the byte.
std::string Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    const char* const digits = text.data() + i + 2;
    if (text[i + 1] == 'x' && i + 3 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      plain += static_cast<char>(byte);
      i += 3;
    } else {
      plain += text[++i];
    }
  }
  return plain;
}

// How far a run goes of bytes outside of `ends` and of pairs "\c" where c is outside of `barred`.
size_t RunSize(std::string_view text, std::string_view ends, std::string_view barred) {
  size_t size = 0;
  while (size < text.size()) {
    if (text[size] == '\\' && size + 1 < text.size() && !In(barred, text[size + 1])) {
      size += 2;
    } else if (!In(ends, text[size])) {
      ++size;
    } else {
      break;
    }
  }
  return size;
}

}  // namespace

size_t SudoersCursor::ContinuationSize(size_t at) const {
  if (at >= text_.size() || text_[at] != '\\') return 0;
  size_t end = at + 1;
  while (end < text_.size() && IsBlank(text_[end])) ++end;
  if (end < text_.size() && text_[end] == '\r') ++end;
  return end < text_.size() && text_[end] == '\n' ? end + 1 - at : 0;
}

bool SudoersCursor::SkipBlanks() {
  const size_t start = at_;
  while (!AtEnd()) {
    if (IsBlank(text_[at_])) {
      ++at_;
    } else if (const size_t size = ContinuationSize(at_); size > 0) {
      at_ += size;
      ++line_;
    } else {
      break;
    }
  }
  return at_ > start;
}

bool SudoersCursor::AtLineEnd() const {
  if (AtEnd() || text_[at_] == '\n') return true;
  const std::string_view rest = Rest();
  if (rest.starts_with("\r\n")) return true;
  if (rest[0] != '#') return false;
  const size_t digit = rest.size() > 1 && rest[1] == '-' ? 2 : 1;
  return digit >= rest.size() || !IsDigit(rest[digit]);
}

void SudoersCursor::SkipLine() {
  while (!AtEnd() && text_[at_] != '\n') {
    if (const size_t size = ContinuationSize(at_); size > 0) {
      at_ += size;
      ++line_;
    } else {
      ++at_;
    }
  }
  TakeLineEnd();
}

// A comment runs to the line's end, whatever its last byte.
void SudoersCursor::TakeLineEnd() {
  while (!AtEnd() && text_[at_] != '\n') ++at_;
  if (!AtEnd()) {
    ++at_;
    ++line_;
  }
}

bool SudoersCursor::Take(char c) {
  SkipBlanks();
  if (Peek() != c || AtEnd()) return false;
  ++at_;
  SkipBlanks();
  return true;
}

size_t SudoersCursor::WordSize() const { return RunSize(Rest(), kWordEnds, "\t\n"); }

bool SudoersCursor::TakeWord(std::string_view word) {
  SkipBlanks();
  if (Rest().substr(0, WordSize()) != word) return false;
  at_ += word.size();
  return true;
}

std::optional<bool> SudoersCursor::TakeNegation() {
  bool negated = false;
  SkipBlanks();
  while (Peek() == '!') {
    size_t count = 0;
    for (; Peek() == '!'; ++at_) ++count;
    if (count % 2 == 1) {
      if (negated) return {};
      negated = true;
    }
    SkipBlanks();
  }
  return negated;
}

std::optional<std::string> SudoersCursor::TakeName() {
  SkipBlanks();
  size_t size = WordSize();
  if (Peek() == '#' && !AtLineEnd()) {  // an id
    size = Rest()[1] == '-' ? 2 : 1;
    while (size < Rest().size() && IsDigit(Rest()[size])) ++size;
  }
  if (size == 0) return {};
  std::string name = Unescape(Rest().substr(0, size));
  at_ += size;
  return name;
}

std::optional<std::string> SudoersCursor::TakeQuoted() {
  std::string text;
  ++at_;
  while (!AtEnd()) {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      if (text.empty()) return {};
      return text;
    }
    if (const size_t size = ContinuationSize(at_); size > 0) {
      at_ += size;
      ++line_;
      while (IsBlank(Peek())) ++at_;
    } else if (c == '\r' || c == '\n') {
      return {};
    } else {
      if (Rest().starts_with("\\\"")) ++at_;
      text += text_[at_++];
    }
  }
  return {};
}

std::optional<std::string> SudoersCursor::TakeValue() {
  SkipBlanks();
  if (Peek() == '"') return TakeQuoted();
  if (Peek() == '!') return {};
  const size_t size = RunSize(Rest(), kValueEnds, "\r\n");
  if (size == 0) return {};
  std::string value = Unescape(Rest().substr(0, size));
  at_ += size;
  return value;
}

std::optional<std::string> SudoersCursor::TakeInclude() {
  SkipBlanks();
  if (Peek() == '"') return TakeQuoted();
  const size_t size = RunSize(Rest(), " \t\r\n\v\f", "\r\n\v\f");
  if (size == 0 || AtEnd()) return {};
  std::string path = Unescape(Rest().substr(0, size));
  at_ += size;
  return path;
}

std::optional<std::string> SudoersCursor::TakePath() {
  if (Peek() != '/') return {};
  const std::string_view rest = Rest();
  std::string path = "/";
  size_t size = 1;
  while (size < rest.size()) {
    if (rest[size] == '\\' && size + 1 < rest.size() && In(kPathEscapes, rest[size + 1])) {
      path += rest[size + 1];
      size += 2;
    } else if (!In(kPathEnds, rest[size])) {
      path += rest[size++];
    } else {
      break;
    }
  }
  at_ += size;
  return path;
}

std::optional<std::string> SudoersCursor::TakePattern() {
  const std::string_view rest = Rest();
  size_t end = 0;
  for (size_t i = 1; i < rest.size() && !In("\r\n", rest[i]); ++i) {
    if (rest[i] == '\\' && i + 1 < rest.size() && In("#$", rest[i + 1])) {
      ++i;
    } else if (rest[i] == '$') {
      end = i + 1;
      break;
    } else if (rest[i] == '#') {
      break;
    }
  }
  if (rest.empty() || rest[0] != '^' || end == 0) return {};
  at_ += end;
  return std::string(rest.substr(0, end));
}

std::optional<std::string> SudoersCursor::TakeArguments() {
  std::string arguments;
  bool blank = SkipBlanks();
  if (Peek() == '^') {
    auto pattern = TakePattern();
    return pattern;
  }
  while (!AtEnd() && !In("#:,\r\n", Peek())) {
    if (Peek() == '=' && (Rest().size() == 1 || In("#\\:, \t\r\n", Rest()[1]))) break;
    std::string piece;
    if (Peek() == '\\') {
      const char next = Rest().size() > 1 ? Rest()[1] : '\0';
      if (In("*?[]!^", next) && next != '\0') {
        piece = Rest().substr(0, 2);
      } else if (In(":\\,= \t#", next) && next != '\0') {
        piece = next;
      } else {
        return {};
      }
      at_ += 2;
    } else {
      const size_t size = Rest().find_first_of("#\\:, \t\r\n");
      piece = Rest().substr(0, size);
      at_ += piece.size();
    }
    if (blank && !arguments.empty()) arguments += ' ';
    arguments += piece;
    blank = SkipBlanks();
  }
  if (Peek() == '\r') return {};  // sudo 1.9.13 takes it for an error here, and here alone
  return arguments;
}

std::string_view SudoersCursor::PeekCapitals() const {
  const std::string_view word = Rest().substr(0, WordSize());
  if (word.empty() || !IsUpper(word[0])) return {};
  for (const char c : word) {
    if (!IsUpper(c) && !IsDigit(c) && c != '_') return {};
  }
  return word;
}

}  // namespace tom
