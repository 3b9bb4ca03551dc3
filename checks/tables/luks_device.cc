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

// Whether a second copy of LUKS2 may stand where one can; what its first cannot tell when it is
// lost.
absl::StatusOr<bool> HasSecondCopy(Env& env, const std::string& path) {
  for (size_t at = kMinLuksCopyBytes; at <= kMaxLuksCopyBytes; at *= 2) {
    TOM_ASSIGN_OR_RETURN(const std::string magic, env.ReadRange(path, at, 512));
    if (magic.substr(0, 6) == kLuksSecondMagic) return true;
  }
  return false;
}

absl::StatusOr<LuksHeader> ReadAtPath(Env& env, const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const std::string start, env.ReadRange(path, 0, kLuksStartBytes));
  if (start.substr(0, 6) != kLuksMagic) {
    TOM_ASSIGN_OR_RETURN(const bool second, HasSecondCopy(env, path));
    if (!second) return absl::NotFoundError("no LUKS header");
  }
  const size_t wanted = LuksHeaderBytes(start);
  TOM_ASSIGN_OR_RETURN(const std::string bytes, env.ReadRange(path, 0, wanted));
  auto header = ParseLuksHeader(bytes);
  if (!header.ok() && wanted > kLuksStartBytes && wanted < kMaxLuksBytes) {
    // The size that the damaged copy states may be what is damaged.
    TOM_ASSIGN_OR_RETURN(const std::string more, env.ReadRange(path, 0, kMaxLuksBytes));
    header = ParseLuksHeader(more);
  }
  return header;
}

}  // namespace

absl::StatusOr<LuksHeader> ReadLuksFile(Env& env, const std::string& path) {
  auto header = ReadAtPath(env, path);
  // What the door says names the path by itself.
  const bool named = header.ok() || header.status().message().find(ToAbsl(path)) == 0;
  if (named) return header;
  return Annotate(header.status(), path);
}

absl::Status CheckReadable(Env& env, const BlockDevice& device) {
  TOM_RETURN_IF_ERROR(CheckNode(env, "/dev/" + device.name, device));
  return CheckNotSuspended(env, device);
}

absl::StatusOr<LuksHeader> ReadLuksHeader(Env& env, const BlockDevice& device) {
  TOM_RETURN_IF_ERROR(CheckReadable(env, device));
  return ReadLuksFile(env, "/dev/" + device.name);
}

}  // namespace tom
