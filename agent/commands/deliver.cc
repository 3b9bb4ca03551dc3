// The process that holds key, spool and connection (agent/deliver.h): started by the agent itself,
// never by hand. It reads a cycle from standard input, or none with --no-look, and prints one line
// of JSON.
#include "agent/deliver.h"

#include <cap-ng.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <ctime>
#include <iostream>
#include <memory>
#include <thread>

#include "agent/command.h"
#include "agent/deliver_exit.h"
#include "agent/exit_code.h"
#include "agent/state_file.h"
#include "agent/state_option.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Options {
  std::string state;
  std::string collector;
  bool no_look = false;
  int patience = 20;
  int64_t anchor_age = 3600;
};

// Nothing of this process needs more than its own files and a socket.
absl::Status DropPrivileges() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return absl::InternalError("cannot give up privileges");
  }
  capng_clear(CAPNG_SELECT_BOTH);
  // Without the right to change the bounding set there is nothing in it to give up.
  if (capng_apply(CAPNG_SELECT_CAPS) != 0) return absl::InternalError("cannot drop capabilities");
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadInput() {
  std::string input;
  std::string buffer(256 << 10, '\0');
  while (true) {
    const ssize_t got = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0) return FileError("standard input", "cannot read");
    if (got == 0) return input;
    input.append(buffer.data(), static_cast<size_t>(got));
    if (input.size() > kMaxCycleBytes) return absl::OutOfRangeError("the cycle is too large");
  }
}

absl::StatusOr<HostTls> TlsOf(const StateDir& state, const Trust& trust) {
  constexpr size_t kMaxPem = 64 << 10;
  HostTls tls;
  tls.ca_pem = trust.ca_pem;
  TOM_ASSIGN_OR_RETURN(tls.certificate_pem, ReadStateFile(state.File("tls.pem"), kMaxPem));
  TOM_ASSIGN_OR_RETURN(tls.key_pem, ReadStateFile(state.File("tls.key"), kMaxPem));
  return tls;
}

absl::StatusOr<DeliverResult> Run(const Options& options) {
  TOM_ASSIGN_OR_RETURN(const StateDir state, StateDir::Open(options.state, false));
  TOM_ASSIGN_OR_RETURN(const EnrolmentFacts facts, LoadEnrolmentFacts(state));
  TOM_ASSIGN_OR_RETURN(const Trust trust, LoadTrust(state, facts));
  TOM_ASSIGN_OR_RETURN(
      const CollectorAddress address,
      ParseAddress(options.collector.empty() ? facts.collector : options.collector));
  TOM_ASSIGN_OR_RETURN(const HostTls tls, TlsOf(state, trust));
  Cycle cycle;
  if (!options.no_look) {
    TOM_ASSIGN_OR_RETURN(const std::string input, ReadInput());
    TOM_ASSIGN_OR_RETURN(cycle, ParseCycle(input));
  }
  TOM_RETURN_IF_ERROR(DropPrivileges());
  PrepareGrpcEnvironment();
  const std::unique_ptr<ReportingClient> client = ConnectAsHost(address, tls);
  DeliverOptions deliver;
  deliver.patience_seconds = options.patience;
  deliver.anchor_age_seconds = options.anchor_age;
  deliver.now = std::time(nullptr);
  deliver.sleep_ms = [](int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); };
  return Deliver(state, facts, trust, deliver, options.no_look ? nullptr : &cycle, *client);
}

int RunAndShow(const Options& options) {
  // Whoever waits for the answer is gone: what is spooled goes with the next run.
  prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
  const absl::StatusOr<DeliverResult> result = Run(options);
  if (absl::IsFailedPrecondition(result.status())) {
    ReportError(result.status());
    return kExitEveryGroup;
  }
  if (!result.ok()) return ReportError(result.status());
  std::cout << DescribeDelivery(*result) << "\n" << std::flush;
  return result->sent.ok() && result->tally.left == 0 ? kExitAllPass : kExitUnavailable;
}

}  // namespace

AgentCommand deliver_command() {
  return {.name = "deliver",
          .help = "Signs and sends for the agent that started it",
          .example = "",
          .hidden = true,
          .setup = [](CLI::App& app) -> std::function<int()> {
            auto options = std::make_shared<Options>();
            AddStateOption(app, options->state);
            app.add_option("--collector", options->collector);
            app.add_flag("--no-look", options->no_look);
            app.add_option("--patience", options->patience);
            app.add_option("--anchor-age", options->anchor_age);
            return [options] { return RunAndShow(*options); };
          }};
}

}  // namespace tom
