// Profiles and measures as they are written in YAML (interfaces.md "A profile").
#ifndef TOM_CHECKS_ENGINE_PROFILE_YAML_H_
#define TOM_CHECKS_ENGINE_PROFILE_YAML_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "evidence/catalogue.h"

namespace tom {

// Dates are the profile's zone; an end date is the end of that day. Values of parameters stay texts
// and lists of texts: only the checks know their types (LoadCatalogue joins the two).
absl::StatusOr<Profile> ParseProfileYaml(std::string_view text, const std::string& file);

// {id, title, statement, references: {framework: [ids]}}
absl::StatusOr<Measure> ParseMeasureYaml(std::string_view text, const std::string& file);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_PROFILE_YAML_H_
