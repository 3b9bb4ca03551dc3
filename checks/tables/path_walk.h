// The files that a query names, for tables over paths: by path, directory or pattern. Nothing is
// opened but directories. Links are named, not walked: `%%` does not go down into them, so that no
// loop can form.
#ifndef TOM_CHECKS_TABLES_PATH_WALK_H_
#define TOM_CHECKS_TABLES_PATH_WALK_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "checks/engine/table.h"
#include "checks/parse/path_pattern.h"

namespace tom {

struct WalkedPath {
  std::string path;       // as the query names it, or found by it
  std::string directory;  // it stands in
  std::string filename;   // last name of the path; empty for "/"
};

// At most 100,000 files and 20 s, 32 directories deep; more makes the scan incomplete. `env` and
// `sink` must outlive it. Not thread-safe.
class PathWalk {
 public:
  // `take` is false when it wants no more; without `enter` every directory is gone into.
  using Take = std::function<bool(const WalkedPath&)>;
  using Enter = std::function<bool(const std::string& directory)>;

  PathWalk(Env& env, RowSink& sink, Take take, Enter enter = nullptr);

  // The narrowest constraint on the columns `path` and `directory` decides what is looked at; SQL
  // applies the others. InvalidArgument: none of them, or one that is no path.
  absl::Status Run(const TableContext& context);

  // Everything below `directory`, itself left out.
  void Below(const std::string& directory) { Below(directory, 1); }

  // What is not there is nothing; what cannot be examined makes the scan incomplete.
  void Say(const absl::Status& status);

  // Whether a bound has been reached, which has been said.
  bool full() const { return full_; }

 private:
  void One(const std::string& path);
  void Children(const std::string& directory);
  void Expand(const PathPattern& pattern, size_t index, const std::string& at,
              const std::function<void(const std::string&)>& use);
  void Below(const std::string& directory, int depth);
  bool Within();
  std::vector<std::string> Names(const std::string& directory);
  void Give(const WalkedPath& found);

  Env& env_;
  RowSink& sink_;
  Take take_;
  Enter enter_;
  int64_t end_;
  size_t looked_ = 0;
  bool full_ = false;
};

// For `touches`: declared data paths and all below them, whatever a query names of the rest.
std::vector<Touch> WalkTouches(Env& env, const Declared& declared);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_PATH_WALK_H_
