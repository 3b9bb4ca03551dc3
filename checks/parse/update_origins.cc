#include "checks/parse/update_origins.h"

#include <fnmatch.h>

#include <algorithm>

#include "checks/parse/ascii_words.h"

namespace tom {
namespace {

constexpr size_t kMostPatterns = 1000;
constexpr char kBlanks[] = " \t\n\r\f\v";

std::string Stripped(std::string_view text) {
  const size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return "";
  return std::string(text.substr(start, text.find_last_not_of(kBlanks) - start + 1));
}

std::vector<std::string> Split(std::string_view text, char between) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(between, at), text.size());
    parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

bool IsNameByte(char c, bool first) {
  const char upper = UpperAscii(c);
  return (upper >= 'A' && upper <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

// A comma that nothing escapes gets its backslash, unless it comes first.
std::string EscapeCommas(const std::string& text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',' && i > 0 && text[i - 1] != '\\') escaped += '\\';
    escaped += text[i];
  }
  return escaped;
}

const std::string* FieldOf(const UpdateSource& source, std::string_view name) {
  if (name == "o" || name == "origin") return &source.origin;
  if (name == "l" || name == "label") return &source.label;
  if (name == "a" || name == "suite" || name == "archive") return &source.suite;
  if (name == "c" || name == "component") return &source.component;
  if (name == "n" || name == "codename") return &source.codename;
  return name == "site" ? &source.site : nullptr;
}

bool IsField(std::string_view name) {
  const UpdateSource none;
  return FieldOf(none, name) != nullptr;
}

}  // namespace

UpdateOrigins::UpdateOrigins(std::string id, std::string codename)
    : id_(std::move(id)), codename_(std::move(codename)) {}

void UpdateOrigins::Refuse(const std::string& text) {
  if (problem_.empty()) problem_ = "unattended-upgrade ends at \"" + text + "\"";
}

// Python's string.Template: "$$", "$name", "${name}"; anything else behind a "$" is an error.
bool UpdateOrigins::Fill(const std::string& text, std::string& filled) {
  filled.clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') {
      filled += text[i];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '$') {
      filled += text[++i];
      continue;
    }
    const bool braces = i + 1 < text.size() && text[i + 1] == '{';
    const size_t start = i + 1 + (braces ? 1 : 0);
    size_t end = start;
    while (end < text.size() && IsNameByte(text[end], end == start)) ++end;
    const std::string name = text.substr(start, end - start);
    if (braces && (end >= text.size() || text[end] != '}')) return false;
    if (name == "distro_id") {
      filled += id_;
    } else if (name == "distro_codename") {
      filled += codename_;
    } else {
      return false;
    }
    i = braces ? end : end - 1;
  }
  return true;
}

void UpdateOrigins::AddPattern(const std::string& text) {
  std::string filled;
  if (!Fill(text, filled)) return Refuse(text);
  Understand(filled);
}

void UpdateOrigins::AddLegacy(const std::string& text) {
  std::vector<size_t> colons;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':' && (i == 0 || text[i - 1] != '\\')) colons.push_back(i);
  }
  std::string origin;
  std::string archive;
  if (colons.empty()) {
    const auto words = WordsOf(text, kBlanks);
    if (words.size() != 2) return Refuse(text);
    origin = std::string(words[0]);
    archive = std::string(words[1]);
  } else if (colons.size() == 1) {
    origin = text.substr(0, colons[0]);
    archive = text.substr(colons[0] + 1);
  } else {
    return Refuse(text);
  }
  ReplaceAll(origin, "\\:", ":");
  std::string filled_origin;
  std::string filled_archive;
  if (!Fill(EscapeCommas(origin), filled_origin) || !Fill(EscapeCommas(archive), filled_archive)) {
    return Refuse(text);
  }
  Understand("o=" + filled_origin + ",a=" + filled_archive);
}

// An empty pattern matches nothing; a member without one "=" or of another name is an error.
void UpdateOrigins::Understand(const std::string& pattern) {
  if (patterns_.size() >= kMostPatterns) return Refuse("more patterns than are read");
  patterns_.push_back(pattern);
  std::string whole = Stripped(pattern);
  if (whole.empty()) return;
  ReplaceAll(whole, "\\,", "%2C");
  std::vector<Member> members;
  for (const std::string& token : Split(whole, ',')) {
    std::vector<std::string> sides = Split(token, '=');
    if (sides.size() != 2) return Refuse(pattern);
    for (std::string& side : sides) {
      side = Stripped(side);
      ReplaceAll(side, "%2C", ",");
    }
    Member member{sides[0], ""};
    if (!Fill(sides[1], member.value) || !IsField(member.name)) {
      return Refuse(pattern);
    }
    members.push_back(std::move(member));
  }
  alternatives_.push_back(std::move(members));
}

bool UpdateOrigins::Take(const UpdateSource& source) const {
  return problem_.empty() &&
         std::any_of(alternatives_.begin(), alternatives_.end(), [&](const auto& members) {
           return std::all_of(members.begin(), members.end(), [&](const Member& one) {
             const std::string* is = FieldOf(source, one.name);
             return fnmatch(one.value.c_str(), is->c_str(), FNM_NOESCAPE) == 0;
           });
         });
}

}  // namespace tom
