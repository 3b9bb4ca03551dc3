// The start tags of a small XML file, in order, without regard to nesting: enough for lists of
// attributes such as firewalld's. Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_XML_TAGS_H_
#define TOM_CHECKS_PARSE_XML_TAGS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

struct XmlTag {
  std::string name;
  std::map<std::string, std::string> attributes;  // entities are not resolved
  std::string Attribute(const std::string& key) const {
    const auto found = attributes.find(key);
    return found == attributes.end() ? "" : found->second;
  }
};

// InvalidArgument: a tag or comment that does not end, a DTD, more than 10,000 tags.
absl::StatusOr<std::vector<XmlTag>> ParseXmlTags(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_XML_TAGS_H_
