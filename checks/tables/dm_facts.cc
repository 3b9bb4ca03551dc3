#include "checks/tables/dm_facts.h"

#include <utility>

namespace tom {
namespace {

// What part of a mapping is worth.
KeyStrength StrengthOf(const DmTarget& part) {
  if (part.type == "crypt") return part.strength;
  if (part.type == "?") return {};
  return {.algorithm = "none", .bits = 0, .weakness = "a part is not encrypted"};
}

void AddNote(StorageState& state, const std::string& note) {
  if (note.empty()) return;
  state.note.append(state.note.empty() ? "" : "; ").append(note);
}

}  // namespace

const std::vector<DmTarget>* DmFacts::Of(const std::string& dm_name) {
  if (!tables_.has_value()) {
    tables_ = DmTables();
    const auto told = env_.mode() == RootMode::kLive
                          ? env_.RunProgram(MappingPrograms()[0])
                          : absl::StatusOr<ProgramResult>(absl::UnimplementedError("not live"));
    if (told.ok() && told->exit_status == 0) tables_ = ParseDmTables(told->output);
  }
  const auto found = tables_->mappings.find(dm_name);
  return found == tables_->mappings.end() ? nullptr : &found->second;
}

void ApplyRunning(const std::vector<DmTarget>& parts, StorageState& state) {
  const DmTarget* weakest = nullptr;
  for (const DmTarget& part : parts) {
    if (weakest == nullptr || CompareStrength(StrengthOf(part), StrengthOf(*weakest)) < 0) {
      weakest = &part;
    }
  }
  if (weakest == nullptr) return;
  const KeyStrength running = StrengthOf(*weakest);
  const KeyStrength said = std::exchange(state.strength, running);
  if (said.bits.has_value() && said.algorithm != running.algorithm) {
    AddNote(state, "the header says " + said.algorithm);
  }
  AddNote(state, std::exchange(state.error, ""));
  state.cipher = weakest->cipher;
  state.least_bits = running.bits;
  state.cipher_source = "kernel";
  if (!running.bits.has_value()) {
    state.error = weakest->cipher.empty() ? "its running table is not understood"
                                          : "cipher " + weakest->cipher +
                                                ", as the kernel runs it, "
                                                "with its key is not known";
  }
}

std::vector<ProgramRequest> MappingPrograms() {
  return {{.path = "/usr/sbin/dmsetup", .arguments = {"table"}, .environment = {}}};
}

std::vector<Touch> MappingTouches() {
  std::vector<Touch> touches = ProgramsFiles(
      {"/dev/mapper", "/dev/mapper/**", "/dev/**", "/proc/devices", "/proc/misc", "/proc/mounts",
       "/proc/filesystems", "/proc/self/**", "/sys/fs/selinux", "/sys/**", "/run/udev/control",
       "/etc/selinux/config", "/etc/localtime", "/usr/lib/locale/**", "/dev/urandom"},
      "dmsetup");
  touches.push_back(
      {TouchKind::kProgram, "/usr/sbin/dmsetup", "how the kernel runs its mappings; never keys"});
  touches.push_back({TouchKind::kCapability, "CAP_SYS_ADMIN", "dmsetup, before it is given up"});
  return touches;
}

}  // namespace tom
