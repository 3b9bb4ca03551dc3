#include "checks/tables/luks_device.h"

#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status CheckNode(Env& env, const std::string& path, const BlockDevice& device) {
  TOM_ASSIGN_OR_RETURN(const FileInfo info, env.Stat(path));
  if (env.mode() == RootMode::kDeadTree) return absl::OkStatus();  // ReadRange takes files alone
  if (info.kind == FileKind::kBlock && DeviceNumberOf(info.special_device) == device.number) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      ToAbsl(path + ": is not the block device " + device.number.Text()));
}

absl::Status CheckNotSuspended(Env& env, const BlockDevice& device) {
  if (!device.dm_uuid.has_value() || env.mode() == RootMode::kDeadTree) return absl::OkStatus();
  const std::string path = "/sys/dev/block/" + device.number.Text() + "/dm/suspended";
  TOM_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(path, 64));
  if (text.substr(0, 1) == "0") return absl::OkStatus();
  return absl::FailedPreconditionError(ToAbsl("/dev/" + device.name + ": is suspended"));
}

}  // namespace

absl::StatusOr<LuksHeader> ReadLuksHeader(Env& env, const BlockDevice& device) {
  const std::string path = "/dev/" + device.name;
  TOM_RETURN_IF_ERROR(CheckNode(env, path, device));
  TOM_RETURN_IF_ERROR(CheckNotSuspended(env, device));
  TOM_ASSIGN_OR_RETURN(const std::string start, env.ReadRange(path, 0, kLuksStartBytes));
  const size_t wanted = LuksHeaderBytes(start);
  TOM_ASSIGN_OR_RETURN(const std::string bytes, env.ReadRange(path, 0, wanted));
  auto header = ParseLuksHeader(bytes);
  if (!header.ok() && wanted > kLuksStartBytes && wanted < kMaxLuksBytes) {
    // The size that the damaged copy states may be what is damaged.
    TOM_ASSIGN_OR_RETURN(const std::string more, env.ReadRange(path, 0, kMaxLuksBytes));
    header = ParseLuksHeader(more);
  }
  if (!header.ok()) return Annotate(header.status(), path);
  return header;
}

}  // namespace tom
