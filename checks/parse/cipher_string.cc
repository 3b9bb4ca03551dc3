// Cipher strings of OpenSSL, by their words (tls_settings.h).
#include <algorithm>
#include <array>

#include "checks/parse/ascii_words.h"
#include "checks/parse/tls_settings.h"

namespace tom {
namespace {

using Classes = std::set<std::string>;

struct Group {
  std::string_view word;
  Classes lets_in;       // what is weak in it
  bool blurred = false;  // overlaps with weak classes in ways that depend on the build
};

// Words that stand for many suites. ciphers(1): HIGH and MEDIUM hold anonymous suites; ALL lacks
// eNULL alone; words for a key exchange or an authentication overlap with NULL and old suites.
const std::vector<Group>& Groups() {
  static const std::vector<Group> groups = {
      {"ALL", {"aNULL", "3DES", "RC4", "IDEA", "MD5"}},
      {"HIGH", {"aNULL"}},
      {"MEDIUM", {"aNULL", "3DES", "RC4", "IDEA", "MD5"}},
      {"LOW", {"DES", "aNULL"}},
      {"EXP", {"EXPORT"}},
      {"EXPORT", {"EXPORT"}},
      {"EXPORT40", {"EXPORT"}},
      {"EXPORT56", {"EXPORT"}},
      {"NULL", {"NULL"}},
      {"eNULL", {"NULL"}},
      {"COMPLEMENTOFALL", {"NULL"}},
      {"COMPLEMENTOFDEFAULT", {"aNULL"}},
      {"aNULL", {"aNULL"}},
      {"ADH", {"aNULL"}},
      {"AECDH", {"aNULL"}},
      {"DES", {"DES"}},
      {"3DES", {"3DES"}},
      {"RC4", {"RC4"}},
      {"RC2", {"RC2"}},
      {"IDEA", {"IDEA"}},
      {"MD5", {"MD5"}},
      {"DEFAULT", {}},  // since OpenSSL 1.1.0 without anything of these
  };
  return groups;
}

// Modern ciphers alone, whatever they are combined with, anonymous suites aside.
constexpr std::array<std::string_view, 14> kCiphers = {
    "AES",      "AES128",      "AES256",      "AESGCM",  "AESCCM",  "AESCCM8", "CHACHA20",
    "CAMELLIA", "CAMELLIA128", "CAMELLIA256", "ARIAGCM", "ARIA128", "ARIA256", "ARIA"};

struct Weakness {
  Classes classes;
  bool understood = true;
  bool group = false;  // of many suites: a `!` for one class does not take the others
};

// A suite by its own name: "ECDHE-RSA-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256".
Weakness OfSuite(std::string_view name) {
  Weakness weakness;
  const auto has = [&](std::string_view part) { return ContainsNoCase(name, part); };
  const bool triple = has("DES-CBC3") || has("3DES");
  if (StartsNoCase(name, "EXP")) weakness.classes.insert("EXPORT");
  if (has("NULL")) weakness.classes.insert("NULL");
  if (StartsNoCase(name, "ADH") || StartsNoCase(name, "AECDH") || has("_anon_")) {
    weakness.classes.insert("aNULL");
  }
  if (has("RC4")) weakness.classes.insert("RC4");
  if (has("RC2")) weakness.classes.insert("RC2");
  if (has("IDEA")) weakness.classes.insert("IDEA");
  if (has("MD5")) weakness.classes.insert("MD5");
  if (triple) weakness.classes.insert("3DES");
  if (!triple && has("DES-")) weakness.classes.insert("DES");
  const bool modern = has("AES") || has("CHACHA20") || has("CAMELLIA") || has("ARIA");
  const bool named =
      name.find('-') != std::string_view::npos || name.find('_') != std::string_view::npos;
  weakness.understood = !weakness.classes.empty() || (modern && named);
  return weakness;
}

Weakness OfWord(std::string_view word) {
  for (const Group& group : Groups()) {
    if (word == group.word) return {group.lets_in, true, group.lets_in.size() > 1};
  }
  for (const std::string_view cipher : kCiphers) {
    // Anonymous key exchange with a good cipher is in it.
    if (word == cipher) return {{"aNULL"}, true, true};
  }
  return OfSuite(word);
}

// "ECDH+AESGCM": the suites that are in all of them. One modern cipher in it leaves only anonymous
// suites to fear, and an authentication in it not even those.
Weakness OfConjunction(const std::vector<std::string_view>& parts) {
  bool modern = false;
  bool authenticated = false;
  Classes explicit_classes;
  for (const std::string_view part : parts) {
    modern = modern || std::find(kCiphers.begin(), kCiphers.end(), part) != kCiphers.end();
    for (const char* word : {"ECDHE", "EECDH", "kEECDH", "DHE", "EDH", "kEDH", "aRSA", "aECDSA",
                             "ECDSA", "aDSS", "kRSA", "RSA", "PSK", "SRP"}) {
      authenticated = authenticated || part == word;
    }
    const Weakness one = OfWord(part);
    if (one.understood && !one.group)
      explicit_classes.insert(one.classes.begin(), one.classes.end());
  }
  if (!explicit_classes.empty()) return {explicit_classes, true, false};
  if (modern) return {authenticated ? Classes{} : Classes{"aNULL"}, true, true};
  for (const std::string_view part : parts) {
    // HIGH and an authentication: neither anonymous nor old.
    if (part == "HIGH" && authenticated) return {{}, true, true};
  }
  return {{}, false, true};
}

std::vector<std::string_view> PartsOf(std::string_view word) { return WordsOf(word, "+"); }

class CipherWords {
 public:
  CipherJudgement Judge(std::string_view value) {
    for (const std::string_view word : WordsOf(value, ": ,;\t")) Take(word);
    if (++words_ > 200) sure_ = false;
    CipherJudgement judgement;
    for (const std::string& one : let_in_) {
      if (killed_.count(one) == 0) judgement.weak.push_back(one);
    }
    judgement.sure = sure_;
    return judgement;
  }

