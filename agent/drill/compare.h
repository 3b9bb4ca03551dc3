// Holds what a drill restored against what the copy lists and against the live data. Only regular
// files are opened, and no symbolic link on the way is followed: in scratch none at all, in the
// host none below the declared data path.
#ifndef TOM_AGENT_DRILL_COMPARE_H_
#define TOM_AGENT_DRILL_COMPARE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agent/drill/sample.h"

namespace tom {

struct Comparison {
  enum class Live { kEqual, kDifferent, kChanged, kUnreadable };

  bool restored = false;       // a regular file is there
  bool wrong_size = false;     // with other than the listed bytes
  int64_t bytes = 0;           // of it
  Live live = Live::kChanged;  // another by now, or gone, or not known where it would be
};

// `scratch` is the directory that it was restored into, `place` its name there; `data_paths` those
// of the sample. `left_ms` says when to stop: the rest is not compared.
Comparison Compare(const SampleItem& item, int scratch, const std::string& place,
                   const std::vector<std::string>& data_paths,
                   const std::function<int64_t()>& left_ms);

// The target of the live link, which is not followed, is the one of the copy.
bool IsSameLink(const SampleItem& item, const std::vector<std::string>& data_paths);

}  // namespace tom

#endif  // TOM_AGENT_DRILL_COMPARE_H_
