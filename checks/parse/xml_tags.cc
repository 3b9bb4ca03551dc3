#include "checks/parse/xml_tags.h"

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// The attributes of what stands between the name and `>`.
bool TakeAttributes(std::string_view text, XmlTag& tag) {
  while (true) {
    const size_t start = text.find_first_not_of(" \t\r\n/");
    if (start == std::string_view::npos) return true;
    text.remove_prefix(start);
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) return false;
    std::string_view name = text.substr(0, equals);
    name = name.substr(0, name.find_first_of(kBlanks));
    const size_t quote = text.find_first_not_of(kBlanks, equals + 1);
    if (quote == std::string_view::npos || (text[quote] != '"' && text[quote] != '\''))
      return false;
    const size_t end = text.find(text[quote], quote + 1);
    if (end == std::string_view::npos) return false;
    tag.attributes[std::string(name)] = text.substr(quote + 1, end - quote - 1);
    text.remove_prefix(end + 1);
  }
}

// Where the tag that starts at `start` ends, quotes respected.
size_t EndOfTag(std::string_view text, size_t start) {
  char quote = '\0';
  for (size_t i = start; i < text.size(); ++i) {
    if (quote != '\0') {
      if (text[i] == quote) quote = '\0';
    } else if (text[i] == '"' || text[i] == '\'') {
      quote = text[i];
    } else if (text[i] == '>') {
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

absl::StatusOr<std::vector<XmlTag>> ParseXmlTags(std::string_view text) {
  std::vector<XmlTag> tags;
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("<!--")) {
      const size_t end = text.find("-->", at + 4);
      if (end == std::string_view::npos) return BadData("XML: a comment that does not end");
      at = end + 3;
      continue;
    }
    if (rest.starts_with("<!")) return BadData("XML: a declaration, which is not read");
    const size_t end = EndOfTag(text, at);
    if (end == std::string_view::npos) return BadData("XML: a tag that does not end");
    const std::string_view inside = text.substr(at + 1, end - at - 1);
    at = end + 1;
    if (inside.empty() || inside[0] == '?' || inside[0] == '/') continue;
    XmlTag tag;
    const size_t stop = std::min(inside.find_first_of(" \t\r\n/"), inside.size());
    tag.name = inside.substr(0, stop);
    if (!TakeAttributes(inside.substr(stop), tag))
      return BadData("XML: an attribute without a value");
    if (tags.size() >= 10000) return BadData("XML: more than 10,000 tags");
    tags.push_back(std::move(tag));
  }
  return tags;
}

}  // namespace tom
