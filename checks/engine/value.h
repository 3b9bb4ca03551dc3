// One SQL value.
#ifndef TOM_CHECKS_ENGINE_VALUE_H_
#define TOM_CHECKS_ENGINE_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tom {

// NULL, integer, REAL, text or blob (as bytes). Facts never are REAL: a double cannot be told apart
// from its rounding, and has no place in signed rows; only a query can make one, which is that
// check's error.
using Value = std::variant<std::monostate, int64_t, double, std::string>;

inline bool IsNull(const Value& value) { return std::holds_alternative<std::monostate>(value); }

// NULL is what is not known or does not exist: an empty text, no number. A flag is 1 or 0.
inline Value TextOrNull(const std::string& text) { return text.empty() ? Value() : Value(text); }
template <typename Number>
Value NumberOrNull(const std::optional<Number>& number) {
  return number ? Value(static_cast<int64_t>(*number)) : Value();
}

// For messages and listings: NULL is "", a REAL has 17 digits.
std::string ValueText(const Value& value);

using ValueRow = std::vector<Value>;

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_VALUE_H_
