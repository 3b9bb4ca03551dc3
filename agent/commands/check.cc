// tom-agent check: one look at this host, or at a tree; no collector, nothing signed.
#include <CLI/CLI.hpp>
#include <memory>

#include "agent/check_print.h"
#include "agent/command.h"
#include "agent/exit_code.h"
#include "agent/host_facts.h"
#include "agent/output.h"
#include "agent/selection.h"
#include "agent/state.h"
#include "checks/env/env_posix.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Flags {
  SelectionFlags selection;
  std::string format = "table";
  std::string output;
  std::string state_dir{kDefaultStateDir};
  bool no_color = false;
  bool pseudonymise = false;
};

std::string Render(const Flags& flags, const CheckReport& report) {
  if (flags.format == "json") return CheckJson(report);
  if (flags.format == "csv") return CheckCsv(report);
  if (flags.format == "oscal") return CheckOscal(report);
  return CheckTable(report, WantsColor(flags.no_color, flags.output));
}

int RunChecks(const Flags& flags, Selection& selection) {
  const LoadedCatalogue& loaded = selection.loaded;
  EvaluateRequest& request = selection.examined.request;
  request.jobs = std::move(selection.plan.jobs);
  request.overrides = std::move(selection.plan.overrides);
  for (CheckJob& job : request.jobs) {
    const auto source = loaded.sources.find(job.check.id);
    if (source == loaded.sources.end()) continue;
    job.file = source->second.file;
    job.query_line = source->second.query_line;
  }
  const auto env = OpenPosixEnv(request.mode, request.root);
  if (!env.ok()) return ReportError(env.status());
  CheckReport report;
  report.host = HostFacts(**env);
  report.host["root"] = request.root;
  report.started_at = (*env)->Now();
  const auto outcomes = Evaluate(request);
  if (!outcomes.ok()) return ReportError(outcomes.status());
  report.finished_at = (*env)->Now();
  report.catalogue_digest = Sha256(EncodeCatalogue(loaded.catalogue));
  report.results =
      ResultsOf(*outcomes, loaded.catalogue, selection.examined.config, report.finished_at);
  report.profiles = selection.examined.config.profiles;
  if (!flags.selection.profile.empty()) report.profiles = {flags.selection.profile};
  const absl::Status written = WriteOutput(flags.output, Render(flags, report));
  if (!written.ok()) return ReportError(written, kExitFailed);
  return ExitCodeOf(Summarise(report.results));
}

int RunCheckCommand(const Flags& flags) {
  Selection selection;
  if (const int code = Select(flags.selection, selection); code != kExitAllPass) return code;
  if (flags.pseudonymise) {
    auto key = LoadPseudonymKey(selection.examined.config, flags.state_dir);
    if (!key.ok()) return ReportError(key.status(), kExitConfiguration);
    selection.examined.request.pseudonym_key = *std::move(key);
  }
  return RunChecks(flags, selection);
}

}  // namespace

AgentCommand check_command() {
  return {.name = "check",
          .help = "Look once, locally, and print what was found",
          .example = "tom-agent check --profile velory-dpa --format json -o result.json",
          .setup = [](CLI::App& app) -> std::function<int()> {
            auto flags = std::make_shared<Flags>();
            AddSelectionFlags(app, flags->selection);
            app.add_option("--format", flags->format, "table, json, csv or oscal")
                ->check(CLI::IsMember({"table", "json", "csv", "oscal"}))
                ->capture_default_str();
            app.add_option("-o,--output", flags->output, "Write to this file")->type_name("FILE");
            app.add_option("--state-dir", flags->state_dir, "Where the agent's own key lies")
                ->type_name("DIR");
            app.add_flag("--no-color", flags->no_color, "No colours");
            app.add_flag("--pseudonymise", flags->pseudonymise,
                         "Print pseudonyms in place of names of people");
            return [flags] { return RunCheckCommand(*flags); };
          }};
}

}  // namespace tom
