#include "checks/parse/deb_version.h"

namespace tom {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// `~` before the end, the end before letters, letters before the rest.
int Rank(std::string_view text) {
  if (text.empty() || IsDigit(text[0])) return 0;
  if (text[0] == '~') return -1;
  if (IsLetter(text[0])) return static_cast<unsigned char>(text[0]);
  return static_cast<unsigned char>(text[0]) + 256;
}

std::string_view TakeDigits(std::string_view& text) {
  size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  while (!digits.empty() && digits[0] == '0') digits.remove_prefix(1);
  return digits;
}

int CompareNumbers(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return one.size() < other.size() ? -1 : 1;
  return one.compare(other);
}

int CompareParts(std::string_view one, std::string_view other) {
  while (!one.empty() || !other.empty()) {
    while ((!one.empty() && !IsDigit(one[0])) || (!other.empty() && !IsDigit(other[0]))) {
      const int difference = Rank(one) - Rank(other);
      if (difference != 0) return difference;
      if (!one.empty()) one.remove_prefix(1);
      if (!other.empty()) other.remove_prefix(1);
    }
    const std::string_view number = TakeDigits(one);
    const int difference = CompareNumbers(number, TakeDigits(other));
    if (difference != 0) return difference;
  }
  return 0;
}

std::string_view TakeEpoch(std::string_view& version) {
  const size_t colon = version.find(':');
  if (colon == std::string_view::npos) return "";
  std::string_view epoch = version.substr(0, colon);
  version.remove_prefix(colon + 1);
  return TakeDigits(epoch);
}

}  // namespace

std::string_view DebRevision(std::string_view version) {
  const size_t hyphen = version.rfind('-');
  return hyphen == std::string_view::npos ? "" : version.substr(hyphen + 1);
}

int CompareDebVersions(std::string_view one, std::string_view other) {
  const std::string_view epoch = TakeEpoch(one);
  if (const int difference = CompareNumbers(epoch, TakeEpoch(other)); difference != 0)
    return difference;
  const int upstream =
      CompareParts(one.substr(0, one.rfind('-')), other.substr(0, other.rfind('-')));
  return upstream != 0 ? upstream : CompareParts(DebRevision(one), DebRevision(other));
}

}  // namespace tom
