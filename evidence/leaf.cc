#include "evidence/leaf.h"

#include <array>

#include "evidence/status_text.h"

namespace tom {
namespace {

struct LeafKindRow {
  LeafKind kind;
  std::string_view name;
};

constexpr std::array kLeafKinds = {
    LeafKindRow{LeafKind::kReport, "report"},       LeafKindRow{LeafKind::kHandover, "handover"},
    LeafKindRow{LeafKind::kScope, "scope"},         LeafKindRow{LeafKind::kRegister, "register"},
    LeafKindRow{LeafKind::kCatalogue, "catalogue"}, LeafKindRow{LeafKind::kErasure, "erasure"},
};

// Which members stand in a leaf of which kind (evidence/README.md).
void CheckMembers(const LeafBody& body, FieldReader& fields) {
  const bool report = body.kind == LeafKind::kReport;
  const bool of_host = report || body.kind == LeafKind::kHandover;
  const auto check = [&fields](std::string_view key, bool present, bool wanted) {
    if (present && !wanted) fields.Fail(key, "does not stand in a leaf of this kind");
    if (!present && wanted) fields.Fail(key, "missing");
  };
  check("host", body.host.has_value(), of_host);
  check("chain", body.chain.has_value(), report);
  check("seq", body.seq.has_value(), report);
  if (body.kind != LeafKind::kScope) check("scope_prev", body.scope_prev.has_value(), false);
}

}  // namespace

std::string_view LeafKindName(LeafKind kind) {
  for (const LeafKindRow& row : kLeafKinds) {
    if (row.kind == kind) return row.name;
  }
  return "";
}

absl::StatusOr<LeafKind> LeafKindFromName(std::string_view name) {
  for (const LeafKindRow& row : kLeafKinds) {
    if (row.name == name) return row.kind;
  }
  return BadData("unknown kind of leaf");
}

Json LeafBodyToJson(const LeafBody& body) {
  Json::Object json{{"kind", LeafKindName(body.kind)},
                    {"digest", body.digest.Hex()},
                    {"received_at", FormatUtc(body.received_at)},
                    {"salt", body.salt}};
  if (body.host) json["host"] = *body.host;
  if (body.chain) json["chain"] = *body.chain;
  if (body.seq) json["seq"] = *body.seq;
  if (body.scope_prev) json["scope_prev"] = body.scope_prev->Hex();
  return json;
}

absl::StatusOr<LeafBody> LeafBodyFromJson(const Json& json, std::string where) {
  LeafBody body;
  FieldReader fields(json, std::move(where));
  const std::string kind_name = fields.String("kind");
  const auto kind = LeafKindFromName(kind_name);
  if (kind.ok()) body.kind = *kind;
  if (!kind.ok()) fields.Fail("kind", FromAbsl(kind.status().message()));
  body.digest = fields.DigestOf("digest");
  body.received_at = fields.Time("received_at");
  if (fields.Has("host")) body.host = fields.Hex("host", 32);
  if (fields.Has("chain")) body.chain = fields.Hex("chain", 16);
  if (fields.Has("seq")) body.seq = static_cast<uint64_t>(fields.Integer("seq", 0));
  if (fields.Has("scope_prev")) body.scope_prev = fields.DigestOf("scope_prev");
  body.salt = fields.Hex("salt", 32);
  CheckMembers(body, fields);
  TOM_RETURN_IF_ERROR(fields.Finish());
  return body;
}

Digest LeafBodyDigest(const LeafBody& body) { return CanonicalDigest(LeafBodyToJson(body)); }

std::string LeafData(const Digest& leaf_body_digest) {
  return Canonical(Json::Object{{"d", leaf_body_digest.Hex()}, {"v", 1}});
}

}  // namespace tom
