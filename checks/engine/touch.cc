#include "checks/engine/touch.h"

#include <algorithm>

namespace tom {

std::string_view TouchKindName(TouchKind kind) {
  switch (kind) {
    case TouchKind::kFile:
      return "file";
    case TouchKind::kSocket:
      return "socket";
    case TouchKind::kAddress:
      return "address";
    case TouchKind::kProgram:
      return "program";
    case TouchKind::kCapability:
      break;
  }
  return "capability";
}

// Row by row over the pattern: `reached[i]` tells whether the first i characters of the text can be
// what the pattern so far says. No pattern makes that slow.
bool TouchMatches(std::string_view pattern, std::string_view text) {
  std::vector<bool> reached(text.size() + 1, false);
  reached[0] = true;
  for (size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '*') {
      for (size_t i = text.size(); i > 0; --i)
        reached[i] = reached[i - 1] && text[i - 1] == pattern[at];
      reached[0] = false;
      continue;
    }
    const bool deep = at + 1 < pattern.size() && pattern[at + 1] == '*';
    if (deep) ++at;
    for (size_t i = 1; i <= text.size(); ++i) {
      if (reached[i - 1] && (deep || text[i - 1] != '/')) reached[i] = true;
    }
  }
  return reached[text.size()];
}

std::vector<Touch> FileTouches(std::initializer_list<std::string_view> targets,
                               const std::string& purpose) {
  std::vector<Touch> touches(targets.size());
  std::transform(targets.begin(), targets.end(), touches.begin(), [&](std::string_view target) {
    return Touch{TouchKind::kFile, std::string(target), purpose};
  });
  return touches;
}

std::vector<Touch> ProgramsFiles(std::initializer_list<std::string_view> targets,
                                 const std::string& program) {
  std::vector<Touch> touches = FileTouches(targets, "read by " + program);
  for (Touch& touch : touches) touch.of_host = true;
  return touches;
}

}  // namespace tom
