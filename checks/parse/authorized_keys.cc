#include "checks/parse/authorized_keys.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace tom {
namespace {

constexpr size_t kMaxLine = 256 << 10;

constexpr std::string_view kAlgorithms[] = {"ssh-ed25519",
                                            "ssh-ed25519-cert-v01@openssh.com",
                                            "sk-ssh-ed25519@openssh.com",
                                            "sk-ssh-ed25519-cert-v01@openssh.com",
                                            "ssh-rsa",
                                            "ssh-rsa-cert-v01@openssh.com",
                                            "ssh-dss",
                                            "ssh-dss-cert-v01@openssh.com",
                                            "ecdsa-sha2-nistp256",
                                            "ecdsa-sha2-nistp384",
                                            "ecdsa-sha2-nistp521",
                                            "ecdsa-sha2-nistp256-cert-v01@openssh.com",
                                            "ecdsa-sha2-nistp384-cert-v01@openssh.com",
                                            "ecdsa-sha2-nistp521-cert-v01@openssh.com",
                                            "sk-ecdsa-sha2-nistp256@openssh.com",
                                            "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
                                            "ssh-xmss@openssh.com"};

std::string_view SkipBlanks(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

// A word without quotes.
std::string_view TakeWord(std::string_view& text) {
  const size_t end = std::min(text.find_first_of(" \t\r"), text.size());
  const std::string_view word = text.substr(0, end);
  text = SkipBlanks(text.substr(end));
  return word;
}

bool IsKey(std::string_view text, AuthorizedKey& key) {
  const std::string_view algorithm = TakeWord(text);
  if (std::find(std::begin(kAlgorithms), std::end(kAlgorithms), algorithm) == std::end(kAlgorithms))
    return false;
  const std::string_view blob = TakeWord(text);
  if (blob.empty()) return false;
  key.algorithm = algorithm;
  key.key = blob;
  key.comment = text;
  return true;
}

// Past the options: blanks and commas within quotes belong to them.
size_t OptionsEnd(std::string_view line) {
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '"') {
      ++i;
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && (line[i] == ' ' || line[i] == '\t')) {
      return i;
    }
  }
  return line.size();
}

bool SameWord(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == b;
         });
}

void TakeOptions(std::string_view options, AuthorizedKey& key) {
  key.options = options;
  size_t start = 0;
  bool quoted = false;
  for (size_t i = 0; i <= options.size(); ++i) {
    const bool end = i == options.size();
    if (!end && options[i] == '\\' && i + 1 < options.size() && options[i + 1] == '"') {
      ++i;
      continue;
    }
    if (!end && options[i] == '"') quoted = !quoted;
    if (!end && (quoted || options[i] != ',')) continue;
    const std::string_view option = options.substr(start, i - start);
    start = i + 1;
    if (SameWord(option, "verify-required")) key.verify_required = true;
    if (SameWord(option, "cert-authority")) key.authority = true;
    if (SameWord(option, "restrict") || SameWord(option.substr(0, 8), "command="))
      key.restricted = true;
  }
}

}  // namespace

AuthorizedKeys ParseAuthorizedKeys(std::string_view text) {
  AuthorizedKeys file;
  if (text.find('\0') != std::string_view::npos) file.problems.emplace_back("holds NUL bytes");
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = SkipBlanks(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line[0] == '#') continue;
    if (line.size() > kMaxLine || file.keys.size() >= kMaxAuthorizedKeys) {
      file.problems.push_back("line " + std::to_string(number) + " is beyond the bounds");
      continue;
    }
    AuthorizedKey key;
    key.line = number;
    const size_t options_end = OptionsEnd(line);
    const bool plain = IsKey(line, key);
    if (!plain && !IsKey(SkipBlanks(line.substr(options_end)), key)) continue;
    if (!plain) TakeOptions(line.substr(0, options_end), key);
    file.keys.push_back(std::move(key));
  }
  return file;
}

}  // namespace tom
