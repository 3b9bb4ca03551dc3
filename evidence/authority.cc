#include "evidence/authority.h"

#include <array>

namespace tom {
namespace {

constexpr Authority ByCertificate(Kind kind, Purpose purpose, LeafKind leaf,
                                  bool needs_approval = false) {
  return {kind, IdentityRule::kCertificate, purpose, leaf, needs_approval};
}

constexpr Authority ByKey(Kind kind, IdentityRule rule, LeafKind leaf) {
  return {kind, rule, std::nullopt, leaf, false};
}

// In the order of Kind.
constexpr std::array kAuthorities = {
    ByKey(Kind::kReport, IdentityRule::kHostKey, LeafKind::kReport),
    ByKey(Kind::kHandover, IdentityRule::kOldHostKey, LeafKind::kHandover),
    ByCertificate(Kind::kEnrolmentAuthorisation, Purpose::kOperator, LeafKind::kScope),
    ByKey(Kind::kEnrolment, IdentityRule::kProofOfKey, LeafKind::kScope),
    ByCertificate(Kind::kApproval, Purpose::kApprover, LeafKind::kScope),
    ByCertificate(Kind::kInventory, Purpose::kOperator, LeafKind::kScope),
    ByCertificate(Kind::kLabel, Purpose::kOperator, LeafKind::kScope),
    ByCertificate(Kind::kProfile, Purpose::kOperator, LeafKind::kScope),
    ByCertificate(Kind::kCatalogueVersion, Purpose::kOperator, LeafKind::kScope),
    ByCertificate(Kind::kCatalogue, Purpose::kPublisher, LeafKind::kCatalogue),
    ByKey(Kind::kTick, IdentityRule::kLedgerKey, LeafKind::kScope),
    ByCertificate(Kind::kExclusion, Purpose::kOperator, LeafKind::kScope, true),
    ByCertificate(Kind::kWaiver, Purpose::kOperator, LeafKind::kScope, true),
    ByCertificate(Kind::kRetirement, Purpose::kOperator, LeafKind::kScope),
    ByCertificate(Kind::kRevocation, Purpose::kOperator, LeafKind::kScope),
};

constexpr bool InOrder() {
  for (size_t i = 0; i < kAuthorities.size(); ++i) {
    if (static_cast<size_t>(kAuthorities[i].kind) != i) return false;
  }
  return kAuthorities.size() == static_cast<size_t>(Kind::kRevocation) + 1;
}
static_assert(InOrder(), "kAuthorities is indexed by Kind");

}  // namespace

const Authority& AuthorityOf(Kind kind) { return kAuthorities.at(static_cast<size_t>(kind)); }

}  // namespace tom
