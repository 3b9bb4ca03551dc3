#include "evidence/claim_sheet.h"

#include <algorithm>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxPieces = 20;  // a rotten pack need not list every file

}  // namespace

void ClaimSheet::Add(std::string_view claim, bool disproves, std::string_view reason,
                     std::string_view piece) {
  Entry& entry = entries_[std::string(claim)];
  if (disproves && !entry.disproven) entry = Entry{true, 0, "", {}};
  if (disproves != entry.disproven) return;  // the worse reasons are told
  if (entry.reasons++ == 0) entry.first = reason;
  if (piece.empty() || entry.pieces.size() >= kMaxPieces) return;
  if (std::find(entry.pieces.begin(), entry.pieces.end(), piece) == entry.pieces.end()) {
    entry.pieces.emplace_back(piece);
  }
}

void ClaimSheet::Disprove(std::string_view claim, std::string_view reason, std::string_view piece) {
  Add(claim, true, reason, piece);
}

void ClaimSheet::Unprove(std::string_view claim, std::string_view reason, std::string_view piece) {
  Add(claim, false, reason, piece);
}

bool ClaimSheet::Check(std::string_view claim, const absl::Status& status, std::string_view piece) {
  if (status.ok()) return true;
  const bool missing = absl::IsNotFound(status) || absl::IsFailedPrecondition(status);
  Add(claim, !missing, FromAbsl(status.message()), piece);
  return false;
}

bool ClaimSheet::IsDisproven(std::string_view claim) const {
  const auto found = entries_.find(claim);
  return found != entries_.end() && found->second.disproven;
}

bool ClaimSheet::IsClean(std::string_view claim) const { return !entries_.contains(claim); }

Claim ClaimSheet::Finish(std::string_view claim, ClaimState good, std::string detail) const {
  Claim result;
  result.claim = claim;
  const auto found = entries_.find(claim);
  if (found == entries_.end()) {
    result.state = good;
    result.detail = std::move(detail);
    return result;
  }
  const Entry& entry = found->second;
  result.state = entry.disproven ? ClaimState::kDisproven : ClaimState::kUnproven;
  result.detail = entry.first;
  if (entry.reasons > 1) {
    result.detail += " (and " + std::to_string(entry.reasons - 1) + " more)";
  }
  result.pieces = entry.pieces;
  return result;
}

}  // namespace tom
