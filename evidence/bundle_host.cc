#include <algorithm>

#include "evidence/bundle.h"
#include "evidence/bundle_json.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

Json HeartbeatToJson(const Heartbeat& heartbeat) {
  Json::Object json = {{"duration_ms", heartbeat.duration_ms},
                       {"groups", StringArray(heartbeat.groups)},
                       {"observed_at", FormatUtc(heartbeat.observed_at)}};
  if (heartbeat.clock_offset_ms) json.emplace("clock_offset_ms", *heartbeat.clock_offset_ms);
  if (heartbeat.anchor) {
    json.emplace("anchor", Json::Object{{"root", heartbeat.anchor->root.Hex()},
                                        {"size", heartbeat.anchor->size},
                                        {"token", heartbeat.anchor->token.Hex()}});
  }
  return json;
}

absl::StatusOr<Heartbeat> HeartbeatFrom(const Json& json, const std::string& where) {
  FieldReader fields(json, where);
  Heartbeat heartbeat;
  heartbeat.observed_at = fields.Time("observed_at");
  heartbeat.duration_ms = fields.Integer("duration_ms", 0);
  if (fields.Has("clock_offset_ms")) heartbeat.clock_offset_ms = fields.Integer("clock_offset_ms");
  heartbeat.groups = fields.StringSet("groups");
  if (heartbeat.groups.empty()) fields.Fail("groups", "missing");
  const Json* anchor = fields.Object("anchor");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (anchor == nullptr) return heartbeat;
  FieldReader of_anchor(*anchor, where + ".anchor");
  Anchor read;
  read.size = static_cast<uint64_t>(of_anchor.Integer("size", 0));
  read.root = of_anchor.DigestOf("root");
  read.token = of_anchor.DigestOf("token");
  heartbeat.anchor = read;
  TOM_RETURN_IF_ERROR(of_anchor.Finish());
  return heartbeat;
}

Json StatementToJson(const BundleStatement& statement) {
  Json::Object json;
  if (!statement.payload.empty()) json.emplace("payload", Base64Encode(statement.payload));
  if (statement.heartbeat) json.emplace("heartbeat", HeartbeatToJson(*statement.heartbeat));
  if (!statement.signature.empty()) json.emplace("signature", Base64Encode(statement.signature));
  return json;
}

absl::StatusOr<BundleStatement> StatementFrom(const Json& json, const std::string& where) {
  FieldReader fields(json, where);
  BundleStatement statement;
  if (fields.Has("payload")) statement.payload = fields.Bytes("payload");
  if (fields.Has("signature")) statement.signature = fields.Bytes("signature");
  const Json* heartbeat = fields.Object("heartbeat");
  if (statement.payload.empty() == (heartbeat == nullptr)) {
    fields.Fail("payload", "exactly one of payload and heartbeat stands");
  }
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (heartbeat != nullptr) {
    TOM_ASSIGN_OR_RETURN(statement.heartbeat, HeartbeatFrom(*heartbeat, where + ".heartbeat"));
  }
  return statement;
}

Json StatementsToJson(const std::vector<BundleStatement>& statements) {
  Json::Array array;
  for (const BundleStatement& statement : statements) array.push_back(StatementToJson(statement));
  return array;
}

Json OpeningToJson(const BundleOpening& opening) {
  Json::Object json = {{"looks", StatementsToJson(opening.looks)}};
  if (!opening.standing.empty()) json.emplace("standing", DigestArray(opening.standing));
  return json;
}

absl::StatusOr<BundleOpening> OpeningFrom(const Json& json, const std::string& where) {
  FieldReader fields(json, where);
  const Json* looks = fields.Array("looks");
  BundleOpening opening;
  opening.standing = fields.Digests("standing");
  if (looks == nullptr) fields.Fail("looks", "missing");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_ASSIGN_OR_RETURN(opening.looks,
                       ItemsFrom<BundleStatement>(looks, where + ".looks", StatementFrom));
  if (opening.looks.empty() || opening.looks.front().payload.empty() ||
      opening.looks.back().signature.empty()) {
    return BadData(where + ".looks: the first is not whole or the newest not signed");
  }
  return opening;
}

Json ChainToJson(const BundleChain& chain) {
  Json::Object json = {{"chain", chain.chain}};
  if (chain.after) json.emplace("after", chain.after->Hex());
  if (chain.opening) json.emplace("opening", OpeningToJson(*chain.opening));
  if (!chain.statements.empty()) json.emplace("statements", StatementsToJson(chain.statements));
  return json;
}

