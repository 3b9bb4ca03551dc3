// A check's parameter and its values as they are written in YAML.
#ifndef TOM_CHECKS_ENGINE_PARAMETER_YAML_H_
#define TOM_CHECKS_ENGINE_PARAMETER_YAML_H_

#include <string>

#include "absl/status/statusor.h"
#include "checks/engine/yaml_tree.h"
#include "evidence/parameter.h"

namespace tom {

// A scalar is a text, a sequence of scalars a list; the parameter's type judges them later
// (TypedValue).
absl::StatusOr<Json> RawValue(const YamlNode& node, const std::string& file,
                              const std::string& path);

// {value: …, stricter: …, type?: …, personal?: …}. Without `type`, a sequence is a list, and what
// is ordered (`stricter: lower` or `higher`) is told by its only possible spelling: digits, digits
// with a unit, or a TLS version; else text.
absl::StatusOr<Parameter> ParseParameter(const YamlNode& node, const std::string& file,
                                         const std::string& path);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_PARAMETER_YAML_H_
