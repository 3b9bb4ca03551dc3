#include "agent/chain_state.h"
#include "evidence/canonical_json.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

Json AnchorToJson(const Anchor& anchor) {
  return Json::Object{{"root", anchor.root.Hex()},
                      {"size", static_cast<int64_t>(anchor.size)},
                      {"token", anchor.token.Hex()}};
}

absl::StatusOr<Anchor> AnchorFromJson(const Json& json) {
  FieldReader fields(json, "anchor");
  Anchor anchor;
  anchor.root = fields.DigestOf("root");
  anchor.size = static_cast<uint64_t>(fields.Integer("size", 0));
  anchor.token = fields.DigestOf("token");
  TOM_RETURN_IF_ERROR(fields.Finish());
  return anchor;
}

Json RowToJson(const SignedRow& row) {
  Json::Object json{{"head", HeadToJson(row.head)}, {"subject", TextOrBytes(row.subject)}};
  if (row.gone) json["gone"] = 1;
  return json;
}

absl::StatusOr<std::string> SubjectFromJson(const Json& json) {
  if (json.IsString()) return json.AsString();
  FieldReader fields(json, "subject");
  std::string raw = fields.Bytes("bytes");
  TOM_RETURN_IF_ERROR(fields.Finish());
  return raw;
}

absl::StatusOr<SignedRow> RowFromJson(const Json& json) {
  FieldReader fields(json, "row");
  SignedRow row;
  row.gone = fields.Has("gone") && fields.Flag("gone");
  const Json* head = fields.Object("head");
  const Json* subject = fields.Any("subject");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (head == nullptr || subject == nullptr) return BadData("row: head or subject is missing");
  TOM_ASSIGN_OR_RETURN(row.head, HeadFromJson(*head));
  TOM_ASSIGN_OR_RETURN(row.subject, SubjectFromJson(*subject));
  row.digest = HeadDigest(row.head);
  return row;
}

Json GroupsToJson(const ChainState& state) {
  Json::Object groups;
  for (const auto& [interval, checks] : state.groups) groups[interval] = StringArray(checks);
  return groups;
}

Json LooksToJson(const ChainState& state) {
  Json::Object looks;
  for (const auto& [interval, at] : state.looks) looks[interval] = FormatUtc(at);
  return looks;
}

absl::Status ReadGroups(const Json& json, ChainState& state) {
  FieldReader fields(json, "groups");
  for (const auto& [interval, unused] : json.AsObject()) {
    state.groups[interval] = fields.StringSet(interval);
  }
  return fields.Finish();
}

absl::Status ReadLooks(const Json& json, ChainState& state) {
  FieldReader fields(json, "looks");
  for (const auto& [interval, unused] : json.AsObject()) {
    state.looks[interval] = fields.Time(interval);
  }
  return fields.Finish();
}

absl::Status ReadRows(const Json& json, ChainState& state) {
  for (const Json& item : json.AsArray()) {
    TOM_ASSIGN_OR_RETURN(SignedRow row, RowFromJson(item));
    const RowKey key = RowKeyOf(row.head);
    if (!state.rows.emplace(key, std::move(row)).second) return BadData("rows: a row stands twice");
  }
  return absl::OkStatus();
}

}  // namespace

Json ChainStateToJson(const ChainState& state) {
  Json::Object json;
  if (state.anchor) json["anchor"] = AnchorToJson(*state.anchor);
  if (!state.base.empty()) json["base"] = DigestArray(state.base);
  json["chain"] = state.chain;
  json["context"] = state.context.Hex();
  json["groups"] = GroupsToJson(state);
  json["looks"] = LooksToJson(state);
  json["observed_at"] = FormatUtc(state.observed_at);
  json["seq"] = static_cast<int64_t>(state.seq);
  json["tip"] = state.tip.Hex();
  Json::Array rows;
  for (const auto& [key, row] : state.rows) rows.push_back(RowToJson(row));
  if (!rows.empty()) json["rows"] = std::move(rows);
  return json;
}

absl::StatusOr<ChainState> ChainStateFromJson(const Json& json) {
  FieldReader fields(json, "chain state");
  ChainState state;
  const Json* anchor = fields.Object("anchor");
  state.base = fields.Digests("base");
  state.chain = fields.Hex("chain", 16);
  state.context = fields.DigestOf("context");
  const Json* groups = fields.Object("groups");
  const Json* looks = fields.Object("looks");
  state.observed_at = fields.Time("observed_at");
  const Json* rows = fields.Array("rows");
  state.seq = static_cast<uint64_t>(fields.Integer("seq", 0));
  state.tip = fields.DigestOf("tip");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (anchor != nullptr) {
    TOM_ASSIGN_OR_RETURN(state.anchor, AnchorFromJson(*anchor));
  }
  if (groups != nullptr) TOM_RETURN_IF_ERROR(ReadGroups(*groups, state));
  if (looks != nullptr) TOM_RETURN_IF_ERROR(ReadLooks(*looks, state));
  if (rows != nullptr) TOM_RETURN_IF_ERROR(ReadRows(*rows, state));
  return state;
}

}  // namespace tom
