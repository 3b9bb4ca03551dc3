#include "checks/parse/deb_control.h"

#include <algorithm>

#include "checks/parse/config_lines.h"

namespace tom {
namespace {

constexpr size_t kMaxLine = 1 << 20;
constexpr size_t kMaxField = 1 << 20;

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

class StanzaReader {
 public:
  explicit StanzaReader(const std::vector<std::string>& keep) : keep_(keep) {}

  void Line(std::string_view line, int number) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (Armour(line)) return;
    if (TrimLine(line).empty()) return End();
    if (line[0] == '#') return;
    if (line[0] == ' ' || line[0] == '\t') return Continue(line);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
      ++result_.bad_lines;
      return;
    }
    Field(Lower(TrimLine(line.substr(0, colon))), TrimLine(line.substr(colon + 1)), number);
  }

  DebStanzas Take() {
    End();
    return std::move(result_);
  }

 private:
  // The text of a clear-signed file lies between its headers and its signature (RFC 9580, 7).
  bool Armour(std::string_view line) {
    if (line.starts_with("-----BEGIN PGP SIGNED MESSAGE")) return header_ = true;
    if (line.starts_with("-----BEGIN PGP SIGNATURE")) return signature_ = true;
    if (header_ && TrimLine(line).empty()) {
      header_ = false;
      return true;
    }
    return header_ || signature_;
  }

  void Field(std::string name, std::string_view value, int number) {
    if (!open_) {
      current_ = {};
      current_.line = number;
      open_ = true;
    }
    kept_ = nullptr;
    if (!keep_.empty() && std::find(keep_.begin(), keep_.end(), name) == keep_.end()) return;
    kept_ = &current_.fields[std::move(name)];
    *kept_ = value;
  }

  void Continue(std::string_view line) {
    if (!open_) ++result_.bad_lines;
    if (kept_ == nullptr || kept_->size() > kMaxField) return;
    const std::string_view text = TrimLine(line);
    if (!kept_->empty()) kept_->push_back('\n');
    kept_->append(text == "." ? std::string_view() : text);
  }

  void End() {
    if (open_ && result_.stanzas.size() < kMaxDebStanzas) {
      result_.stanzas.push_back(std::move(current_));
    } else if (open_) {
      result_.cut = true;
    }
    open_ = false;
    kept_ = nullptr;
  }

  const std::vector<std::string>& keep_;
  DebStanzas result_;
  DebStanza current_;
  std::string* kept_ = nullptr;
  bool open_ = false;
  bool header_ = false;
  bool signature_ = false;
};

}  // namespace

DebStanzas ParseDebStanzas(std::string_view text, const std::vector<std::string>& keep) {
  StanzaReader reader(keep);
  int number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    reader.Line(text.substr(0, end), ++number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.Take();
}

bool PackageListReader::Take(std::string_view piece) {
  size_t end = piece.find('\n');
  if (!rest_.empty()) {
    rest_.append(piece.substr(0, end));
    if (rest_.size() > kMaxLine) return false;
    if (end == std::string_view::npos) return true;
    Line(rest_);
    rest_.clear();
    piece.remove_prefix(end + 1);
    end = piece.find('\n');
  }
  for (; end != std::string_view::npos; end = piece.find('\n')) {
    Line(piece.substr(0, end));
    piece.remove_prefix(end + 1);
  }
  rest_ = piece;
  return rest_.size() <= kMaxLine;
}

void PackageListReader::End() {
  if (!rest_.empty()) Line(rest_);
  rest_.clear();
  Flush();
}

void PackageListReader::Line(std::string_view line) {
  if (line.empty()) return Flush();
  const char first = line[0];
  if (first == 'P' && line.starts_with("Package:")) {
    Flush();
    name_ = TrimLine(line.substr(8));
    open_ = true;
    skip_ = !wanted_(name_);
    ++packages_;
  } else if (skip_ || !open_) {
    return;
  } else if (first == 'V' && line.starts_with("Version:")) {
    version_ = TrimLine(line.substr(8));
  } else if (first == 'A' && line.starts_with("Architecture:")) {
    architecture_ = TrimLine(line.substr(13));
  }
}

void PackageListReader::Flush() {
  if (open_ && !skip_ && !version_.empty()) use_({name_, version_, architecture_});
  open_ = false;
  skip_ = false;
  version_.clear();
  architecture_.clear();
}

}  // namespace tom
