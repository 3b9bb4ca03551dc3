// The LUKS header of a block device, read through Env and never written.
#ifndef TOM_CHECKS_TABLES_LUKS_DEVICE_H_
#define TOM_CHECKS_TABLES_LUKS_DEVICE_H_

#include "absl/status/statusor.h"
#include "checks/env/env.h"
#include "checks/parse/luks_header.h"
#include "checks/tables/block_device.h"

namespace tom {

// Reads /dev/NAME, at most kMaxLuksBytes of it: on a running host only when the node is of this
// very device, in a dead tree only when it is a regular file. A suspended mapping is
// FailedPrecondition, for reading it would hang.
absl::StatusOr<LuksHeader> ReadLuksHeader(Env& env, const BlockDevice& device);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_LUKS_DEVICE_H_
