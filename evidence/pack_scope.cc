#include "evidence/pack_scope.h"

#include <algorithm>

#include "evidence/authority.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {

absl::StatusOr<std::string> ReadBlob(const PackFileReader& read, const Digest& digest) {
  TOM_ASSIGN_OR_RETURN(std::string bytes, read(BlobName(digest)));
  if (Sha256(bytes) != digest) return BadData(BlobName(digest) + ": its digest is another");
  return bytes;
}

PackScope::PackScope(const PackLedger& ledger, const EvidenceTrust& trust, const PackFacts& facts,
                     const PackFileReader& read, ClaimSheet& sheet)
    : ledger_(ledger), trust_(trust), facts_(facts), read_(read), sheet_(sheet) {}

ScopeFacts PackScope::Judge(const ScopeChain& chain) {
  JudgeLinks(chain);
  for (const ScopeEntry& entry : chain.catalogues) JudgeCatalogue(entry);
  for (const ScopeEntry& entry : chain.entries) JudgeEntry(entry);
  JudgeTick(chain);
  return std::move(result_);
}

// Whole: each leaf names the one before, the first names none.
void PackScope::JudgeLinks(const ScopeChain& chain) {
  if (chain.entries.empty()) sheet_.Unprove("scope-complete", "the scope chain is empty");
  const LeafBody* before = nullptr;
  for (const ScopeEntry& entry : chain.entries) {
    const std::string piece = "scope leaf " + std::to_string(entry.leaf.index);
    const LeafBody& body = entry.leaf.body;
    const absl::Status in_tree = ledger_.VerifyStatementLeaf(
        entry.leaf, entry.statement.StatementDigest(), LeafKind::kScope);
    sheet_.Check("scope-complete", in_tree, piece);
    if (body.scope_prev.has_value() != (before != nullptr) ||
        (before != nullptr && *body.scope_prev != LeafBodyDigest(*before))) {
      sheet_.Disprove("scope-complete", piece + " does not follow the one shown before it", piece);
    }
    if (before != nullptr && body.received_at < before->received_at) {
      sheet_.Disprove("scope-complete", piece + ": received before its predecessor", piece);
    }
    before = &body;
  }
}

// The sequencer writes a tick before each stamp: without the tick of the last stamp the end has
// been cut off.
void PackScope::JudgeTick(const ScopeChain& chain) {
  if (!ledger_.Anchored() || chain.entries.empty()) return;
  const uint64_t last = ledger_.LastStampedSize();
  const uint64_t before = ledger_.StampedSizeBeforeLast();
  const bool there = std::any_of(ticks_.begin(), ticks_.end(),
                                 [&](uint64_t index) { return before <= index && index < last; });
  if (there) return;
  if (!trust_.log_key) {
    sheet_.Unprove("scope-complete", "ticks cannot be judged without the ledger's key");
    return;
  }
  sheet_.Disprove("scope-complete", "the tick of the last stamp is missing: the chain has been cut",
                  kScopeName);
}

// The signer stands in the payload, so it is read first; no meaning is taken from it before the
// signature holds.
void PackScope::JudgeEntry(const ScopeEntry& entry) {
  Item at;
  at.entry = &entry;
  at.piece = "scope leaf " + std::to_string(entry.leaf.index);
  at.digest = entry.statement.StatementDigest();
  ++result_.statements;
  auto statement = ParseKindStatement(entry.statement.payload);
  if (!sheet_.Check("statement-signatures", statement.status(), at.piece)) return;
  at.statement = *std::move(statement);
  const std::string ledger = [&] {
    const Json* origin = at.statement.predicate.Find("ledger");
    return origin != nullptr && origin->IsString() ? origin->AsString() : std::string();
  }();
  if (ledger != facts_.ledger) {
    sheet_.Disprove("statement-signatures", "a statement of another ledger", at.piece);
    return;
  }
  if (AuthorityOf(at.statement.kind).leaf != LeafKind::kScope) {
    sheet_.Disprove("signer-roles", "not a scope statement", at.piece);
    return;
  }
  const auto acts_at = ledger_.ActsAt(entry.leaf);
  if (!Signed(at)) return;
  if (!acts_at) return;  // not yet
  at.acts_at = *acts_at;
  Apply(at);
}

