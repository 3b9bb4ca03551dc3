// From the words on a command line to a verification and its exit code: tom-verify and `tomctl pack
// verify`.
#ifndef TOM_EVIDENCE_VERIFY_RUN_H_
#define TOM_EVIDENCE_VERIFY_RUN_H_

#include <ostream>
#include <string>
#include <vector>

#include "evidence/verify.h"

namespace tom {

struct VerifyArguments {
  std::string pack;
  std::string trust;                     // file: a PEM certificate, or the trust file
  std::vector<std::string> tsa_trust;    // files of PEM certificates
  std::string signer;                    // SHA-256 of a certificate in hex
  std::string log_key;                   // vkey
  std::string publisher;                 // file: PEM certificate
  std::vector<std::string> checkpoints;  // files: signed notes
  std::string previous;                  // file: a pack
  std::string catalogue;                 // file: canonical JSON
  std::string policy;                    // file: {"require": [claims]}
  std::string at;                        // time; empty: now
  std::string format = "table";          // table | json
  bool color = false;
};

// Reads what the arguments name. InvalidArgument: the words or the files' contents; NotFound and
// the like: no file.
absl::StatusOr<VerifyOptions> LoadVerifyOptions(const VerifyArguments& arguments);

// {"verdict", "claims": [{"claim", "state", "detail", "pieces"?}], "signer"?, "timestamp"?}
std::string VerificationJson(const Verification& verification, PackVerdict verdict);
std::string VerificationTable(const Verification& verification, PackVerdict verdict, bool color);

// Everything; messages go to `err`. 0 valid, 2 invalid, 3 incomplete, 64 usage, 65 bad data, 66 no
// input.
int RunVerify(const VerifyArguments& arguments, std::ostream& out, std::ostream& err);

}  // namespace tom

#endif  // TOM_EVIDENCE_VERIFY_RUN_H_
