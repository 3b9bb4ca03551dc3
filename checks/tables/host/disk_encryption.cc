// osquery's disk_encryption: is what is written to a block device encrypted on its way down?
// Followed as storage_encryption does, for every device, used or not. A LUKS header on a device
// does not encrypt it: the mapping above it is.
#include "checks/engine/table.h"
#include "checks/tables/device_use.h"
#include "checks/tables/luks_scan.h"
#include "checks/tables/storage_mounts.h"
#include "checks/tables/storage_walk.h"

namespace tom {
namespace {

using Cover = StorageState::Cover;

Value EncryptedValue(const StorageState& state) {
  if (state.cover == Cover::kUnknown || state.cover == Cover::kMemory) return {};
  return int64_t{state.cover == Cover::kEncrypted && !HidesNothing(state)};
}

std::string StatusOf(const Value& encrypted) {
  if (IsNull(encrypted)) return "undefined";
  return std::get<int64_t>(encrypted) == 1 ? "encrypted" : "not encrypted";
}

bool AddDevice(Env& env, const BlockDevice& device, const StorageState& state, RowSink& sink) {
  // Its UUID alone comes from there: what encrypts it is known without.
  const auto holds = ReadSuperblock(env, device);
  const Value encrypted = EncryptedValue(state);
  std::string type = state.method;
  if (!state.cipher.empty()) type.append(type.empty() ? "" : "-").append(state.cipher);
  return sink.Add(
      {{"name", "/dev/" + device.name},
       {"uuid", holds.ok() ? Value(holds->uuid) : Value()},
       {"encrypted", encrypted},
       {"type", type},
       {"encryption_status", StatusOf(encrypted)},
       {"device_number", device.number.Text()},
       {"key_bits",
        state.strength.bits.has_value() ? Value(int64_t{*state.strength.bits}) : Value()},
       {"weakest_layer", TextOrNull(state.layer)},
       {"error", TextOrNull(state.error)}});
}

absl::Status GenerateEncryption(Env& env, const TableContext&, RowSink& sink) {
  const auto devices =
      ListBlockDevices(env, [&](std::string what) { sink.Incomplete(std::move(what)); });
  if (!devices.ok()) return devices.status();
  const auto mounts = ReadStorageMounts(env);
  if (!mounts.ok()) sink.Incomplete(std::string(mounts.status().message()));
  const std::vector<MountEntry> none;
  StorageWalk walk(env, mounts.ok() ? mounts->info.entries : none);
  for (const BlockDevice& device : *devices) {
    if (!AddDevice(env, device, walk.OfDevice(device.number), sink)) break;
  }
  for (const std::string& problem : walk.problems()) sink.Incomplete(problem);
  return absl::OkStatus();
}

}  // namespace

Table disk_encryption_table() {
  return {
      .name = "disk_encryption",
      .description = "Whether what is written to each block device is encrypted below it",
      .columns =
          {{.name = "name", .description = "Device node"},
           {.name = "uuid", .description = "Of what it holds"},
           {.name = "encrypted",
            .type = ColumnType::kInteger,
            .description = "1: on every way down; 0: not; NULL: not known"},
           {.name = "type", .description = "Method and cipher that decide: LUKS2-aes-xts-plain64"},
           {.name = "encryption_status", .description = "encrypted, not encrypted, undefined"},
           {.name = "device_number", .description = "MAJOR:MINOR", .hidden = true},
           {.name = "key_bits",
            .type = ColumnType::kInteger,
            .description = "Bits of the key that hides the data",
            .hidden = true},
           {.name = "weakest_layer", .description = "The device that decides", .hidden = true},
           {.name = "error", .description = "Why something is not known", .hidden = true}},
      .generate = GenerateEncryption,
      .touches = StorageTouches};
}

}  // namespace tom
