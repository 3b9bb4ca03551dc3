#include "agent/chain_state.h"

#include <algorithm>
#include <unordered_map>

#include "evidence/context.h"
#include "evidence/envelope.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using BlobMap = std::unordered_map<Digest, const std::string*>;

BlobMap IndexBlobs(const std::vector<std::string>& blobs) {
  BlobMap index;
  for (const std::string& blob : blobs) index.emplace(Sha256(blob), &blob);
  return index;
}

absl::StatusOr<const std::string*> FindBlob(const BlobMap& blobs, const Digest& digest,
                                            std::string_view what) {
  const auto found = blobs.find(digest);
  if (found != blobs.end()) return found->second;
  return absl::DataLossError("the " + std::string(what) + " " + digest.Hex() + " is missing");
}

absl::Status CheckSuccession(const Report& report, const std::optional<ChainState>& state) {
  const bool starts = !state || state->chain != report.chain;
  if (starts && report.seq != 0) return absl::DataLossError("a new chain does not start at 0");
  if (starts) return absl::OkStatus();
  if (report.seq != state->seq + 1 || report.prev != state->tip) {
    return absl::DataLossError("statement " + std::to_string(report.seq) +
                               " does not follow statement " + std::to_string(state->seq));
  }
  return absl::OkStatus();
}

absl::Status TakeContext(const Report& report, const BlobMap& blobs, ChainState& state) {
  if (state.context == report.context && !state.groups.empty()) return absl::OkStatus();
  TOM_ASSIGN_OR_RETURN(const std::string* bytes, FindBlob(blobs, report.context, "context"));
  TOM_ASSIGN_OR_RETURN(const Context context, ParseContext(*bytes));
  state.context = report.context;
  state.groups = context.groups;
  std::erase_if(state.looks,
                [&](const auto& look) { return !context.groups.contains(look.first); });
  return absl::OkStatus();
}

absl::Status RemoveRows(const Report& report, ChainState& state) {
  const auto& removed = report.removed;
  if (removed.empty()) return absl::OkStatus();
  const size_t erased = std::erase_if(state.rows, [&](const auto& row) {
    return std::binary_search(removed.begin(), removed.end(), row.second.digest);
  });
  if (erased == removed.size()) return absl::OkStatus();
  return absl::DataLossError("removed heads are not all in force");
}

absl::Status AddRow(const Digest& digest, const BlobMap& blobs, ChainState& state) {
  TOM_ASSIGN_OR_RETURN(const std::string* head_bytes, FindBlob(blobs, digest, "head"));
  SignedRow row;
  TOM_ASSIGN_OR_RETURN(row.head, ParseHead(*head_bytes));
  row.digest = digest;
  TOM_ASSIGN_OR_RETURN(const std::string* body_bytes, FindBlob(blobs, row.head.body, "body"));
  TOM_ASSIGN_OR_RETURN(const Body body, ParseBody(*body_bytes));
  row.subject = body.subject;
  row.gone = row.head.verdict == Verdict::kUnknown && body.reason == kGoneReason;
  const RowKey key = RowKeyOf(row.head);
  if (!state.rows.emplace(key, std::move(row)).second) {
    return absl::DataLossError("two heads of one row: " + key.check + " " + key.subject_id);
  }
  return absl::OkStatus();
}

absl::Status AddRows(const Report& report, const BlobMap& blobs, ChainState& state) {
  std::vector<Digest> changed = report.changed;
  if (report.changed_blob) {
    TOM_ASSIGN_OR_RETURN(const std::string* list, FindBlob(blobs, *report.changed_blob, "list"));
    TOM_ASSIGN_OR_RETURN(changed, ParseDigestList(*list));
  }
  for (const Digest& digest : changed) TOM_RETURN_IF_ERROR(AddRow(digest, blobs, state));
  return absl::OkStatus();
}

absl::Status CheckStates(const Report& report, const ChainState& state) {
  for (const auto& [interval, expected] : report.groups) {
    if (state.StateOf(interval) != expected) {
      return absl::DataLossError("the state of group/" + interval + " is not that of its rows");
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string ChainState::IntervalOf(std::string_view check) const {
  for (const auto& [interval, checks] : groups) {
    if (std::binary_search(checks.begin(), checks.end(), check)) return interval;
  }
  return "";
}

Digest ChainState::StateOf(std::string_view interval) const {
  std::vector<Digest> digests;
  const auto group = groups.find(std::string(interval));
  if (group == groups.end()) return GroupState({});
  for (const auto& [key, row] : rows) {
    if (std::binary_search(group->second.begin(), group->second.end(), key.check)) {
      digests.push_back(row.digest);
    }
  }
  return GroupState(std::move(digests));
}

absl::Status ApplyStatement(std::string_view payload, const std::vector<std::string>& blobs,
                            std::optional<ChainState>& state) {
  TOM_ASSIGN_OR_RETURN(const Report report, ParseReport(payload));
  TOM_RETURN_IF_ERROR(CheckSuccession(report, state));
  ChainState next;
  if (state && state->chain == report.chain) {
    next = *state;
  } else {
    next.base = report.continues;
  }
  const BlobMap index = IndexBlobs(blobs);
  TOM_RETURN_IF_ERROR(TakeContext(report, index, next));
  TOM_RETURN_IF_ERROR(RemoveRows(report, next));
  TOM_RETURN_IF_ERROR(AddRows(report, index, next));
  TOM_RETURN_IF_ERROR(CheckStates(report, next));
  next.chain = report.chain;
  next.seq = report.seq;
  next.tip = StatementDigest(payload);
  next.observed_at = report.observed_at;
  if (report.anchor) next.anchor = report.anchor;
  for (const auto& [interval, unused] : report.groups) next.looks[interval] = report.observed_at;
  state = std::move(next);
  return absl::OkStatus();
}

}  // namespace tom
