#include <gtest/gtest.h>

#include "checks/engine/scan.h"
#include "checks/env/fake_env.h"
#include "checks/parse/html_resources.h"
#include "checks/parse/http_url.h"
#include "checks/tables/http_crawl.h"

namespace tom {

Table http_responses_table();

namespace {

using Cells = std::map<std::string, std::string>;
using Headers = std::vector<std::pair<std::string, std::string>>;

HttpAnswer Answer(int64_t status, Headers headers, std::string body = "") {
  HttpAnswer answer;
  answer.answered = answer.whole = true;
  answer.status = status;
  answer.headers = std::move(headers);
  answer.body = std::move(body);
  answer.certificate_valid = true;
  return answer;
}

HttpAnswer Html(std::string body, Headers more = {}) {
  more.emplace_back("content-type", "text/html; charset=utf-8");
  return Answer(200, std::move(more), std::move(body));
}

DeclaredPage Page(const std::string& url) {
  const WebUrl parsed = *ParseHttpUrl(url);
  DeclaredPage page;
  page.url = url;
  page.https = parsed.https;
  page.host = parsed.host;
  page.port = parsed.port;
  page.path = parsed.path;
  return page;
}

struct Result {
  std::vector<Cells> rows;
  std::vector<std::string> incomplete;

  const Cells& At(const std::string& url) const {
    for (const Cells& cells : rows) {
      if (cells.at("url") == url) return cells;
    }
    static const Cells none;
    ADD_FAILURE() << "no row for " << url;
    return none;
  }
};

void AddNoSockets(FakeEnv& env) {
  env.AddFile("/proc/net/tcp", "  sl\n").AddFile("/proc/net/tcp6", "  sl\n");
}

Result ScanPages(FakeEnv& env, const Declared& declared) {
  const Table table = http_responses_table();
  const Scan scan = ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
  Result result;
  result.incomplete = scan.incomplete;
  for (const ValueRow& row : scan.rows) {
    Cells& cells = result.rows.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      cells[table.columns[i].name] = IsNull(row[i]) ? "?" : ValueText(row[i]);
    }
  }
  return result;
}

TEST(HttpResponses, FollowsThePageAndWhatItLoads) {
  FakeEnv env;
  AddNoSockets(env);
  Declared declared;
  declared.pages = {Page("http://a.example.org/")};
  env.AddHost("a.example.org", {"192.0.2.1"});
  env.AddPage("http://a.example.org/", Answer(301, {{"location", "https://a.example.org/"}}));
  env.AddPage("https://a.example.org/",
              Html("<img src=logo.png><link rel='stylesheet' href='/s.css'><a href='/other'>",
                   {{"strict-transport-security", "max-age=\"31536000\"; includeSubDomains"},
                    {"content-security-policy", "default-src 'self'"}}));
  env.AddPage("https://a.example.org/s.css",
              Answer(200, {{"content-type", "text/css"}}, "b { background: url(/b.png) }"));
  env.AddPage(
      "https://a.example.org/b.png",
      Answer(200, {{"content-type", "image/png"}, {"set-cookie", "sid=secret; Secure"}}, "x"));
  env.AddPage("https://a.example.org/logo.png", Answer(200, {{"content-type", "image/png"}}, "x"));
  const Result result = ScanPages(env, declared);
  EXPECT_TRUE(result.incomplete.empty());
  ASSERT_EQ(result.rows.size(), 5u);
  EXPECT_EQ(result.At("http://a.example.org/").at("status"), "301");
  const Cells& page = result.At("https://a.example.org/");
  EXPECT_EQ(page.at("hop"), "1");
  EXPECT_EQ(page.at("kind"), "page");
  EXPECT_EQ(page.at("hsts_max_age"), "31536000");
  EXPECT_EQ(page.at("hsts_include_subdomains"), "1");
  EXPECT_EQ(page.at("csp"), "default-src 'self'");
  EXPECT_EQ(page.at("page_whole"), "1");
  const Cells& picture = result.At("https://a.example.org/b.png");
  EXPECT_EQ(picture.at("set_cookie"), "1");
  EXPECT_EQ(picture.at("cookie_names"), "sid");
  EXPECT_EQ(picture.at("parent"), "https://a.example.org/s.css");
  for (const Cells& cells : result.rows) {
    for (const auto& [name, value] : cells)
      EXPECT_EQ(value.find("secret"), std::string::npos) << name;
  }
}

TEST(HttpResponses, AsksNobodyWhoIsNotDeclared) {
  FakeEnv env;
  AddNoSockets(env);
  Declared declared;
  declared.pages = {Page("https://a.example.org/")};
  env.AddHost("a.example.org", {"192.0.2.1"}).AddHost("b.example.org", {"192.0.2.2"});
  env.AddPage(
      "https://a.example.org/",
      Html("<img src='https://b.example.org/pixel.gif'><img src='http://169.254.169.254/x'>"));
  const Result result = ScanPages(env, declared);
  EXPECT_EQ(env.fetched(), std::vector<std::string>{"https://a.example.org/"});
  EXPECT_EQ(result.At("https://b.example.org/pixel.gif").at("outcome"), "not_followed");
  const Cells& page = result.At("https://a.example.org/");
  EXPECT_EQ(page.at("insecure_resources"), "1");
  EXPECT_EQ(page.at("page_whole"), "0");
}

TEST(HttpResponses, MetadataAddressesAreRefusedEvenIfDeclared) {
  FakeEnv env;
  AddNoSockets(env);
  Declared declared;
  declared.pages = {Page("http://meta.example.org/")};
  env.AddHost("meta.example.org", {"169.254.169.254"});
  env.AddPage("http://meta.example.org/", Html("secret"));
  const Result result = ScanPages(env, declared);
  EXPECT_TRUE(env.fetched().empty());
  ASSERT_EQ(result.rows.size(), 1u);
  EXPECT_EQ(result.rows[0].at("outcome"), "not_asked");
  EXPECT_NE(result.rows[0].at("error").find("metadata"), std::string::npos);
}

TEST(HttpResponses, WhatIsNotReadWholeIsSaid) {
  const std::pair<const char*, HttpAnswer> cases[] = {
      {"a tag that does not end", Html("<img src='a.png")},
      {"a refresh", Html("<meta http-equiv=refresh content='0; url=/b'>")},
      {"a frame of its own", Html("<iframe srcdoc='<img src=x>'></iframe>")},
      {"a script's language", Answer(200, {{"content-type", "image/svg+xml"}}, "<svg/>")},
      {"a link header", Html("", {{"link", "</s.css>; rel=preload"}})},
      {"two locations", Answer(302, {{"location", "/a"}, {"location", "/b"}})},
      {"a redirect to nowhere", Answer(302, {{"location", "ftp://a.example.org/"}})},
      {"a redirect without a place", Answer(302, {})},
  };
  for (const auto& [name, answer] : cases) {
    FakeEnv env;
    AddNoSockets(env);
    Declared declared;
    declared.pages = {Page("https://a.example.org/")};
    env.AddHost("a.example.org", {"192.0.2.1"});
    env.AddPage("https://a.example.org/", answer);
    const Result result = ScanPages(env, declared);
    ASSERT_FALSE(result.rows.empty()) << name;
    EXPECT_EQ(result.rows[0].at("page_whole"), "0") << name;
  }
}

TEST(HttpResponses, RedirectsInACircleEnd) {
  FakeEnv env;
  AddNoSockets(env);
  Declared declared;
  declared.pages = {Page("https://a.example.org/0")};
  env.AddHost("a.example.org", {"192.0.2.1"});
  for (int i = 0; i < 50; ++i) {
    env.AddPage("https://a.example.org/" + std::to_string(i),
                Answer(302, {{"location", "/" + std::to_string(i + 1)}}));
  }
  const Result result = ScanPages(env, declared);
  EXPECT_EQ(result.rows.size(), 11u);
  EXPECT_EQ(result.rows[0].at("page_whole"), "0");
}

TEST(HttpResponses, APageIsAskedOnceADay) {
  FakeEnv env;
  AddNoSockets(env);
  Declared declared;
  declared.pages = {Page("https://a.example.org/")};
  env.AddHost("a.example.org", {"192.0.2.1"});
  env.AddPage("https://a.example.org/",
              Html("<p>\xc3\xa9\t%</p>", {{"referrer-policy", "\xff%\n"}}));
  const Result first = ScanPages(env, declared);
  const Result second = ScanPages(env, declared);
  EXPECT_EQ(env.fetched().size(), 1u);
  EXPECT_EQ(first.rows, second.rows);
  declared.probe_exclude = {"x"};
  ScanPages(env, declared);
  EXPECT_EQ(env.fetched().size(), 2u);
  env.SetNow(1700000000 + 86400);
  ScanPages(env, declared);
  EXPECT_EQ(env.fetched().size(), 3u);
}

TEST(HttpResponses, AnExcludedPageIsNotAsked) {
  FakeEnv env;
  AddNoSockets(env);
  Declared declared;
  declared.pages = {Page("https://a.example.org/")};
  declared.probe_exclude = {"a.example.org:443"};
  env.AddHost("a.example.org", {"192.0.2.1"});
  const Result result = ScanPages(env, declared);
  EXPECT_TRUE(env.fetched().empty());
  EXPECT_EQ(result.rows[0].at("outcome"), "excluded");
}

TEST(HttpResponses, ABrowsersRecordCountsForItsPageAlone) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"url":"https://a.example.org/","finished_at":1699000000,"browser":"x","cookies":[]})",
       "0"},
      {R"({"url":"https://a.example.org/","finished_at":1699000000,"browser":"x","cookies":["a"]})",
       "1"},
      {R"({"url":"https://b.example.org/","finished_at":1699000000,"browser":"x","cookies":[]})",
       "?"},
      {R"({"url":"https://a.example.org/","finished_at":"1","browser":"x","cookies":[]})", "?"},
      {R"({"url":"https://a.example.org/","finished_at":1,"browser":"x"})", "?"},
      {"{", "?"},
  };
  for (const auto& [record, cookies] : cases) {
    FakeEnv env;
    AddNoSockets(env);
    Declared declared;
    declared.pages = {Page("https://a.example.org/")};
    declared.pages[0].browser_run = "/etc/tom/run.json";
    env.AddFile("/etc/tom/run.json", record);
    env.AddHost("a.example.org", {"192.0.2.1"});
    env.AddPage("https://a.example.org/", Html("<script src=a.js></script>"));
    const Result result = ScanPages(env, declared);
    EXPECT_EQ(result.rows[0].at("browser_cookies"), cookies) << record;
    EXPECT_EQ(result.rows[0].at("browser_problem") == "?", std::string(cookies) != "?") << record;
    EXPECT_EQ(result.At("https://a.example.org/").at("scripts"), "1");
  }
}

