// /etc/crypttab as what it is, an intention, beside what the kernel really runs under that name.
#include "checks/parse/crypttab.h"

#include <algorithm>

#include "checks/engine/table.h"
#include "checks/tables/luks_scan.h"
#include "checks/tables/path_reach.h"
#include "checks/tables/storage_mounts.h"
#include "checks/tables/storage_walk.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Cover = StorageState::Cover;

constexpr char kCrypttab[] = "/etc/crypttab";

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

std::string WithoutDashes(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '-'), text.end());
  return text;
}

// What the entry means to make; empty where its options leave it to the header.
std::string IntendedKind(const CrypttabEntry& entry) {
  for (const char* kind : {"luks", "plain", "tcrypt", "bitlk"}) {
    if (entry.Option(kind).has_value()) return kind;
  }
  return "";
}

// none (asked for), random, file, device (on another file system), script.
std::string KeyKind(const CrypttabEntry& entry) {
  if (entry.Option("keyscript").has_value()) return "script";
  if (entry.key.empty()) return "none";
  if (entry.key == "/dev/urandom" || entry.key == "/dev/random" || entry.key == "/dev/hw_random") {
    return "random";
  }
  return entry.key.find(':') != std::string::npos || entry.key[0] != '/' ? "device" : "file";
}

// The kind of a running mapping in crypttab's words.
std::string RunningKind(const std::string& dm_uuid) {
  if (StartsWith(dm_uuid, "CRYPT-LUKS")) return "luks";
  if (StartsWith(dm_uuid, "CRYPT-PLAIN")) return "plain";
  if (StartsWith(dm_uuid, "CRYPT-TCRYPT")) return "tcrypt";
  if (StartsWith(dm_uuid, "CRYPT-BITLK")) return "bitlk";
  return "";
}

std::string LinkOf(const std::string& device) {
  struct Tag {
    std::string_view name;
    const char* folder;
  };
  static constexpr Tag kTags[] = {{"UUID=", "/dev/disk/by-uuid/"},
                                  {"LABEL=", "/dev/disk/by-label/"},
                                  {"PARTUUID=", "/dev/disk/by-partuuid/"},
                                  {"PARTLABEL=", "/dev/disk/by-partlabel/"}};
  for (const Tag& tag : kTags) {
    if (!StartsWith(device, tag.name)) continue;
    std::string value = device.substr(tag.name.size());
    value.erase(std::remove(value.begin(), value.end(), '"'), value.end());
    return value.find('/') == std::string::npos ? tag.folder + value : "";
  }
  return StartsWith(device, "/dev/") ? device : "";
}

class CrypttabRows {
 public:
  CrypttabRows(Env& env, RowSink& sink, const std::vector<MountEntry>& mounts)
      : env_(env), sink_(sink), walk_(env, mounts), reach_(env) {
    auto devices =
        ListBlockDevices(env, [&](std::string what) { sink.Incomplete(std::move(what)); });
    if (devices.ok()) {
      devices_ = *std::move(devices);
      sees_devices_ = true;
    } else {
      sink.Incomplete(std::string(devices.status().message()));
    }
  }

  bool Add(const CrypttabEntry& entry) {
    const BlockDevice* mapping = Mapping(entry.name);
    const StorageState state =
        mapping != nullptr ? walk_.OfDevice(mapping->number) : StorageState();
    const Key key = KeyOf(entry);
    const std::string intended = entry.Option("cipher").value_or("");
    return sink_.Add({{"name", entry.name},
                      {"line", entry.line},
                      {"device", entry.device},
                      {"options", TextOrNull(entry.options)},
                      {"kind", TextOrNull(IntendedKind(entry))},
                      {"swap", int64_t{entry.Option("swap").has_value()}},
                      {"noauto", int64_t{entry.Option("noauto").has_value()}},
                      {"nofail", int64_t{entry.Option("nofail").has_value()}},
                      {"discards", int64_t{entry.Option("discard").has_value() ||
                                           entry.Option("allow-discards").has_value()}},
                      {"intended_cipher", TextOrNull(intended)},
                      {"mapped", Mapped(mapping)},
                      {"method", TextOrNull(state.method)},
                      {"cipher", TextOrNull(state.cipher)},
                      {"kind_agrees", KindAgrees(entry, mapping)},
                      {"cipher_agrees", CipherAgrees(intended, mapping, state)},
                      {"device_agrees", NumberOrNull(DeviceAgrees(entry, mapping))},
                      {"key_kind", key.kind},
                      {"key_file", TextOrNull(key.file)},
                      {"key_others", NumberOrNull(key.others)},
                      {"key_storage_encrypted", NumberOrNull(key.storage_encrypted)},
                      {"error", TextOrNull(key.error)}});
  }