void PackScope::Apply(const Item& at) {
  switch (at.statement.kind) {
    case Kind::kEnrolmentAuthorisation:
      return ApplyAuthorisation(at);
    case Kind::kEnrolment:
      return ApplyEnrolment(at);
    case Kind::kProfile:
      return ApplyProfile(at);
    case Kind::kCatalogueVersion:
      return ApplyCatalogueVersion(at);
    case Kind::kInventory:
      return ApplyInventory(at);
    case Kind::kTick: {
      const auto tick = TickFrom(at.statement.predicate);
      if (Read(at, tick, "scope-complete") && tick->size <= ledger_.LastStampedSize()) {
        ticks_.push_back(at.entry->leaf.index);
      }
      return;
    }
    case Kind::kLabel:
      return ApplyLabel(at);
    case Kind::kApproval:
      return;  // of statements that are counted below
    default:
      ++result_.not_judged[std::string(KindName(at.statement.kind))];
  }
}

void PackScope::ApplyAuthorisation(const Item& at) {
  auto value = EnrolmentAuthorisationFrom(at.statement.predicate);
  if (!Read(at, value, "statement-signatures")) return;
  authorisations_[at.digest] = {*std::move(value), 0};
}

void PackScope::ApplyProfile(const Item& at) {
  const auto value = ProfileStatementFrom(at.statement.predicate);
  if (!Read(at, value, "statement-signatures") || value->profile != facts_.profile) return;
  ++result_.rules;
  const auto bytes = ReadBlob(read_, value->digest);
  if (!Read(at, bytes, "rules-not-retroactive")) return;
  const auto json = ParseCanonical(*bytes);
  if (!Read(at, json, "rules-not-retroactive")) return;
  auto profile = ProfileFromJson(*json, "profile");
  if (!Read(at, profile, "rules-not-retroactive")) return;
  if (profile->id != value->profile) {
    sheet_.Disprove("rules-not-retroactive", "a profile statement names another profile", at.piece);
    return;
  }
  result_.profiles.push_back({at.acts_at, *std::move(profile)});
}

void PackScope::ApplyInventory(const Item& at) {
  auto value = InventoryFrom(at.statement.predicate);
  if (!Read(at, value, "statement-signatures")) return;
  ++result_.rules;
  if (value->drawn_at > at.acts_at + limits::kClockSlackSeconds) {
    sheet_.Disprove("rules-not-retroactive", "an inventory drawn after it was put on record",
                    at.piece);
    return;
  }
  result_.inventories.push_back({at.acts_at, *std::move(value)});
}

void PackScope::ApplyLabel(const Item& at) {
  auto value = LabelFrom(at.statement.predicate);
  if (!Read(at, value, "statement-signatures")) return;
  ++result_.rules;
  const auto host = result_.hosts.find(value->host);
  if (host == result_.hosts.end()) {
    sheet_.Unprove("rules-not-retroactive", "a label of a host that is not enrolled before it",
                   at.piece);
    return;
  }
  host->second.controllers.push_back({at.acts_at, std::move(value->controllers)});
}

void PackScope::ApplyCatalogueVersion(const Item& at) {
  const auto value = CatalogueVersionFrom(at.statement.predicate);
  if (!Read(at, value, "statement-signatures")) return;
  ++result_.rules;
  const auto statement = catalogue_statements_.find(value->catalogue);
  const auto catalogue = result_.published.find(value->catalogue);
  if (statement == catalogue_statements_.end() || catalogue == result_.published.end()) {
    sheet_.Unprove("catalogue-known", "the catalogue that came into force is not in the pack",
                   at.piece);
    return;
  }
  if (statement->second.version != value->version) {
    sheet_.Disprove("catalogue-known", "a catalogue came into force under another version",
                    at.piece);
    return;
  }
  result_.catalogues.push_back({at.acts_at, catalogue->second});
}

}  // namespace tom
