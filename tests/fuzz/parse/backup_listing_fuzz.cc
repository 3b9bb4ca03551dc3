// Listings of copies: what is told of an entry can be asked for again.
#include "checks/parse/backup_listing.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

void CheckEntry(const absl::StatusOr<std::optional<ListedEntry>>& entry) {
  if (!entry.ok() || !*entry) return;
  TOM_FUZZ_CHECK(!(*entry)->path.empty() && (*entry)->size >= 0 && (*entry)->number >= 0);
  TOM_FUZZ_CHECK((*entry)->path.find('\0') == std::string::npos);
  TOM_FUZZ_CHECK((*entry)->modified_ns >= 0 && (*entry)->modified_ns < 1000000000);
}

}  // namespace

void Fuzz(std::string_view input) {
  CheckEntry(ParseListedNode(input));
  CheckEntry(ParseBorgItem(input));
  const auto restic = ParseResticNewest(input);
  TOM_FUZZ_CHECK(!restic.ok() || !restic->id.empty() || restic->paths.empty());
  const auto borg = ParseBorgNewest(input);
  TOM_FUZZ_CHECK(!borg.ok() || !borg->id.empty() || borg->paths.empty());
}

}  // namespace tom