  void SayProblems() {
    for (const std::string& problem : walk_.problems()) sink_.Incomplete(problem);
  }

 private:
  struct Key {
    std::string kind;
    std::string file;
    std::optional<bool> others;  // may read or change it
    std::optional<bool> storage_encrypted;
    std::string error;
  };

  const BlockDevice* Mapping(const std::string& name) const {
    const auto found =
        std::find_if(devices_.begin(), devices_.end(), [&](const BlockDevice& device) {
          return device.dm_uuid.has_value() && device.dm_name == name;
        });
    return found == devices_.end() ? nullptr : &*found;
  }

  Value Mapped(const BlockDevice* mapping) const {
    if (mapping == nullptr && !sees_devices_) return {};
    return int64_t{mapping != nullptr && StartsWith(*mapping->dm_uuid, "CRYPT-")};
  }

  static Value KindAgrees(const CrypttabEntry& entry, const BlockDevice* mapping) {
    if (mapping == nullptr) return {};
    const std::string running = RunningKind(*mapping->dm_uuid);
    if (running.empty()) return {};
    const std::string intended = IntendedKind(entry);
    return int64_t{intended.empty() || running == intended};
  }

  // A LUKS header decides by itself: what crypttab says of its cipher is not used.
  static Value CipherAgrees(const std::string& intended, const BlockDevice* mapping,
                            const StorageState& state) {
    if (mapping == nullptr) return {};
    const bool plain = RunningKind(*mapping->dm_uuid) == "plain";
    if (!plain || intended.empty()) return int64_t{1};
    return state.cipher.empty() ? Value() : Value(int64_t{state.cipher == intended});
  }

  std::optional<bool> DeviceAgrees(const CrypttabEntry& entry, const BlockDevice* mapping) {
    if (mapping == nullptr || mapping->slaves.empty()) return std::nullopt;
    const std::string& uuid = *mapping->dm_uuid;
    if (StartsWith(entry.device, "UUID=") && StartsWith(uuid, "CRYPT-LUKS")) {
      return uuid.substr(12, 32) == WithoutDashes(entry.device.substr(5));
    }
    const std::string link = LinkOf(entry.device);
    if (link.empty()) return std::nullopt;
    const auto number = DeviceOfPath(env_, link);
    if (!number.ok()) return std::nullopt;
    return Rests(*mapping, *number, 0);
  }

  // On that device, an integrity mapping between them or not.
  bool Rests(const BlockDevice& mapping, DeviceNumber number, int depth) {
    for (const DeviceNumber& slave : mapping.slaves) {
      if (slave == number) return true;
      const auto below = ReadBlockDevice(env_, slave);
      if (depth < 3 && below.ok() &&
          below->dm_uuid.value_or("").rfind("CRYPT-INTEGRITY-", 0) == 0 &&
          Rests(*below, number, depth + 1)) {
        return true;
      }
    }
    return false;
  }

  Key KeyOf(const CrypttabEntry& entry) {
    Key key;
    key.kind = KeyKind(entry);
    if (key.kind != "file") return key;
    key.file = entry.key;
    const auto info = env_.Stat(entry.key);
    const auto real = RealPath(env_, entry.key);
    if (!info.ok() || !real.ok()) {
      key.error = std::string((info.ok() ? real.status() : info.status()).message());
      return key;
    }
    const auto reached = reach_.OthersReach(entry.key);
    if ((info->mode & 07) == 0 || reached == false) {
      key.others = false;
    } else if (reached.has_value()) {
      key.others = (info->mode & 06) != 0;
    }
    const StorageState state = walk_.OfPath(*real);
    if (state.cover == Cover::kPlain || HidesNothing(state)) key.storage_encrypted = false;
    if (state.cover == Cover::kEncrypted && !HidesNothing(state)) key.storage_encrypted = true;
    return key;
  }

