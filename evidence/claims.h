// The claims of a pack's verification: their names and order, the policy over them, the verdict.
#ifndef TOM_EVIDENCE_CLAIMS_H_
#define TOM_EVIDENCE_CLAIMS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/pack_evidence.h"

namespace tom {

// One row of the table that everything about claims is read from.
struct ClaimRule {
  std::string_view name;
  bool built;     // false: this version never proves it
  bool required;  // by the default policy; implies `built`
};
// In the order of interfaces.md, which is the order of output.
const std::vector<ClaimRule>& ClaimRules();

std::string_view ClaimStateName(ClaimState state);

Claim Proven(std::string claim, std::string detail);
Claim Disproven(std::string claim, std::string detail);
Claim Unproven(std::string claim, std::string detail);

// `found` in the order of ClaimRules. A claim that nobody judged is added as unproven, saying
// `reason` or, where it is not built, "not implemented". Of two claims of one name the worse
// stands.
std::vector<Claim> CompleteClaims(std::vector<Claim> found, std::string_view reason);

// The names that must be proven or disclosed.
struct Policy {
  std::vector<std::string> require;
};
Policy DefaultPolicy();
// {"require": [claims]}; spaces are allowed, an unknown claim or member is an error.
absl::StatusOr<Policy> ParsePolicy(std::string_view json);

enum class PackVerdict { kValid, kInvalid, kIncomplete };
std::string_view PackVerdictName(PackVerdict verdict);
// Invalid when any claim is disproven, required or not; incomplete when a required one is unproven.
PackVerdict Judge(const std::vector<Claim>& claims, const Policy& policy);
// 0, 2 or 3.
int ExitCode(PackVerdict verdict);

}  // namespace tom

#endif  // TOM_EVIDENCE_CLAIMS_H_
