// --state and --config as every verb that needs them spells them.
#ifndef TOM_AGENT_STATE_OPTION_H_
#define TOM_AGENT_STATE_OPTION_H_

#include <CLI/CLI.hpp>
#include <string>

#include "agent/config.h"
#include "agent/state.h"

namespace tom {

inline void AddStateOption(CLI::App& app, std::string& state) {
  state = std::string(kDefaultStateDir);
  app.add_option("--state", state, "state folder")->envname("TOM_STATE")->capture_default_str();
}

inline void AddConfigOption(CLI::App& app, std::string& config) {
  config = kDefaultConfigPath;
  app.add_option("--config", config, "configuration file")
      ->envname("TOM_CONFIG")
      ->capture_default_str();
}

}  // namespace tom

#endif  // TOM_AGENT_STATE_OPTION_H_
