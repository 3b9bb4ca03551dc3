#include "agent/config.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "agent/config_reader.h"
#include "checks/engine/yaml_tree.h"
#include "checks/env/env_posix.h"
#include "checks/env/safe_open.h"
#include "evidence/row.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxDropIns = 1000;
constexpr size_t kMinKeyBytes = 16;
constexpr size_t kMaxKeyBytes = 4096;

// agent.d/*.yaml beside the file, in order of names.
absl::StatusOr<std::vector<std::string>> DropIns(Env& env, const std::string& path) {
  const std::string directory = (fs::path(path).parent_path() / "agent.d").string();
  const auto names = env.ListDirectory(directory);
  std::vector<std::string> files;
  if (absl::IsNotFound(names.status())) return files;
  TOM_RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    if (fs::path(name).extension() == ".yaml" && name[0] != '.') {
      files.push_back(directory + "/" + name);
    }
    if (files.size() > kMaxDropIns) return BadData(directory + ": more than 1,000 files");
  }
  return files;
}

absl::StatusOr<AgentConfig> Load(Env& env, const std::string& path) {
  AgentConfig config;
  config.path = path;
  std::set<std::string> singles;
  TOM_ASSIGN_OR_RETURN(const std::string main, env.ReadFile(path, kMaxYamlBytes));
  TOM_RETURN_IF_ERROR(AddConfigFile(main, path, config, singles));
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> files, DropIns(env, path));
  for (const std::string& file : files) {
    TOM_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(file, kMaxYamlBytes));
    TOM_RETURN_IF_ERROR(AddConfigFile(text, file, config, singles));
  }
  return config;
}

// Every text in the lists of `accounts` that names a person.
void HidePeople(Json& file, const std::string& key) {
  if (!file.IsObject()) return;
  const auto accounts = file.AsObject().find("accounts");
  if (accounts == file.AsObject().end() || !accounts->second.IsObject()) return;
  for (auto& [name, list] : accounts->second.AsObject()) {
    if (name == "service_shells" || !list.IsArray()) continue;
    for (Json& item : list.AsArray()) {
      if (item.IsString()) item = Pseudonym(key, "user", item.AsString());
    }
  }
}

}  // namespace

std::string AgentConfig::Where(const std::string& key) const {
  const auto place = places.find(key);
  return absl::StrCat(ToAbsl(place == places.end() ? path : place->second), ": ", ToAbsl(key));
}

absl::StatusOr<AgentConfig> LoadConfig(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (error) return BadData(path + ": " + error.message());
  return LoadConfigInRoot("/", absolute.string());
}

absl::StatusOr<AgentConfig> LoadConfigInRoot(const std::string& root, const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const std::unique_ptr<Env> env, OpenPosixEnv(RootMode::kDeadTree, root));
  return Load(*env, path);
}

absl::StatusOr<std::string> LoadPseudonymKey(const AgentConfig& config,
                                             const std::string& state_dir) {
  const std::string& named = config.privacy.key_file;
  const std::string file = named.empty() ? state_dir + "/pseudonym.key" : named;
  TOM_ASSIGN_OR_RETURN(std::string key, ReadRegularFile(file, kMaxKeyBytes));
  if (!named.empty() && !key.empty() && key.back() == '\n') key.pop_back();
  if (key.size() < kMinKeyBytes) return BadData(file + ": a key has at least 16 bytes");
  return key;
}

Json ConfigurationJson(const AgentConfig& config, const std::string* pseudonym_key) {
  Json::Object files = config.written;
  for (auto& [name, content] : files) {
    if (pseudonym_key != nullptr) HidePeople(content, *pseudonym_key);
  }
  return files;
}

}  // namespace tom
