// Which bodies and pieces a pack shows, and why it lacks the others. Internal to evidence/.
//
// A pack for one controller withholds what belongs to others alone; verdicts stand in heads and are
// never withheld. What such a pack lacks although it is shared or the controller's own, and what a
// pack of everything lacks at all, would have to be erased by a deletion on record; this version
// knows no deletions, so it is missing.
#ifndef TOM_EVIDENCE_PACK_BODIES_H_
#define TOM_EVIDENCE_PACK_BODIES_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/bundle.h"
#include "evidence/claim_sheet.h"

namespace tom {

class PackBodies {
 public:
  explicit PackBodies(std::optional<std::string> controller) : controller_(std::move(controller)) {}

  // Whether a thing of this scope may be left out without another reason.
  bool MayWithhold(const std::vector<std::string>& scope) const;
  // One thing; `what` in plural, such as "row bodies"; `whose` the host or system it is of.
  void Count(std::string_view what, const std::vector<std::string>& scope, bool shown,
             const std::string& whose);
  // Row bodies of one bundle; a head that several bundles hold counts once. Disproves where a body
  // is of no head.
  void CountRows(const HostBundle& bundle, const std::map<Digest, Head>& heads, ClaimSheet& sheet);

  // bodies-withheld-or-erased, with what is in `sheet` already.
  Claim Finish(ClaimSheet& sheet) const;

 private:
  struct Counts {
    size_t shown = 0;
    size_t withheld = 0;
    size_t missing = 0;
  };
  const std::optional<std::string> controller_;
  std::map<std::string, Counts, std::less<>> counts_;  // by what
  std::map<std::string, size_t> withheld_of_;          // by whose
  std::set<Digest> heads_;
};

}  // namespace tom

#endif  // TOM_EVIDENCE_PACK_BODIES_H_
