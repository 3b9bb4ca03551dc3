#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <memory>

#include "collector/ctl/command.h"
#include "collector/ctl/token_text.h"
#include "collector/pki/private_file.h"
#include "evidence/scope_statements.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Flags {
  std::string systems;
  int64_t uses = 1;
  std::string expires = "24h";
  std::string kind = "host";
  std::vector<std::string> controllers = {"shared"};
  std::vector<std::string> labels;
};

absl::StatusOr<EnrolmentAuthorisation> ToStatement(const Flags& flags, const std::string& secret) {
  EnrolmentAuthorisation statement;
  TOM_ASSIGN_OR_RETURN(const int64_t seconds, ParseDurationSeconds(flags.expires));
  statement.token = Sha256(secret);
  statement.systems = flags.systems;
  statement.uses = flags.uses;
  statement.kind = flags.kind;
  statement.expires = static_cast<UnixSeconds>(std::time(nullptr)) + seconds;
  statement.controllers = flags.controllers;
  std::sort(statement.controllers.begin(), statement.controllers.end());
  for (const std::string& label : flags.labels) {
    const size_t equals = label.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return absl::OutOfRangeError(ToAbsl("--label: NAME=TEXT, not " + label));
    }
    statement.labels[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return statement;
}

absl::StatusOr<int> Run(Session& session, const Flags& flags) {
  TOM_ASSIGN_OR_RETURN(const Trust trust, session.TrustFile());
  TOM_ASSIGN_OR_RETURN(const CertificateInfo ca, ReadCertificatePem(trust.ca_pem));
  const std::string secret = RandomBytes(kTokenSecretBytes);
  TOM_ASSIGN_OR_RETURN(const EnrolmentAuthorisation statement, ToStatement(flags, secret));
  // Written before it is good for anything: a token that nobody got must not be in force.
  const std::string token = TokenText(secret, ca.Fingerprint()) + "\n";
  const std::string& output = session.flags().output;
  if (!output.empty()) TOM_RETURN_IF_ERROR(WritePrivateFile(output, token));
  TOM_ASSIGN_OR_RETURN(
      const SubmittedStatement submitted,
      session.Sign(Signer::kOperator, Kind::kEnrolmentAuthorisation, ToPredicate(statement), {}));
  session.err() << "authorisation " << submitted.digest << ", good until "
                << FormatUtc(statement.expires) << "\n";
  if (output.empty()) TOM_RETURN_IF_ERROR(session.Print(token));
  return 0;
}

}  // namespace

Command token_create_command() {
  return {{"token", "create"},
          "authorises hosts to enrol; the token is secret",
          "tomctl token create --system 'web-*' --uses 3 --expires 24h -o web.token",
          [](CLI::App& app) -> CommandRunner {
            const auto flags = std::make_shared<Flags>();
            app.add_option("--system", flags->systems, "inventory ids that may enrol (glob)")
                ->required();
            app.add_option("--uses", flags->uses, "how many hosts")
                ->check(CLI::Range(int64_t{1}, int64_t{100000}));
            app.add_option("--expires", flags->expires, "after this time, such as 24h");
            app.add_option("--kind", flags->kind, "host, connector or collector")
                ->check(CLI::IsMember({"host", "connector", "collector"}));
            app.add_option("--controllers", flags->controllers, "default scope of the hosts' rows")
                ->delimiter(',');
            app.add_option("--label", flags->labels, "NAME=TEXT, several times");
            return [flags](Session& session) { return Run(session, *flags); };
          }};
}

}  // namespace tom
