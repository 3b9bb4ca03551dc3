#include "collector/ctl/check_files.h"

#include <CLI/CLI.hpp>
#include <filesystem>

#include "checks/env/env_posix.h"
#include "evidence/status_text.h"

namespace tom {

void AddChecksFlag(CLI::App& app, std::string& folder) {
  folder = kShippedChecks;
  app.add_option("--checks", folder, "folder with measures/ and profiles/")->envname("TOM_CHECKS");
}

absl::StatusOr<LoadedCatalogue> LoadCheckFiles(const std::string& folder) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::canonical(folder, error);
  if (error) return absl::NotFoundError(ToAbsl(folder + ": " + error.message()));
  TOM_ASSIGN_OR_RETURN(const std::unique_ptr<Env> env, OpenPosixEnv(RootMode::kLive, "/"));
  return LoadCatalogue(*env, path.string());
}

}  // namespace tom
