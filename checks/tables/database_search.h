// Databases as files: below given directories, told by their first bytes.
#ifndef TOM_CHECKS_TABLES_DATABASE_SEARCH_H_
#define TOM_CHECKS_TABLES_DATABASE_SEARCH_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checks/engine/table.h"
#include "checks/tables/path_walk.h"

namespace tom {

struct FoundDatabase {
  std::string kind;               // database_magic.h; postgres, rocksdb for a directory
  std::optional<bool> encrypted;  // by itself; of several table spaces only where all are
  std::string detail;
  std::string source;  // data_path, known_place, server
  std::optional<int64_t> pid;
};

// Of each file a few blocks are read; of a cluster of PostgreSQL nothing, it is known by what lies
// in it. Bounded as PathWalk is. `env` and `sink` must outlive it. Not thread-safe.
class DatabaseSearch {
 public:
  DatabaseSearch(Env& env, RowSink& sink);

  // A file, or a directory and all below it. What is not there is nothing; what has been looked at
  // is not looked at again.
  void Look(const std::string& path, const std::string& source);

  // By path; a directory for what keeps its data in many files.
  std::map<std::string, FoundDatabase>& found() { return found_; }

 private:
  bool Enter(const std::string& directory);
  void Take(const WalkedPath& found);
  void AddTableSpace(const WalkedPath& found, bool encrypted);

  Env& env_;
  RowSink& sink_;
  PathWalk walk_;
  std::string source_;
  std::string root_;                // of the present look
  std::vector<std::string> roots_;  // real paths of those before
  std::map<std::string, FoundDatabase> found_;
  struct Spaces {
    int64_t all = 0;
    int64_t encrypted = 0;
  };
  std::map<std::string, Spaces> spaces_;  // by data directory
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_DATABASE_SEARCH_H_
