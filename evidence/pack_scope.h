// The scope chain of a pack, judged: who is enrolled, and which rules act when. Internal to
// evidence/.
#ifndef TOM_EVIDENCE_PACK_SCOPE_H_
#define TOM_EVIDENCE_PACK_SCOPE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evidence/bundle.h"
#include "evidence/certificate.h"
#include "evidence/claim_sheet.h"
#include "evidence/pack_ledger.h"
#include "evidence/rollup.h"
#include "evidence/scope_statements.h"
#include "evidence/statement.h"

namespace tom {

// Blobs of the pack, each checked against the digest that names it.
absl::StatusOr<std::string> ReadBlob(const PackFileReader& read, const Digest& digest);

struct EnrolledHost {
  std::string host;
  std::string system;
  std::string kind;
  std::string spki;
  uint64_t index = 0;  // of the enrolment's leaf
  UnixSeconds acts_at = 0;
  std::vector<InForce<std::vector<std::string>>>
      controllers;  // of the authorisation, then of labels
};

struct ScopeFacts {
  std::map<std::string, EnrolledHost> hosts;  // by host id; those whose enrolment counts
  std::vector<InForce<Profile>> profiles;     // of the pack's profile
  std::vector<InForce<Catalogue>> catalogues;
  std::map<Digest, Catalogue> published;  // by digest of the publisher's statement
  std::vector<InForce<Inventory>> inventories;
  size_t statements = 0;
  size_t signatures = 0;
  size_t rules = 0;                       // profiles, catalogue versions, inventories, labels
  std::map<std::string, int> not_judged;  // kinds of statement that this version does not apply
};

// Judges scope-complete, statement-signatures, signer-roles, rules-not-retroactive and
// catalogue-known as far as the chain bears on them.
class PackScope {
 public:
  PackScope(const PackLedger& ledger, const EvidenceTrust& trust, const PackFacts& facts,
            const PackFileReader& read, ClaimSheet& sheet);
  ScopeFacts Judge(const ScopeChain& chain);

 private:
  struct Item {
    const ScopeEntry* entry;
    Statement statement;
    Digest digest;
    UnixSeconds acts_at = 0;
    std::string piece;
  };
  void JudgeLinks(const ScopeChain& chain);
  void JudgeTick(const ScopeChain& chain);
  void JudgeEntry(const ScopeEntry& entry);
  void JudgeCatalogue(const ScopeEntry& entry);
  bool Signed(const Item& at);
  bool SignedByCertificate(const Item& at, Purpose purpose);
  bool SignedByPublisher(const Item& at);
  bool GoodSignature(const Item& at, const absl::StatusOr<PublicKey>& key);
  std::optional<std::string> SignerOf(const Item& at);
  void Apply(const Item& at);
  void ApplyAuthorisation(const Item& at);
  void ApplyEnrolment(const Item& at);
  std::string WhyNotEnrolled(const Item& at, const Enrolment& enrolment);
  void ApplyProfile(const Item& at);
  void ApplyCatalogueVersion(const Item& at);
  void ApplyInventory(const Item& at);
  void ApplyLabel(const Item& at);
  // The statement's reader refused it, or what it names is missing or another.
  template <typename T>
  bool Read(const Item& at, const absl::StatusOr<T>& value, std::string_view claim) {
    return sheet_.Check(claim, value.status(), at.piece);
  }

  const PackLedger& ledger_;
  const EvidenceTrust& trust_;
  const PackFacts& facts_;
  const PackFileReader& read_;
  ClaimSheet& sheet_;
  ScopeFacts result_;
  struct Authorisation {
    EnrolmentAuthorisation value;
    int64_t used = 0;
  };
  std::map<Digest, Authorisation> authorisations_;
  std::map<Digest, CatalogueStatement> catalogue_statements_;
  std::vector<uint64_t> ticks_;  // leaf indexes of good ticks
};

}  // namespace tom

#endif  // TOM_EVIDENCE_PACK_SCOPE_H_
