// The flags of tom-verify, bound to their arguments in one place, for it and for `tomctl pack
// verify`. Includes CLI11, so only command-line units include this.
#ifndef TOM_EVIDENCE_VERIFY_FLAGS_H_
#define TOM_EVIDENCE_VERIFY_FLAGS_H_

#include <CLI/CLI.hpp>

#include "evidence/verify_run.h"

namespace tom {

// `arguments` must outlive `app`.
inline void AddVerifyFlags(CLI::App& app, VerifyArguments& arguments) {
  app.add_option("pack", arguments.pack, "the evidence pack (.asice)")->required();
  app.add_option("--trust", arguments.trust,
                 "PEM certificate of the installation's CA, or its trust file")
      ->required();
  app.add_option("--tsa-trust", arguments.tsa_trust,
                 "PEM certificates of time-stamp authorities to believe");
  app.add_option("--signer", arguments.signer, "SHA-256 of the certificate that must have signed");
  app.add_option("--log-key", arguments.log_key, "verifier key of the ledger");
  app.add_option("--publisher", arguments.publisher,
                 "PEM certificate of the catalogue's publisher");
  app.add_option("--checkpoint", arguments.checkpoints, "a checkpoint held from before");
  app.add_option("--previous", arguments.previous, "the pack before this one");
  app.add_option("--catalogue", arguments.catalogue, "the catalogue, as canonical JSON");
  app.add_option("--policy", arguments.policy, "JSON file: {\"require\": [claims]}");
  app.add_option("--at", arguments.at, "judge as of this time (YYYY-MM-DDTHH:MM:SSZ)");
}

}  // namespace tom

#endif  // TOM_EVIDENCE_VERIFY_FLAGS_H_
