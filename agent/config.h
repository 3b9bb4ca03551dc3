// The agent's configuration: agent.yaml and agent.d/*.yaml beside it (interfaces.md "Agent
// configuration").
//
// Lists of several files are added together; a single value may stand in one file only. Unknown
// keys, wrong types and impossible values are errors "file:line:column: key: problem". Secrets are
// never in it, only the files that hold them.
#ifndef TOM_AGENT_CONFIG_H_
#define TOM_AGENT_CONFIG_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/declared.h"
#include "evidence/canonical_json.h"
#include "evidence/utc_time.h"

namespace tom {

inline constexpr char kDefaultConfigPath[] = "/etc/tom/agent.yaml";

// A host's own exclusion: counts locally for the exit code, in the collector only when approved
// there.
struct ConfigExclusion {
  std::string check;
  std::string subject;  // exactly as the check prints it
  std::string reason;
  std::string owner;
  UnixSeconds expires = 0;  // the end of the day written, UTC
};

struct PrivacyConfig {
  bool pseudonymise = true;
  std::string key_file;  // empty: the state folder's own key
};

struct LimitsConfig {
  int64_t cpu_percent = 10;
  int64_t memory_mib = 128;
  int64_t check_seconds = 30;
};

struct AgentConfig {
  std::string path;               // of the main file
  std::string collector_address;  // HOST:PORT; may be empty
  std::vector<std::string> profiles;
  Declared declared;
  // measure -> parameter -> value as written: may tighten what the profile says (`parameters:
  // {backup: {max_age: 12h}}`).
  std::map<std::string, std::map<std::string, Json>> parameters;
  std::vector<ConfigExclusion> exclusions;
  PrivacyConfig privacy;
  LimitsConfig limits;
  // Where that stands which only the catalogue can judge: "profiles.NAME" and
  // "parameters.MEASURE.NAME" -> "file:line:column".
  std::map<std::string, std::string> places;
  // Every file as it was written, scalars as texts, names of people under `accounts` still clear:
  // {file name: content}.
  Json::Object written;

  // The beginning of an error about that key: its place, and the key as it is written there.
  std::string Where(const std::string& key) const;
};

// Reads the file and its agent.d. NotFound when the file itself is not there.
absl::StatusOr<AgentConfig> LoadConfig(const std::string& path);

// The same for a file inside an examined tree: `path` and every link on the way are resolved in
// `root`.
absl::StatusOr<AgentConfig> LoadConfigInRoot(const std::string& root, const std::string& path);

// The key of personal values: the bytes of privacy.key_file without a last newline (16 to 4,096 of
// them), else of `state_dir`/pseudonym.key.
absl::StatusOr<std::string> LoadPseudonymKey(const AgentConfig& config,
                                             const std::string& state_dir);

// The configuration as a report's context shows it: `written`, with names of people as pseudonyms
// where `key` is given.
Json ConfigurationJson(const AgentConfig& config, const std::string* pseudonym_key);

}  // namespace tom

#endif  // TOM_AGENT_CONFIG_H_
