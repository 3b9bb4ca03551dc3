// Accounts as PAM's modules see them: passwd, group and shadow of the examined root, read once.
#ifndef TOM_CHECKS_TABLES_PAM_SUBJECTS_H_
#define TOM_CHECKS_TABLES_PAM_SUBJECTS_H_

#include <map>
#include <string>
#include <vector>

#include "checks/env/env.h"
#include "checks/parse/account_lines.h"
#include "checks/tables/pam_trial.h"

namespace tom {

class PamSubjects {
 public:
  explicit PamSubjects(Env& env);

  // The account; one that is not in passwd is not `local`. Where shadow cannot be read its fields
  // are kUnknown; where there is none, they are that and `assumed`.
  PamSubject Of(const std::string& user) const;
  const std::vector<PasswdEntry>& entries() const { return entries_; }

 private:
  void ReadShadow(Env& env);
  void ReadGroups(Env& env);

  std::vector<PasswdEntry> entries_;
  std::map<std::string, size_t> by_name_;
  std::map<std::string, std::vector<std::string>> groups_of_;  // by member
  std::map<int64_t, std::string> group_names_;
  std::map<std::string, PamShadow> shadow_;
  bool shadow_read_ = false;
  bool shadow_absent_ = false;
  int64_t today_ = 0;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_PAM_SUBJECTS_H_
