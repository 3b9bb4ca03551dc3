#include "checks/engine/catalogue_loader.h"

#include "checks/engine/profile_yaml.h"
#include "checks/engine/yaml_tree.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr std::string_view kSuffix = ".yaml";

// "backup-age.yaml" -> "backup-age"; empty for other files.
std::string StemOf(const std::string& name) {
  if (name.size() <= kSuffix.size() || name[0] == '.' ||
      name.substr(name.size() - kSuffix.size()) != kSuffix) {
    return "";
  }
  return name.substr(0, name.size() - kSuffix.size());
}

absl::StatusOr<std::vector<std::string>> YamlFiles(Env& env, const std::string& directory) {
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.ListDirectory(directory));
  std::vector<std::string> files;
  for (const std::string& name : names) {
    if (!StemOf(name).empty()) files.push_back(name);
  }
  return files;
}

absl::Status AddCheck(Env& env, const std::string& file, const std::string& id,
                      const std::string& measure, LoadedCatalogue& loaded) {
  TOM_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(file, kMaxYamlBytes));
  TOM_ASSIGN_OR_RETURN(CheckSource source, ParseCheckYaml(text, file));
  if (source.check.id != id)
    return BadData(file + ": id: expected " + id + ", as the file is named");
  if (!measure.empty() && source.check.measure != measure) {
    return BadData(file + ": measure: expected " + measure + ", as the folder is named");
  }
  if (loaded.catalogue.measures.count(source.check.measure) == 0) {
    return BadData(file + ": measure: no such measure: " + source.check.measure);
  }
  if (loaded.sources.count(id) != 0) return BadData(file + ": a check of this id stands elsewhere");
  loaded.catalogue.checks.emplace(id, source.check);
  if (source.observed) loaded.catalogue.observed.emplace(id, source.effective_from);
  loaded.sources.emplace(id, std::move(source));
  return absl::OkStatus();
}

absl::Status AddMeasure(Env& env, const std::string& directory, const std::string& id,
                        LoadedCatalogue& loaded) {
  const std::string folder = directory + "/measures/" + id;
  const std::string file = folder + "/measure.yaml";
  TOM_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(file, kMaxYamlBytes));
  TOM_ASSIGN_OR_RETURN(Measure measure, ParseMeasureYaml(text, file));
  if (measure.id != id) return BadData(file + ": id: expected " + id + ", as the folder is named");
  loaded.catalogue.measures.emplace(id, std::move(measure));
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> names, YamlFiles(env, folder));
  for (const std::string& name : names) {
    if (name == "measure.yaml") continue;
    TOM_RETURN_IF_ERROR(AddCheck(env, folder + "/" + name, StemOf(name), id, loaded));
  }
  return absl::OkStatus();
}

// The first check of the measure that declares the parameter.
const Parameter* FindParameter(const Catalogue& catalogue, const std::string& measure,
                               const std::string& name) {
  for (const auto& [id, check] : catalogue.checks) {
    if (check.measure != measure) continue;
    const auto found = check.parameters.find(name);
    if (found != check.parameters.end()) return &found->second;
  }
  return nullptr;
}

absl::Status CheckProfileValues(const Catalogue& catalogue, const Profile& profile,
                                const std::string& file) {
  for (const Clause& clause : profile.clauses) {
    for (const auto& [measure, values] : clause.measures) {
      for (const auto& [name, value] : values) {
        const std::string where =
            file + ": clause " + clause.clause + ": " + measure + "." + name + ": ";
        const Parameter* parameter = FindParameter(catalogue, measure, name);
        if (parameter == nullptr) continue;  // a promise whose check is still to come
        if (const auto typed = TypedValue(*parameter, value); !typed.ok()) {
          return BadData(where + std::string(typed.status().message()));
        }
      }
    }
  }
  return absl::OkStatus();
}

absl::Status AddProfiles(Env& env, const std::string& directory, LoadedCatalogue& loaded) {
  const auto names = YamlFiles(env, directory);
  if (absl::IsNotFound(names.status())) return absl::OkStatus();
  TOM_RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    const std::string file = directory + "/" + name;
    TOM_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(file, kMaxYamlBytes));
    TOM_ASSIGN_OR_RETURN(Profile profile, ParseProfileYaml(text, file));
    if (profile.id != StemOf(name)) {
      return BadData(file + ": id: expected " + StemOf(name) + ", as the file is named");
    }
    TOM_RETURN_IF_ERROR(CheckProfileValues(loaded.catalogue, profile, file));
    loaded.catalogue.profiles.emplace(profile.id, std::move(profile));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LoadedCatalogue> LoadCatalogue(Env& env, const std::string& directory) {
  LoadedCatalogue loaded;
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> measures,
                       env.ListDirectory(directory + "/measures"));
  for (const std::string& id : measures) {
    TOM_RETURN_IF_ERROR(AddMeasure(env, directory, id, loaded));
  }
  TOM_RETURN_IF_ERROR(AddProfiles(env, directory + "/profiles", loaded));
  return loaded;
}

absl::Status AddSiteChecks(Env& env, const std::string& directory, LoadedCatalogue& loaded) {
  const auto names = YamlFiles(env, directory);
  if (absl::IsNotFound(names.status())) return absl::OkStatus();
  TOM_RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    TOM_RETURN_IF_ERROR(AddCheck(env, directory + "/" + name, "site/" + StemOf(name), "", loaded));
  }
  return absl::OkStatus();
}

}  // namespace tom
