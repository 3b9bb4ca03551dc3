#include "checks/parse/apt_sources.h"

#include <algorithm>

#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"
#include "checks/parse/deb_control.h"

namespace tom {
namespace {

constexpr size_t kMaxBytes = 8 << 20;
constexpr std::string_view kHex = "0123456789abcdef";

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

void Problem(AptSources& result, int line, std::string_view what) {
  if (result.problems.size() >= 20) return;
  result.problems.push_back("line " + std::to_string(line) + ": " + std::string(what));
}

// A stanza's lists are multiplied: what comes out is bounded in bytes as well.
bool Add(AptSources& result, AptSource source) {
  result.bytes += source.uri.size() + source.suite.size();
  for (const std::string& component : source.components) result.bytes += component.size() + 32;
  for (const auto& [name, value] : source.options) result.bytes += name.size() + value.size() + 64;
  if (result.sources.size() >= kMaxAptSources || result.bytes > kMaxBytes) {
    Problem(result, source.line, "more sources than are read");
    return false;
  }
  result.sources.push_back(std::move(source));
  return true;
}

// `[ arch=amd64,arm64 signed-by=/x ]`, up to and with its bracket; false when that is missing.
bool TakeOptions(std::string_view& rest, AptSource& source) {
  if (rest.empty() || rest[0] != '[') return true;
  const size_t end = rest.find(']');
  if (end == std::string_view::npos) return false;
  for (const std::string_view word : WordsOf(rest.substr(1, end - 1))) {
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0) return false;
    std::string name = Lower(word.substr(0, equals));
    if (name.back() == '+' || name.back() == '-') name.pop_back();
    source.options[name] = word.substr(equals + 1);
  }
  rest = TrimLine(rest.substr(end + 1));
  return true;
}

void OneLine(const NumberedLine& line, AptSources& result) {
  std::string_view rest = TrimLine(std::string_view(line.text).substr(0, line.text.find('#')));
  if (rest.empty()) return;
  AptSource source;
  source.line = line.number;
  source.type = rest.substr(0, rest.find_first_of(" \t["));
  rest = TrimLine(rest.substr(source.type.size()));
  if (source.type != "deb" && source.type != "deb-src") {
    return Problem(result, line.number, "neither deb nor deb-src");
  }
  if (!TakeOptions(rest, source)) return Problem(result, line.number, "options without an end");
  const std::vector<std::string_view> words = WordsOf(rest);
  if (words.size() < 2) return Problem(result, line.number, "no place or no suite");
  source.uri = words[0];
  source.suite = words[1];
  source.components.assign(words.begin() + 2, words.end());
  const bool flat = source.suite.back() == '/';
  if (flat != source.components.empty()) {
    return Problem(result, line.number, "a suite needs components, a folder has none");
  }
  Add(result, std::move(source));
}

std::vector<std::string_view> Words(std::string_view text) { return WordsOf(text, " \t\n"); }

bool IsNo(std::string_view text) {
  for (const char* no : {"no", "false", "without", "off", "disable", "0"}) {
    if (EqualsNoCase(text, no)) return true;
  }
  return false;
}

void Stanza(const DebStanza& stanza, AptSources& result) {
  const auto types = Words(stanza.Field("types"));
  const auto uris = Words(stanza.Field("uris"));
  const auto suites = Words(stanza.Field("suites"));
  if (types.empty() || uris.empty() || suites.empty()) {
    return Problem(result, stanza.line, "Types, URIs or Suites is missing");
  }
  AptSource source;
  source.line = stanza.line;
  source.enabled = !IsNo(stanza.Field("enabled"));
  for (const auto& [name, value] : stanza.fields) {
    if (name != "types" && name != "uris" && name != "suites" && name != "components")
      source.options[name == "architectures" ? "arch" : name] = value;
  }
  for (const std::string_view word : Words(stanza.Field("components"))) {
    source.components.emplace_back(word);
  }
  for (const std::string_view type : types) {
    for (const std::string_view uri : uris) {
      for (const std::string_view suite : suites) {
        source.type = type;
        source.uri = uri;
        source.suite = suite;
        if (!Add(result, source)) return;
      }
    }
  }
}

}  // namespace

AptSources ParseAptSourcesList(std::string_view text) {
  AptSources result;
  for (const NumberedLine& line : LinesOf(text)) OneLine(line, result);
  return result;
}

AptSources ParseAptSourcesDeb822(std::string_view text) {
  AptSources result;
  const DebStanzas read = ParseDebStanzas(text);
  if (read.bad_lines > 0) Problem(result, 1, "lines that are no fields");
  if (read.cut) Problem(result, 1, "more stanzas than are read");
  for (const DebStanza& stanza : read.stanzas) Stanza(stanza, result);
  return result;
}

std::string AptListPrefix(const AptSource& source) {
  std::string uri = source.uri;
  const size_t scheme = uri.find("://");
  std::string place = scheme == std::string::npos ? uri : uri.substr(scheme + 3);
  // file:/x and mirror+file:/x have no host.
  if (scheme == std::string::npos && uri.find(':') != std::string::npos)
    place = uri.substr(uri.find(':') + 1);
  const size_t slash = std::min(place.find('/'), place.size());
  const size_t at = place.rfind('@', slash);
  if (at != std::string::npos && at < slash) place.erase(0, at + 1);
  if (place.empty() || place.back() != '/') place += '/';
  if (source.suite.empty() || source.suite.back() != '/') place += "dists/";
  if (source.suite != "/" && source.suite != "./") place += source.suite;
  if (place.back() != '/') place += '/';
  if (source.suite == "./") place += "./";
  std::string name;
  for (const char c : place) {
    const auto byte = static_cast<unsigned char>(c);
    const bool quoted =
        byte <= ' ' || byte >= 0x7f ||
        std::string_view("\\|{}[]<>\"^~_=!@#$%^&*").find(c) != std::string_view::npos;
    if (quoted) {
      name += '%';
      name += kHex[byte >> 4];
      name += kHex[byte & 15];
    } else {
      name += c == '/' ? '_' : c;
    }
  }
  return name;
}

}  // namespace tom
