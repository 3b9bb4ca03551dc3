// The stacks of one PAM service, with all that they include, as libpam 1.5.2 of Debian 12 loads
// them: /etc/pam.d/NAME, else /usr/lib/pam.d/NAME; each type that has no line there is taken from
// the service `other`; /etc/pam.conf only where neither folder is. Includes are looked for in
// /etc/pam.d alone there, in the other folder too by later versions: a file that stands only in the
// latter makes the service unknown.
#ifndef TOM_CHECKS_TABLES_PAM_SERVICE_H_
#define TOM_CHECKS_TABLES_PAM_SERVICE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/env/env.h"
#include "checks/parse/pam_dispatch.h"
#include "checks/parse/pam_lines.h"

namespace tom {

inline constexpr size_t kMaxPamFileBytes = 1 << 20;

struct PamService {
  std::map<PamType, std::vector<PamHandler>> stacks;  // of auth, account, session, password
  std::string aborted;                                // why libpam gives up: nobody gets in
  std::string unknown;             // why the stacks are not known: anything may be
  std::vector<std::string> files;  // that were read
};

// Every service that has a file, sorted; of /etc/pam.conf where no folder is. "other" among them.
std::vector<std::string> PamServiceNames(Env& env, std::vector<std::string>& problems);

// Reads each file once. Not thread-safe.
class PamFiles {
 public:
  explicit PamFiles(Env& env) : env_(env) {}

  // `name`: "sshd".
  PamService Load(const std::string& name);

 private:
  friend class PamLoad;

  // NotFound: libpam cannot open it. Any other error: what libpam reads is not known.
  absl::StatusOr<const PamFile*> Read(const std::string& path, bool with_service);

  absl::StatusOr<PamFile> ReadNow(const std::string& path, bool with_service);

  Env& env_;
  std::map<std::string, absl::StatusOr<PamFile>> read_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_PAM_SERVICE_H_
