// Block devices as sysfs has them, with what lies on them. osquery's shape; what it holds is told
// from its first blocks, whatever a cache of udev's says.
#include "checks/engine/table.h"
#include "checks/tables/device_use.h"
#include "checks/tables/luks_scan.h"
#include "checks/tables/storage_mounts.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

constexpr size_t kMaxAttribute = 4096;

// One attribute of sysfs without blanks around it; empty where it is not there.
std::string Attribute(Env& env, const std::string& path) {
  const auto text = env.ReadFile(path, kMaxAttribute);
  if (!text.ok()) return "";
  const size_t first = text->find_first_not_of(" \n\t");
  if (first == std::string::npos) return "";
  std::string value = text->substr(first, text->find_last_not_of(" \n\t") - first + 1);
  for (char& c : value) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return value.substr(0, 256);
}

Value NumberOrNull(const std::string& text) {
  if (text.empty() || text.size() > 18) return {};
  if (text.find_first_not_of("0123456789") != std::string::npos) return {};
  return int64_t{std::stoll(text)};
}

class DeviceRows {
 public:
  DeviceRows(Env& env, RowSink& sink, const std::vector<BlockDevice>& devices)
      : env_(env), sink_(sink), use_(env, devices) {
    for (const BlockDevice& device : devices) names_[device.number] = device.name;
    for (const std::string& problem : use_.problems()) sink_.Incomplete(problem);
  }

  bool Add(const BlockDevice& device) {
    const std::string sys = Folder(device.number);
    const std::string disk = device.whole.has_value() ? Folder(*device.whole) : sys;
    const auto holds = ReadSuperblock(env_, device);
    Superblock found = holds.ok() ? *holds : Superblock();
    if (!holds.ok()) {
      // What is mounted is known without its first blocks, but for its name.
      found.type = use_.MountedType(device.number);
      if (found.type.empty()) sink_.Incomplete(std::string(holds.status().message()));
    }
    const std::string use = use_.Of(device.number);
    return sink_.Add(
        {{"name", "/dev/" + device.name},
         {"parent", ParentOf(device)},
         {"vendor", Attribute(env_, disk + "/device/vendor")},
         {"model", Attribute(env_, disk + "/device/model")},
         {"serial", SerialOf(disk)},
         {"size", NumberOrNull(Attribute(env_, sys + "/size"))},
         {"block_size", NumberOrNull(Attribute(env_, disk + "/queue/logical_block_size"))},
         {"uuid", found.uuid},
         {"type", found.type},
         {"label", found.label},
         {"device_number", device.number.Text()},
         {"in_use", use.empty() ? Value() : Value(use)},
         {"examined", int64_t{holds.ok()}},
         {"provider_disk", int64_t{device.provider_disk}}});
  }

 private:
  static std::string Folder(DeviceNumber number) { return "/sys/dev/block/" + number.Text(); }

  std::string ParentOf(const BlockDevice& device) const {
    if (!device.whole.has_value()) return "";
    const auto found = names_.find(*device.whole);
    return found == names_.end() ? "" : "/dev/" + found->second;
  }

  // Drivers put it in different places.
  std::string SerialOf(const std::string& disk) {
    const std::string own = Attribute(env_, disk + "/serial");
    return own.empty() ? Attribute(env_, disk + "/device/serial") : own;
  }

  Env& env_;
  RowSink& sink_;
  DeviceUse use_;
  std::map<DeviceNumber, std::string> names_;
};

absl::Status GenerateDevices(Env& env, const TableContext&, RowSink& sink) {
  const auto devices =
      ListBlockDevices(env, [&](std::string what) { sink.Incomplete(std::move(what)); });
  if (!devices.ok()) return devices.status();
  DeviceRows rows(env, sink, *devices);
  for (const BlockDevice& device : *devices) {
    if (!rows.Add(device)) break;
  }
  return absl::OkStatus();
}

std::vector<Column> Columns() {
  return {
      {.name = "name", .description = "Device node"},
      {.name = "parent", .description = "Of a partition: its disk"},
      {.name = "vendor", .description = "As the disk names it"},
      {.name = "model", .description = "As the disk names it"},
      {.name = "serial", .description = "As the disk names it"},
      {.name = "size", .type = ColumnType::kBigint, .description = "In sectors of 512 bytes"},
      {.name = "block_size", .type = ColumnType::kInteger, .description = "Logical block, bytes"},
      {.name = "uuid", .description = "Of what it holds"},
      {.name = "type",
       .description = "What it holds, as blkid names it: ext4, crypto_LUKS, LVM2_member …"},
      {.name = "label", .description = "Of what it holds"},
      {.name = "device_number", .description = "MAJOR:MINOR", .hidden = true},
      {.name = "in_use",
       .description = "mounted, swap, partitions, member (of something made of devices)",
       .hidden = true},
      {.name = "examined",
       .type = ColumnType::kInteger,
       .description = "1: its first blocks could be read",
       .hidden = true},
      {.name = "provider_disk",
       .type = ColumnType::kInteger,
       .description = "1: a hypervisor's or cloud's disk",
       .hidden = true}};
}

}  // namespace

Table block_devices_table() {
  return {.name = "block_devices",
          .description = "Block devices and what they hold",
          .columns = Columns(),
          .generate = GenerateDevices,
          .touches = StorageTouches};
}

}  // namespace tom
