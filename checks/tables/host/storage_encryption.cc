// Every file system that stores something, every swap area and every declared data path, with what
// encrypts it: mountinfo and /proc/swaps followed through /sys/dev/block down to the disks. With
// which cipher and key the kernel says where it can be asked (dmsetup, encryption policies), else
// LUKS headers; where nobody does, that is unknown. Mounts of other mount namespaces
// (containers) are seen as far as they rest on file systems of this one.
#include <map>

#include "checks/engine/table.h"
#include "checks/parse/crypttab.h"
#include "checks/parse/mountinfo.h"
#include "checks/tables/path_reach.h"
#include "checks/tables/storage_mounts.h"
#include "checks/tables/storage_walk.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Cover = StorageState::Cover;

struct Subject {
  std::string subject;
  std::string kind;
  std::string device;
  std::string number;
  std::string fs_type;
  std::string rests_on;
  std::string source;
};

Value EncryptedValue(const StorageState& state) {
  if (state.cover == Cover::kUnknown || state.cover == Cover::kMemory) return Value();
  return Value(int64_t{state.cover == Cover::kEncrypted && !HidesNothing(state)});
}

Value SoundValue(const StorageState& state) {
  if (!state.strength.weakness.empty()) return Value(int64_t{0});
  return state.strength.bits.has_value() ? Value(int64_t{1}) : Value();
}

// What one scan knows while it gives its rows.
struct Rows {
  const TableContext& context;
  RowSink& sink;
  Crypttab crypttab;  // empty where there is none or it cannot be read: it proves nothing

  bool Add(const Subject& subject, const StorageState& state) {
    const std::string source = state.layer.empty() ? subject.device : "/dev/" + state.layer;
    return sink.Add(
        {{"subject", subject.subject},
         {"kind", subject.kind},
         {"device", TextOrNull(subject.device)},
         {"device_number", TextOrNull(subject.number)},
         {"fs_type", TextOrNull(subject.fs_type)},
         {"in_memory", int64_t{state.cover == Cover::kMemory}},
         {"encrypted", EncryptedValue(state)},
         {"method", TextOrNull(state.method)},
         {"cipher", TextOrNull(state.cipher)},
         {"algorithm", TextOrNull(state.strength.algorithm)},
         {"key_bits", NumberOrNull(state.strength.bits)},
         {"least_bits", NumberOrNull(state.least_bits)},
         {"sound", SoundValue(state)},
         {"weakness", TextOrNull(state.strength.weakness)},
         {"weakest_layer", TextOrNull(state.layer)},
         {"luks_version", state.luks_version == 0 ? Value() : Value(int64_t{state.luks_version})},
         {"header_source", TextOrNull(state.header_source)},
         {"cipher_source", TextOrNull(state.cipher_source)},
         {"provider_disk", int64_t{state.provider_disk}},
         {"document", TextOrNull(StorageDocument(context.declared, {subject.subject, subject.device,
                                                                    "/dev/" + state.layer}))},
         {"intention", TextOrNull(CrypttabIntention(crypttab, state.dm_name, source))},
         {"rests_on", TextOrNull(subject.rests_on)},
         {"note", TextOrNull(state.note)},
         {"error", TextOrNull(state.error)},
         {"source", subject.source}});
  }
};

// One mount for each file system, the same at each look: a whole one before a part (a bind mount, a
// subvolume), then the shortest path.
bool StandsBefore(const MountEntry& a, const MountEntry& b) {
  const bool a_whole = a.root == "/";
  const bool b_whole = b.root == "/";
  if (a_whole != b_whole) return a_whole;
  if (a.mount_point.size() != b.mount_point.size()) {
    return a.mount_point.size() < b.mount_point.size();
  }
  return a.mount_point < b.mount_point;
}

std::map<std::string, const MountEntry*> FileSystems(const std::vector<MountEntry>& mounts) {
  std::map<std::string, const MountEntry*> chosen;
  for (const MountEntry& mount : mounts) {
    if (StorageWalk::IsPseudo(mount.fs_type)) continue;
    const std::string number = std::to_string(mount.major) + ":" + std::to_string(mount.minor);
    const MountEntry*& kept = chosen[number];
    if (kept == nullptr || StandsBefore(mount, *kept)) kept = &mount;
  }
  return chosen;
}

// The mount points below an overlay's layers, each once.
std::string RestsOn(const std::vector<MountEntry>& mounts, const MountEntry& overlay) {
  std::map<std::string, int> points;
  for (const std::string& layer : StorageWalk::OverlayLayers(overlay)) {
    const MountEntry* mount = MountOfPath(mounts, layer);
    if (mount != nullptr) ++points[mount->mount_point];
  }
  std::string joined;
  for (const auto& [point, count] : points) joined += (joined.empty() ? "" : " ") + point;
  return joined.substr(0, 1024);
}

// Parts of one file system may have policies of their own: all that are mounted count.
StorageState OfFileSystem(const StorageMounts& mounts, const MountEntry& shown, StorageWalk& walk) {
  StorageState state = walk.OfMount(shown);
  if (!KnowsFscrypt(shown.fs_type)) return state;
  for (const MountEntry& mount : mounts.info.entries) {
    if (&mount == &shown || mount.major != shown.major || mount.minor != shown.minor) continue;
    state = WeakerOf(std::move(state), walk.OfMount(mount));
  }
  return state;
}

