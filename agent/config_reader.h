// One configuration file -> AgentConfig. Internal to config.
#ifndef TOM_AGENT_CONFIG_READER_H_
#define TOM_AGENT_CONFIG_READER_H_

#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "agent/config.h"
#include "checks/engine/yaml_tree.h"

namespace tom {

// Adds what `text` says to `config`. `singles` are the single values that earlier files gave.
absl::Status AddConfigFile(std::string_view text, const std::string& file, AgentConfig& config,
                           std::set<std::string>& singles);

// An absolute path without `..`, or empty when absent.
std::string PathOr(YamlFields& fields, std::string_view key);

// The lists of targets; each reads one key of the top map.
void ReadEndpoints(YamlFields& top, Declared& declared);
void ReadPages(YamlFields& top, Declared& declared);
void ReadDataPaths(YamlFields& top, Declared& declared);
void ReadBackups(YamlFields& top, Declared& declared);
void ReadDatabases(YamlFields& top, Declared& declared);
void ReadDocuments(YamlFields& top, Declared& declared);
void ReadConnectors(YamlFields& top, Declared& declared);
void ReadRetention(YamlFields& top, Declared& declared);
void ReadTenants(YamlFields& top, Declared& declared);
void ReadUserStores(YamlFields& top, Declared& declared);
void ReadVulnerabilityFeeds(YamlFields& top, Declared& declared);

// The map `drills`, single values.
void ReadDrills(YamlFields& top, std::set<std::string>& singles, Declared& declared);

}  // namespace tom

#endif  // TOM_AGENT_CONFIG_READER_H_
