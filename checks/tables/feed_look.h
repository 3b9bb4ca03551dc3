// What declared files of weaknesses (vulnerability_feeds) say of the packages that are installed.
// Each is read through once, as a stream; what it said is kept for the next look as long as the
// file, the packages and the release are the same (env_memory.h). Its age is judged anew each time.
//
// Bounded: 256 MiB of a file, 1 GiB of what is packed in it, 20 seconds each.
#ifndef TOM_CHECKS_TABLES_FEED_LOOK_H_
#define TOM_CHECKS_TABLES_FEED_LOOK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/table.h"
#include "checks/parse/oval_evaluate.h"

namespace tom {

// A weakness of an installed package.
struct FeedFinding {
  OvalPackage package;
  std::string weakness;    // CVE-…, TEMP-…
  std::string fixed;       // version of the release in which it is gone; empty: not told
  std::string urgency;     // low, medium, high, …; empty: not told
  bool fixable = false;    // the release has a version without it
  bool by_source = false;  // the feed names its source; `fixed` is a version of that
  std::optional<bool> remote;
  std::optional<bool> obsolete;  // the release no longer builds the package
};

struct FeedLook {
  DeclaredVulnerabilityFeed declared;
  std::string problem;   // why it says nothing of this host; empty: it does
  bool passing = false;  // the problem may be gone although the file is the same
  std::string doubt;     // why it does not say all; empty: it does
  std::string stale;     // why it is not taken for the present; empty: it is
  std::optional<UnixSeconds> date;
  bool dated_by_file = false;  // by the file's time, since the feed itself has none
  std::string release;         // as far as known: "12", "bookworm"
  int64_t entries = 0;         // weaknesses that it lists, of all packages
  int64_t packages = 0;        // installed packages that it knows
  std::vector<FeedFinding> findings;

  // All of these, for the reasons of a scan; empty when all is well.
  std::string Reason() const;
};

struct FeedLooks {
  std::vector<FeedLook> feeds;  // one each that is declared
  size_t packages = 0;          // that are installed
};

// Without a declared feed nothing is read. Fails where the packages cannot be read; what was not
// understood of them is said to the sink.
absl::StatusOr<FeedLooks> LookAtFeeds(Env& env, const Declared& declared, RowSink& sink);

std::vector<Touch> FeedTouches(const Declared& declared);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_FEED_LOOK_H_
