#include "checks/parse/pam_lines.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kBuffer = 1024;
constexpr std::string_view kBlanks = " \n\t";

// fgets(3) over the text.
class Pieces {
 public:
  explicit Pieces(std::string_view text) : text_(text) {}

  bool Next(size_t buffer, std::string_view& piece) {
    if (text_.empty()) return false;
    const size_t end = text_.find('\n');
    const size_t whole = end == std::string_view::npos ? text_.size() : end + 1;
    piece = text_.substr(0, std::min(whole, buffer - 1));
    text_.remove_prefix(piece.size());
    if (at_start_) ++line_;
    at_start_ = piece.back() == '\n';
    return true;
  }
  int line() const { return line_; }

 private:
  std::string_view text_;
  int line_ = 0;
  bool at_start_ = true;
};

enum class Assembled { kLine, kEnd, kUnfinished, kTooLong };

// One line out of pieces, as libpam's _assemble_line does it.
Assembled Assemble(Pieces& pieces, std::string& line, int& number) {
  line.clear();
  while (true) {
    // Near its end libpam's buffer takes no more, and what it then does is chance.
    if (line.size() + 2 >= kBuffer) return Assembled::kTooLong;
    std::string_view piece;
    if (!pieces.Next(kBuffer - line.size(), piece))
      return line.empty() ? Assembled::kEnd : Assembled::kUnfinished;
    const size_t first = piece.find_first_not_of(kBlanks);
    if (first == std::string_view::npos || piece[first] == '#') continue;
    if (line.empty()) number = pieces.line();
    if (const size_t hash = piece.find('#'); hash != std::string_view::npos) {
      line += piece.substr(0, hash);
      return Assembled::kLine;
    }
    const size_t last = piece.find_last_not_of(kBlanks);
    if (piece[last] != '\\') {
      line += piece;
      return Assembled::kLine;
    }
    line += piece.substr(0, last);
    line += ' ';
  }
}

bool SameWord(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) ==
                  std::tolower(static_cast<unsigned char>(y));
         });
}

struct NamedType {
  std::string_view name;
  PamType type;
};
constexpr NamedType kTypes[] = {{"auth", PamType::kAuth},
                                {"account", PamType::kAccount},
                                {"session", PamType::kSession},
                                {"password", PamType::kPassword},
                                {"@include", PamType::kInclude}};

PamLine ReadLine(std::vector<std::string> words, bool with_service) {
  PamLine line;
  auto word = words.begin();
  if (with_service && word != words.end()) line.service = *word++;
  if (word == words.end()) return line;
  std::string type = *word++;
  line.silent = type[0] == '-';
  if (line.silent) type.erase(0, 1);
  for (const NamedType& known : kTypes) {
    if (SameWord(type, known.name)) line.type = known.type;
  }
  if (line.type != PamType::kInclude && word != words.end()) line.control = *word++;
  if (word != words.end()) line.module = *word++;
  line.arguments.assign(std::make_move_iterator(word), std::make_move_iterator(words.end()));
  return line;
}

}  // namespace

std::string_view PamTypeName(PamType type) {
  for (const NamedType& known : kTypes) {
    if (known.type == type) return known.name;
  }
  return "";
}

std::vector<std::string> SplitPamWords(std::string_view text) {
  std::vector<std::string> words;
  size_t at = 0;
  while ((at = text.find_first_not_of(kBlanks, at)) != std::string_view::npos) {
    std::string word;
    if (text[at] != '[') {
      const size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
      word = text.substr(at, end - at);
      at = end;
    } else {
      for (++at; at < text.size() && text[at] != ']'; ++at) {
        if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == ']') ++at;
        word += text[at];
      }
    }
    words.push_back(std::move(word));
    ++at;
  }
  return words;
}

absl::StatusOr<PamFile> ParsePamFile(std::string_view text, const std::string& path,
                                     bool with_service) {
  if (text.find('\0') != std::string_view::npos) return BadData(path + ": holds NUL bytes");
  PamFile file;
  Pieces pieces(text);
  std::string assembled;
  while (true) {
    int number = 0;
    const Assembled result = Assemble(pieces, assembled, number);
    const std::string place = path + " line " + std::to_string(number ? number : pieces.line());
    if (result == Assembled::kEnd) return file;
    if (result == Assembled::kTooLong)
      return BadData(place + ": a continued line that is longer than libpam's buffer");
    if (result == Assembled::kUnfinished) {
      file.aborted = place + ": the file ends within a line";
      return file;
    }
    if (file.lines.size() >= kMaxPamLines) return BadData(place + ": too many lines");
    PamLine line = ReadLine(SplitPamWords(assembled), with_service);
    line.number = number;
    file.lines.push_back(std::move(line));
  }
}

}  // namespace tom
