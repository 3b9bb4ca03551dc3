#include "evidence/bundle_json.h"

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxProof = 64;  // a tree of 2^63 leaves

template <typename T, typename Index>
absl::Status CheckAscending(const std::vector<T>& items, const std::string& where, Index index) {
  for (size_t i = 1; i < items.size(); ++i) {
    if (index(items[i - 1]) >= index(items[i])) {
      return BadData(where + "[" + std::to_string(i) + "]: not in ascending order of index");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Digest>> ProofFrom(FieldReader& fields, std::string_view key) {
  std::vector<Digest> proof;
  for (const std::string& hex : fields.Strings(key)) {
    const auto digest = Digest::FromHex(hex);
    if (!digest.ok()) return Annotate(digest.status(), fields.Path(key));
    proof.push_back(*digest);
  }
  if (proof.size() > kMaxProof) return BadData(fields.Path(key) + ": over 64 digests");
  return proof;
}

Json ProvenLeafToJson(const ProvenLeaf& leaf) {
  Json::Object json = {
      {"body", LeafBodyToJson(leaf.body)}, {"index", leaf.index}, {"size", leaf.size}};
  if (!leaf.inclusion.empty()) json.emplace("inclusion", DigestArray(leaf.inclusion));
  return json;
}

absl::StatusOr<ProvenLeaf> ProvenLeafFrom(const Json& json, const std::string& where) {
  FieldReader fields(json, where);
  ProvenLeaf leaf;
  leaf.index = static_cast<uint64_t>(fields.Integer("index", 0));
  leaf.size = static_cast<uint64_t>(fields.Integer("size", 1));
  if (leaf.index >= leaf.size) fields.Fail("index", "not under size");
  TOM_ASSIGN_OR_RETURN(leaf.inclusion, ProofFrom(fields, "inclusion"));
  const Json* body = fields.Object("body");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (body == nullptr) return BadData(where + ".body: missing");
  TOM_ASSIGN_OR_RETURN(leaf.body, LeafBodyFromJson(*body, where + ".body"));
  return leaf;
}

Json ScopeEntryToJson(const ScopeEntry& entry) {
  const auto envelope = ParseCanonical(EnvelopeToJson(entry.statement));
  return Json::Object{{"leaf", ProvenLeafToJson(entry.leaf)},
                      {"statement", envelope.ok() ? *envelope : Json()}};
}

absl::StatusOr<ScopeEntry> ScopeEntryFrom(const Json& json, const std::string& where) {
  FieldReader fields(json, where);
  const Json* leaf = fields.Object("leaf");
  const Json* statement = fields.Object("statement");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (leaf == nullptr) return BadData(where + ".leaf: missing");
  if (statement == nullptr) return BadData(where + ".statement: missing");
  ScopeEntry entry;
  TOM_ASSIGN_OR_RETURN(entry.leaf, ProvenLeafFrom(*leaf, where + ".leaf"));
  auto envelope = EnvelopeFromJson(Canonical(*statement));
  if (!envelope.ok()) return Annotate(envelope.status(), where + ".statement");
  entry.statement = *std::move(envelope);
  return entry;
}

Json ScopeEntriesToJson(const std::vector<ScopeEntry>& entries) {
  Json::Array array;
  for (const ScopeEntry& entry : entries) array.push_back(ScopeEntryToJson(entry));
  return array;
}

absl::StatusOr<std::vector<ScopeEntry>> ScopeEntriesFrom(const Json* array,
                                                         const std::string& where) {
  TOM_ASSIGN_OR_RETURN(std::vector<ScopeEntry> entries,
                       ItemsFrom<ScopeEntry>(array, where, ScopeEntryFrom));
  TOM_RETURN_IF_ERROR(CheckAscending(entries, where, [](const auto& e) { return e.leaf.index; }));
  return entries;
}

absl::StatusOr<std::vector<ProvenLeaf>> ProvenLeavesFrom(const Json* array,
                                                         const std::string& where) {
  TOM_ASSIGN_OR_RETURN(std::vector<ProvenLeaf> leaves,
                       ItemsFrom<ProvenLeaf>(array, where, ProvenLeafFrom));
  TOM_RETURN_IF_ERROR(CheckAscending(leaves, where, [](const auto& l) { return l.index; }));
  return leaves;
}

}  // namespace tom
