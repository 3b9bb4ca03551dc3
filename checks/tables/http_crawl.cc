#include "checks/tables/http_crawl.h"

#include <algorithm>
#include <array>
#include <set>

#include "checks/parse/ascii_words.h"
#include "checks/parse/html_resources.h"
#include "checks/tables/tls_targets.h"

namespace tom {
namespace {

constexpr int kMaxDepth = 3;
constexpr int64_t kResolveMs = 5000;
// Where web servers listen; what speaks HTTP elsewhere is seen by tls_endpoints.
constexpr std::array<int64_t, 6> kPlainPorts = {80, 8000, 8008, 8080, 8081, 8888};
constexpr std::array<int64_t, 4> kTlsPorts = {443, 8443, 9443, 4443};

template <size_t N>
bool IsOneOf(int64_t port, const std::array<int64_t, N>& ports) {
  return std::find(ports.begin(), ports.end(), port) != ports.end();
}

bool IsRedirect(int64_t status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

class Crawler {
 public:
  Crawler(Env& env, const Declared& declared, int64_t total_ms, HttpCrawl& crawl)
      : env_(env),
        policy_(HttpPolicy(declared)),
        crawl_(crawl),
        deadline_(env.MonotonicMs() + total_ms) {
    std::set<std::string> names;
    for (const DeclaredPage& page : declared.pages) names.insert(page.host);
    addresses_ = env_.ResolveHosts({names.begin(), names.end()}, kResolveMs);
  }

  void Run() {
    counts_.resize(crawl_.pages.size());
    seen_.resize(crawl_.pages.size());
    for (size_t i = 0; i < crawl_.pages.size(); ++i) {
      Ask(i, "page", "", crawl_.pages[i].url, 0, 0);
    }
    while (!waiting_.empty()) {
      std::vector<HttpRow> round = std::move(waiting_);
      waiting_.clear();
      Round(round);
    }
  }

 private:
  void NotWhole(size_t page) { crawl_.pages[page].whole = false; }

  void Ask(size_t page, const char* kind, const std::string& parent, const WebUrl& url, int hop,
           int depth) {
    if (!seen_[page].insert(url.Text()).second) return;
    if (++counts_[page] > kMaxPageExchanges || ++total_ > kMaxExchanges) return NotWhole(page);
    HttpRow row;
    row.page = page;
    row.kind = kind;
    row.parent = parent;
    row.url = url;
    row.hop = hop;
    row.depth = depth;
    waiting_.push_back(std::move(row));
  }

  // Where the connection goes; empty with an outcome where it goes nowhere.
  std::string AddressOf(HttpRow& row) {
    const HttpPage& page = crawl_.pages[row.page];
    if (!page.declared) {
      // A listener's own pages alone; another port of it is another page's.
      const bool own = row.url.host == page.url.host && row.url.port == page.url.port;
      if (!own) row.outcome = "not_followed";
      return own ? page.address : "";
    }
    const bool declared = std::any_of(
        policy_.declared.begin(), policy_.declared.end(),
        [&](const TcpTarget& one) { return one.host == row.url.host && one.port == row.url.port; });
    if (!declared) {
      row.outcome = "not_followed";
      return "";
    }
    const auto found = addresses_.find(row.url.host);
    if (found == addresses_.end() || !found->second.ok() || found->second->empty()) {
      row.outcome = "not_resolved";
      if (found != addresses_.end())
        row.answer.error = std::string(found->second.status().message());
      return "";
    }
    return found->second->front();
  }

  void Round(std::vector<HttpRow>& round) {
    std::vector<HttpExchange> exchanges;
    std::vector<size_t> which;
    for (size_t i = 0; i < round.size(); ++i) {
      HttpRow& row = round[i];
      row.address = AddressOf(row);
      if (row.address.empty()) continue;
      HttpExchange exchange;
      exchange.https = row.url.https;
      exchange.name = row.url.host;
      exchange.target = {.host = crawl_.pages[row.page].declared ? row.url.host : "",
                         .address = row.address,
                         .port = row.url.port};
      exchange.path_and_query = row.url.path;
      exchange.ca_pem = crawl_.pages[row.page].ca_pem;
      if (IsExcluded(policy_, exchange.target)) {
        row.outcome = "excluded";
        continue;
      }
      exchanges.push_back(std::move(exchange));
      which.push_back(i);
    }
    Fetch(exchanges, which, round);
    for (HttpRow& row : round) Take(std::move(row));
  }

  void Fetch(const std::vector<HttpExchange>& exchanges, const std::vector<size_t>& which,
             std::vector<HttpRow>& round) {
    if (exchanges.empty()) return;
    HttpLimits limits;
    limits.total_ms = std::max<int64_t>(deadline_ - env_.MonotonicMs(), 1);
    auto answers = env_.FetchHttp(policy_, limits, exchanges);
    for (size_t i = 0; i < which.size(); ++i) {
      HttpRow& row = round[which[i]];
      if (answers.ok() && i < answers->size()) {
        row.answer = std::move((*answers)[i]);
      } else {
        row.answer.error = "not asked: " + std::string(answers.status().message());
      }
      const bool asked = !row.answer.error.starts_with("not asked");
      row.outcome = row.answer.answered ? "answered" : asked ? "no_answer" : "not_asked";
    }
  }

  void Take(HttpRow row) {
    const bool read = row.outcome == "answered" && row.answer.whole;
    if (!read) NotWhole(row.page);
    if (row.outcome == "answered") {
      if (IsRedirect(row.answer.status)) {
        Follow(row);
      } else {
        Document(row);
      }
    }
    row.answer.body.clear();
    crawl_.rows.push_back(std::move(row));
  }

  void Follow(HttpRow& row) {
    const auto locations = HeaderValues(row.answer, "location");
    const auto next = locations.empty() ? std::nullopt : ResolveHttpUrl(row.url, locations[0]);
    if (!next || locations.size() != 1 || row.hop >= kMaxRedirects) {
      row.unread = true;
      return NotWhole(row.page);
    }
    Ask(row.page, row.kind.c_str(), row.parent, *next, row.hop + 1, row.depth);
  }

  void Document(HttpRow& row) {
    const auto types = HeaderValues(row.answer, "content-type");
    const std::string type = types.empty() ? "" : types[0];
    if (StartsNoCase(type, "text/css")) {
      for (const std::string& one : CssReferences(row.answer.body))
        Load(row, row.url, one, "style");
    } else if (StartsNoCase(type, "text/html") || StartsNoCase(type, "application/xhtml") ||
               (type.empty() && !row.answer.body.empty())) {
      Html(row);
    } else if (ContainsNoCase(type, "xml") || ContainsNoCase(type, "javascript")) {
      // May hold scripts or load more, which is not looked at.
      if (!row.answer.body.empty()) row.unread = true;
    }
    // A refresh is a redirect by another name.
    if (!HeaderValues(row.answer, "refresh").empty()) row.unread = true;
    for (const std::string& link : HeaderValues(row.answer, "link")) {
      if (ContainsNoCase(link, "preload") || ContainsNoCase(link, "stylesheet")) row.unread = true;
    }
    if (row.unread) NotWhole(row.page);
  }

  void Html(HttpRow& row) {
    const HtmlPage page = ReadHtml(row.answer.body);
    row.scripts = page.scripts;
    row.cookie_meta = page.cookie_meta;
    row.unread = row.unread || page.more;
    std::optional<WebUrl> base = row.url;
    if (!page.base.empty()) base = ResolveHttpUrl(row.url, page.base);
    if (!base) row.unread = true;
    for (const HtmlResource& one : page.resources) {
      Load(row, base.value_or(row.url), one.reference, one.tag);
    }
  }

  void Load(HttpRow& row, const WebUrl& base, const std::string& reference,
            const std::string& tag) {
    if (LoadsNothing(reference)) {
      // A document inside of this one.
      const bool inside = tag == "iframe" || tag == "object" || tag == "embed" || tag == "frame";
      if (inside && !reference.empty() && !reference.starts_with("about:")) row.unread = true;
      return;
    }
    const auto url = ResolveHttpUrl(base, reference);
    if (!url) {
      row.unread = true;
      return;
    }
    if (row.url.https && !url->https) ++row.insecure;
    if (row.depth + 1 > kMaxDepth) {
      row.unread = true;
      return;
    }
    Ask(row.page, "resource", row.url.Text(), *url, 0, row.depth + 1);
  }

  Env& env_;
  TcpPolicy policy_;
  HttpCrawl& crawl_;
  int64_t deadline_;
  HostAddresses addresses_;
  std::vector<HttpRow> waiting_;
  std::vector<size_t> counts_;
  std::vector<std::set<std::string>> seen_;
  size_t total_ = 0;
};

void AddListeners(Env& env, const Declared& declared, HttpCrawl& crawl) {
  Declared none;
  none.probe_exclude = declared.probe_exclude;
  TlsTargets targets = FindTlsTargets(env, none);
  crawl.incomplete = std::move(targets.incomplete);
  for (const TlsTarget& target : targets.targets) {
    const int64_t port = target.target.port;
    const bool https = IsOneOf(port, kTlsPorts);
    if (target.reach == "loopback" || !(https || IsOneOf(port, kPlainPorts))) continue;
    HttpPage page;
    page.url.https = https;
    page.url.host = target.host;
    page.url.port = port;
    page.address = target.target.address;
    page.reach = target.reach;
    page.name = page.url.Text();
    crawl.pages.push_back(std::move(page));
  }
}

}  // namespace

std::vector<std::string> HeaderValues(const HttpAnswer& answer, const std::string& name) {
  std::vector<std::string> values;
  for (const auto& [key, value] : answer.headers) {
    if (key == name) values.push_back(value);
  }
  return values;
}

TcpPolicy HttpPolicy(const Declared& declared) {
  TcpPolicy policy = PolicyOf(declared);
  for (const DeclaredPage& page : declared.pages) {
    policy.declared.push_back({.host = page.host, .address = "", .port = page.port});
    policy.declared.push_back({.host = page.host, .address = "", .port = 443});
  }
  return policy;
}

HttpCrawl FindHttpPages(Env& env, const Declared& declared) {
  HttpCrawl crawl;
  for (const DeclaredPage& one : declared.pages) {
    HttpPage page;
    page.url.https = one.https;
    page.url.host = one.host;
    page.url.port = one.port;
    page.url.path = one.path;
    page.name = one.url;
    page.declared = true;
    page.reach = "declared";
    page.browser_run = one.browser_run;
    if (!one.ca_file.empty()) {
      auto pem = env.ReadFile(one.ca_file, 1 << 20);
      if (pem.ok()) {
        page.ca_pem = *std::move(pem);
      } else {
        crawl.incomplete.emplace_back(pem.status().message());
      }
    }
    crawl.pages.push_back(std::move(page));
  }
  std::vector<std::string> read = std::move(crawl.incomplete);
  AddListeners(env, declared, crawl);
  crawl.incomplete.insert(crawl.incomplete.end(), read.begin(), read.end());
  return crawl;
}

void RunHttpCrawl(Env& env, const Declared& declared, int64_t total_ms, HttpCrawl& crawl) {
  Crawler(env, declared, total_ms, crawl).Run();
}

}  // namespace tom
