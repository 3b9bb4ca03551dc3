// What web servers answer: declared pages (`pages:` of the configuration) with their redirects and
// all that they load, and the front page of this host's own web listeners.
//
// A page is asked at most once in 20 hours, unless the configuration has changed or an answer was
// missing. No script is run: of a page that has some only a browser's record tells the rest, a JSON
// file {"url", "finished_at": Unix seconds, "browser", "cookies": [names]} that lists the cookies
// which the browser held when the page had done loading.
#include "checks/engine/table.h"
#include "checks/parse/ascii_words.h"
#include "checks/parse/json_tree.h"
#include "checks/tables/http_crawl.h"
#include "checks/tables/row_text.h"
#include "checks/tables/tls_touches.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

constexpr int64_t kTotalMs = 20000;
constexpr UnixSeconds kKept = 20 * kHour;
constexpr char kMemory[] = "http_responses";

Value Flag(bool flag) { return int64_t{flag ? 1 : 0}; }

// The header's value; NULL where there is none, all of them where there are several.
Value Header(const HttpAnswer& answer, const std::string& name) {
  if (!answer.answered) return Value();
  std::string text;
  for (const std::string& value : HeaderValues(answer, name)) {
    text.append(text.empty() ? "" : ", ").append(value);
  }
  return text.empty() ? Value() : Value(text.substr(0, 2000));
}

// RFC 6797: the first header counts, each directive once; max-age is needed.
struct Hsts {
  std::optional<int64_t> max_age;
  bool subdomains = false;
  bool preload = false;
};

std::optional<int64_t> SecondsOf(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  if (text.empty() || text.size() > 12) return std::nullopt;
  int64_t seconds = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    seconds = seconds * 10 + (c - '0');
  }
  return seconds;
}

Hsts HstsOf(const HttpAnswer& answer) {
  Hsts hsts;
  const auto values = HeaderValues(answer, "strict-transport-security");
  if (values.empty()) return hsts;
  bool valid = true;
  for (const std::string_view directive : WordsOf(values[0], ";")) {
    const auto words = WordsOf(directive, " \t=");
    if (words.empty()) continue;
    if (EqualsNoCase(words[0], "max-age")) {
      valid = valid && !hsts.max_age && words.size() == 2;
      hsts.max_age = words.size() == 2 ? SecondsOf(words[1]) : std::nullopt;
      valid = valid && hsts.max_age.has_value();
    }
    hsts.subdomains = hsts.subdomains || EqualsNoCase(words[0], "includeSubDomains");
    hsts.preload = hsts.preload || EqualsNoCase(words[0], "preload");
  }
  if (!valid) hsts = {};
  return hsts;
}

std::string CookieNames(const HttpAnswer& answer) {
  std::string names;
  for (const std::string& cookie : HeaderValues(answer, "set-cookie")) {
    const std::string name = cookie.substr(0, cookie.find_first_of("=;")).substr(0, 100);
    if (names.size() < 1000) names.append(names.empty() ? "" : " ").append(name);
  }
  return names;
}

struct BrowserRun {
  std::optional<int64_t> finished_at;
  std::optional<int64_t> cookies;
  std::string problem;
};

BrowserRun ReadBrowserRun(Env& env, const HttpPage& page) {
  BrowserRun run;
  if (page.browser_run.empty()) return run;
  const auto text = env.ReadFile(page.browser_run, 1 << 20);
  const auto json = text.ok() ? ParseJsonTree(*text) : absl::StatusOr<JsonNode>(text.status());
  if (!json.ok()) {
    run.problem = std::string(json.status().message());
    return run;
  }
  const JsonNode* finished = json->Find("finished_at");
  const JsonNode* cookies = json->Find("cookies");
  const auto url = ParseHttpUrl(json->Text("url"));
  if (finished == nullptr || !finished->IsInteger() || cookies == nullptr || !cookies->IsArray() ||
      json->Text("browser").empty() || !url || url->Text() != page.url.Text()) {
    run.problem = page.browser_run + ": not a browser's record of this page";
    return run;
  }
  run.finished_at = finished->integer;
  run.cookies = static_cast<int64_t>(cookies->items.size());
  return run;
}