  Env& env_;
  RowSink& sink_;
  StorageWalk walk_;
  PathReach reach_;
  std::vector<BlockDevice> devices_;
  bool sees_devices_ = false;
};

absl::Status GenerateCrypttab(Env& env, const TableContext&, RowSink& sink) {
  const auto text = env.ReadFile(kCrypttab, 1 << 20);
  if (absl::IsNotFound(text.status())) return absl::OkStatus();  // nothing is intended
  if (!text.ok()) return text.status();
  const Crypttab table = ParseCrypttab(*text);
  for (const std::string& problem : table.problems) {
    sink.Incomplete(std::string(kCrypttab).append(" ").append(problem));
  }
  if (table.entries.empty()) return absl::OkStatus();
  const auto mounts = ReadStorageMounts(env);
  if (!mounts.ok()) sink.Incomplete(std::string(mounts.status().message()));
  const std::vector<MountEntry> none;
  CrypttabRows rows(env, sink, mounts.ok() ? mounts->info.entries : none);
  for (const CrypttabEntry& entry : table.entries) {
    if (!rows.Add(entry)) break;
  }
  rows.SayProblems();
  return absl::OkStatus();
}

std::vector<Touch> CrypttabTouches(Env& env, const Declared& declared) {
  std::vector<Touch> touches = StorageTouches(env, declared);
  const auto text = env.ReadFile(kCrypttab, 1 << 20);
  if (!text.ok()) return touches;
  for (const CrypttabEntry& entry : ParseCrypttab(*text).entries) {
    if (KeyKind(entry) == "file") Append(touches, PathTouches(entry.key, "rights of a key file"));
  }
  return touches;
}

std::vector<Column> Columns() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      {.name = "name", .description = "Mapping that the entry means to make"},
      {.name = "line", .type = kInt, .description = "Of the file"},
      {.name = "device", .description = "Device, as written"},
      {.name = "options", .description = "As written"},
      {.name = "kind", .description = "luks, plain, tcrypt, bitlk, where the options say so"},
      {.name = "swap", .type = kInt, .description = "1: formatted as swap at each start"},
      {.name = "noauto", .type = kInt, .description = "1: not opened at start"},
      {.name = "nofail", .type = kInt, .description = "1: may be missing at start"},
      {.name = "discards", .type = kInt, .description = "1: lets discards pass"},
      {.name = "intended_cipher", .description = "Its option cipher="},
      {.name = "mapped", .type = kInt, .description = "1: the kernel runs a mapping of this name"},
      {.name = "method", .description = "What it really is: LUKS2, plain dm-crypt …"},
      {.name = "cipher", .description = "Its cipher, as kernel or header name it"},
      {.name = "kind_agrees",
       .type = kInt,
       .description = "1: it is of the intended kind, or none is stated"},
      {.name = "cipher_agrees",
       .type = kInt,
       .description = "0: another cipher than is stated for a plain mapping"},
      {.name = "device_agrees", .type = kInt, .description = "1: it rests on the entry's device"},
      {.name = "key_kind", .description = "none (asked for), random, file, device, script"},
      {.name = "key_file", .description = "The key file"},
      {.name = "key_others", .type = kInt, .description = "1: others may read or change it"},
      {.name = "key_storage_encrypted",
       .type = kInt,
       .description = "1: the key file itself lies on encryption; 0: in the clear"},
      {.name = "error", .description = "Why something about the key is not known"},
  };
}

}  // namespace

Table crypttab_table() {
  return {.name = "crypttab",
          .description = "Entries of /etc/crypttab, and whether the kernel runs what they intend",
          .columns = Columns(),
          .generate = GenerateCrypttab,
          .touches = CrypttabTouches};
}

}  // namespace tom