TEST(HttpResponses, StrictTransportSecurityIsReadAsBrowsersDo) {
  const std::pair<Headers, const char*> cases[] = {
      {{{"strict-transport-security", "max-age=100"}}, "100"},
      {{{"strict-transport-security", "MAX-AGE = 100 ; preload"}}, "100"},
      {{{"strict-transport-security", "max-age=0"}, {"strict-transport-security", "max-age=9"}},
       "0"},
      {{{"strict-transport-security", "max-age=100; max-age=200"}}, "?"},
      {{{"strict-transport-security", "includeSubDomains"}}, "?"},
      {{{"strict-transport-security", "max-age=-1"}}, "?"},
      {{{"strict-transport-security", "max-age=99999999999999"}}, "?"},
  };
  for (const auto& [headers, age] : cases) {
    FakeEnv env;
    AddNoSockets(env);
    Declared declared;
    declared.pages = {Page("https://a.example.org/")};
    env.AddHost("a.example.org", {"192.0.2.1"});
    env.AddPage("https://a.example.org/", Html("", headers));
    EXPECT_EQ(ScanPages(env, declared).rows[0].at("hsts_max_age"), age) << headers[0].second;
  }
}

TEST(HttpResponses, ADeadTreeIsNotAsked) {
  FakeEnv env;
  env.SetMode(RootMode::kDeadTree);
  Declared declared;
  declared.pages = {Page("https://192.0.2.1/")};
  const Result result = ScanPages(env, declared);
  ASSERT_EQ(result.rows.size(), 1u);
  EXPECT_EQ(result.rows[0].at("outcome"), "not_asked");
}