 private:
  void Take(std::string_view word) {
    ++words_;
    if (word[0] == '@') return Command(word.substr(1));
    char sign = '\0';
    if (word[0] == '!' || word[0] == '-' || word[0] == '+') {
      sign = word[0];
      word.remove_prefix(1);
    }
    if (word.empty() || sign == '+') return;  // only moves what is there already
    // A strength may be glued to a word: "DEFAULT@SECLEVEL=1".
    if (const size_t at = word.find('@'); at != std::string_view::npos) {
      Command(word.substr(at + 1));
      word = word.substr(0, at);
    }
    const auto parts = PartsOf(word);
    if (parts.empty()) return;
    if (sign == '!') {
      if (parts.size() == 1) Kill(parts[0]);
      return;
    }
    const Weakness weakness = parts.size() == 1 ? OfWord(parts[0]) : OfConjunction(parts);
    if (sign == '-') {
      // Taken out, and free to come back: only a single class is taken at its word.
      if (weakness.classes.size() == 1 && !weakness.group) let_in_.erase(*weakness.classes.begin());
      return;
    }
    sure_ = sure_ && weakness.understood;
    let_in_.insert(weakness.classes.begin(), weakness.classes.end());
  }

  void Kill(std::string_view word) {
    if (word == "eNULL" || word == "NULL") {
      killed_.insert("NULL");
    } else if (word == "ADH" || word == "AECDH") {
      (word == "ADH" ? no_adh_ : no_aecdh_) = true;
      if (no_adh_ && no_aecdh_) killed_.insert("aNULL");
    } else if (word == "EXP" || word == "EXPORT") {
      killed_.insert("EXPORT");
    } else if (word == "MEDIUM") {
      killed_.insert({"3DES", "RC4", "IDEA"});
    } else if (word == "LOW") {
      killed_.insert("DES");
    } else {
      for (const char* whole : {"aNULL", "RC4", "RC2", "DES", "3DES", "IDEA", "MD5"}) {
        if (word == whole) killed_.insert(whole);
      }
    }
  }

  void Command(std::string_view command) {
    if (command == "STRENGTH") return;
    if (command == "SECLEVEL=0") {
      let_in_.insert("SECLEVEL=0");
    } else if (!command.starts_with("SECLEVEL=")) {
      sure_ = false;
    }
  }

  Classes let_in_;
  Classes killed_;
  bool no_adh_ = false;
  bool no_aecdh_ = false;
  bool sure_ = true;
  size_t words_ = 0;
};

}  // namespace

CipherJudgement JudgeCipherString(std::string_view value) { return CipherWords().Judge(value); }

}  // namespace tom
