// borg, from a repository in a local folder (borg(1), version 1.2). Without a lock, which it would
// write, and with its caches in scratch.
#include "agent/drill/program_copies.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

class BorgCopies : public ProgramCopies {
 public:
  BorgCopies(const DeclaredBackup& backup, std::function<int64_t()> left_ms)
      : ProgramCopies(backup, std::move(left_ms), "/usr/bin/borg") {}

  absl::StatusOr<NewestSnapshot> Newest() override {
    TOM_ASSIGN_OR_RETURN(const WorkerResult result,
                         Run({"list", "--bypass-lock", "--json", "--sort-by", "timestamp", "--last",
                              "1", "/repository"}));
    TOM_ASSIGN_OR_RETURN(NewestSnapshot newest, ParseBorgNewest(result.output));
    if (newest.id.empty()) return absl::DataLossError("there is no copy in the repository");
    // It would put the time, the host's name and the like in place of {now} and {hostname}.
    if (newest.id.find_first_of("{}") != std::string::npos) {
      return absl::UnimplementedError("an archive with braces in its name cannot be asked for");
    }
    archive_ = "/repository::" + newest.id;
    return newest;
  }

  absl::Status List(const std::function<void(ListedEntry)>& take) override {
    return ReadLines(
        {"list", "--bypass-lock", "--json-lines", "--format", kBorgListFormat, "--", archive_},
        ParseBorgItem, take);
  }

  // A path prefix: of a file it is the file. (pf: would do too, and warns that it never matched.)
  absl::Status Restore(const std::vector<SampleItem>& sample) override {
    std::vector<std::string> arguments = {
        "extract", "--bypass-lock", "--noflags", "--noacls", "--noxattrs", "--", archive_};
    arguments.reserve(arguments.size() + sample.size());
    for (const SampleItem& item : sample) {
      if (item.entry.kind == ListedEntry::Kind::kFile) arguments.push_back("pp:" + item.entry.path);
    }
    return Run(std::move(arguments)).status();
  }

  std::string PlaceOf(const SampleItem& item, size_t) const override { return item.entry.path; }

 protected:
  // The password's file is opened inside, by the drill's user.
  std::vector<std::string> Environment() const override {
    std::vector<std::string> environment = {
        "BORG_BASE_DIR=/scratch/home", "BORG_RELOCATED_REPO_ACCESS_IS_OK=yes",
        "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes", "BORG_DISPLAY_PASSPHRASE=no",
        has_password() ? "BORG_PASSCOMMAND=/usr/bin/cat /secret/password" : "BORG_PASSPHRASE="};
    if (!backup().key_file.empty()) environment.emplace_back("BORG_KEY_FILE=/secret/key");
    return environment;
  }

 private:
  std::string archive_;
};

}  // namespace

std::unique_ptr<CopyReader> NewBorgCopies(const DeclaredBackup& backup,
                                          std::function<int64_t()> left_ms) {
  return std::make_unique<BorgCopies>(backup, std::move(left_ms));
}

}  // namespace tom
