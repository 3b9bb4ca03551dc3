#include "checks/engine/table.h"

namespace tom {

const std::string* TableContext::EqualText(std::string_view column) const {
  for (const Constraint& constraint : constraints) {
    if (constraint.column == column && constraint.kind == Constraint::Kind::kEqual) {
      return std::get_if<std::string>(&constraint.value);
    }
  }
  return nullptr;
}

}  // namespace tom
