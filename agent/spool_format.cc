#include "agent/spool_format.h"

#include "evidence/canonical_json.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

void AppendLittleEndian(uint64_t value, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

uint64_t ReadLittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

void AppendField(std::string_view field, std::string& out) {
  AppendLittleEndian(field.size(), 4, out);
  out.append(field);
}

std::string Facts(RecordType type, uint64_t ordinal, uint32_t length) {
  std::string facts(1, static_cast<char>(type));
  facts.append(3, '\0');
  AppendLittleEndian(ordinal, 8, facts);
  AppendLittleEndian(length, 4, facts);
  return facts;
}

std::string RecordSha(std::string_view facts, std::string_view body) {
  Sha256Stream stream;
  stream.Add(facts);
  stream.Add(body);
  return std::string(stream.Finish().Raw());
}

}  // namespace

std::string EncodeRecord(RecordType type, uint64_t ordinal, std::string_view body) {
  const std::string facts = Facts(type, ordinal, static_cast<uint32_t>(body.size()));
  std::string record(kRecordMagic);
  record += facts;
  record += RecordSha(facts, body);
  record += body;
  return record;
}

absl::StatusOr<RecordHeader> ParseRecordHeader(std::string_view bytes) {
  if (bytes.substr(0, 4) != kRecordMagic) return absl::DataLossError("no record starts here");
  RecordHeader header;
  header.type = static_cast<RecordType>(bytes[4]);
  if (std::string_view("SDFC").find(bytes[4]) == std::string_view::npos ||
      bytes.substr(5, 3) != std::string_view("\0\0\0", 3)) {
    return absl::DataLossError("a record of unknown type");
  }
  header.ordinal = ReadLittleEndian(bytes.substr(8, 8));
  header.length = static_cast<uint32_t>(ReadLittleEndian(bytes.substr(16, 4)));
  if (header.length > kMaxRecordBytes) return absl::DataLossError("a record of impossible length");
  header.sha = std::string(bytes.substr(20, 32));
  return header;
}

bool RecordIsWhole(const RecordHeader& header, std::string_view body) {
  return body.size() == header.length &&
         header.sha == RecordSha(Facts(header.type, header.ordinal, header.length), body);
}

std::string EncodeStatementRecord(const Envelope& envelope, const std::vector<std::string>& blobs) {
  std::string body;
  AppendField(envelope.payload, body);
  AppendField(envelope.signature, body);
  AppendField(envelope.keyid, body);
  for (const std::string& blob : blobs) AppendField(blob, body);
  return body;
}

absl::StatusOr<SpooledStatement> ParseStatementRecord(std::string_view body) {
  std::vector<std::string> fields;
  while (!body.empty()) {
    if (body.size() < 4) return absl::DataLossError("a statement's record ends in a length");
    const uint64_t length = ReadLittleEndian(body.substr(0, 4));
    body.remove_prefix(4);
    if (length > body.size()) return absl::DataLossError("a statement's record is cut short");
    fields.emplace_back(body.substr(0, length));
    body.remove_prefix(length);
  }
  if (fields.size() < 3) return absl::DataLossError("a statement's record has no signature");
  SpooledStatement statement;
  statement.envelope = {std::move(fields[0]), std::move(fields[1]), std::move(fields[2])};
  statement.blobs.assign(std::make_move_iterator(fields.begin() + 3),
                         std::make_move_iterator(fields.end()));
  return statement;
}

std::string EncodeDoneRecord(const DoneRecord& done) {
  return Canonical(
      Json::Object{{"chain", done.chain},
                   {"digest", done.digest.Hex()},
                   {"observed_at", FormatUtc(done.observed_at)},
                   {"ordinal", static_cast<int64_t>(done.ordinal)},
                   {"result", done.result == DoneResult::kAccepted ? "accepted" : "rejected"}});
}

absl::StatusOr<DoneRecord> ParseDoneRecord(std::string_view body) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(body));
  FieldReader fields(json, "done");
  DoneRecord done;
  done.chain = fields.Hex("chain", 16);
  done.digest = fields.DigestOf("digest");
  done.observed_at = fields.Time("observed_at");
  done.ordinal = static_cast<uint64_t>(fields.Integer("ordinal", 0));
  const std::string result = fields.String("result");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (result != "accepted" && result != "rejected") return BadData("done.result: unknown");
  done.result = result == "accepted" ? DoneResult::kAccepted : DoneResult::kRejected;
  return done;
}

std::string EncodeForkRecord(const Digest& tip) {
  return Canonical(Json::Object{{"tip", tip.Hex()}});
}

absl::StatusOr<Digest> ParseForkRecord(std::string_view body) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(body));
  FieldReader fields(json, "fork");
  const Digest tip = fields.DigestOf("tip");
  TOM_RETURN_IF_ERROR(fields.Finish());
  return tip;
}

}  // namespace tom
