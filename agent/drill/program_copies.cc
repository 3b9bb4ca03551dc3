#include "agent/drill/program_copies.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "checks/engine/clean_text.h"
#include "checks/env/programs.h"
#include "checks/env/safe_open.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxSecret = 64 << 10;
constexpr size_t kMaxListing = size_t{4} << 30;
constexpr size_t kMaxAnswer = 64 << 20;
constexpr size_t kMaxReason = 300;
constexpr int kKilled = 128;

// Its own bounds, and not the copy, may have ended it.
bool IsOurBound(const WorkerResult& result) {
  if (result.exit_status >= kKilled) return true;
  constexpr std::array kSigns = {
      "out of memory",  "annot allocate memory",   "MemoryError",
      "newosproc",      "no space left on device", "No space left on device",
      "file too large", "File too large",          "disk quota exceeded"};
  return std::any_of(kSigns.begin(), kSigns.end(), [&](const char* sign) {
    return absl::StrContains(ToAbsl(result.error), sign);
  });
}

// The last line that says something: both programs put the reason there, borg after its trace.
std::string Reason(const std::string& error) {
  std::string last;
  for (size_t at = 0; at < error.size();) {
    const size_t end = std::min(error.find('\n', at), error.size());
    const std::string line = error.substr(at, end - at);
    at = end + 1;
    const bool says = std::any_of(line.begin(), line.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0;
    });
    const bool first_fatal = absl::StartsWith(ToAbsl(last), "Fatal");
    if (says && !first_fatal) last = line;
  }
  return CleanText(last, kMaxReason);
}

absl::StatusOr<std::string> ReadSecret(const std::string& path, const char* what) {
  auto bytes = ReadRegularFile(path, kMaxSecret);
  if (bytes.ok()) return bytes;
  return absl::FailedPreconditionError(absl::StrCat(what, ": ", bytes.status().message()));
}

}  // namespace

absl::Status ProgramCopies::Prepare(Cage& cage) {
  cage_ = &cage;
  TOM_RETURN_IF_ERROR(CheckProgram(program_));
  const OwnedFd folder(open(backup_.repository.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok()) {
    const absl::Status status = FileError(backup_.repository, "cannot be opened");
    return absl::IsNotFound(status) ? absl::DataLossError(status.message()) : status;
  }
  TOM_RETURN_IF_ERROR(cage.AddRepository(folder.get()));
  if (has_password()) {
    TOM_ASSIGN_OR_RETURN(const std::string password,
                         ReadSecret(backup_.password_file, "password_file"));
    TOM_RETURN_IF_ERROR(cage.AddSecret("password", password));
  }
  if (!backup_.key_file.empty()) {
    TOM_ASSIGN_OR_RETURN(const std::string key, ReadSecret(backup_.key_file, "key_file"));
    TOM_RETURN_IF_ERROR(cage.AddSecret("key", key));
  }
  return absl::OkStatus();
}

absl::StatusOr<WorkerResult> ProgramCopies::Run(std::vector<std::string> arguments,
                                                const OnLine& on_line) {
  arguments.insert(arguments.begin(), program_);
  TOM_ASSIGN_OR_RETURN(WorkerResult result,
                       RunWorker(*cage_, {.command = std::move(arguments),
                                          .environment = Environment(),
                                          .inside = {},
                                          .reads_all = true,
                                          .deadline_ms = left_ms_(),
                                          .opened = {},
                                          .on_line = on_line,
                                          .max_output_bytes = on_line ? kMaxListing : kMaxAnswer}));
  if (result.exit_status == 0) return result;
  const std::string text =
      absl::StrCat(ToAbsl(program_.substr(program_.rfind('/') + 1)), " ended with ",
                   result.exit_status, ": ", ToAbsl(Reason(result.error)));
  if (IsOurBound(result)) return absl::ResourceExhaustedError(text);
  return absl::DataLossError(text);
}

absl::Status ProgramCopies::ReadLines(
    std::vector<std::string> arguments,
    const std::function<absl::StatusOr<std::optional<ListedEntry>>(std::string_view)>& parse,
    const std::function<void(ListedEntry)>& take) {
  bool any = false;
  absl::Status wrong;
  const auto result = Run(std::move(arguments), [&](std::string_view line) {
    if (line.empty()) return absl::OkStatus();
    auto entry = parse(line);
    if (!entry.ok()) {
      wrong = entry.status();
      return absl::OkStatus();
    }
    any = true;
    if (*entry) take(**std::move(entry));
    return absl::OkStatus();
  });
  TOM_RETURN_IF_ERROR(result.status());
  if (any || wrong.ok()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(ToAbsl(program_), ": its listing is not understood: ", wrong.message()));
}

}  // namespace tom
