// The spool's checkpoint: the SHA-256 of what follows, in hex and a newline, then {accepted?,
// accepted_at, ordinal, others?, restart, state?} in canonical JSON. A checkpoint that is torn or
// changed is set aside, never half believed.
#include <algorithm>
#include <cstdio>

#include "agent/spool.h"
#include "evidence/canonical_json.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxCheckpointBytes = 128u << 20;

absl::StatusOr<std::string> BodyOf(std::string_view bytes) {
  constexpr size_t kSumLine = 65;
  if (bytes.size() <= kSumLine || bytes[kSumLine - 1] != '\n')
    return absl::DataLossError("is torn");
  const std::string_view body = bytes.substr(kSumLine);
  if (Sha256(body).Hex() != bytes.substr(0, kSumLine - 1)) {
    return absl::DataLossError("is not what was written: its SHA-256 differs");
  }
  return std::string(body);
}

}  // namespace

std::string Spool::EncodeCheckpoint() const {
  Json::Object json{{"ordinal", static_cast<int64_t>(applied_)},
                    {"restart", notes_.restart ? 1 : 0}};
  json["accepted_at"] = FormatUtc(notes_.accepted_at);
  if (notes_.accepted) json["accepted"] = notes_.accepted->Hex();
  std::vector<Digest> others = notes_.others;
  std::sort(others.begin(), others.end());
  if (!others.empty()) json["others"] = DigestArray(others);
  if (state_) json["state"] = ChainStateToJson(*state_);
  const std::string body = Canonical(json);
  return Sha256(body).Hex() + "\n" + body;
}

absl::Status Spool::ParseCheckpoint(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const std::string body, BodyOf(bytes));
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(body));
  FieldReader fields(json, "checkpoint");
  ChainNotes notes;
  const int64_t ordinal = fields.Integer("ordinal", 0);
  notes.restart = fields.Flag("restart");
  if (fields.Has("accepted")) notes.accepted = fields.DigestOf("accepted");
  notes.accepted_at = fields.Time("accepted_at");
  notes.others = fields.Digests("others");
  const Json* state = fields.Object("state");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (state != nullptr) {
    TOM_ASSIGN_OR_RETURN(state_, ChainStateFromJson(*state));
  }
  applied_ = static_cast<uint64_t>(ordinal);
  notes_ = std::move(notes);
  return absl::OkStatus();
}

absl::Status Spool::LoadCheckpoint() {
  const std::string path = dir_.File("spool/checkpoint");
  absl::StatusOr<std::string> bytes = ReadStateFile(path, kMaxCheckpointBytes);
  if (absl::IsNotFound(bytes.status())) return absl::OkStatus();
  if (!bytes.ok() && !absl::IsOutOfRange(bytes.status())) return bytes.status();
  absl::Status status = bytes.ok() ? ParseCheckpoint(*bytes) : bytes.status();
  if (status.ok()) {
    // The statements behind the checkpoint stood in a log that is no longer there.
    if (log_.created()) notes_.restart = true;
    return absl::OkStatus();
  }
  TOM_ASSIGN_OR_RETURN(const std::string folder, dir_.Folder("rejected"));
  const std::string aside = folder + "/spool-checkpoint-" + RandomId();
  if (rename(path.c_str(), aside.c_str()) != 0) return FileError(path, "cannot set aside");
  TOM_RETURN_IF_ERROR(SyncFolderOf(path));
  notices_.push_back(path + ": " + std::string(status.message()) + "; set aside as " + aside);
  state_.reset();
  return absl::OkStatus();
}

}  // namespace tom
