#include "agent/selection.h"

#include <CLI/CLI.hpp>

#include "agent/exit_code.h"
#include "evidence/status_text.h"

namespace tom {

void AddSelectionFlags(CLI::App& app, SelectionFlags& flags) {
  AddRootFlags(app, flags.root);
  app.add_option("--profile", flags.profile, "Only what this agreement promises");
  app.add_option("--measure", flags.measure, "Only this measure")->type_name("ID");
  app.add_option("--check", flags.check, "Only this check")->type_name("ID");
}

int Select(const SelectionFlags& flags, Selection& selection) {
  auto examined = Examine(flags.root);
  if (!examined.ok()) {
    return ReportError(examined.status(),
                       absl::IsNotFound(examined.status()) ? kExitNoInput : kExitConfiguration);
  }
  selection.examined = *std::move(examined);
  auto loaded = LoadLocalCatalogue(flags.root.checks, flags.root.site_checks);
  if (!loaded.ok()) return ReportError(loaded.status());
  selection.loaded = *std::move(loaded);
  const AgentConfig& config = selection.examined.config;
  for (const std::string& profile : config.profiles) {
    if (!flags.profile.empty() || selection.loaded.catalogue.profiles.count(profile) != 0) continue;
    return ReportError(BadData(config.Where("profiles." + profile) + ": no such profile"),
                       kExitConfiguration);
  }
  PlanFilter filter;
  filter.profiles = config.profiles;
  if (!flags.profile.empty()) filter.profiles = {flags.profile};
  filter.measure = flags.measure;
  filter.check = flags.check;
  auto plan = MakePlan(selection.loaded.catalogue, config, filter);
  if (!plan.ok()) {
    return ReportError(plan.status(),
                       absl::IsNotFound(plan.status()) ? kExitUsage : kExitConfiguration);
  }
  selection.plan = *std::move(plan);
  return kExitAllPass;
}

}  // namespace tom