absl::StatusOr<BundleChain> ChainFrom(const Json& json, const std::string& where) {
  FieldReader fields(json, where);
  BundleChain chain;
  chain.chain = fields.Hex("chain", 16);
  if (fields.Has("after")) chain.after = fields.DigestOf("after");
  const Json* opening = fields.Object("opening");
  const Json* statements = fields.Array("statements");
  if (opening != nullptr && !chain.after) fields.Fail("opening", "stands without after");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (opening != nullptr) {
    TOM_ASSIGN_OR_RETURN(chain.opening, OpeningFrom(*opening, where + ".opening"));
  }
  TOM_ASSIGN_OR_RETURN(chain.statements, ItemsFrom<BundleStatement>(
                                             statements, where + ".statements", StatementFrom));
  return chain;
}

bool IsMonth(std::string_view text) {
  return text.size() == 7 && ParseUtc(std::string(text) + "-01T00:00:00Z").ok();
}

template <typename T, typename Key>
absl::Status CheckSorted(const std::vector<T>& items, const char* where, Key key) {
  for (size_t i = 1; i < items.size(); ++i) {
    if (key(items[i - 1]) >= key(items[i])) {
      return BadData(std::string(where) + ": not in ascending order of digest");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> BodiesFrom(const Json* array) {
  return ItemsFrom<std::string>(
      array, "bundle.bodies",
      [](const Json& json, const std::string& where) -> absl::StatusOr<std::string> {
        std::string bytes = Canonical(json);
        const auto body = ParseBody(bytes);
        if (!body.ok()) return Annotate(body.status(), where);
        return bytes;
      });
}

// Puts heads (by digest) and bodies (by digest) in the order that readers ask for.
Json::Array SortedHeads(const std::vector<Head>& heads) {
  std::map<Digest, Json> sorted;
  for (const Head& head : heads) sorted.emplace(HeadDigest(head), HeadToJson(head));
  Json::Array array;
  for (auto& [digest, json] : sorted) array.push_back(std::move(json));
  return array;
}

Json::Array SortedBodies(const std::vector<std::string>& bodies) {
  std::map<Digest, Json> sorted;
  for (const std::string& bytes : bodies) {
    if (auto json = ParseCanonical(bytes); json.ok()) sorted.emplace(Sha256(bytes), *json);
  }
  Json::Array array;
  for (auto& [digest, json] : sorted) array.push_back(std::move(json));
  return array;
}

absl::Status ReadParts(FieldReader& fields, HostBundle& bundle) {
  const Json* heads = fields.Array("heads");
  const Json* bodies = fields.Array("bodies");
  const Json* chains = fields.Array("chains");
  const Json* leaves = fields.Array("leaves");
  const Json* handovers = fields.Array("handovers");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_ASSIGN_OR_RETURN(
      bundle.heads, ItemsFrom<Head>(heads, "bundle.heads", [](const Json& j, const std::string& w) {
        auto head = HeadFromJson(j);
        if (!head.ok()) head = Annotate(head.status(), w);
        return head;
      }));
  TOM_RETURN_IF_ERROR(CheckSorted(bundle.heads, "bundle.heads", HeadDigest));
  TOM_ASSIGN_OR_RETURN(bundle.bodies, BodiesFrom(bodies));
  TOM_RETURN_IF_ERROR(CheckSorted(bundle.bodies, "bundle.bodies",
                                  [](const std::string& bytes) { return Sha256(bytes); }));
  TOM_ASSIGN_OR_RETURN(bundle.chains, ItemsFrom<BundleChain>(chains, "bundle.chains", ChainFrom));
  TOM_ASSIGN_OR_RETURN(bundle.leaves, ProvenLeavesFrom(leaves, "bundle.leaves"));
  TOM_ASSIGN_OR_RETURN(bundle.handovers, ScopeEntriesFrom(handovers, "bundle.handovers"));
  return absl::OkStatus();
}

}  // namespace

std::string EncodeHostBundle(const HostBundle& bundle) {
  Json::Object json = {{"host", bundle.host}, {"month", bundle.month}};
  const auto put = [&json](const char* key, Json::Array items) {
    if (!items.empty()) json.emplace(key, std::move(items));
  };
  put("heads", SortedHeads(bundle.heads));
  put("bodies", SortedBodies(bundle.bodies));
  Json::Array chains;
  for (const BundleChain& chain : bundle.chains) chains.push_back(ChainToJson(chain));
  put("chains", std::move(chains));
  Json::Array leaves;
  for (const ProvenLeaf& leaf : bundle.leaves) leaves.push_back(ProvenLeafToJson(leaf));
  put("leaves", std::move(leaves));
  put("handovers", ScopeEntriesToJson(bundle.handovers).AsArray());
  return Canonical(std::move(json));
}

absl::StatusOr<HostBundle> ParseHostBundle(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  FieldReader fields(json, "bundle");
  HostBundle bundle;
  bundle.host = fields.Hex("host", 32);
  bundle.month = fields.String("month");
  if (!IsMonth(bundle.month)) fields.Fail("month", "expected YYYY-MM");
  TOM_RETURN_IF_ERROR(ReadParts(fields, bundle));
  return bundle;
}

}  // namespace tom
