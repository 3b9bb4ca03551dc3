// The files that AuthorizedKeysFile names for an account.
#ifndef TOM_CHECKS_TABLES_SSH_KEY_FILES_H_
#define TOM_CHECKS_TABLES_SSH_KEY_FILES_H_

#include <string>
#include <vector>

#include "checks/env/env.h"
#include "checks/parse/authorized_keys.h"
#include "checks/tables/pam_trial.h"

namespace tom {

inline constexpr size_t kMaxKeyFileBytes = 4 << 20;
inline constexpr char kDefaultKeyFiles[] = ".ssh/authorized_keys .ssh/authorized_keys2";

struct SshKeyFile {
  std::string path;
  FileInfo info;
  AuthorizedKeys keys;
};

struct SshKeyFiles {
  std::vector<SshKeyFile> files;      // that are there
  std::vector<std::string> problems;  // what may hold keys and was not read
};

// `setting`: AuthorizedKeysFile, "" for its default. %h, %u, %U and %% are replaced; what is not
// absolute lies below the home directory.
SshKeyFiles ReadSshKeyFiles(Env& env, const PamSubject& subject, const std::string& setting);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_SSH_KEY_FILES_H_
