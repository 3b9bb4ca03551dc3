// The configuration of the SSH server, read with all that it includes, and how the server is
// started.
#ifndef TOM_CHECKS_TABLES_SSHD_FILES_H_
#define TOM_CHECKS_TABLES_SSHD_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/env/env.h"
#include "checks/parse/sshd_config.h"

namespace tom {

inline constexpr size_t kMaxSshdFileBytes = 1 << 20;
inline constexpr size_t kMaxSshdFiles = 1000;

struct SshdFiles {
  SshdTree tree;
  std::vector<std::string> problems;  // what could not be read: the tree lacks it
};

// NotFound: there is no /etc/ssh/sshd_config. InvalidArgument: sshd refuses the files. Other
// errors: the main file cannot be read.
absl::StatusOr<SshdFiles> LoadSshdFiles(Env& env);

// Reasons why the files may not say what a running server does: it was started with options (-o,
// -f), its unit or /etc/default/ssh gives it some, or another server is there whose files are not
// read.
std::vector<std::string> SshdStartProblems(Env& env);

// A server's program is installed where systems have it.
absl::StatusOr<bool> SshdInstalled(Env& env);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_SSHD_FILES_H_
