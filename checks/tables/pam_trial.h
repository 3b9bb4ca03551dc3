// One trial of a PAM stack: who asks to be let in, what they can show, and what came of it.
#ifndef TOM_CHECKS_TABLES_PAM_TRIAL_H_
#define TOM_CHECKS_TABLES_PAM_TRIAL_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tom {

// Kinds of proof; two of them together are two factors. What can be brought about without any proof
// is a circumstance: an address to come from, a service that cannot be reached.
inline constexpr unsigned kFactorKnowledge = 1;  // a password
inline constexpr unsigned kFactorKey = 2;        // a private key
inline constexpr unsigned kFactorDevice = 4;     // a one-time code, a confirmation, a token
inline constexpr unsigned kFactorBody = 8;       // a fingerprint
inline constexpr unsigned kFactorKinds = 16;     // count of their sets
inline constexpr unsigned kCircumstance = 0;

enum class PasswordKind { kUnknown, kEmpty, kLocked, kSet };

// Of shadow(5), without the hash. Days since 1970; -1 none.
struct PamShadow {
  PasswordKind password = PasswordKind::kUnknown;
  bool locked_by_mark = false;  // starts with "!", by which sshd without PAM shuts an account
  int64_t changed_day = -1;
  int64_t max_days = -1;
  int64_t inactive_days = -1;
  int64_t expire_day = -1;
  bool missing = false;  // passwd sends to shadow, which has no line for the account
  bool assumed = false;  // there is no /etc/shadow: a tree of configuration alone
};

struct PamSubject {
  std::string service;
  std::string user;
  int64_t uid = -1;
  int64_t gid = -1;
  std::vector<std::string> groups;
  std::string home;
  std::string shell;
  bool local = false;  // of /etc/passwd
  PamShadow shadow;
  int64_t caller_uid = 0;  // of the program that asks
  std::vector<std::string> caller_groups;
  std::string caller;
  std::string tty;             // "ssh"; "" where it may be any
  bool remote = true;          // PAM_RHOST is set
  bool disallow_null = false;  // PAM_DISALLOW_NULL_AUTHTOK
  bool one_answer = false;     // every hidden prompt gets the same reply, every other one none
  int64_t today = 0;           // days since 1970
};

struct PamTrial {
  std::set<std::string> given;            // what is shown, and what happens
  std::map<std::string, unsigned> asked;  // all that a module asked for -> kinds of it
  std::vector<std::string> doubts;        // why an answer is not known, in order, without repeats
  std::map<std::pair<size_t, int>, std::string> notes;  // (handler, code) -> why so
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_PAM_TRIAL_H_
