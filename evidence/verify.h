// Verification of an evidence pack: every claim of interfaces.md, each proven only where it
// positively held. The same function behind tom-verify and `tomctl pack verify`; off-line, and
// nothing of the pack is believed before its container and signature hold.
#ifndef TOM_EVIDENCE_VERIFY_H_
#define TOM_EVIDENCE_VERIFY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/certificate.h"
#include "evidence/checkpoint.h"
#include "evidence/claims.h"
#include "evidence/timestamp.h"

namespace tom {

struct HeldCheckpoint {
  std::string name;  // of the file it came from
  std::string note;
};

struct VerifyOptions {
  std::string ca_der;
  std::optional<LogKey> log_key;
  std::string publisher_der;                 // may be empty
  std::vector<std::string> tsa_authorities;  // DER
  std::optional<Digest> signer;
  std::vector<HeldCheckpoint>
      checkpoints;       // those that the reader holds, the trust file's first one included
  std::string previous;  // path; empty: none
  std::optional<Digest> catalogue;  // of the catalogue that the reader holds
  UnixSeconds at = 0;
};

struct Verification {
  std::vector<Claim> claims;  // all, in order
  std::optional<CertificateInfo> signer;
  std::optional<TimeStamp> stamp;
};

// An error only where `path` cannot be read; whatever is wrong with the bytes is a claim.
absl::StatusOr<Verification> VerifyPack(const std::string& path, const VerifyOptions& options);

}  // namespace tom

#endif  // TOM_EVIDENCE_VERIFY_H_
