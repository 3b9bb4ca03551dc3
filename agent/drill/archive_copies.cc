// Archives in files (kind files): the newest file that the glob matches, read by this program
// itself in a worker that can do nothing but read it and write into scratch.
#include <fcntl.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "agent/drill/archive_reader.h"
#include "agent/drill/copy_reader.h"
#include "agent/drill/worker.h"
#include "checks/engine/clean_text.h"
#include "checks/env/env_posix.h"
#include "checks/env/safe_open.h"
#include "checks/tables/env_glob.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxListing = size_t{4} << 30;
constexpr size_t kMaxReason = 300;
constexpr int kUnavailable = 69;
constexpr int kOpened = 3;
constexpr int kKilled = 128;

// By the times of the files; they are not looked into here, where all rights are.
absl::StatusOr<NewestSnapshot> FindNewest(Env& env, const std::string& pattern) {
  const GlobResult found = ExpandGlob(env, pattern);
  if (!found.problems.empty()) return absl::UnavailableError(ToAbsl(found.problems[0]));
  NewestSnapshot newest;
  for (const std::string& path : found.paths) {
    const auto info = env.Lstat(path);
    if (absl::IsNotFound(info.status())) continue;  // gone since
    TOM_RETURN_IF_ERROR(info.status());
    const bool later = newest.id.empty() || info->modified > newest.time;
    if (info->kind != FileKind::kRegular || !later) continue;
    newest.id = path;
    newest.time = info->modified;
  }
  if (newest.id.empty() && !found.paths.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(ToAbsl(pattern), ": what is there are no regular files"));
  }
  return newest;
}

class ArchiveCopies : public CopyReader {
 public:
  ArchiveCopies(DeclaredBackup backup, std::function<int64_t()> left_ms)
      : backup_(std::move(backup)), left_ms_(std::move(left_ms)) {}

  absl::Status Prepare(Cage& cage) override {
    cage_ = &cage;
    return absl::OkStatus();
  }

  absl::StatusOr<NewestSnapshot> Newest() override {
    TOM_ASSIGN_OR_RETURN(const auto env, OpenPosixEnv(RootMode::kLive, "/"));
    TOM_ASSIGN_OR_RETURN(NewestSnapshot newest, FindNewest(*env, backup_.path));
    if (newest.id.empty()) {
      return absl::DataLossError(ToAbsl(backup_.path + ": there is no copy"));
    }
    const OwnedFd root(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root.ok()) return FileError("/", "cannot be opened");
    TOM_ASSIGN_OR_RETURN(archive_, SafeOpenRegular(root.get(), newest.id));
    return newest;
  }

  absl::Status List(const std::function<void(ListedEntry)>& take) override {
    const auto on_line = [&](std::string_view line) {
      auto entry = ParseListedNode(line);
      TOM_RETURN_IF_ERROR(entry.status());
      if (*entry) take(**std::move(entry));
      return absl::OkStatus();
    };
    return Run([] { return ListArchive(kOpened, 1); }, on_line);
  }

  absl::Status Restore(const std::vector<SampleItem>& sample) override {
    std::map<int64_t, ArchiveTarget> wanted;
    for (size_t i = 0; i < sample.size(); ++i) {
      const ListedEntry& entry = sample[i].entry;
      if (entry.kind == ListedEntry::Kind::kLink) continue;
      const bool stream = entry.kind == ListedEntry::Kind::kStream;
      wanted[entry.number] = {.file = PlaceOf(sample[i], i),
                              .size = stream ? cage_->scratch_bytes() / 2 : entry.size,
                              .stream = stream};
    }
    return Run([&] { return RestoreArchive(kOpened, wanted); }, {});
  }

  std::string PlaceOf(const SampleItem&, size_t index) const override {
    return std::to_string(index);
  }
  bool Verifies() const override { return false; }

 private:
  absl::Status Run(const std::function<int()>& inside,
                   const std::function<absl::Status(std::string_view)>& on_line) {
    TOM_ASSIGN_OR_RETURN(const WorkerResult result,
                         RunWorker(*cage_, {.command = {},
                                            .environment = {},
                                            .inside = inside,
                                            .reads_all = false,
                                            .deadline_ms = left_ms_(),
                                            .opened = {archive_.get()},
                                            .on_line = on_line,
                                            .max_output_bytes = kMaxListing}));
    if (result.exit_status == 0) return absl::OkStatus();
    const std::string reason =
        CleanText(result.error.substr(0, result.error.find('\n')), kMaxReason);
    const std::string text = absl::StrCat(ToAbsl(backup_.path), ": ", ToAbsl(reason));
    if (result.exit_status >= kKilled) {
      return absl::ResourceExhaustedError(
          absl::StrCat(text, "ended by signal ", result.exit_status - kKilled));
    }
    if (result.exit_status == kUnavailable) return absl::UnavailableError(text);
    return absl::DataLossError(text);
  }

  DeclaredBackup backup_;
  std::function<int64_t()> left_ms_;
  const Cage* cage_ = nullptr;
  UniqueFd archive_;
};

bool IsLocal(const std::string& repository) {
  return !repository.empty() && repository[0] == '/' &&
         (repository + "/").find("/../") == std::string::npos;
}

}  // namespace

std::unique_ptr<CopyReader> NewArchiveCopies(const DeclaredBackup& backup,
                                             std::function<int64_t()> left_ms) {
  return std::make_unique<ArchiveCopies>(backup, std::move(left_ms));
}

absl::Status CanBeDrilled(const DeclaredBackup& backup) {
  if (backup.kind == "files") return absl::OkStatus();
  if (backup.kind != "restic" && backup.kind != "borg") {
    return absl::UnimplementedError(ToAbsl("backups of kind " + backup.kind +
                                           " cannot be drilled; files, restic and borg can"));
  }
  if (!IsLocal(backup.repository)) {
    return absl::UnimplementedError(
        "only repositories in a local folder, without .., can be drilled");
  }
  if (backup.kind == "restic" && backup.password_file.empty()) {
    return absl::UnimplementedError("a drill of restic needs a password_file");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<CopyReader>> NewCopyReader(const DeclaredBackup& backup,
                                                          std::function<int64_t()> left_ms) {
  TOM_RETURN_IF_ERROR(CanBeDrilled(backup));
  if (backup.kind == "restic") return NewResticCopies(backup, std::move(left_ms));
  if (backup.kind == "borg") return NewBorgCopies(backup, std::move(left_ms));
  return NewArchiveCopies(backup, std::move(left_ms));
}

}  // namespace tom