TEST(HtmlResources, FindsWhatLoads) {
  const HtmlPage page = ReadHtml(
      "<!-- <img src=no.png> --><IMG SRC=\"a.png\" srcset='b.png 1x, c.png 2x'>"
      "<video poster=p.png><source src=&#x2f;v.mp4></video><body background=bg.png onload='x()'>"
      "<a href='javascript:x()'>x</a><link rel=canonical href=/no><link rel='alternate stylesheet' "
      "href=/s.css><style>@import 'i.css'; a{b:url( \"u.png\" )}</style><script>'<img "
      "src=no>'</script>"
      "<svg><image href=i.svg /></svg><base href=/base/>");
  std::string found;
  for (const HtmlResource& one : page.resources) found += one.reference + " ";
  EXPECT_EQ(found, "a.png b.png c.png p.png /v.mp4 bg.png /s.css i.css u.png i.svg ");
  EXPECT_EQ(page.scripts, 3u);
  EXPECT_EQ(page.base, "/base/");
  EXPECT_FALSE(page.more);
}

TEST(HttpUrl, ResolvesAsADocumentDoes) {
  const WebUrl base = *ParseHttpUrl("https://A.example.org:444/x/y?z#f");
  const std::pair<const char*, const char*> cases[] = {
      {"a", "https://a.example.org:444/x/a"},
      {"../a", "https://a.example.org:444/a"},
      {"../../../a", "https://a.example.org:444/a"},
      {"/a/./b/../c", "https://a.example.org:444/a/c"},
      {"?q", "https://a.example.org:444/x/y?q"},
      {"#f", "https://a.example.org:444/x/y?z"},
      {"//b.example.org/c", "https://b.example.org/c"},
      {"http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"},
      {"HTTP://b.example.org", "http://b.example.org/"},
      {"ftp://b.example.org/", ""},
      {"http://user@b.example.org/", ""},
      {"http://b.example.org:0/", ""},
      {"http:///a", ""},
      {"http://b example.org/", ""},
      {"http://b.example.org\\@c/", ""},
      {"/a b", ""},
  };
  for (const auto& [reference, expected] : cases) {
    const auto url = ResolveHttpUrl(base, reference);
    EXPECT_EQ(url ? url->Text() : "", expected) << reference;
  }
}

}  // namespace
}  // namespace tom
