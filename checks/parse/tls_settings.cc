#include "checks/parse/tls_settings.h"

#include "checks/parse/ascii_words.h"

namespace tom {
namespace {

std::set<TlsVersion> AllVersions() {
  return {TlsVersion::kSsl3, TlsVersion::kTls10, TlsVersion::kTls11, TlsVersion::kTls12,
          TlsVersion::kTls13};
}

// Takes a `+`, `-` or `!` off the front.
char TakeSign(std::string_view& word, std::string_view signs) {
  if (word.empty() || signs.find(word[0]) == std::string_view::npos) return '\0';
  const char sign = word[0];
  word.remove_prefix(1);
  return sign;
}

// The common ground of httpd and OpenSSL. A bare name replaces what was there, or is added to it.
VersionSet SignedVersions(const std::vector<std::string_view>& words, bool bare_replaces) {
  std::set<TlsVersion> versions;
  for (std::string_view word : words) {
    const char sign = TakeSign(word, "+-");
    std::set<TlsVersion> named;
    if (EqualsNoCase(word, "all")) {
      named = AllVersions();
    } else if (const auto version = TlsVersionOf(word)) {
      named = {*version};
    } else {
      return std::nullopt;
    }
    if (sign == '\0' && bare_replaces) versions.clear();
    for (const TlsVersion version : named) {
      if (sign == '-') {
        versions.erase(version);
      } else {
        versions.insert(version);
      }
    }
  }
  return versions;
}

std::vector<std::string_view> Views(const std::vector<std::string>& words) {
  return {words.begin(), words.end()};
}

}  // namespace

std::optional<TlsVersion> TlsVersionOf(std::string_view name) {
  if (EqualsNoCase(name, "TLSv1")) return TlsVersion::kTls10;
  for (const TlsVersion version : kTlsVersions) {
    if (EqualsNoCase(name, TlsVersionName(version))) return version;
  }
  return std::nullopt;
}

VersionSet NginxVersions(const std::vector<std::string>& words) {
  std::set<TlsVersion> versions;
  for (const std::string& word : words) {
    const auto version = TlsVersionOf(word);
    if (!version || word == "TLSv1.0") return std::nullopt;
    versions.insert(*version);
  }
  return versions;
}

VersionSet ApacheVersions(const std::vector<std::string>& words) {
  return SignedVersions(Views(words), true);
}

VersionSet OpensslVersions(std::string_view value) {
  std::vector<std::string_view> words;
  for (const std::string_view word : WordsOf(value, ",")) {
    const auto trimmed = WordsOf(word);
    if (trimmed.size() != 1) return std::nullopt;
    words.push_back(trimmed[0]);
  }
  return SignedVersions(words, false);
}

VersionSet MysqlVersions(std::string_view value) {
  std::set<TlsVersion> versions;
  for (const std::string_view word : WordsOf(value, ", \t")) {
    const auto version = TlsVersionOf(word);
    if (!version) return std::nullopt;
    versions.insert(*version);
  }
  return versions;
}

VersionSet PostfixVersions(std::string_view value) {
  std::set<TlsVersion> included;
  std::set<TlsVersion> excluded;
  std::optional<TlsVersion> floor;
  std::optional<TlsVersion> ceiling;
  for (std::string_view word : WordsOf(value, " \t\r\n,:")) {
    const bool at_least = word.starts_with(">=");
    const bool at_most = word.starts_with("<=");
    if (at_least || at_most) word.remove_prefix(2);
    const char sign = at_least || at_most ? '\0' : TakeSign(word, "!");
    const auto version = TlsVersionOf(word);
    if (!version) return std::nullopt;
    if (at_least) {
      floor = version;
    } else if (at_most) {
      ceiling = version;
    } else if (sign == '!') {
      excluded.insert(*version);
    } else {
      included.insert(*version);
    }
  }
  std::set<TlsVersion> versions;
  for (const TlsVersion version : AllVersions()) {
    const bool named = included.empty() || included.count(version) != 0;
    const bool inside = (!floor || version >= *floor) && (!ceiling || version <= *ceiling);
    if (named && inside && excluded.count(version) == 0) versions.insert(version);
  }
  return versions;
}

}  // namespace tom
