#include "evidence/pack_bodies.h"

#include "absl/strings/str_cat.h"
#include "evidence/rollup_parts.h"

namespace tom {
namespace {

constexpr std::string_view kClaim = "bodies-withheld-or-erased";
constexpr size_t kMaxListed = 100;  // hosts and systems; the totals count all of them

}  // namespace

bool PackBodies::MayWithhold(const std::vector<std::string>& scope) const {
  return controller_.has_value() && !rollup::InScope(scope, controller_);
}

void PackBodies::Count(std::string_view what, const std::vector<std::string>& scope, bool shown,
                       const std::string& whose) {
  Counts& counts = counts_[std::string(what)];
  if (shown) {
    ++counts.shown;
  } else if (MayWithhold(scope)) {
    ++counts.withheld;
    ++withheld_of_[whose];
  } else {
    ++counts.missing;
  }
}

void PackBodies::CountRows(const HostBundle& bundle, const std::map<Digest, Head>& heads,
                           ClaimSheet& sheet) {
  std::set<Digest> shown;
  for (const std::string& body : bundle.bodies) shown.insert(Sha256(body));
  std::set<Digest> committed;
  for (const auto& [digest, head] : heads) {
    committed.insert(head.body);
    if (heads_.insert(digest).second) {
      Count("row bodies", head.scope, shown.contains(head.body), "host " + bundle.host);
    }
  }
  for (const Digest& digest : shown) {
    if (!committed.contains(digest)) {
      sheet.Disprove(kClaim, "a body that no head commits to", bundle.host);
    }
  }
}

Claim PackBodies::Finish(ClaimSheet& sheet) const {
  std::string detail;
  size_t withheld = 0;
  for (const auto& [what, counts] : counts_) {
    const size_t all = counts.shown + counts.withheld + counts.missing;
    absl::StrAppend(&detail, detail.empty() ? "" : "; ", counts.shown, " of ", all, " ", what,
                    " shown");
    if (counts.withheld > 0) absl::StrAppend(&detail, ", ", counts.withheld, " withheld");
    withheld += counts.withheld;
    if (counts.missing > 0) {
      sheet.Unprove(kClaim, absl::StrCat(counts.missing, " of ", all, " ", what,
                                         " missing, without a deletion on record"));
    }
  }
  if (withheld > 0) {
    absl::StrAppend(&detail, ": what is withheld belongs to other controllers than ",
                    controller_.value_or(""));
  }
  Claim claim = sheet.Finish(kClaim, withheld > 0 ? ClaimState::kDisclosed : ClaimState::kProven,
                             std::move(detail));
  if (claim.state != ClaimState::kDisclosed) return claim;
  for (const auto& [whose, count] : withheld_of_) {
    if (claim.pieces.size() >= kMaxListed) break;
    claim.pieces.push_back(absl::StrCat(whose, ": ", count, " withheld"));
  }
  return claim;
}

}  // namespace tom
