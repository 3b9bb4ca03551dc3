// tom-agent enroll: the host joins an installation.
#include <CLI/CLI.hpp>
#include <ctime>
#include <iostream>
#include <memory>

#include "agent/bootstrap.h"
#include "agent/command.h"
#include "agent/enrolment.h"
#include "agent/exit_code.h"
#include "agent/state_option.h"
#include "evidence/certificate.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

constexpr int kHandshakeSeconds = 15;

struct Options {
  std::string state;
  std::string collector;
  std::string token_file;
  std::string system;
};

absl::StatusOr<EnrolmentFacts> Run(const Options& options) {
  EnrolmentRequest request;
  TOM_ASSIGN_OR_RETURN(const CollectorAddress address, ParseAddress(options.collector));
  TOM_ASSIGN_OR_RETURN(request.token, ReadTokenFile(options.token_file));
  if (options.system.empty() || options.system.size() > 255 || !IsUtf8(options.system)) {
    return BadData("--system: is no inventory id");
  }
  TOM_ASSIGN_OR_RETURN(const StateDir state, StateDir::Open(options.state, true));
  TOM_ASSIGN_OR_RETURN(request.ca_der, FetchCa(address, request.token.ca, kHandshakeSeconds));
  request.collector = address.Text();
  request.system = options.system;
  request.now = std::time(nullptr);
  PrepareGrpcEnvironment();
  const std::unique_ptr<EnrolmentClient> client =
      ConnectForEnrolment(address, DerToPem(request.ca_der));
  return Enrol(state, request, *client);
}

int RunAndShow(const Options& options) {
  const absl::StatusOr<EnrolmentFacts> facts = Run(options);
  if (!facts.ok()) return ReportError(facts.status());
  std::cout << "enrolled as host " << facts->host << ", system " << TerminalText(facts->system)
            << ", in the ledger " << TerminalText(facts->ledger) << "\n";
  return kExitAllPass;
}

}  // namespace

AgentCommand enroll_command() {
  return {
      .name = "enroll",
      .help = "Joins an installation with a token that its operator has made",
      .example =
          "tom-agent enroll --collector collector.example.org:8443 --token-file "
          "/root/token --system web-1",
      .hidden = false,
      .setup = [](CLI::App& app) -> std::function<int()> {
        auto options = std::make_shared<Options>();
        AddStateOption(app, options->state);
        app.add_option("--collector", options->collector, "HOST:PORT")->required();
        app.add_option("--token-file", options->token_file, "file with the token, mode 0600")
            ->required();
        app.add_option("--system", options->system, "the host's id in the inventory")->required();
        return [options] { return RunAndShow(*options); };
      }};
}

}  // namespace tom
