// How the Datadog agent sends logs, as datadog.yaml and its environment say. Pure and thread-safe.
#ifndef TOM_CHECKS_TABLES_DATADOG_TRANSPORT_H_
#define TOM_CHECKS_TABLES_DATADOG_TRANSPORT_H_

#include <map>
#include <optional>
#include <string>

#include "checks/engine/yaml_tree.h"

namespace tom {

struct DatadogTransport {
  std::optional<bool> logs_enabled;  // nothing: what is written there is no boolean
  std::optional<bool> works;         // with logs on
  std::string problem;
  std::string host;
  std::string port;
  std::string protocol;  // https, http, tcp
  std::optional<bool> encrypted;
  std::optional<bool> verified;
  bool leaves_out = false;  // rules for all sources drop some
  std::string conf_folder;  // empty: the usual one
};

// `environment` are its DD_… variables, which are stronger than the file.
DatadogTransport ReadDatadogTransport(const YamlNode& root,
                                      const std::map<std::string, std::string>& environment);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_DATADOG_TRANSPORT_H_
