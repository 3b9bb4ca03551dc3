#include <CLI/CLI.hpp>
#include <ctime>
#include <memory>

#include "collector/ctl/command.h"
#include "collector/ledger/tsa_client.h"
#include "collector/pack/pack_writer.h"
#include "evidence/status_text.h"
#include "evidence/waiting_line.h"

namespace tom {
namespace {

constexpr size_t kMaxPem = 1 << 20;

struct Flags {
  PackQuery query;
  std::vector<std::string> tsa_trust;
  bool unstamped = false;
};

absl::StatusOr<StampFetcher> Stamps(Flags flags, const CtlConfig& config) {
  if (flags.unstamped) return StampFetcher();
  TsaConfig tsa;
  tsa.url = config.tsa;
  if (tsa.url.empty()) {
    return absl::OutOfRangeError(
        "no time-stamp authority: give --tsa URL, `tsa:` in the configuration, or --unstamped");
  }
  if (flags.tsa_trust.empty() && !config.tsa_trust_file.empty()) {
    flags.tsa_trust.push_back(config.tsa_trust_file);
  }
  for (const std::string& path : flags.tsa_trust) {
    TOM_ASSIGN_OR_RETURN(const std::string pem, ReadInput(path, kMaxPem));
    auto certificates = PemToDer(pem);
    if (!certificates.ok()) return Annotate(certificates.status(), path);
    for (std::string& der : *certificates) tsa.authorities.push_back(std::move(der));
  }
  if (tsa.authorities.empty()) {
    return absl::OutOfRangeError(
        "a stamp that nobody here can verify is none: give --tsa-trust or tsa_trust_file");
  }
  return StampFetcher([tsa](const Digest& imprint) -> absl::StatusOr<std::string> {
    TOM_ASSIGN_OR_RETURN(const Token token, RequestTimeStamp(tsa, imprint));
    return token.der;
  });
}

// Takes the stream of chunks as files, refusing what a stream of files cannot be.
PackChunkSink Files(PackWriter& writer) {
  const auto open = std::make_shared<bool>(false);
  return
      [&writer, open](const std::string& name, std::string_view data, bool last) -> absl::Status {
        if (*open == !name.empty()) return BadData("the collector's chunks do not fit together");
        if (!name.empty()) TOM_RETURN_IF_ERROR(writer.Begin(name));
        *open = true;
        TOM_RETURN_IF_ERROR(writer.Append(data));
        if (!last) return absl::OkStatus();
        *open = false;
        return writer.End();
      };
}

absl::StatusOr<int> Run(Session& session, const Flags& flags) {
  const std::string& path = session.flags().output;
  if (path.empty()) return absl::OutOfRangeError("-o FILE.asice is required");
  TOM_ASSIGN_OR_RETURN(const CtlConfig config, session.Config());
  TOM_ASSIGN_OR_RETURN(const KeyPair pair, session.Keys(Signer::kPack));
  TOM_ASSIGN_OR_RETURN(const StampFetcher stamps, Stamps(flags, config));
  TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
  TOM_ASSIGN_OR_RETURN(const std::unique_ptr<PackWriter> writer, PackWriter::Create(path));
  session.err() << "collecting the evidence ...\n";
  {
    const WaitingLine waiting("collecting");
    TOM_RETURN_IF_ERROR(client->ExportPack(flags.query, Files(*writer)));
    TOM_RETURN_IF_ERROR(writer->Finish({pair.certificate.der, pair.key}, stamps));
  }
  session.err() << path
                << (flags.unstamped ? ": signed, NOT time-stamped\n"
                                    : ": signed and time-stamped\n");
  return 0;
}

}  // namespace

Command pack_build_command() {
  return {{"pack", "build"},
          "one signed, time-stamped file for one audit",
          "tomctl pack build --profile velory-dpa --from 2026-10-01T00:00:00Z -o october.asice",
          [](CLI::App& app) -> CommandRunner {
            const auto flags = std::make_shared<Flags>();
            app.add_option("--profile", flags->query.profile, "the agreement")->required();
            app.add_option("--from", flags->query.from, "default: the first stamp");
            app.add_option("--to", flags->query.to, "default: the newest stamp");
            app.add_option("--controller", flags->query.controller,
                           "show nothing that belongs to another");
            app.add_option("--tsa-trust", flags->tsa_trust, "PEM certificates it is believed by");
            app.add_flag("--unstamped", flags->unstamped, "do without: verifiers will say so");
            return [flags](Session& session) { return Run(session, *flags); };
          }};
}

}  // namespace tom
