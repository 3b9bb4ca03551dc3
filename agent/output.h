// Where a verb's result goes: standard output, or the file of -o.
#ifndef TOM_AGENT_OUTPUT_H_
#define TOM_AGENT_OUTPUT_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tom {

// A file is replaced as a whole: written beside and renamed.
absl::Status WriteOutput(const std::string& file, std::string_view bytes);

// Colours: standard output is a terminal, and neither --no-color nor NO_COLOR (no-color.org) says
// otherwise.
bool WantsColor(bool no_color_flag, const std::string& file);

}  // namespace tom

#endif  // TOM_AGENT_OUTPUT_H_
