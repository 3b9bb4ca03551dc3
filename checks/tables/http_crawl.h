// Asks declared pages and this host's web listeners, follows their redirects and what they load,
// one exchange after another: each is a row of http_responses.
#ifndef TOM_CHECKS_TABLES_HTTP_CRAWL_H_
#define TOM_CHECKS_TABLES_HTTP_CRAWL_H_

#include <optional>
#include <string>
#include <vector>

#include "checks/engine/declared.h"
#include "checks/env/env.h"
#include "checks/parse/http_url.h"

namespace tom {

inline constexpr int kMaxRedirects = 10;
inline constexpr size_t kMaxPageExchanges = 60;  // of one page, with all that it loads
inline constexpr size_t kMaxExchanges = 400;

struct HttpRow {
  size_t page = 0;     // index in HttpCrawl's pages
  std::string kind;    // page, resource
  std::string parent;  // of a resource: who loads it
  WebUrl url;
  int hop = 0;    // redirects before it
  int depth = 0;  // documents above it
  std::string address;
  std::string outcome;  // answered, no_answer, not_asked, not_followed, not_resolved, excluded
  HttpAnswer answer;
  size_t scripts = 0;  // of an HTML document
  bool cookie_meta = false;
  size_t insecure = 0;  // http: references of an https document
  bool unread = false;  // it may load more than was looked at
};

struct HttpPage {
  WebUrl url;
  std::string name;  // as the rows show it
  bool declared = false;
  std::string ca_pem;
  std::string browser_run;
  std::string address;  // of a listener
  std::string reach;
  bool whole = true;  // every document, redirect and resource was looked at
};

struct HttpCrawl {
  std::vector<HttpPage> pages;
  std::vector<HttpRow> rows;
  std::vector<std::string> incomplete;
};

// The pages and listeners that are asked, without asking any.
HttpCrawl FindHttpPages(Env& env, const Declared& declared);

// Asks them, within `total_ms`.
void RunHttpCrawl(Env& env, const Declared& declared, int64_t total_ms, HttpCrawl& crawl);

// What the door is told: pages as declared, and the same host's port 443.
TcpPolicy HttpPolicy(const Declared& declared);

// The values of a header, by its name in lower case.
std::vector<std::string> HeaderValues(const HttpAnswer& answer, const std::string& name);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_HTTP_CRAWL_H_
