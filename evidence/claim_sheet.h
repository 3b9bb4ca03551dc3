// Collects what speaks against claims while the evidence is read, so that a claim is proven only by
// saying so at the end and only when nothing spoke against it.
#ifndef TOM_EVIDENCE_CLAIM_SHEET_H_
#define TOM_EVIDENCE_CLAIM_SHEET_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "evidence/pack_evidence.h"

namespace tom {

class ClaimSheet {
 public:
  // A contradiction; `piece` is the file, digest or host concerned.
  void Disprove(std::string_view claim, std::string_view reason, std::string_view piece);
  // Something that the claim needs is not there.
  void Unprove(std::string_view claim, std::string_view reason, std::string_view piece = {});
  // Disproves with the status's message, or unproves where it says that an input is missing
  // (NotFound, FailedPrecondition); true when the status is OK.
  bool Check(std::string_view claim, const absl::Status& status, std::string_view piece);

  bool IsDisproven(std::string_view claim) const;
  // Neither disproven nor unproven so far.
  bool IsClean(std::string_view claim) const;

  // The claim as it stands: `good` with `detail` when nothing spoke against it.
  Claim Finish(std::string_view claim, ClaimState good, std::string detail) const;

 private:
  struct Entry {
    bool disproven = false;
    int64_t reasons = 0;
    std::string first;  // the first reason of the state that stands
    std::vector<std::string> pieces;
  };
  void Add(std::string_view claim, bool disproves, std::string_view reason, std::string_view piece);

  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace tom

#endif  // TOM_EVIDENCE_CLAIM_SHEET_H_
