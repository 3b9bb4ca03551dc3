// The LUKS header of a block device or file, read through Env and never written.
#ifndef TOM_CHECKS_TABLES_LUKS_DEVICE_H_
#define TOM_CHECKS_TABLES_LUKS_DEVICE_H_

#include <string>

#include "absl/status/statusor.h"
#include "checks/env/env.h"
#include "checks/parse/luks_header.h"
#include "checks/tables/block_device.h"

namespace tom {

// The header at the start of `path`: a regular file, or a block device of the running host. Reads
// at most kMaxLuksBytes, of what is no LUKS header a few blocks. NotFound: no header is there;
// InvalidArgument: a broken one.
absl::StatusOr<LuksHeader> ReadLuksFile(Env& env, const std::string& path);

// The same of /dev/NAME: on a running host only when the node is of this very device, in a dead
// tree only when it is a regular file. A suspended mapping is FailedPrecondition, for reading it
// would hang.
absl::StatusOr<LuksHeader> ReadLuksHeader(Env& env, const BlockDevice& device);

// Whether reading /dev/NAME is of this device and will not hang.
absl::Status CheckReadable(Env& env, const BlockDevice& device);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_LUKS_DEVICE_H_
