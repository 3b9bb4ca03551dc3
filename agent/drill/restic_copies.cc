// restic, from a repository in a local folder (restic(1), version 0.14).
#include "agent/drill/program_copies.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Included names are patterns (path/filepath, Match): what is special in them is escaped.
std::string AsPattern(const std::string& path) {
  std::string pattern;
  for (const char letter : path) {
    if (letter == '*' || letter == '?' || letter == '[' || letter == ']' || letter == '\\') {
      pattern += '\\';
    }
    pattern += letter;
  }
  return pattern;
}

class ResticCopies : public ProgramCopies {
 public:
  ResticCopies(const DeclaredBackup& backup, std::function<int64_t()> left_ms)
      : ProgramCopies(backup, std::move(left_ms), "/usr/bin/restic") {}

  absl::StatusOr<NewestSnapshot> Newest() override {
    TOM_ASSIGN_OR_RETURN(const WorkerResult result, Run(With("snapshots", {"--json"})));
    TOM_ASSIGN_OR_RETURN(NewestSnapshot newest, ParseResticNewest(result.output));
    if (newest.id.empty()) return absl::DataLossError("there is no copy in the repository");
    snapshot_ = newest.id;
    if (snapshot_.find_first_not_of("0123456789abcdef") != std::string::npos) {
      return BadData("restic gives a snapshot an id that is none");
    }
    return newest;
  }

  absl::Status List(const std::function<void(ListedEntry)>& take) override {
    return ReadLines(With("ls", {"--json", snapshot_}), ParseListedNode, take);
  }

  absl::Status Restore(const std::vector<SampleItem>& sample) override {
    std::vector<std::string> more = {"--verify", "--target", "/scratch/out"};
    more.reserve(more.size() + 2 * sample.size() + 1);
    for (const SampleItem& item : sample) {
      if (item.entry.kind != ListedEntry::Kind::kFile) continue;
      more.emplace_back("--include");
      more.push_back(AsPattern(item.entry.path));
    }
    more.push_back(snapshot_);
    return Run(With("restore", std::move(more))).status();
  }

  std::string PlaceOf(const SampleItem& item, size_t) const override { return item.entry.path; }

 protected:
  std::vector<std::string> Environment() const override {
    return {"RESTIC_PASSWORD_FILE=/secret/password", "GOMAXPROCS=2"};
  }

 private:
  static std::vector<std::string> With(const char* verb, std::vector<std::string> more) {
    more.insert(more.begin(), {verb, "--no-lock", "--no-cache", "-r", "/repository"});
    return more;
  }

  std::string snapshot_;
};

}  // namespace

std::unique_ptr<CopyReader> NewResticCopies(const DeclaredBackup& backup,
                                            std::function<int64_t()> left_ms) {
  return std::make_unique<ResticCopies>(backup, std::move(left_ms));
}

}  // namespace tom
