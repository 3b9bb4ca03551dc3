// Which proofs let an account in over SSH: what sshd demands itself, and what PAM makes of it.
#ifndef TOM_CHECKS_TABLES_SSH_FACTORS_H_
#define TOM_CHECKS_TABLES_SSH_FACTORS_H_

#include <map>
#include <string>
#include <tuple>

#include "checks/tables/pam_subjects.h"
#include "checks/tables/pam_ways.h"
#include "checks/tables/sshd_logins.h"

namespace tom {

// For one scan: remembers what it has read and worked out.
class SshFactors {
 public:
  explicit SshFactors(Env& env);

  // One alternative of AuthenticationMethods, with the lists of users, root's rules, the account's
  // state and PAM's account stack.
  Ways Of(const SshdContext& context, const SshdAlternative& alternative);

 private:
  Ways Method(const std::string& name, const SshdContext& context);
  Ways Key(const SshdContext& context);
  Ways KeysOf(const SshdContext& context, bool verified);
  Ways Password(const SshdContext& context);
  Ways OwnPassword(const SshdContext& context);
  Ways Dialogue(const std::string& device, const SshdContext& context);
  Ways Empty(const SshdContext& context);
  Ways Account(const SshdContext& context);
  const Ways& Pam(const SshdContext& context, bool account, bool one_answer);
  const PamSubject& SubjectOf(const std::string& user);

  Env& env_;
  PamSubjects subjects_;
  PamModules modules_;
  PamService service_;
  std::map<std::string, PamSubject> subject_of_;
  std::map<std::tuple<std::string, bool, bool, bool>, Ways> pam_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_SSH_FACTORS_H_
