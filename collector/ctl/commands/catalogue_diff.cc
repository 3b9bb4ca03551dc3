#include "collector/ctl/catalogue_diff.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "collector/ctl/catalogue_file.h"
#include "collector/ctl/check_files.h"
#include "collector/ctl/command.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// A signed catalogue, or a folder of checks.
absl::StatusOr<Catalogue> Load(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    TOM_ASSIGN_OR_RETURN(LoadedCatalogue loaded, LoadCheckFiles(path));
    return std::move(loaded.catalogue);
  }
  TOM_ASSIGN_OR_RETURN(const CatalogueFile file, ReadCatalogueFile(path));
  return ParseCatalogue(file.catalogue);
}

absl::StatusOr<int> Run(Session& session, const std::string& before, const std::string& after) {
  TOM_ASSIGN_OR_RETURN(const Catalogue old, Load(before));
  TOM_ASSIGN_OR_RETURN(const Catalogue now, Load(after));
  Json::Array rows;
  for (const CatalogueChange& change : DiffCatalogues(old, now)) {
    rows.emplace_back(Json::Object{{"kind", change.kind},
                                   {"id", change.id},
                                   {"change", change.change},
                                   {"what", change.what}});
  }
  // Canonical JSON knows no empty list; scripts do.
  const std::string json = rows.empty() ? "[]" : Canonical(Json(std::move(rows)));
  TOM_RETURN_IF_ERROR(session.PrintList(json, "", {"kind", "id", "change", "what"}));
  return 0;
}

}  // namespace

Command catalogue_diff_command() {
  return {
      {"catalogue", "diff"},
      "what changes from one catalogue to another, and what gets looser by it",
      "tomctl catalogue diff catalogue-3.tom ./checks",
      [](CLI::App& app) -> CommandRunner {
        const auto before = std::make_shared<std::string>();
        const auto after = std::make_shared<std::string>();
        app.add_option("before", *before, "a signed catalogue, or a folder of checks")->required();
        app.add_option("after", *after, "the same")->required();
        return [before, after](Session& session) { return Run(session, *before, *after); };
      }};
}

}  // namespace tom
