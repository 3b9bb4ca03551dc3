#include "evidence/row.h"

#include <algorithm>
#include <initializer_list>

#include "evidence/json_bounds.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::StatusOr<Json> ParseRowPart(std::string_view canonical, const std::string& where) {
  if (canonical.size() > limits::kMaxRowBytes) return BadData(where + ": over 32 KiB");
  auto json = ParseCanonical(canonical);
  if (!json.ok()) return Annotate(json.status(), where);
  return json;
}

void CheckScope(FieldReader& fields, const std::vector<std::string>& scope) {
  if (scope.empty()) fields.Fail("scope", "missing");
  for (const std::string& id : scope) {
    if (id.empty()) fields.Fail("scope", "an empty controller id");
    if (id == "shared" && scope.size() > 1) fields.Fail("scope", "shared stands alone");
  }
}

// A text, or {"bytes"} for what text cannot hold - and for nothing else, else one value would have
// two spellings.
absl::StatusOr<std::string> ReadTextOrBytes(const Json& value, const std::string& where) {
  if (value.IsString()) return value.AsString();
  FieldReader fields(value, where);
  std::string bytes = fields.Bytes("bytes");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (TextOrBytes(bytes).IsString()) return BadData(where + ": bytes that are text");
  return bytes;
}

absl::Status CheckEvidence(const Json& evidence) {
  for (const auto& [column, value] : evidence.AsObject()) {
    if (value.IsInteger() || value.IsString()) continue;
    const std::string where = "body.evidence." + column;
    if (value.IsArray()) return BadData(where + ": expected a string, an integer or bytes");
    TOM_RETURN_IF_ERROR(ReadTextOrBytes(value, where).status());
  }
  return absl::OkStatus();
}

Json BodyWithoutSalt(const Body& body) {
  return Json::Object{
      {"evidence", body.evidence}, {"reason", body.reason}, {"subject", TextOrBytes(body.subject)}};
}

absl::StatusOr<Body> BodyFromJson(const Json& json) {
  TOM_RETURN_IF_ERROR(CheckStringBounds(json, "body"));
  Body body;
  FieldReader fields(json, "body");
  const Json* subject = fields.Any("subject");
  if (subject == nullptr) fields.Fail("subject", "missing");
  const Json* evidence = fields.Object("evidence");
  if (evidence == nullptr) fields.Fail("evidence", "missing");
  body.reason = fields.String("reason");
  body.salt = fields.Hex("salt", 32);
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_ASSIGN_OR_RETURN(body.subject, ReadTextOrBytes(*subject, "body.subject"));
  TOM_RETURN_IF_ERROR(CheckEvidence(*evidence));
  body.evidence = *evidence;
  return body;
}

// Joins the parts of an HMAC input with one NUL byte between them.
std::string JoinWithNul(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const std::string_view part : parts) {
    joined += part;
    joined.push_back('\0');
  }
  joined.pop_back();
  return joined;
}

}  // namespace

Json HeadToJson(const Head& head) {
  Json::Object json = {{"body", head.body.Hex()},
                       {"check", head.check},
                       {"check_digest", head.check_digest.Hex()},
                       {"params", head.params.Hex()},
                       {"scope", StringArray(head.scope)},
                       {"since", FormatUtc(head.since)},
                       {"subject_id", head.subject_id},
                       {"verdict", VerdictName(head.verdict)}};
  if (head.excluded) json.emplace("excluded", head.excluded->Hex());
  if (head.valid_until) json.emplace("valid_until", FormatUtc(*head.valid_until));
  return json;
}

absl::StatusOr<Head> HeadFromJson(const Json& json) {
  TOM_RETURN_IF_ERROR(CheckStringBounds(json, "head"));
  Head head;
  FieldReader fields(json, "head");
  head.check = fields.String("check");
  if (head.check.empty()) fields.Fail("check", "empty");
  head.check_digest = fields.DigestOf("check_digest");
  head.params = fields.DigestOf("params");
  head.subject_id = fields.Hex("subject_id", 32);
  head.scope = fields.StringSet("scope");
  CheckScope(fields, head.scope);
  const auto verdict = VerdictFromName(fields.String("verdict"));
  if (!verdict.ok()) fields.Fail("verdict", FromAbsl(verdict.status().message()));
  head.verdict = verdict.value_or(Verdict::kUnknown);
  head.since = fields.Time("since");
  head.body = fields.DigestOf("body");
  if (fields.Has("excluded")) head.excluded = fields.DigestOf("excluded");
  if (fields.Has("valid_until")) head.valid_until = fields.Time("valid_until");
  TOM_RETURN_IF_ERROR(fields.Finish());
  return head;
}

absl::StatusOr<Head> ParseHead(std::string_view canonical) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseRowPart(canonical, "head"));
  return HeadFromJson(json);
}

Digest HeadDigest(const Head& head) { return CanonicalDigest(HeadToJson(head)); }

Json BodyToJson(const Body& body) {
  Json json = BodyWithoutSalt(body);
  json.AsObject().emplace("salt", body.salt);
  return json;
}

absl::StatusOr<Body> ParseBody(std::string_view canonical) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseRowPart(canonical, "body"));
  return BodyFromJson(json);
}

absl::Status CheckBody(const Body& body) {
  Body salted = body;
  salted.salt = std::string(32, '0');
  const auto bytes = EncodeCanonical(BodyToJson(salted));
  if (!bytes.ok()) return Annotate(bytes.status(), "body");
  return ParseBody(*bytes).status();
}

absl::Status CheckRow(const Head& head, const Body& body) {
  TOM_RETURN_IF_ERROR(CheckBody(body));
  const auto bytes = EncodeCanonical(HeadToJson(head));
  if (!bytes.ok()) return Annotate(bytes.status(), "head");
  TOM_RETURN_IF_ERROR(ParseHead(*bytes).status());
  if (bytes->size() + Canonical(BodyToJson(body)).size() > limits::kMaxRowBytes) {
    return BadData("row: head and body over 32 KiB");
  }
  return absl::OkStatus();
}

std::string SubjectId(std::string_view host_salt_key, std::string_view check, const Digest& params,
                      std::string_view subject) {
  return Hmac16Hex(host_salt_key, JoinWithNul({check, params.Hex(), subject}));
}

Body SaltBody(Body body, std::string_view host_salt_key, std::string_view check,
              const Digest& params) {
  const Digest content = CanonicalDigest(BodyWithoutSalt(body));
  body.salt = Hmac16Hex(host_salt_key,
                        JoinWithNul({"body", check, params.Hex(), body.subject, content.Hex()}));
  return body;
}

std::string Pseudonym(std::string_view key, std::string_view kind, std::string_view value) {
  return "p:" + Hmac16Hex(key, JoinWithNul({kind, value}));
}

Digest GroupState(std::vector<Digest> head_digests) {
  std::sort(head_digests.begin(), head_digests.end());
  Sha256Stream stream;
  for (const Digest& digest : head_digests) stream.Add(digest.Raw());
  return stream.Finish();
}

}  // namespace tom
