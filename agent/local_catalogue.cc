#include "agent/local_catalogue.h"

#include <filesystem>

#include "checks/env/env_posix.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

std::string Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

}  // namespace

absl::StatusOr<LoadedCatalogue> LoadLocalCatalogue(const std::string& checks,
                                                   const std::string& site_checks) {
  TOM_ASSIGN_OR_RETURN(const std::unique_ptr<Env> env, OpenPosixEnv(RootMode::kLive, "/"));
  TOM_ASSIGN_OR_RETURN(LoadedCatalogue loaded, LoadCatalogue(*env, Absolute(checks)));
  TOM_RETURN_IF_ERROR(AddSiteChecks(*env, Absolute(site_checks), loaded));
  return loaded;
}

}  // namespace tom
