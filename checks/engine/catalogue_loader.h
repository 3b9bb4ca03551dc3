// A directory of checks, measures and profiles -> the catalogue.
#ifndef TOM_CHECKS_ENGINE_CATALOGUE_LOADER_H_
#define TOM_CHECKS_ENGINE_CATALOGUE_LOADER_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "checks/engine/check_yaml.h"
#include "checks/env/env.h"
#include "evidence/catalogue.h"

namespace tom {

struct LoadedCatalogue {
  Catalogue catalogue;  // version 0 and no authorities: the publisher gives both
  std::map<std::string, CheckSource> sources;  // by check id: cases, mode, file
};

// Reads DIR/measures/<measure>/measure.yaml, DIR/measures/<measure>/<check>.yaml and
// DIR/profiles/*.yaml; `directory` is absolute. A file's name is its id; a check stands in its
// measure's folder; a profile's values are of the types that the checks declare; one that no check
// knows yet is a promise without proof, and kept.
absl::StatusOr<LoadedCatalogue> LoadCatalogue(Env& env, const std::string& directory);

// Adds DIR/*.yaml: checks of the site, ids `site/<file's stem>`. A missing directory adds nothing.
absl::Status AddSiteChecks(Env& env, const std::string& directory, LoadedCatalogue& loaded);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_CATALOGUE_LOADER_H_
