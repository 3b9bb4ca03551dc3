// The checks that flags and configuration ask for: what `check` runs and `plan` lists.
#ifndef TOM_AGENT_SELECTION_H_
#define TOM_AGENT_SELECTION_H_

#include <string>

#include "agent/local_catalogue.h"
#include "agent/plan.h"
#include "agent/root_flags.h"

namespace tom {

struct SelectionFlags {
  RootFlags root;
  std::string profile;
  std::string measure;
  std::string check;
};

void AddSelectionFlags(CLI::App& app, SelectionFlags& flags);

struct Selection {
  Examined examined;
  LoadedCatalogue loaded;
  Plan plan;
};

// 0, or an exit code after the error was printed: 66 no such file, 78 configuration, 65 catalogue,
// 64 a profile, measure or check that the catalogue does not have.
int Select(const SelectionFlags& flags, Selection& selection);

}  // namespace tom

#endif  // TOM_AGENT_SELECTION_H_
