// From a pack's evidence files to the input of the roll-up, with every signature, chain, proof and
// stamp on the way judged. `pack build` runs the same code over the files it has just made, so
// builder and verifier cannot disagree.
#ifndef TOM_EVIDENCE_PACK_EVIDENCE_H_
#define TOM_EVIDENCE_PACK_EVIDENCE_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "evidence/bundle.h"
#include "evidence/checkpoint.h"
#include "evidence/rollup.h"

namespace tom {

enum class ClaimState { kProven, kDisproven, kUnproven, kDisclosed };

struct Claim {
  std::string claim;  // a name of interfaces.md
  ClaimState state = ClaimState::kUnproven;
  std::string detail;
  std::vector<std::string> pieces;  // files, digests, hosts concerned
};

// Reads one file of the pack by name; NotFound when it is not there. Bounded by the container's own
// limits.
using PackFileReader = std::function<absl::StatusOr<std::string>(const std::string& name)>;

struct EvidenceTrust {
  std::string ca_der;
  std::optional<LogKey>
      log_key;                // absent: ledger-key stays unproven, checkpoints only self-consistent
  std::string publisher_der;  // may be empty
  std::vector<std::string> tsa_authorities;  // DER; empty: nothing is stamped
};

struct JudgedEvidence {
  std::vector<Claim> claims;  // those that evidence alone decides
  RollupInput input;          // without hosts; empty where a claim it needs is disproven
  Rollup rollup;
};

// `names` are the pack's payload files. Every claim comes out at most once; those about container,
// signature, report and OSCAL are the verifier's (verify.h). What pack.json says of the figures is
// compared here too.
JudgedEvidence JudgeEvidence(const std::vector<std::string>& names, const PackFileReader& read,
                             const EvidenceTrust& trust);

// The same without comparing pack.json's `numbers`, whatever stands there: what `pack build` writes
// them from.
JudgedEvidence ComputeEvidence(const std::vector<std::string>& names, const PackFileReader& read,
                               const EvidenceTrust& trust);

}  // namespace tom

#endif  // TOM_EVIDENCE_PACK_EVIDENCE_H_
