#include "checks/tables/storage_own.h"

#include <charconv>

#include "checks/parse/fscrypt_policy.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Cover = StorageState::Cover;

constexpr int64_t kDeadlineMs = 5000;

StorageState EncryptedBy(std::string method, std::string layer) {
  StorageState state;
  state.cover = Cover::kEncrypted;
  state.method = std::move(method);
  state.layer = std::move(layer);
  return state;
}

bool HasOption(const std::string& options, const std::string& name) {
  return ("," + options + ",").find("," + name + ",") != std::string::npos;
}

absl::StatusOr<std::string> Ask(Env& env, const std::string& program,
                                std::vector<std::string> arguments) {
  TOM_ASSIGN_OR_RETURN(const ProgramResult result,
                       env.RunProgram({.path = program,
                                       .arguments = std::move(arguments),
                                       .environment = {},
                                       .deadline_ms = kDeadlineMs}));
  if (result.exit_status == 0) return result.output;
  return absl::UnavailableError(ToAbsl(
      program + ": " + result.error.substr(0, std::min<size_t>(result.error.find('\n'), 200))));
}

}  // namespace

bool KnowsFscrypt(const std::string& fs_type) {
  return fs_type == "ext4" || fs_type == "f2fs" || fs_type == "ubifs" || fs_type == "ceph";
}

absl::StatusOr<std::optional<StorageState>> FscryptState(Env& env, const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const std::string bytes, env.FscryptPolicy(path));
  if (bytes.empty()) return std::optional<StorageState>();
  const auto policy = ParseFscryptPolicy(bytes);
  if (!policy.ok()) return Annotate(policy.status(), path);
  StorageState state = EncryptedBy("fscrypt", "");
  state.cipher = policy->contents + "/" + policy->filenames;
  state.strength = policy->strength;
  state.least_bits = policy->strength.bits;
  state.cipher_source = "kernel";
  if (!policy->strength.bits.has_value())
    state.error = "fscrypt: " + state.cipher + " is not known";
  return std::optional<StorageState>(std::move(state));
}

StorageState EcryptfsState(const MountEntry& mount) {
  StorageState state = EncryptedBy("eCryptfs", "");
  state.cipher = MountOption(mount.super_options, "ecryptfs_cipher");
  state.cipher_source = "kernel";
  const std::string size = MountOption(mount.super_options, "ecryptfs_key_bytes");
  int bytes = 0;
  const auto end = std::from_chars(size.data(), size.data() + size.size(), bytes);
  if (end.ec == std::errc() && end.ptr == size.data() + size.size() && !state.cipher.empty()) {
    state.strength = RealKeyBits(state.cipher, "cbc", bytes);
    state.least_bits = state.strength.bits;
  }
  if (HasOption(mount.super_options, "ecryptfs_passthrough")) {
    state.strength.weakness = "files that are not encrypted pass through it";
  }
  if (MountOption(mount.super_options, "ecryptfs_fnek_sig").empty()) {
    state.note = "names of files are not encrypted";
  }
  if (!state.strength.bits.has_value()) {
    state.error = "ecryptfs: cipher " + state.cipher.substr(0, 40) + " with a key of " +
                  size.substr(0, 20) + " bytes is not known";
  }
  return state;
}

StorageState ZfsFacts::Dataset(const std::string& name) {
  if (!datasets_.has_value()) {
    const auto text =
        Ask(env_, "/usr/sbin/zfs",
            {"get", "-H", "-o", "name,property,value", "-t", "filesystem,volume", "encryption"});
    datasets_ = text.ok() ? absl::StatusOr<ZfsDatasets>(ParseZfsEncryption(*text))
                          : absl::StatusOr<ZfsDatasets>(text.status());
  }
  if (!datasets_->ok()) {
    return UnknownState(
        "", "zfs: its own encryption is not seen: " + std::string(datasets_->status().message()));
  }
  const auto found = (*datasets_)->find(name);
  if (found == (*datasets_)->end()) return UnknownState("", "zfs: does not tell of " + name);
  const ZfsDataset& dataset = found->second;
  if (dataset.strength.bits == 0) {
    StorageState plain;
    plain.cover = Cover::kPlain;
    plain.least_bits = 0;
    return plain;
  }
  StorageState state = EncryptedBy("ZFS", "");
  state.cipher = dataset.encryption;
  state.cipher_source = "kernel";
  state.strength = dataset.strength;
  state.least_bits = dataset.strength.bits;
  if (!state.strength.bits.has_value()) {
    state = UnknownState("", "zfs: encryption " + dataset.encryption + " is not known");
  }
  return state;
}

const absl::StatusOr<ZfsPools>& ZfsFacts::Pools() {
  if (!pools_.has_value()) {
    const auto text = Ask(env_, "/usr/sbin/zpool", {"list", "-H", "-v", "-P", "-L"});
    pools_ = text.ok() ? absl::StatusOr<ZfsPools>(ParseZfsPools(*text))
                       : absl::StatusOr<ZfsPools>(text.status());
  }
  return *pools_;
}

absl::StatusOr<std::vector<std::string>> ZfsFacts::Devices(const std::string& dataset) {
  const absl::StatusOr<ZfsPools>& pools = Pools();
  if (!pools.ok()) return pools.status();
  const std::string pool = dataset.substr(0, dataset.find('/'));
  const auto found = pools->find(pool);
  if (found == pools->end() || found->second.empty()) {
    return absl::NotFoundError(ToAbsl("zpool tells no device of " + pool));
  }
  return found->second;
}

std::vector<std::string> ZfsFacts::AllDevices() {
  std::vector<std::string> all;
  if (!env_.Stat("/dev/zfs").ok() || !Pools().ok()) return all;
  for (const auto& [pool, devices] : *Pools()) {
    all.insert(all.end(), devices.begin(), devices.end());
  }
  return all;
}

}  // namespace tom
