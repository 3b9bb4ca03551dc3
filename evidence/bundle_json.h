// The members that several files of a pack share: leaves with proofs, and statements with their
// leaves.
#ifndef TOM_EVIDENCE_BUNDLE_JSON_H_
#define TOM_EVIDENCE_BUNDLE_JSON_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/bundle.h"
#include "evidence/canonical_json.h"

namespace tom {

Json ProvenLeafToJson(const ProvenLeaf& leaf);
absl::StatusOr<ProvenLeaf> ProvenLeafFrom(const Json& json, const std::string& where);

Json ScopeEntryToJson(const ScopeEntry& entry);
absl::StatusOr<ScopeEntry> ScopeEntryFrom(const Json& json, const std::string& where);

// Entries ascending by index; an absent array is empty.
Json ScopeEntriesToJson(const std::vector<ScopeEntry>& entries);
absl::StatusOr<std::vector<ScopeEntry>> ScopeEntriesFrom(const Json* array,
                                                         const std::string& where);
absl::StatusOr<std::vector<ProvenLeaf>> ProvenLeavesFrom(const Json* array,
                                                         const std::string& where);

// Digests in the order of a proof, which is not that of their bytes.
absl::StatusOr<std::vector<Digest>> ProofFrom(FieldReader& fields, std::string_view key);

// The items of `array` (none when null), each read by `read(item, "<where>[i]")`.
template <typename T, typename Read>
absl::StatusOr<std::vector<T>> ItemsFrom(const Json* array, const std::string& where, Read read) {
  std::vector<T> items;
  if (array == nullptr) return items;
  items.reserve(array->AsArray().size());
  for (const Json& json : array->AsArray()) {
    absl::StatusOr<T> item = read(json, where + "[" + std::to_string(items.size()) + "]");
    if (!item.ok()) return item.status();
    items.push_back(*std::move(item));
  }
  return items;
}

}  // namespace tom

#endif  // TOM_EVIDENCE_BUNDLE_JSON_H_