ValueRow HeadCells(const HttpRow& row, const HttpPage& page) {
  const HttpAnswer& answer = row.answer;
  const auto locations = HeaderValues(answer, "location");
  const bool https = row.url.https;
  return {page.name,
          std::string(page.declared ? "declared" : "discovered"),
          page.reach,
          row.url.Text(),
          row.kind,
          TextOrNull(row.parent),
          int64_t{row.hop},
          TextOrNull(row.address),
          row.outcome,
          TextOrNull(answer.error),
          answer.answered ? Value(answer.status) : Value(),
          locations.empty() ? Value() : Value(locations[0].substr(0, 2000)),
          Flag(https),
          !https || !answer.certificate_valid ? Value() : Flag(*answer.certificate_valid),
          TextOrNull(answer.certificate_error)};
}

ValueRow BodyCells(const HttpRow& row, const HttpPage& page, const BrowserRun& run) {
  const HttpAnswer& answer = row.answer;
  const Hsts hsts = HstsOf(answer);
  const auto known = [&](Value value) { return answer.answered ? std::move(value) : Value(); };
  const auto cookies = static_cast<int64_t>(HeaderValues(answer, "set-cookie").size());
  return {known(Flag(hsts.max_age.has_value())),
          NumberOrNull(hsts.max_age),
          known(Flag(hsts.subdomains)),
          known(Flag(hsts.preload)),
          known(cookies + (row.cookie_meta ? 1 : 0)),
          TextOrNull(CookieNames(answer)),
          Header(answer, "content-security-policy"),
          Header(answer, "x-content-type-options"),
          Header(answer, "x-frame-options"),
          Header(answer, "referrer-policy"),
          Header(answer, "content-type"),
          known(static_cast<int64_t>(row.scripts)),
          known(static_cast<int64_t>(row.insecure)),
          known(Flag(answer.whole && !row.unread)),
          Flag(page.whole),
          NumberOrNull(run.finished_at),
          NumberOrNull(run.cookies),
          TextOrNull(run.problem)};
}

std::vector<ValueRow> RowsOf(Env& env, const HttpCrawl& crawl) {
  std::vector<BrowserRun> runs;
  runs.reserve(crawl.pages.size());
  for (const HttpPage& page : crawl.pages) runs.push_back(ReadBrowserRun(env, page));
  std::vector<ValueRow> rows;
  rows.reserve(crawl.rows.size());
  for (const HttpRow& row : crawl.rows) {
    ValueRow cells = HeadCells(row, crawl.pages[row.page]);
    const ValueRow more = BodyCells(row, crawl.pages[row.page], runs[row.page]);
    cells.insert(cells.end(), more.begin(), more.end());
    rows.push_back(std::move(cells));
  }
  return rows;
}

// All that decides what is asked and what its answers are judged by.
std::string KeyOf(const HttpCrawl& crawl, const Declared& declared) {
  std::vector<ValueRow> rows;
  for (const HttpPage& page : crawl.pages) {
    rows.push_back({page.url.Text(), page.address, page.ca_pem, page.browser_run});
  }
  for (const std::string& one : declared.probe_exclude) rows.push_back({one, "", "", ""});
  return RowsToText(rows);
}

// The rows of an earlier look that still hold; its first row is the key and the time.
std::optional<std::vector<ValueRow>> Remembered(Env& env, const std::string& key, size_t columns) {
  const std::string* kept = env.memory().Find(kMemory);
  if (kept == nullptr) return std::nullopt;
  const size_t end = kept->find('\n');
  if (end == std::string::npos) return std::nullopt;
  const auto head = RowsFromText(std::string_view(*kept).substr(0, end + 1), 2);
  if (!head || head->size() != 1 || (*head)[0][0] != Value(key)) return std::nullopt;
  const auto* at = std::get_if<int64_t>(&(*head)[0][1]);
  if (at == nullptr || *at > env.Now() || env.Now() - *at >= kKept) return std::nullopt;
  return RowsFromText(std::string_view(*kept).substr(end + 1), columns);
}

bool AllAnswered(const HttpCrawl& crawl) {
  for (const HttpRow& row : crawl.rows) {
    if (row.outcome != "answered" && row.outcome != "not_followed" && row.outcome != "excluded") {
      return false;
    }
  }
  return true;
}

Column Text(std::string name, std::string description) {
  return {.name = std::move(name), .description = std::move(description)};
}

