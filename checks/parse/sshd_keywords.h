// The keywords of sshd_config(5), as OpenSSH 9.2 of Debian 12 knows them (servconf.c, keywords[]),
// with Debian's additions. What sshd refuses because of a keyword or a simple value is refused here
// too; file names and times are not judged.
#ifndef TOM_CHECKS_PARSE_SSHD_KEYWORDS_H_
#define TOM_CHECKS_PARSE_SSHD_KEYWORDS_H_

#include <string>
#include <string_view>
#include <vector>

namespace tom {

enum class SshdKind {
  kFlag,        // yes | no
  kRootLogin,   // yes | no | prohibit-password | without-password | forced-commands-only
  kForwarding,  // yes | all | no | remote | local
  kInteger,     // decimal
  kText,        // one argument
  kTexts,       // any arguments, the first line wins
  kNames,       // any arguments, lines add up (AllowUsers)
  kMethods,     // AuthenticationMethods
  kKeyOptions,  // none | touch-required | verify-required
  kAlgorithms,  // a list completed from the compiled-in one (ssh_algorithms.h)
  kIgnored,     // deprecated or unsupported: a warning, any arguments
  kInclude,
  kMatch,
};

struct SshdKeyword {
  const char* name;       // lower case
  const char* canonical;  // what it is an alias of, or itself
  SshdKind kind;
  bool in_match;         // allowed inside a Match block
  const char* fallback;  // the value when nothing sets it, for the options that are reported; "" =
                         // an empty list
  bool reported;         // has a row in sshd_effective
};

// Null: sshd refuses the file. Any case.
const SshdKeyword* FindSshdKeyword(std::string_view name);

// The options that facts are given for, with their default.
const std::vector<const SshdKeyword*>& ReportedSshdKeywords();

// The value as sshd -T has it, but prohibit-password for its old name, and flags in lower case.
// Empty and `problem` set: sshd refuses it.
std::string NormalSshdValue(const SshdKeyword& keyword, const std::vector<std::string>& arguments,
                            std::string& problem);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SSHD_KEYWORDS_H_
