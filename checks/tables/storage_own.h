// Encryption that is the file system's own, above any device: fscrypt, eCryptfs, OpenZFS.
#ifndef TOM_CHECKS_TABLES_STORAGE_OWN_H_
#define TOM_CHECKS_TABLES_STORAGE_OWN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/env/env.h"
#include "checks/parse/mountinfo.h"
#include "checks/parse/zfs_list.h"
#include "checks/tables/storage_state.h"

namespace tom {

// What the kernel's policy of the directory or file `path` gives; nothing where it says that there
// is none. Everything below an encrypted directory of one file system has its policy (kernel:
// filesystems/fscrypt, "Access semantics").
absl::StatusOr<std::optional<StorageState>> FscryptState(Env& env, const std::string& path);

// Types that can have such policies.
bool KnowsFscrypt(const std::string& fs_type);

// From the options that the kernel shows of a mount of type ecryptfs. Its files lie below
// `mount.source`, where whoever owns the disk sees sizes, and names too unless they are encrypted.
StorageState EcryptfsState(const MountEntry& mount);

// What OpenZFS' programs tell, asked at most once each. `env` must outlive it. Not thread-safe.
class ZfsFacts {
 public:
  explicit ZfsFacts(Env& env) : env_(env) {}

  // Of a dataset's own encryption: plain with `least_bits` 0 when it is off.
  StorageState Dataset(const std::string& name);
  // Paths of the devices of the dataset's pool.
  absl::StatusOr<std::vector<std::string>> Devices(const std::string& dataset);
  // Of all imported pools; none where OpenZFS is not there.
  std::vector<std::string> AllDevices();

 private:
  const absl::StatusOr<ZfsPools>& Pools();

  Env& env_;
  std::optional<absl::StatusOr<ZfsDatasets>> datasets_;
  std::optional<absl::StatusOr<ZfsPools>> pools_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_STORAGE_OWN_H_
