#include "checks/tables/luks_scan.h"

#include <algorithm>
#include <set>

#include "checks/parse/crypttab.h"
#include "checks/tables/luks_device.h"
#include "checks/tables/storage_mounts.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// Whether anything is there to be read: a loop device without a file, an empty drive have no size.
absl::StatusOr<bool> HoldsSomething(Env& env, const BlockDevice& device) {
  if (device.IsZram() || device.IsRamDisk()) return false;
  const auto size = env.ReadFile("/sys/dev/block/" + device.number.Text() + "/size", 64);
  if (absl::IsNotFound(size.status())) return true;  // a tree that does not hold it
  if (!size.ok()) return size.status();
  return *size != "0" && *size != "0\n";
}

// What is mounted holds a file system: a LUKS header at its start would be one that is left over.
std::set<DeviceNumber> MountedDevices(Env& env) {
  std::set<DeviceNumber> numbers;
  const auto mounts = ReadStorageMounts(env);
  if (!mounts.ok()) return numbers;
  for (const MountEntry& mount : mounts->info.entries) {
    if (mount.major != 0) numbers.insert({mount.major, mount.minor});
  }
  return numbers;
}

class LuksScan {
 public:
  LuksScan(Env& env, RowSink& sink, const std::function<bool(const SeenLuks&)>& take)
      : env_(env), sink_(sink), take_(take) {}

  void Devices() {
    const auto devices =
        ListBlockDevices(env_, [&](std::string what) { sink_.Incomplete(std::move(what)); });
    if (!devices.ok()) return sink_.Incomplete(Message(devices.status()));
    const std::set<DeviceNumber> mounted = MountedDevices(env_);
    for (const BlockDevice& device : *devices) {
      if (full_) return;
      if (mounted.contains(device.number)) continue;
      Look({.path = "/dev/" + device.name, .number = device.number.Text(), .source = "device"},
           ReadLuksHeader(env_, device));
    }
  }

  void Crypttab() {
    const auto text = env_.ReadFile("/etc/crypttab", 1 << 20);
    if (absl::IsNotFound(text.status())) return;
    if (!text.ok()) return sink_.Incomplete(Message(text.status()));
    for (const CrypttabEntry& entry : ParseCrypttab(*text).entries) {
      const std::string path = entry.Option("header").value_or("");
      if (!full_ && !path.empty() && path[0] == '/') File(path, "crypttab");
    }
  }

  void File(const std::string& path, const char* source) {
    if (!seen_.contains(path)) {
      Look({.path = path, .number = "", .source = source}, ReadLuksFile(env_, path));
    }
  }

 private:
  void Look(SeenLuks found, absl::StatusOr<LuksHeader> header) {
    if (!seen_.insert(found.path).second) return;
    const absl::Status& status = header.status();
    const bool absent = absl::IsNotFound(status) &&
                        status.message().find("no LUKS header") != absl::string_view::npos;
    if (absent && found.source == "device") return;
    if (!header.ok() && !absent && !absl::IsInvalidArgument(status)) {
      return sink_.Incomplete(Message(status));
    }
    found.header = std::move(header);
    full_ = !take_(found);
  }

  Env& env_;
  RowSink& sink_;
  const std::function<bool(const SeenLuks&)>& take_;
  std::set<std::string> seen_;
  bool full_ = false;
};

}  // namespace

absl::StatusOr<std::vector<BlockDevice>> ListBlockDevices(
    Env& env, const std::function<void(std::string)>& problem) {
  static constexpr char kFolder[] = "/sys/class/block";
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.ListDirectory(kFolder));
  if (names.size() > kMaxBlockDevices) {
    return absl::ResourceExhaustedError("/sys/class/block: more than 1,024 devices");
  }
  std::vector<BlockDevice> devices;
  devices.reserve(names.size());
  for (const std::string& name : names) {
    const std::string file = std::string(kFolder).append("/").append(name).append("/dev");
    const auto text = env.ReadFile(file, 64);
    const auto number = text.ok() ? ParseDeviceNumber(*text) : std::nullopt;
    auto device = number.has_value() ? ReadBlockDevice(env, *number)
                  : text.ok()        ? absl::StatusOr<BlockDevice>(BadData(file + ": no number"))
                                     : absl::StatusOr<BlockDevice>(text.status());
    const auto holds = device.ok() ? HoldsSomething(env, *device) : device.status();
    if (!holds.ok()) {
      problem(Message(holds.status()));
    } else if (*holds) {
      devices.push_back(*std::move(device));
    }
  }
  return devices;
}

absl::Status ScanLuks(Env& env, const TableContext& context, RowSink& sink,
                      const std::function<bool(const SeenLuks&)>& take) {
  LuksScan scan(env, sink, take);
  if (const std::string* path = context.EqualText("path"); path != nullptr) {
    if (path->empty() || (*path)[0] != '/') return BadData("path: " + *path + " is not absolute");
    scan.File(*path, "query");
    return absl::OkStatus();
  }
  scan.Devices();
  scan.Crypttab();
  return absl::OkStatus();
}

std::vector<Touch> LuksTouches(Env& env, const Declared&) {
  std::vector<Touch> touches =
      FileTouches({"/sys/class/block", "/sys/class/block/**", "/sys/dev/block/**", "/dev/**",
                   "/etc/crypttab", "/proc/1/mountinfo", "/proc/self/mountinfo"},
                  "LUKS headers of block devices");
  const auto crypttab = env.ReadFile("/etc/crypttab", 1 << 20);
  if (!crypttab.ok()) return touches;
  for (const CrypttabEntry& entry : ParseCrypttab(*crypttab).entries) {
    const std::string header = entry.Option("header").value_or("");
    if (!header.empty() && header[0] == '/') Append(touches, PathTouches(header, "LUKS header"));
  }
  return touches;
}

}  // namespace tom
