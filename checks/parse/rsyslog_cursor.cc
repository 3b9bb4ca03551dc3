#include "checks/parse/rsyslog_cursor.h"

#include <algorithm>

#include "checks/parse/ascii_words.h"

namespace tom {
namespace {

bool IsWordChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A backslash at a line's end joins the next line to it, without the blanks that stand there first.
// The line's number is kept right by as many line ends behind.
std::string JoinLines(const std::string& text) {
  std::string joined;
  joined.reserve(text.size());
  size_t owed = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\n') {
      ++owed;
      ++i;
      while (i + 1 < text.size() && (text[i + 1] == ' ' || text[i + 1] == '\t')) ++i;
      continue;
    }
    joined.push_back(text[i]);
    if (text[i] == '\n') {
      joined.append(owed, '\n');
      owed = 0;
    }
  }
  return joined;
}

}  // namespace

bool RsyslogCursor::Push(const RsyslogSource& source) {
  if (++opened_ > kMaxRsyslogFiles || files_.size() > kMaxRsyslogNesting) return false;
  files_.push_back({source.path, JoinLines(source.text)});
  return true;
}

void RsyslogCursor::Stop() {
  for (File& file : files_) file.at = file.text.size();
}

char RsyslogCursor::Peek() {
  while (files_.back().at >= files_.back().text.size() && files_.size() > 1) files_.pop_back();
  const File& file = files_.back();
  return file.at < file.text.size() ? file.text[file.at] : '\0';
}

std::string_view RsyslogCursor::Rest() {
  Peek();
  return std::string_view(files_.back().text).substr(files_.back().at);
}

void RsyslogCursor::Skip(size_t count) {
  File& file = files_.back();
  count = std::min(count, file.text.size() - file.at);
  const auto start = file.text.begin() + static_cast<std::ptrdiff_t>(file.at);
  file.line +=
      static_cast<int>(std::count(start, start + static_cast<std::ptrdiff_t>(count), '\n'));
  file.at += count;
}

void RsyslogCursor::SkipComment() {
  const std::string_view rest = Rest();
  const bool line = rest[0] == '#';
  const size_t end = line ? rest.find('\n') : rest.find("*/", 2);
  if (end == std::string_view::npos) return Skip(rest.size());
  Skip(line ? end : end + 2);
}

void RsyslogCursor::SkipBlanks() {
  for (char c = Peek(); c != '\0'; c = Peek()) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      Skip(1);
    } else if (c == '#' || Rest().starts_with("/*")) {
      SkipComment();
    } else {
      return;
    }
  }
}

void RsyslogCursor::SkipBlanksInLine() {
  while (Peek() == ' ' || Peek() == '\t') Skip(1);
}

std::string RsyslogCursor::TakeLine() {
  const std::string_view rest = Rest();
  std::string_view line = rest.substr(0, rest.find('\n'));
  const size_t length = line.size();
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) {
    line.remove_suffix(1);
  }
  std::string text(line);
  Skip(length);
  return text;
}

std::string RsyslogCursor::TakeWord(std::string_view more) {
  const std::string_view rest = Rest();
  size_t length = 0;
  while (length < rest.size() &&
         (IsWordChar(rest[length]) || more.find(rest[length]) != std::string_view::npos)) {
    ++length;
  }
  std::string word(rest.substr(0, length));
  Skip(length);
  return word;
}

bool RsyslogCursor::TakeKeyword(std::string_view word) {
  const std::string_view rest = Rest();
  if (!StartsNoCase(rest, word)) return false;
  if (rest.size() > word.size()) {
    const char behind = rest[word.size()];
    if (IsWordChar(behind) || behind == '_' || behind == '.' || behind == ',' || behind == '-') {
      return false;
    }
  }
  Skip(word.size());
  return true;
}

bool RsyslogCursor::TakeChar(char c) {
  if (Peek() != c || c == '\0') return false;
  Skip(1);
  return true;
}

}  // namespace tom
