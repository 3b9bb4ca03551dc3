// What an HTML page loads, by its tags and styles alone: no script is run. Bytes -> values,
// no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_HTML_RESOURCES_H_
#define TOM_CHECKS_PARSE_HTML_RESOURCES_H_

#include <string>
#include <string_view>
#include <vector>

namespace tom {

inline constexpr size_t kMaxHtmlResources = 500;

struct HtmlResource {
  std::string tag;        // in lower case
  std::string reference;  // as written, the usual entities resolved
};

struct HtmlPage {
  std::vector<HtmlResource> resources;
  size_t scripts = 0;        // script tags, javascript: references and on… attributes
  bool cookie_meta = false;  // <meta http-equiv="set-cookie">
  std::string base;          // of <base href>
  bool more =
      false;  // beyond the bound, or a tag that does not end, a page inside (srcdoc), a refresh
};

// url(…) and @import "…" of a style sheet, as written; at most one more than kMaxHtmlResources.
std::vector<std::string> CssReferences(std::string_view css);

HtmlPage ReadHtml(std::string_view html);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_HTML_RESOURCES_H_
