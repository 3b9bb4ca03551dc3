// tom-agent report: one cycle now - check, sign, send.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <iostream>
#include <memory>
#include <set>

#include "agent/child.h"
#include "agent/command.h"
#include "agent/deliver_exit.h"
#include "agent/exit_code.h"
#include "agent/report_cycle.h"
#include "agent/report_text.h"
#include "agent/state_option.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int kDeliverSlackSeconds = 180;  // locks, calls and their deadlines

struct Options {
  std::string state;
  std::string config;
  std::string format = "table";
  std::vector<std::string> groups;
  int patience = 20;
  int64_t anchor_age = 0;  // by hand: the newest anchor there is
};

struct Session {
  StateDir state;
  EnrolmentFacts facts;
  Trust trust;
  AgentConfig config;
};

absl::StatusOr<Session> Open(const Options& options, const AgentConfig& config) {
  TOM_ASSIGN_OR_RETURN(StateDir state, StateDir::Open(options.state, false));
  TOM_ASSIGN_OR_RETURN(EnrolmentFacts facts, LoadEnrolmentFacts(state));
  TOM_ASSIGN_OR_RETURN(Trust trust, LoadTrust(state, facts));
  return Session{std::move(state), std::move(facts), std::move(trust), config};
}

absl::StatusOr<ChildResult> StartDeliver(const Options& options, const Session& session, bool look,
                                         std::string_view input) {
  std::vector<std::string> arguments = {"deliver",
                                        "--state",
                                        session.state.path(),
                                        "--patience",
                                        std::to_string(options.patience),
                                        "--anchor-age",
                                        std::to_string(options.anchor_age)};
  if (!look) arguments.push_back("--no-look");
  if (!session.config.collector_address.empty()) {
    arguments.insert(arguments.end(), {"--collector", session.config.collector_address});
  }
  return RunChild(arguments, input, options.patience + kDeliverSlackSeconds);
}

// The catalogue in force; fetched first where there is none or it has expired.
absl::StatusOr<HeldCatalogue> CatalogueFor(const Options& options, const Session& session) {
  absl::StatusOr<HeldCatalogue> held = LoadCatalogue(session.state, session.trust);
  if (held.ok() && held->expires > std::time(nullptr)) return held;
  if (!held.ok() && !absl::IsNotFound(held.status())) return held.status();
  TOM_ASSIGN_OR_RETURN(const ChildResult fetched, StartDeliver(options, session, false, ""));
  held = LoadCatalogue(session.state, session.trust);
  if (!absl::IsNotFound(held.status())) return held;
  return absl::UnavailableError("the collector has given no catalogue yet; " +
                                DeliveryTrouble(fetched.output));
}

absl::StatusOr<ChildResult> RunOnce(const Options& options, const Session& session,
                                    const std::set<std::string>& groups) {
  TOM_ASSIGN_OR_RETURN(const HeldCatalogue catalogue, CatalogueFor(options, session));
  TOM_ASSIGN_OR_RETURN(CyclePlan plan, PlanCycle(session.state, session.config, catalogue, groups,
                                                 std::time(nullptr)));
  for (const std::string& notice : plan.notices) std::cerr << "tom-agent: " << notice << "\n";
  TOM_ASSIGN_OR_RETURN(const Cycle cycle, RunCycle(std::move(plan)));
  TOM_ASSIGN_OR_RETURN(const std::string input, EncodeCycle(cycle));
  return StartDeliver(options, session, true, input);
}

int Run(const Options& options) {
  signal(SIGPIPE, SIG_IGN);
  const absl::StatusOr<AgentConfig> config = LoadConfig(options.config);
  if (!config.ok()) {
    const bool absent = absl::IsNotFound(config.status());
    return ReportError(config.status(), absent ? kExitNoInput : kExitConfiguration);
  }
  const absl::StatusOr<Session> session = Open(options, *config);
  if (!session.ok()) return ReportError(session.status());
  const std::set<std::string> groups(options.groups.begin(), options.groups.end());
  absl::StatusOr<ChildResult> result = RunOnce(options, *session, groups);
  if (result.ok() && result->exit_code == kExitEveryGroup) {
    result = RunOnce(options, *session, {});
  }
  if (!result.ok()) return ReportError(result.status());
  if (result->output.empty()) return result->exit_code == 0 ? kExitFailed : result->exit_code;
  std::cout << (options.format == "json" ? result->output : DeliveryTable(result->output))
            << std::flush;
  return result->exit_code;
}

}  // namespace

AgentCommand report_command() {
  return {.name = "report",
          .help = "One cycle now: check, sign, send",
          .example = "tom-agent report --format json",
          .hidden = false,
          .setup = [](CLI::App& app) -> std::function<int()> {
            auto options = std::make_shared<Options>();
            AddStateOption(app, options->state);
            AddConfigOption(app, options->config);
            app.add_option("--format", options->format, "table or json")
                ->check(CLI::IsMember({"table", "json"}));
            app.add_option("--groups", options->groups, "only these intervals, such as 5m,1h")
                ->delimiter(',');
            app.add_option("--patience", options->patience, "seconds to try sending")
                ->check(CLI::Range(0, 3600));
            app.add_option("--anchor-age", options->anchor_age,
                           "seconds after which the anchor is fetched anew")
                ->check(CLI::Range(int64_t{0}, int64_t{86400}));
            return [options] { return Run(*options); };
          }};
}

}  // namespace tom
