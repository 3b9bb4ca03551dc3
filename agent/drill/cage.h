// A place to restore into that nobody else sees and that goes by itself: a small root directory in
// a mount namespace of this process alone, with
//
//   /usr (/bin, /lib, …)   the host's, read-only, nosuid, nodev
//   /repository            what is restored from, read-only, nosuid, nodev, noexec
//   /secret                what only the drill's user may read
//   /scratch               tmpfs of a fixed size and number of files: nosuid, nodev, noexec
//   /dev/null
//
// and nothing else of the host. Needs the right to mount (CAP_SYS_ADMIN). When the process ends,
// however it ends, the kernel takes all of it away. Linux: mount_namespaces(7), tmpfs(5).
#ifndef TOM_AGENT_DRILL_CAGE_H_
#define TOM_AGENT_DRILL_CAGE_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/state_file.h"

namespace tom {

struct CageOptions {
  std::string mount_point;  // a directory of the host, hidden from this process by the cage
  uid_t uid = 0;            // of the drill's user
  gid_t gid = 0;
  int64_t scratch_bytes = 0;
  int64_t scratch_files = 0;
};

class Cage {
 public:
  // Leaves the host's mount, network, IPC and host name namespaces for ones of its own: for the
  // rest of this process's life. PermissionDenied where there is no right to. REQUIRES: one thread.
  static absl::StatusOr<Cage> Make(const CageOptions& options);

  // Before Seal. `fd` is a directory (O_PATH does).
  absl::Status AddRepository(int fd);
  // A file /secret/NAME that the drill's user alone may read.
  absl::Status AddSecret(const std::string& name, std::string_view bytes);
  // Nothing but /scratch can be written from now on.
  absl::Status Seal();

  const std::string& root() const { return options_.mount_point; }
  uid_t uid() const { return options_.uid; }
  gid_t gid() const { return options_.gid; }
  int64_t scratch_bytes() const { return options_.scratch_bytes; }
  // The directory /scratch/out; in this process's own hands until Wipe.
  int scratch() const { return scratch_.get(); }

  // Takes /scratch away with all that is in it, and looks that it is gone.
  absl::Status Wipe();

 private:
  explicit Cage(CageOptions options) : options_(std::move(options)) {}
  absl::Status Mount();
  absl::Status BindHost();
  absl::Status MakeScratch();

  CageOptions options_;
  OwnedFd scratch_;
};

}  // namespace tom

#endif  // TOM_AGENT_DRILL_CAGE_H_
