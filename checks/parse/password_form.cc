#include "checks/parse/password_form.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "checks/parse/ascii_words.h"

namespace tom {
namespace {

constexpr std::string_view kCrypt64 =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHex = "0123456789abcdefABCDEF";

bool Only(std::string_view text, std::string_view of) {
  return !text.empty() && text.find_first_not_of(of) == std::string_view::npos;
}

PasswordForm Strong(std::string name) { return {PasswordStrength::kStrong, std::move(name)}; }
PasswordForm Weak(std::string name) { return {PasswordStrength::kWeak, std::move(name)}; }
PasswordForm Reversible(std::string name) {
  return {PasswordStrength::kReversible, std::move(name)};
}
PasswordForm Unknown(std::string name) { return {PasswordStrength::kUnknown, std::move(name)}; }

// The n-th field between `$`, from 0; empty where there are fewer.
std::string_view Field(std::string_view text, size_t number, char between = '$') {
  for (; number > 0; --number) {
    const size_t at = text.find(between);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + 1);
  }
  return text.substr(0, text.find(between));
}

int64_t NumberOf(std::string_view text) {
  int64_t number = -1;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() ? number : -1;
}

// $2b$10$ and 53 characters.
PasswordForm Bcrypt(std::string_view text) {
  constexpr size_t kHash = 53;
  constexpr int64_t kLeastCost = 8;
  const int64_t cost = NumberOf(Field(text, 2));
  const std::string_view hash = Field(text, 3);
  if (cost < 4 || cost > 31 || hash.size() != kHash || !Only(hash, kCrypt64)) {
    return Unknown("damaged bcrypt");
  }
  return cost < kLeastCost ? Weak("bcrypt of little cost") : Strong("bcrypt");
}

// $6$[rounds=N$]salt$hash
PasswordForm ShaCrypt(std::string_view text, const char* name, size_t length) {
  constexpr int64_t kUsualRounds = 5000;
  size_t salt = 2;
  const std::string_view rounds = Field(text, salt);
  bool few = false;
  if (rounds.starts_with("rounds=")) {
    few = NumberOf(rounds.substr(7)) < kUsualRounds;
    ++salt;
  }
  const std::string_view hash = Field(text, salt + 1);
  if (hash.size() != length || !Only(hash, kCrypt64) || Field(text, salt).empty()) {
    return Unknown(std::string("damaged ") + name);
  }
  return few ? Weak(std::string(name) + " of few rounds") : Strong(name);
}

PasswordForm Argon2(std::string_view text) {
  const size_t last = text.rfind('$');
  const bool whole = text.find("m=") != std::string_view::npos &&
                     text.find("t=") != std::string_view::npos && text.size() - last >= 17;
  if (!whole) return Unknown("damaged argon2");
  // RFC 9106 names 64 MiB as the least; what a thief computes without memory at all is none.
  constexpr int64_t kLeastKib = 4096;
  const std::string_view memory = text.substr(text.find("m=") + 2);
  const bool little = NumberOf(memory.substr(0, memory.find(','))) < kLeastKib;
  return little ? Weak("argon2 of little memory") : Strong(std::string(Field(text, 1)));
}

PasswordForm Dollar(std::string_view text) {
  const std::string_view id = Field(text, 1);
  if (id == "argon2id" || id == "argon2i" || id == "argon2d") return Argon2(text);
  if (id == "2a" || id == "2b" || id == "2y" || id == "2x") return Bcrypt(text);
  if (id == "6") return ShaCrypt(text, "sha512crypt", 86);
  if (id == "5") return ShaCrypt(text, "sha256crypt", 43);
  const std::string_view last = text.substr(text.rfind('$') + 1);
  const bool long_hash = last.size() >= 22;
  if ((id == "y" || id == "gy" || id == "7") && long_hash)
    return Strong(id == "7" ? "scrypt" : "yescrypt");
  if (id == "scrypt" && long_hash) return Strong("scrypt");
  if (id == "pbkdf2-sha256" || id == "pbkdf2-sha512" || id == "pbkdf2") {
    constexpr int64_t kLeast = 1000;
    if (!long_hash) return Unknown("damaged pbkdf2");
    return NumberOf(Field(text, 2)) < kLeast ? Weak("pbkdf2 of few rounds") : Strong("pbkdf2");
  }
  if (id == "1" || id == "apr1") return Weak("md5crypt");
  if (id == "P" || id == "H") return Weak("phpass");
  if (id == "3") return Weak("nthash");
  if (id == "sha1") return Weak("sha1crypt");
  if (id == "md5") return Weak("sunmd5");
  return Unknown("another form with $");
}

// algorithm$…, as Django and Werkzeug write it.
PasswordForm Framework(std::string_view text) {
  const std::string_view algorithm = text.substr(0, text.find('$'));
  const std::string_view last = text.substr(text.rfind('$') + 1);
  constexpr size_t kShortest = 22;
  constexpr int64_t kLeast = 1000;
  if (algorithm == "pbkdf2_sha256" || algorithm == "pbkdf2_sha1") {
    if (last.size() < kShortest) return Unknown("damaged pbkdf2");
    return NumberOf(Field(text, 1)) < kLeast ? Weak("pbkdf2 of few rounds") : Strong("pbkdf2");
  }
  if (algorithm.starts_with("pbkdf2:")) {
    const int64_t rounds = NumberOf(Field(algorithm, 2, ':'));
    if (last.size() < kShortest || rounds < 0) return Unknown("damaged pbkdf2");
    return rounds < kLeast ? Weak("pbkdf2 of few rounds") : Strong("pbkdf2");
  }
  if (algorithm.starts_with("scrypt") && last.size() >= kShortest) return Strong("scrypt");
  if (algorithm == "argon2") return Argon2(text.substr(algorithm.size()));
  if (algorithm == "bcrypt" || algorithm == "bcrypt_sha256") {
    const size_t hash = text.find("$2");
    return hash == std::string_view::npos ? Unknown("damaged bcrypt") : Bcrypt(text.substr(hash));
  }
  for (const char* weak : {"md5", "sha1", "unsalted_md5", "unsalted_sha1", "crypt"}) {
    if (algorithm == weak) return Weak(weak);
  }
  return {};
}

// {SCHEME}… of LDAP and Dovecot.
PasswordForm Braces(std::string_view text) {
  const size_t end = text.find('}');
  const std::string_view scheme = text.substr(1, end - 1);
  const std::string_view rest = text.substr(end + 1);
  for (const char* weak : {"MD5", "SHA", "SMD5", "SSHA", "SHA256", "SSHA256", "SHA512", "SSHA512",
                           "NT", "LANMAN", "PLAIN-MD5", "LDAP-MD5", "CRAM-MD5", "DIGEST-MD5"}) {
    if (EqualsNoCase(scheme, weak)) return Weak(std::string(scheme));
  }
  for (const char* plain : {"PLAIN", "CLEAR", "CLEARTEXT", "BASE64", "noop"}) {
    if (EqualsNoCase(scheme, plain)) return Reversible("plain");
  }
  const bool crypt = EqualsNoCase(scheme, "CRYPT") || EqualsNoCase(scheme, "BLF-CRYPT") ||
                     EqualsNoCase(scheme, "bcrypt") || EqualsNoCase(scheme, "ARGON2") ||
                     EqualsNoCase(scheme, "ARGON2ID") || EqualsNoCase(scheme, "ARGON2I") ||
                     EqualsNoCase(scheme, "SHA512-CRYPT") || EqualsNoCase(scheme, "SHA256-CRYPT");
  if (crypt && rest.starts_with('$')) return Dollar(rest);
  if (StartsNoCase(scheme, "PBKDF2") && rest.size() > 40) return Strong("pbkdf2");
  if (EqualsNoCase(scheme, "SCRAM-SHA-256") && rest.size() > 40) return Strong("scram-sha-256");
  return Unknown("another form with {}");
}

bool LooksDecoded(std::string_view text) {
  size_t printable = 0;
  for (const char c : text) printable += c >= 0x20 && c < 0x7f ? 1 : 0;
  return !text.empty() && printable == text.size();
}

// What base64 stands for; empty where it is none.
std::string Decoded(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() < 4 || text.size() % 4 == 1 || !Only(text, kBase64)) return "";
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = (bits << 6U) | static_cast<unsigned>(kBase64.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xffU));
  }
  return bytes;
}

