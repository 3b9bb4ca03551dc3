// One declared feed, read through: file -> what it says of a host. Used by feed_look.
#ifndef TOM_CHECKS_TABLES_FEED_READER_H_
#define TOM_CHECKS_TABLES_FEED_READER_H_

#include <string>

#include "checks/tables/feed_look.h"

namespace tom {

// What decides which feed is the host's own.
struct FeedHost {
  OvalHost oval;         // packages, and the number of the release
  std::string system;    // ID of os-release
  std::string codename;  // VERSION_CODENAME
};

// Fills all of `look` but `stale`; the date only where the feed has one of its own.
void ReadFeed(Env& env, const FeedHost& host, FeedLook& look);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_FEED_READER_H_
