#include "agent/anchor_store.h"

#include <cstdlib>

#include "agent/state_file.h"
#include "evidence/canonical_json.h"
#include "evidence/leaf.h"
#include "evidence/merkle.h"
#include "evidence/status_text.h"
#include "evidence/timestamp.h"

namespace tom {
namespace {

constexpr size_t kMaxAnchorBytes = 256 << 10;

std::string Encode(const HeldAnchor& anchor) {
  Json::Object json{{"fetched_at", FormatUtc(anchor.fetched_at)}, {"held", anchor.held}};
  if (!anchor.stamped.empty()) {
    json["stamped"] = anchor.stamped;
    json["stamped_at"] = FormatUtc(anchor.stamped_at);
    json["token"] = Base64Encode(anchor.token);
  }
  return Canonical(json);
}

absl::StatusOr<HeldAnchor> Parse(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  FieldReader fields(json, "anchor");
  HeldAnchor anchor;
  anchor.fetched_at = fields.Time("fetched_at");
  anchor.held = fields.String("held");
  if (fields.Has("stamped")) {
    anchor.stamped = fields.String("stamped");
    anchor.stamped_at = fields.Time("stamped_at");
    anchor.token = fields.Bytes("token");
  }
  TOM_RETURN_IF_ERROR(fields.Finish());
  return anchor;
}

absl::Status Refuse(const StateDir& state, const std::string& why, const std::string& held,
                    const std::string& shown) {
  const std::string message = "the ledger is not the one this host has reported to: " + why;
  TOM_RETURN_IF_ERROR(WriteAtomic(state.File("ledger-refused"),
                                  message + "\n\nheld:\n" + held + "\nshown:\n" + shown));
  return absl::DataLossError(message + "; nothing more is submitted to it until " +
                             state.File("ledger-refused") + " has been examined and removed");
}

// The checkpoint of `answer`, when it continues the held one.
absl::StatusOr<Checkpoint> JudgeCheckpoint(const StateDir& state, const LogKey& key,
                                           const std::string& held_note, uint64_t stamped_size,
                                           const AnchorAnswer& answer) {
  TOM_ASSIGN_OR_RETURN(const Checkpoint held, VerifyCheckpoint(held_note, key));
  absl::StatusOr<Checkpoint> shown = VerifyCheckpoint(answer.checkpoint, key);
  if (!shown.ok()) return Annotate(shown.status(), "the checkpoint that the collector shows");
  if (shown->size < held.size) {
    const std::string sizes =
        std::to_string(shown->size) + " leaves instead of " + std::to_string(held.size);
    // A stamp takes its time: a head that is not stamped may be newer than the newest stamped one.
    // Two stamped ones never go backwards.
    if (shown->size >= stamped_size) {
      return absl::UnavailableError("the collector shows an older checkpoint: " + sizes);
    }
    return Refuse(state, "it has become shorter: " + sizes, held_note, answer.checkpoint);
  }
  const absl::Status consistent =
      merkle::VerifyConsistency(held.size, shown->size, held.root, shown->root, answer.consistency);
  if (consistent.ok()) return shown;
  return Refuse(state,
                "it does not continue the checkpoint held: " + std::string(consistent.message()),
                held_note, answer.checkpoint);
}

absl::Status TakeStamp(const Checkpoint& shown, const AnchorAnswer& answer,
                       const std::vector<std::string>& authorities, HeldAnchor& anchor) {
  if (answer.token.empty()) return absl::OkStatus();
  absl::StatusOr<TimeStamp> stamp =
      VerifyTimeStamp(answer.token, Sha256(CheckpointText(shown)), authorities);
  if (!stamp.ok()) return Annotate(stamp.status(), "the checkpoint's time-stamp");
  if (stamp->time < anchor.stamped_at)
    return BadData("the checkpoint's time-stamp is older than the one held");
  anchor.stamped = answer.checkpoint;
  anchor.stamped_at = stamp->time;
  anchor.token = answer.token;
  return absl::OkStatus();
}

std::string EncodeReceipt(const ReceiptAnswer& receipt, const std::string& note) {
  Json::Object json{{"checkpoint", note},
                    {"digest", receipt.digest.Hex()},
                    {"index", static_cast<int64_t>(receipt.index)},
                    {"leaf_body", receipt.leaf_body}};
  Json::Array inclusion;
  for (const Digest& hash : receipt.inclusion) inclusion.emplace_back(hash.Hex());
  if (!inclusion.empty()) json["inclusion"] = std::move(inclusion);
  return Canonical(json);
}

absl::Status TakeReceipt(const StateDir& state, const std::string& host, const Checkpoint& shown,
                         const AnchorAnswer& answer) {
  if (!answer.receipt) return absl::OkStatus();
  const ReceiptAnswer& receipt = *answer.receipt;
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(receipt.leaf_body));
  TOM_ASSIGN_OR_RETURN(const LeafBody body, LeafBodyFromJson(json, "leaf"));
  if (body.kind != LeafKind::kReport || body.host != host || body.digest != receipt.digest) {
    return BadData("the receipt's leaf is not of this host's report");
  }
  const Digest leaf = merkle::LeafHash(LeafData(LeafBodyDigest(body)));
  TOM_RETURN_IF_ERROR(
      merkle::VerifyInclusion(receipt.index, shown.size, leaf, receipt.inclusion, shown.root));
  return WriteAtomic(state.File("receipt.json"), EncodeReceipt(receipt, answer.checkpoint));
}

}  // namespace

