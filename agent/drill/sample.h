// Chooses what a drill restores: at random among the files that a copy lists, bounded in number and
// bytes, from each declared data path alike. One pass over a listing of any length; what is kept is
// bounded by what is chosen.
#ifndef TOM_AGENT_DRILL_SAMPLE_H_
#define TOM_AGENT_DRILL_SAMPLE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "checks/parse/backup_listing.h"

namespace tom {

struct SampleItem {
  ListedEntry entry;
  std::string live;             // what it must be equal to, a path of the host; empty: not known
  std::optional<size_t> place;  // the data path that it lies in, by index
};

struct SampleOptions {
  std::vector<std::string> data_paths;  // absolute
  // Folders that were copied, by which a name that is not absolute can be found in the host.
  std::vector<std::string> copied;
  int64_t files = 0;
  int64_t bytes = 0;
  uint64_t seed = 0;
  std::function<bool(const std::string& path)> exists;  // in the host, no link followed at its end
};

class Sampler {
 public:
  explicit Sampler(SampleOptions options);

  void Add(ListedEntry entry);
  // Files in data paths, or where the copy holds none of these, any. Links at most a quarter. In
  // the order of the listing.
  std::vector<SampleItem> Take();

  int64_t held() const { return held_; }    // files and links that were listed
  int64_t empty() const { return empty_; }  // of them: files without content, which prove nothing
  int64_t large() const { return large_; }  // files beyond the bound
  int64_t odd() const { return odd_; }      // names that lead upwards or are too long

 private:
  struct Pool {
    std::vector<SampleItem> kept;
    int64_t seen = 0;
  };

  void Locate(SampleItem& item) const;
  void Keep(Pool& pool, SampleItem item, size_t most);
  static void MoveInto(std::vector<SampleItem>& chosen, Pool& pool);

  SampleOptions options_;
  std::mt19937_64 random_;
  std::vector<Pool> pools_;  // one a data path, and one for what lies in none
  Pool links_;
  int64_t held_ = 0;
  int64_t empty_ = 0;
  int64_t large_ = 0;
  int64_t odd_ = 0;
  int64_t order_ = 0;
};

// `path` is `top` or lies below it; both absolute, without a slash at the end.
bool LiesIn(const std::string& path, const std::string& top);

}  // namespace tom

#endif  // TOM_AGENT_DRILL_SAMPLE_H_
