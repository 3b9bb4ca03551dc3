#include "agent/config.h"

#include <algorithm>
#include <filesystem>

#include "agent/config_reader.h"
#include "checks/engine/yaml_tree.h"
#include "checks/env/safe_open.h"
#include "evidence/row.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxDropIns = 1000;

// agent.d/*.yaml beside the file, in order of names.
absl::StatusOr<std::vector<std::string>> DropIns(const std::string& path) {
  const fs::path directory = fs::path(path).parent_path() / "agent.d";
  std::vector<std::string> files;
  std::error_code error;
  fs::directory_iterator at(directory, error);
  if (error == std::errc::no_such_file_or_directory) return files;
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    const fs::path name = at->path().filename();
    if (name.extension() == ".yaml" && name.string()[0] != '.')
      files.push_back(at->path().string());
    if (files.size() > kMaxDropIns) return BadData(directory.string() + ": more than 1,000 files");
  }
  if (error) {
    return absl::PermissionDeniedError(ToAbsl(directory.string() + ": " + error.message()));
  }
  std::sort(files.begin(), files.end());
  return files;
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

absl::StatusOr<AgentConfig> LoadConfig(const std::string& path) {
  AgentConfig config;
  config.path = path;
  std::set<std::string> singles;
  TOM_ASSIGN_OR_RETURN(const std::string main, ReadRegularFile(path, kMaxYamlBytes));
  TOM_RETURN_IF_ERROR(AddConfigFile(main, path, config, singles));
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> files, DropIns(path));
  for (const std::string& file : files) {
    TOM_ASSIGN_OR_RETURN(const std::string text, ReadRegularFile(file, kMaxYamlBytes));
    TOM_RETURN_IF_ERROR(AddConfigFile(text, file, config, singles));
  }
  return config;
}

Json ConfigurationJson(const AgentConfig& config, const std::string* pseudonym_key) {
  Json::Object files = config.written;
  for (auto& [name, content] : files) {
    if (pseudonym_key != nullptr) HidePeople(content, *pseudonym_key);
  }
  return files;
}

}  // namespace tom
