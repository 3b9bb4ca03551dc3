#include "agent/drill/drill_store.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/state.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

namespace fs = std::filesystem;

// 20261122T140100Z-1a2b3c4d.json: times sort as they are, and no two names are alike.
std::string NameOf(const DrillRecord& record) {
  std::string time = FormatUtc(record.began_at);
  time.erase(std::remove_if(time.begin(), time.end(), [](char c) { return c == '-' || c == ':'; }),
             time.end());
  char unique[16];
  std::snprintf(unique, sizeof(unique), "%08x", std::random_device()());
  return absl::StrCat(time, "-", unique, ".json");
}

}  // namespace

absl::StatusOr<DrillStore> DrillStore::Open(const std::string& folder) {
  const std::string above = fs::path(folder).parent_path().string();
  std::error_code error;
  // Where the agent's state is not there yet, it is made as it must be.
  if (!fs::exists(above, error)) TOM_RETURN_IF_ERROR(StateDir::Open(above, true).status());
  TOM_ASSIGN_OR_RETURN(const StateDir state, StateDir::Open(folder, true));
  OwnedFd lock(open(state.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock.ok()) return FileError(state.path(), "cannot be opened");
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::UnavailableError("another drill is going on");
  }
  return DrillStore(state.path(), std::move(lock));
}

absl::StatusOr<std::string> DrillStore::Add(const DrillRecord& record) {
  const std::string bytes = EncodeDrillRecord(record);
  TOM_RETURN_IF_ERROR(Annotate(ParseDrillRecord(bytes).status(), "the drill's own record"));
  const std::string path = absl::StrCat(folder_, "/", NameOf(record));
  if (const absl::Status written = WriteAtomic(path, bytes); !written.ok()) {
    static_cast<void>(RemoveFile(path + ".new"));
    return written;
  }
  Prune(record.backup);
  return path;
}

void DrillStore::Prune(const std::string& backup) {
  std::vector<std::string> own;
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    const std::string path = it->path().string();
    if (it->path().extension() != ".json") continue;
    const auto bytes = ReadStateFile(path, kMaxDrillRecordBytes);
    const auto record = bytes.ok() ? ParseDrillRecord(*bytes) : bytes.status();
    if (record.ok() && record->backup == backup) own.push_back(path);
  }
  std::sort(own.begin(), own.end());
  for (size_t i = 0; i + kKeptDrills < own.size(); ++i) {
    // One that stays is read again, and costs nothing else.
    static_cast<void>(RemoveFile(own[i]));
  }
}

}  // namespace tom