PasswordForm Hexadecimal(std::string_view text) {
  switch (text.size()) {
    case 32:
      return Weak("md5");
    case 40:
      return Weak("sha1");
    case 56:
    case 64:
    case 96:
    case 128:
      return Weak("unsalted sha2");
    default:
      return {};
  }
}

bool IsEncrypted(std::string_view text) {
  return text.starts_with("gAAAAA") || text.starts_with("U2FsdGVkX1") || text.starts_with("ENC(") ||
         text.starts_with("ENC[") || text.starts_with("vault:v") || text.starts_with("AQICAH") ||
         text.starts_with("-----BEGIN PGP") || text.starts_with("enc:");
}

// Neither a known form nor anything that a hash would be: what somebody typed.
bool LooksTyped(std::string_view text) {
  constexpr size_t kLongestTyped = 30;
  if (text.size() > kLongestTyped) return text.find(' ') != std::string_view::npos;
  return true;
}

}  // namespace

std::string_view PasswordStrengthName(PasswordStrength strength) {
  switch (strength) {
    case PasswordStrength::kStrong:
      return "strong";
    case PasswordStrength::kWeak:
      return "weak";
    case PasswordStrength::kReversible:
      return "reversible";
    case PasswordStrength::kNone:
      return "none";
    default:
      return "unknown";
  }
}