bool AddFileSystems(const StorageMounts& mounts, StorageWalk& walk, Rows& rows) {
  for (const auto& [number, mount] : FileSystems(mounts.info.entries)) {
    const StorageState state = OfFileSystem(mounts, *mount, walk);
    Subject subject{.subject = mount->mount_point,
                    .kind = mount->fs_type == "overlay" ? "overlay" : "filesystem",
                    .device = mount->source,
                    .number = number,
                    .fs_type = mount->fs_type,
                    .rests_on = "",
                    .source = mounts.source};
    // Where a layer is not seen, the overlay is a subject of its own.
    if (subject.kind == "overlay" && state.layer != "overlay") {
      subject.rests_on = RestsOn(mounts.info.entries, *mount);
    }
    if (!rows.Add(subject, state)) return false;
  }
  return true;
}

// Declared places of personal data, with everything that is mounted below them.
bool AddDataPaths(Env& env, StorageWalk& walk, Rows& rows) {
  for (const DeclaredPath& data : rows.context.declared.data_paths) {
    const Subject subject{.subject = data.path,
                          .kind = "path",
                          .device = "",
                          .number = "",
                          .fs_type = "",
                          .rests_on = "",
                          .source = "data_paths"};
    const auto real = RealPath(env, data.path);
    const StorageState state =
        real.ok() ? walk.OfTree(*real) : UnknownState("", std::string(real.status().message()));
    if (!rows.Add(subject, state)) return false;
  }
  return true;
}

void AddSwaps(Env& env, StorageWalk& walk, Rows& rows) {
  static constexpr char kSwaps[] = "/proc/swaps";
  const auto text = env.ReadFile(kSwaps, 1 << 20);
  if (!text.ok()) return rows.sink.Incomplete(std::string(text.status().message()));
  const SwapList list = ParseSwaps(*text);
  for (const std::string& problem : list.problems) rows.sink.Incomplete(kSwaps + (" " + problem));
  for (const SwapEntry& swap : list.entries) {
    const Subject subject{.subject = "swap " + swap.path,
                          .kind = "swap",
                          .device = swap.path,
                          .number = "",
                          .fs_type = "swap",
                          .rests_on = "",
                          .source = kSwaps};
    if (!rows.Add(subject, walk.OfSwap(swap))) return;
  }
}

absl::Status GenerateStorage(Env& env, const TableContext& context, RowSink& sink) {
  TOM_ASSIGN_OR_RETURN(const StorageMounts mounts, ReadStorageMounts(env));
  for (const std::string& problem : mounts.info.problems) {
    sink.Incomplete(mounts.source + " " + problem);
  }
  if (mounts.info.entries.empty()) sink.Incomplete(mounts.source + ": names no mount");
  const auto crypttab = env.ReadFile("/etc/crypttab", 1 << 20);
  Rows rows{context, sink, crypttab.ok() ? ParseCrypttab(*crypttab) : Crypttab{}};
  StorageWalk walk(env, mounts.info.entries);
  if (AddFileSystems(mounts, walk, rows) && AddDataPaths(env, walk, rows)) {
    AddSwaps(env, walk, rows);
  }
  for (const std::string& problem : walk.problems()) sink.Incomplete(problem);
  return absl::OkStatus();
}

}  // namespace

Table storage_encryption_table() {
  return {
      .name = "storage_encryption",
      .description = "File systems, swap areas and data paths, and what encrypts their storage",
      .columns =
          {{.name = "subject",
            .description = "Mount point, declared path, or \"swap \" and the area's path"},
           {.name = "kind",
            .description = "filesystem, overlay (its layers lie elsewhere), swap, or path (a "
                           "declared one, with all that is mounted below it)"},
           {.name = "device",
            .description = "What is mounted or swapped to, as the kernel names it"},
           {.name = "device_number", .description = "MAJOR:MINOR of the file system"},
           {.name = "fs_type", .description = "Type of the file system"},
           {.name = "in_memory",
            .type = ColumnType::kInteger,
            .description = "1: never written to a disk (tmpfs, zram)"},
           {.name = "encrypted",
            .type = ColumnType::kInteger,
            .description = "1: every way down ends on encryption; 0: at least one does not; NULL: "
                           "not known"},
           {.name = "method",
            .description = "LUKS1, LUKS2, plain dm-crypt, fscrypt, eCryptfs, ZFS, BitLocker …"},
           {.name = "cipher", .description = "As kernel or header name it: aes-xts-plain64"},
           {.name = "algorithm", .description = "What that is with this key: AES-256-XTS"},
           {.name = "key_bits",
            .type = ColumnType::kInteger,
            .description = "Bits of the key that hides the data (half of an XTS key); 0: none"},
           {.name = "least_bits",
            .type = ColumnType::kInteger,
            .description = "The fewest bits known of any part, where others are not known"},
           {.name = "sound",
            .type = ColumnType::kInteger,
            .description = "1: no weakness of cipher and mode is known; 0: see weakness"},
           {.name = "weakness", .description = "Why the key's bits do not count"},
           {.name = "weakest_layer", .description = "The device that decides, below /dev"},
           {.name = "luks_version", .type = ColumnType::kInteger, .description = "1 or 2"},
           {.name = "header_source",
            .description = "Device and copy that the header was read from"},
           {.name = "cipher_source",
            .description = "Who says cipher and key: kernel (how it runs) or header (as meant)"},
           {.name = "provider_disk",
            .type = ColumnType::kInteger,
            .description = "1: the disk comes from a hypervisor or cloud, which may encrypt it"},
           {.name = "document", .description = "Declared document for it (configuration)"},
           {.name = "intention", .description = "What /etc/crypttab intends; proves nothing"},
           {.name = "rests_on", .description = "Mount points that an overlay's layers lie on"},
           {.name = "note", .description = "What is odd about the header"},
           {.name = "error", .description = "Why something is not known"},
           {.name = "source", .description = "File that names it", .hidden = true}},
      .generate = GenerateStorage,
      .touches = StorageTouches};
}

}  // namespace tom
