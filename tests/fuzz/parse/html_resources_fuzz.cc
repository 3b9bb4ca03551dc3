// Pages and URLs: a URL that is taken writes itself so that it is taken again, and a reference
// never leaves http and https.
#include "checks/parse/html_resources.h"
#include "checks/parse/http_url.h"
#include "checks/parse/xml_tags.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

void Url(const std::optional<WebUrl>& url) {
  if (!url) return;
  const std::string text = url->Text();
  for (const char c : text) {
    TOM_FUZZ_CHECK(static_cast<unsigned char>(c) > ' ' && c != '\x7f' && c != '#');
  }
  TOM_FUZZ_CHECK(text.starts_with("http://") || text.starts_with("https://"));
  const auto again = ParseHttpUrl(text);
  TOM_FUZZ_CHECK(text.size() > 4096 || (again && again->Text() == text));
}

}  // namespace

void Fuzz(std::string_view input) {
  const WebUrl base = *ParseHttpUrl("https://a.example.org/folder/page?x=1");
  const HtmlPage page = ReadHtml(input);
  TOM_FUZZ_CHECK(page.resources.size() <= kMaxHtmlResources);
  for (const HtmlResource& one : page.resources) Url(ResolveHttpUrl(base, one.reference));
  TOM_FUZZ_CHECK(CssReferences(input).size() <= kMaxHtmlResources + 1);
  Url(ParseHttpUrl(input));
  Url(ResolveHttpUrl(base, input));
  const auto tags = ParseXmlTags(input);
  if (tags.ok()) TOM_FUZZ_CHECK(tags->size() <= 10000);
}

}  // namespace tom
