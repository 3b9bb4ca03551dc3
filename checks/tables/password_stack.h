// What a new password has to be like to get through PAM's stack for `passwd`: the shortest one that
// somebody can set, and the method that it is kept by. As libpam, pam_unix 1.5.2 and libpwquality
// 1.4.5 were seen to do it: the walk through the stack decides, not the mere presence of a module.
#ifndef TOM_CHECKS_TABLES_PASSWORD_STACK_H_
#define TOM_CHECKS_TABLES_PASSWORD_STACK_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checks/tables/pam_service.h"

namespace tom {

// pwquality.conf: names in lower case. What libpwquality would stop at is a problem.
struct QualitySettings {
  std::map<std::string, std::string> values;
  std::string problem;

  void Read(std::string_view text, const std::string& path);
};

struct PasswordStack {
  size_t modules = 0;    // that look at new passwords
  int64_t shortest = 0;  // surely nothing shorter is taken
  int64_t perhaps = 0;   // perhaps nothing shorter is; at least `shortest`
  std::string place;     // of the module that takes a shorter one than any module would like
  std::set<std::string> methods;  // SHA512, YESCRYPT, DES, …; of each pam_unix
};

// `method`: what pam_unix finds as ENCRYPT_METHOD; empty: nothing. REQUIRES: the stacks are known.
PasswordStack JudgePasswordStack(const PamService& service, const QualitySettings& quality,
                                 const std::string& method);

// The first value of `key` without regard to case, as pam_modutil_search_key(3) finds it.
std::string PamSearchKey(std::string_view text, std::string_view key);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_PASSWORD_STACK_H_
