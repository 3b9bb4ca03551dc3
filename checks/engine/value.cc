#include "checks/engine/value.h"

#include <array>
#include <cstdio>

namespace tom {

std::string ValueText(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&value)) {
    std::array<char, 40> digits;
    std::snprintf(digits.data(), digits.size(), "%.17g", *real);
    return digits.data();
  }
  return "";
}

}  // namespace tom