Column Number(std::string name, std::string description) {
  return {
      .name = std::move(name), .type = ColumnType::kBigint, .description = std::move(description)};
}

std::vector<Column> Columns() {
  return {Text("page", "The declared URL, or that of a listener of this host"),
          Text("source", "declared or discovered"),
          Text("reach", "declared, or what the listener is bound to: any, private, public, …"),
          Text("url", "What was asked for"),
          Text("kind", "page: the page and its redirects; resource: what a document loads"),
          Text("parent", "Of a resource: who loads it"),
          Number("hop", "Redirects before it"),
          Text("address", "Where the connection went"),
          Text("outcome",
               "answered, no_answer, not_asked, not_followed (neither declared nor this host's), "
               "not_resolved, excluded"),
          Text("error", "Why it is not answered, or not whole"),
          Number("status", "Status code"),
          Text("location", "Where it redirects to, as written"),
          Number("https", "1: asked over TLS"),
          Number("certificate_valid",
                 "1: of its name, in time and by a trusted authority; 0: not; NULL: not told"),
          Text("certificate_error", "What is wrong with it"),
          Number("hsts", "1: has a valid Strict-Transport-Security"),
          Number("hsts_max_age", "Its seconds"),
          Number("hsts_include_subdomains", "1: it names them"),
          Number("hsts_preload", "1: it names it"),
          Number("set_cookie", "Cookies that are set, by header or meta"),
          Text("cookie_names", "Their names, blank-separated; never their values"),
          Text("csp", "Content-Security-Policy"),
          Text("x_content_type_options", "The header"),
          Text("x_frame_options", "The header"),
          Text("referrer_policy", "The header"),
          Text("content_type", "The header"),
          Number("scripts", "Scripts in an HTML document"),
          Number("insecure_resources", "http: references of a document that came over TLS"),
          Number("whole", "1: read to its end, and nothing in it is left out"),
          Number("page_whole", "1: so is everything that belongs to the page"),
          Number("browser_run_at", "When a browser's record of the page was made, Unix seconds"),
          Number("browser_cookies", "Cookies that the browser held then"),
          Text("browser_problem", "Why the record does not count")};
}

absl::Status GenerateHttpResponses(Env& env, const TableContext& context, RowSink& sink) {
  HttpCrawl crawl = FindHttpPages(env, context.declared);
  for (const std::string& reason : crawl.incomplete) sink.Incomplete(reason);
  const std::string key = KeyOf(crawl, context.declared);
  std::vector<ValueRow> rows;
  if (auto kept = Remembered(env, key, Columns().size())) {
    rows = *std::move(kept);
  } else {
    RunHttpCrawl(env, context.declared, kTotalMs, crawl);
    rows = RowsOf(env, crawl);
    env.memory().Drop(kMemory);
    if (AllAnswered(crawl) && !crawl.rows.empty()) {
      env.memory().Keep(kMemory, RowsToText({{key, env.Now()}}) + RowsToText(rows));
    }
  }
  for (ValueRow& row : rows) {
    if (!sink.AddRow(std::move(row))) break;
  }
  return absl::OkStatus();
}

std::vector<Touch> TouchesOf(Env& env, const Declared& declared) {
  // The listeners, and the addresses of pages as if they were endpoints.
  Declared pages = declared;
  pages.endpoints.clear();
  std::vector<Touch> touches;
  for (const DeclaredPage& page : declared.pages) {
    for (const int64_t port : {page.port, int64_t{443}}) {
      DeclaredEndpoint endpoint;
      endpoint.host = page.host;
      endpoint.port = port;
      endpoint.ca_file = page.ca_file;
      pages.endpoints.push_back(std::move(endpoint));
    }
    for (const std::string& file : {page.ca_file, page.browser_run}) {
      if (!file.empty()) Append(touches, FileTouches({file}, "a declared page"));
    }
  }
  Append(touches, TlsTouches(env, pages));
  return touches;
}

}  // namespace

Table http_responses_table() {
  return {.name = "http_responses",
          .description = "What web servers answer: redirects, headers, cookies, what pages load",
          .columns = Columns(),
          .generate = GenerateHttpResponses,
          .touches = TouchesOf};
}

}  // namespace tom
