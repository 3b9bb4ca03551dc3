// What restic and borg have in common: a local repository that is mounted read-only into the cage,
// a password that only the drill's user may read there, and a program that lists lines of JSON.
#ifndef TOM_AGENT_DRILL_PROGRAM_COPIES_H_
#define TOM_AGENT_DRILL_PROGRAM_COPIES_H_

#include <functional>
#include <string>
#include <vector>

#include "agent/drill/copy_reader.h"
#include "agent/drill/worker.h"

namespace tom {

class ProgramCopies : public CopyReader {
 public:
  ProgramCopies(const DeclaredBackup& backup, std::function<int64_t()> left_ms, std::string program)
      : backup_(backup), left_ms_(std::move(left_ms)), program_(std::move(program)) {}

  absl::Status Prepare(Cage& cage) override;
  bool Verifies() const override { return true; }

 protected:
  using OnLine = std::function<absl::Status(std::string_view)>;

  const DeclaredBackup& backup() const { return backup_; }
  bool has_password() const { return !backup_.password_file.empty(); }
  virtual std::vector<std::string> Environment() const = 0;
  // Runs the program with these arguments. DataLoss with its own words where it ends badly.
  absl::StatusOr<WorkerResult> Run(std::vector<std::string> arguments, const OnLine& on_line = {});
  // Reads a listing of lines; a line that cannot be understood is an entry that cannot be chosen.
  absl::Status ReadLines(
      std::vector<std::string> arguments,
      const std::function<absl::StatusOr<std::optional<ListedEntry>>(std::string_view)>& parse,
      const std::function<void(ListedEntry)>& take);

 private:
  DeclaredBackup backup_;
  std::function<int64_t()> left_ms_;
  std::string program_;
  const Cage* cage_ = nullptr;
};

}  // namespace tom

#endif  // TOM_AGENT_DRILL_PROGRAM_COPIES_H_
