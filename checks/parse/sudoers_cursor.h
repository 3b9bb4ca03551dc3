// Reads the words of a sudoers file. Internal to sudoers_file.
#ifndef TOM_CHECKS_PARSE_SUDOERS_CURSOR_H_
#define TOM_CHECKS_PARSE_SUDOERS_CURSOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tom {

class SudoersCursor {
 public:
  explicit SudoersCursor(std::string_view text) : text_(text) {}

  bool AtEnd() const { return at_ >= text_.size(); }
  int64_t line() const { return line_; }
  std::string_view Rest() const { return text_.substr(at_); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  void Advance(size_t bytes) { at_ += bytes; }

  // Blanks, and line ends behind a backslash. True if there was something.
  bool SkipBlanks();
  // The end of the line or of the text, or a comment ('#' that starts no number).
  bool AtLineEnd() const;
  // To the next line; a line end behind a backslash does not count.
  void SkipLine();
  // The line end itself.
  void TakeLineEnd();

  // After blanks: `c` alone, and blanks behind it.
  bool Take(char c);
  // After blanks: exactly this word, not the beginning of a longer one.
  bool TakeWord(std::string_view word);

  // Odd runs of '!' negate; two odd runs in a row are an error (nothing).
  std::optional<bool> TakeNegation();

  // Without escapes. Nothing where none stands here.
  std::optional<std::string> TakeName();     // word of users, hosts, values of options
  std::optional<std::string> TakeQuoted();   // between ", which stands here
  std::optional<std::string> TakeValue();    // of a setting, quoted or not
  std::optional<std::string> TakeInclude();  // a path behind @include
  std::optional<std::string> TakePath();     // of a command or directory
  std::optional<std::string> TakePattern();  // ^…$
  // What stands behind a command: blanks made one, "" where there is none. Nothing: an error.
  std::optional<std::string> TakeArguments();

  // [A-Z][A-Z0-9_]* that is a whole word; "" where there is none. Not taken.
  std::string_view PeekCapitals() const;
  size_t WordSize() const;  // of the word at this place, with its escapes

 private:
  size_t ContinuationSize(size_t at) const;  // of "\" blanks, line end; 0 where there is none

  std::string_view text_;
  size_t at_ = 0;
  int64_t line_ = 1;
};

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SUDOERS_CURSOR_H_