PasswordForm RecognisePassword(std::string_view stored) {
  // MySQL's CHAR columns are padded.
  while (!stored.empty() && stored.back() == ' ') stored.remove_suffix(1);
  const bool locked = stored.empty() || stored.find_first_not_of("!*x") == std::string_view::npos;
  if (locked && stored.size() <= 2) return {PasswordStrength::kNone, "none"};
  if (stored[0] == '!' && stored.size() > 1) {
    // Locked: what stands behind is still a password's form; Django's own are random text.
    return stored[1] == '$' ? Dollar(stored.substr(1))
                            : PasswordForm{PasswordStrength::kNone, "none"};
  }
  if (IsEncrypted(stored)) return Reversible("encrypted");
  if (stored[0] == '$' && stored.find('$', 1) != std::string_view::npos) return Dollar(stored);
  if (stored[0] == '{' && stored.find('}') != std::string_view::npos) return Braces(stored);
  if (stored.starts_with("SCRAM-SHA-256$") && stored.size() > 60) return Strong("scram-sha-256");
  if (stored.find('$') != std::string_view::npos) {
    PasswordForm form = Framework(stored);
    if (form.strength != PasswordStrength::kUnknown || !form.name.empty()) return form;
  }
  if (stored[0] == '*' && stored.size() == 41 && Only(stored.substr(1), kHex))
    return Weak("mysql_native_password");
  if (stored.starts_with("md5") && stored.size() == 35 && Only(stored.substr(3), kHex))
    return Weak("md5");
  if (Only(stored, kHex)) {
    PasswordForm form = Hexadecimal(stored);
    if (form.strength != PasswordStrength::kUnknown) return form;
  }
  // salt:hash and hash:salt.
  const size_t colon = stored.find(':');
  if (colon != std::string_view::npos) {
    for (const std::string_view part : {stored.substr(0, colon), stored.substr(colon + 1)}) {
      if (Only(part, kHex) && Hexadecimal(part).strength == PasswordStrength::kWeak)
        return Weak("salted fast hash");
    }
  }
  const std::string decoded = Decoded(stored);
  const bool padded = stored.back() == '=';
  if (LooksDecoded(decoded) && (padded || stored.size() % 4 == 0))
    return Reversible("base64 of text or plain");
  if (padded && decoded.size() >= 16) return Unknown("base64 of bytes");
  if (LooksTyped(stored)) return Reversible("plain");
  return Unknown("no form that is known");
}

}  // namespace tom
