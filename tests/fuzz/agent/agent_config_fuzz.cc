// The agent's configuration: an error that names the file, or a configuration.
#include "agent/config_reader.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  AgentConfig config;
  std::set<std::string> singles;
  const absl::Status status = AddConfigFile(input, "x.yaml", config, singles);
  TOM_FUZZ_CHECK(status.ok() || status.message().find("x.yaml") != std::string::npos);
}