std::optional<Anchor> HeldAnchor::ForReport() const {
  if (stamped.empty()) return std::nullopt;
  // The note was verified when it was taken; its text is origin, size, root.
  const size_t size_at = stamped.find('\n') + 1;
  const size_t root_at = stamped.find('\n', size_at) + 1;
  const size_t end = stamped.find('\n', root_at);
  const auto root = Base64Decode(std::string_view(stamped).substr(root_at, end - root_at));
  if (!root.ok()) return std::nullopt;
  const auto digest = Digest::FromRaw(*root);
  if (!digest.ok()) return std::nullopt;
  return Anchor{std::strtoull(stamped.c_str() + size_at, nullptr, 10), *digest, Sha256(token)};
}

absl::StatusOr<HeldAnchor> LoadAnchor(const StateDir& state, const Trust& trust) {
  const std::string path = state.File("anchor.json");
  const absl::StatusOr<std::string> bytes = ReadStateFile(path, kMaxAnchorBytes);
  if (absl::IsNotFound(bytes.status())) return HeldAnchor{trust.first_checkpoint, "", "", 0, 0};
  if (!bytes.ok()) return bytes.status();
  TOM_ASSIGN_OR_RETURN(const LogKey key, ParseVkey(trust.log_vkey));
  absl::StatusOr<HeldAnchor> anchor = Parse(*bytes);
  absl::Status status = anchor.status();
  if (status.ok()) status = VerifyCheckpoint(anchor->held, key).status();
  if (status.ok() && !anchor->stamped.empty())
    status = VerifyCheckpoint(anchor->stamped, key).status();
  if (!status.ok()) return Annotate(status, path);
  return anchor;
}

absl::Status CheckLedgerNotRefused(const StateDir& state) {
  const absl::StatusOr<std::string> text =
      ReadStateFile(state.File("ledger-refused"), kMaxAnchorBytes);
  if (absl::IsNotFound(text.status())) return absl::OkStatus();
  if (!text.ok()) return text.status();
  return absl::FailedPreconditionError(state.File("ledger-refused") + ": " +
                                       text->substr(0, text->find('\n')));
}

absl::StatusOr<AnchorUpdate> UpdateAnchor(const StateDir& state, const Trust& trust,
                                          const std::string& host,
                                          const std::vector<std::string>& authorities,
                                          ReportingClient& client, UnixSeconds now) {
  TOM_RETURN_IF_ERROR(CheckLedgerNotRefused(state));
  TOM_ASSIGN_OR_RETURN(const LogKey key, ParseVkey(trust.log_vkey));
  AnchorUpdate update;
  TOM_ASSIGN_OR_RETURN(update.anchor, LoadAnchor(state, trust));
  TOM_ASSIGN_OR_RETURN(const Checkpoint held, VerifyCheckpoint(update.anchor.held, key));
  TOM_ASSIGN_OR_RETURN(const AnchorAnswer answer, client.GetAnchor(held.size));
  if (!answer.checkpoint.empty()) {
    const std::optional<Anchor> stamped = update.anchor.ForReport();
    TOM_ASSIGN_OR_RETURN(
        const Checkpoint shown,
        JudgeCheckpoint(state, key, update.anchor.held, stamped ? stamped->size : 0, answer));
    update.anchor.held = answer.checkpoint;
    absl::Status stamp = TakeStamp(shown, answer, authorities, update.anchor);
    const absl::Status receipt = TakeReceipt(state, host, shown, answer);
    if (stamp.ok()) stamp = Annotate(receipt, "the receipt");
    update.notice = std::string(stamp.message());
  }
  update.anchor.fetched_at = now;
  TOM_RETURN_IF_ERROR(WriteAtomic(state.File("anchor.json"), Encode(update.anchor)));
  return update;
}

}  // namespace tom
