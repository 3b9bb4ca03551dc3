#include "agent/root_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "agent/local_catalogue.h"
#include "evidence/status_text.h"

namespace tom {

void AddRootFlags(CLI::App& app, RootFlags& flags) {
  auto* root = app.add_option("--root", flags.root,
                              "Examine a dead tree (an image, a mounted disk) instead of this host")
                   ->type_name("DIR");
  app.add_option("--host-root", flags.host_root, "Where the running host's root is mounted")
      ->type_name("DIR")
      ->excludes(root);
  app.add_option("--config", flags.config,
                 "Configuration (default ROOT/etc/tom/agent.yaml, where there is one)")
      ->type_name("FILE")
      ->envname("TOM_CONFIG");
  flags.checks = kDefaultChecksDir;
  app.add_option("--checks", flags.checks, "Directory of measures and profiles")
      ->type_name("DIR")
      ->envname("TOM_CHECKS")
      ->capture_default_str();
  flags.site_checks = kDefaultSiteChecksDir;
  app.add_option("--site-checks", flags.site_checks, "Directory of the site's own checks")
      ->type_name("DIR")
      ->capture_default_str();
}

absl::StatusOr<Examined> Examine(const RootFlags& flags) {
  Examined examined;
  EvaluateRequest& request = examined.request;
  const std::string& named = flags.root.empty() ? flags.host_root : flags.root;
  if (!named.empty()) {
    std::error_code error;
    request.root = std::filesystem::absolute(named, error).string();
    if (error) return BadData(named + ": " + error.message());
    request.mode = flags.root.empty() ? RootMode::kHostRoot : RootMode::kDeadTree;
  }
  request.config_in_root = flags.config.empty();
  request.config_path = flags.config.empty() ? kDefaultConfigPath : flags.config;
  auto config = request.config_in_root ? LoadConfigInRoot(request.root, request.config_path)
                                       : LoadConfig(request.config_path);
  if (config.ok()) {
    examined.config = *std::move(config);
    request.config_path = examined.config.path;
  } else if (request.config_in_root && absl::IsNotFound(config.status())) {
    request.config_path.clear();
  } else {
    return config.status();
  }
  request.check_seconds = examined.config.limits.check_seconds;
  request.memory_mib = examined.config.limits.memory_mib;
  const std::vector<DeclaredBackup>& backups = examined.config.declared.backups;
  request.reads_repositories =
      std::any_of(backups.begin(), backups.end(),
                  [](const DeclaredBackup& backup) { return backup.kind == "restic"; });
  return examined;
}

}  // namespace tom
