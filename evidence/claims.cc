#include "evidence/claims.h"

#include <algorithm>

#include "evidence/canonical_json.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Worst first.
int Rank(ClaimState state) {
  switch (state) {
    case ClaimState::kDisproven:
      return 0;
    case ClaimState::kUnproven:
      return 1;
    case ClaimState::kDisclosed:
      return 2;
    case ClaimState::kProven:
      return 3;
  }
  return 0;
}

const ClaimRule* FindRule(std::string_view name) {
  for (const ClaimRule& rule : ClaimRules()) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

// The worst of the claims named `name`; null when there is none.
const Claim* Worst(const std::vector<Claim>& claims, std::string_view name) {
  const Claim* worst = nullptr;
  for (const Claim& claim : claims) {
    if (claim.claim != name) continue;
    if (worst == nullptr || Rank(claim.state) < Rank(worst->state)) worst = &claim;
  }
  return worst;
}

Claim Make(std::string name, ClaimState state, std::string detail) {
  Claim claim;
  claim.claim = std::move(name);
  claim.state = state;
  claim.detail = std::move(detail);
  return claim;
}

// Blanks outside strings taken away: people write policies by hand, the strict reader knows no
// blanks.
std::string WithoutBlanks(std::string_view json) {
  std::string out;
  bool quoted = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') quoted = !quoted;
    if (quoted || (c != ' ' && c != '\n' && c != '\r' && c != '\t')) out.push_back(c);
    if (quoted && c == '\\' && i + 1 < json.size()) out.push_back(json[++i]);
  }
  return out;
}

}  // namespace

const std::vector<ClaimRule>& ClaimRules() {
  static const auto& rules = *new std::vector<ClaimRule>{
      {"container", true, true},
      {"signer", true, true},
      {"signed-time", true, true},
      {"ledger-key", true, false},
      {"ledger-anchored", true, false},
      {"held-checkpoint", true, false},
      {"previous-pack", true, false},
      {"scope-complete", true, false},
      {"host-chains", true, true},
      {"key-continuity", true, true},
      {"statement-signatures", true, true},
      {"signer-roles", true, true},
      {"time-bracketed", true, false},
      {"catalogue-known", true, false},
      {"rules-not-retroactive", true, true},
      {"exclusions-listed", true, false},
      {"waivers-authorised", true, true},
      {"verdicts-recomputed", true, true},
      {"oscal-agrees", true, true},
      {"report-agrees", true, true},
      {"bodies-withheld-or-erased", true, false},
  };
  return rules;
}

std::string_view ClaimStateName(ClaimState state) {
  switch (state) {
    case ClaimState::kProven:
      return "proven";
    case ClaimState::kDisproven:
      return "disproven";
    case ClaimState::kUnproven:
      return "unproven";
    case ClaimState::kDisclosed:
      return "disclosed";
  }
  return "unproven";
}

Claim Proven(std::string claim, std::string detail) {
  return Make(std::move(claim), ClaimState::kProven, std::move(detail));
}

Claim Disproven(std::string claim, std::string detail) {
  return Make(std::move(claim), ClaimState::kDisproven, std::move(detail));
}

Claim Unproven(std::string claim, std::string detail) {
  return Make(std::move(claim), ClaimState::kUnproven, std::move(detail));
}

std::vector<Claim> CompleteClaims(std::vector<Claim> found, std::string_view reason) {
  std::vector<Claim> all;
  for (const ClaimRule& rule : ClaimRules()) {
    const Claim* claim = Worst(found, rule.name);
    if (claim != nullptr) {
      all.push_back(*claim);
    } else {
      all.push_back(
          Unproven(std::string(rule.name), rule.built ? std::string(reason) : "not implemented"));
    }
  }
  // A name outside the table is a defect of ours; dropping it could hide that it is disproven.
  for (Claim& claim : found) {
    if (FindRule(claim.claim) == nullptr) all.push_back(std::move(claim));
  }
  return all;
}

Policy DefaultPolicy() {
  Policy policy;
  for (const ClaimRule& rule : ClaimRules()) {
    if (rule.required) policy.require.emplace_back(rule.name);
  }
  return policy;
}

absl::StatusOr<Policy> ParsePolicy(std::string_view json) {
  const auto parsed = ParseCanonical(WithoutBlanks(json));
  if (!parsed.ok()) return Annotate(parsed.status(), "policy");
  if (!parsed->IsObject()) return BadData("policy: not an object");
  FieldReader fields(*parsed, "policy");
  Policy policy{fields.Strings("require")};
  TOM_RETURN_IF_ERROR(fields.Finish());
  for (const std::string& name : policy.require) {
    if (FindRule(name) == nullptr) return BadData("policy: require: no claim is named " + name);
  }
  return policy;
}

std::string_view PackVerdictName(PackVerdict verdict) {
  switch (verdict) {
    case PackVerdict::kValid:
      return "valid";
    case PackVerdict::kInvalid:
      return "invalid";
    case PackVerdict::kIncomplete:
      return "incomplete";
  }
  return "invalid";
}

PackVerdict Judge(const std::vector<Claim>& claims, const Policy& policy) {
  for (const Claim& claim : claims) {
    if (claim.state == ClaimState::kDisproven) return PackVerdict::kInvalid;
  }
  for (const std::string& name : policy.require) {
    const Claim* claim = Worst(claims, name);
    if (claim == nullptr || claim->state == ClaimState::kUnproven) return PackVerdict::kIncomplete;
  }
  return PackVerdict::kValid;
}

int ExitCode(PackVerdict verdict) {
  switch (verdict) {
    case PackVerdict::kValid:
      return 0;
    case PackVerdict::kInvalid:
      return 2;
    case PackVerdict::kIncomplete:
      return 3;
  }
  return 2;
}

}  // namespace tom
