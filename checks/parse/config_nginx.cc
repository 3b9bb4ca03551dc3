// nginx's words and blocks (config_tree.h).
#include "checks/parse/config_builder.h"

namespace tom {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class NginxReader {
 public:
  NginxReader(std::string_view text, const std::string& path) : text_(text), builder_(path) {}

  absl::StatusOr<ConfigTree> Read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (IsBlank(c)) {
        Step();
      } else if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (c == ';' || c == '{' || c == '}') {
        TOM_RETURN_IF_ERROR(Punctuation(c));
        Step();
      } else {
        TOM_RETURN_IF_ERROR(Word());
      }
    }
    if (!words_.empty()) return builder_.Fail(line_, "a directive that does not end");
    return builder_.Finish(line_);
  }

 private:
  char Step() {
    if (text_[at_] == '\n') ++line_;
    return text_[at_++];
  }

  absl::Status Punctuation(char c) {
    if (c == '}') {
      if (!words_.empty()) return builder_.Fail(line_, "unexpected }");
      return builder_.Close(line_);
    }
    if (words_.empty()) return builder_.Fail(line_, std::string("unexpected ") + c);
    std::string name = std::move(words_.front());
    words_.erase(words_.begin());
    std::vector<std::string> arguments = std::move(words_);
    words_.clear();
    if (c == ';') return builder_.Add(std::move(name), std::move(arguments), first_line_);
    if (name.ends_with("_by_lua_block")) {
      return builder_.Fail(first_line_, "a block of Lua, which is not read");
    }
    return builder_.Open(std::move(name), std::move(arguments), first_line_);
  }

  absl::Status Word() {
    if (words_.empty()) first_line_ = line_;
    if (words_.size() > 4096) return builder_.Fail(line_, "more than 4,096 words");
    std::string word;
    const char quote = text_[at_] == '"' || text_[at_] == '\'' ? Step() : '\0';
    bool closed = quote == '\0';
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size()) {
        Step();
        TakeEscaped(word);
      } else if (quote != '\0' && c == quote) {
        Step();
        closed = true;
        break;
      } else if (quote == '\0' && c == '$' && text_.substr(at_).starts_with("${")) {
        word += Step();
        word += Step();
      } else if (quote == '\0' && (IsBlank(c) || c == ';' || c == '{')) {
        break;
      } else {
        word += Step();
      }
    }
    if (!closed) return builder_.Fail(line_, "a quote that does not end");
    if (quote != '\0' && at_ < text_.size() && !IsBlank(text_[at_]) &&
        std::string_view(";{)").find(text_[at_]) == std::string_view::npos) {
      return builder_.Fail(line_, "something right behind a quote");
    }
    words_.push_back(std::move(word));
    return absl::OkStatus();
  }

  void TakeEscaped(std::string& word) {
    const char c = Step();
    switch (c) {
      case 't':
        word += '\t';
        break;
      case 'r':
        word += '\r';
        break;
      case 'n':
        word += '\n';
        break;
      case '"':
      case '\'':
      case '\\':
        word += c;
        break;
      default:
        word += '\\';
        word += c;
    }
  }

  std::string_view text_;
  ConfigBuilder builder_;
  size_t at_ = 0;
  int line_ = 1;
  int first_line_ = 1;
  std::vector<std::string> words_;
};

}  // namespace

absl::StatusOr<ConfigTree> ParseNginxConfig(std::string_view text, const std::string& path) {
  if (text.find('\0') != std::string_view::npos) return BadData(path + ": a NUL byte");
  return NginxReader(text, path).Read();
}

}  // namespace tom
