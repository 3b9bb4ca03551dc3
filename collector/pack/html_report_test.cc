// The page from figures and texts made by hand, whatever hosts and people wrote into them.
#include "collector/pack/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/report_agrees.h"

namespace tom {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHostile[] = "<script>alert(1)</script>\"'`&\x1b[2J\xe2\x80\xae</td>{{title}}";

// One measure with an open finding that is overdue, a closed one, one about the system and a gap.
constexpr char kNumbers[] =
    R"({"counts":{"not_assessed":0,"not_satisfied":1,"satisfied":0,"satisfied_with_exceptions":0},)"
    R"("hosts":1,"measures":[{"clauses":["B.1"],"coverage":"0.98","failing":1,"findings":[)"
    R"({"check":"c","due_at":"2026-11-02T00:00:00Z","head":"H","id":"f1",)"
    R"("opened_at":"2026-11-01T00:00:00Z","params":"p","severity":"high","subject_id":"s",)"
    R"("system":"web-1"},)"
    R"({"check":"c","closed_at":"2026-11-01T10:00:00Z","closed_by":"pass",)"
    R"("due_at":"2026-12-01T00:00:00Z","head":"I","id":"f2","opened_at":"2026-11-01T00:00:00Z",)"
    R"("params":"p","severity":"high","subject_id":"s","system":"web-1"},)"
    R"({"check":"enrolled","due_at":"2026-12-01T00:00:00Z","id":"f3",)"
    R"("opened_at":"2026-11-01T00:00:00Z","params":"p","severity":"high","subject_id":"s",)"
    R"("system":"web-1"}],)"
    R"("gaps":[{"check":"c","covered_seconds":5,"demanded_seconds":10,"params":"p",)"
    R"("system":"web-1"}],"measure":"backup","passing":0,"reasons":["1 failure stands"],)"
    R"("status":"not_satisfied","units":1,"unknown":0}],"outside_anchor":1,)"
    R"("period":{"from":"2026-11-01T00:00:00Z","to":"2026-11-03T00:00:00Z"},)"
    R"("profile":"dpa"})";

ReportModel Model(const std::string& text) {
  ReportModel model;
  const auto numbers = ParseCanonical(kNumbers);
  EXPECT_TRUE(numbers.ok()) << numbers.status();
  if (numbers.ok()) model.numbers = *numbers;
  model.ledger = text;
  model.profile.id = "dpa";
  model.profile.title = text;
  model.profile.version = text;
  model.profile.thresholds.remedy_seconds = {{"critical", 36 * 3600}, {"high", 30 * 86400}};
  Clause clause;
  clause.clause = "B.1";
  clause.promise = text;
  clause.reading = text;
  clause.reading_by = Json::Object{{"owner", text}, {"approved_by", text}, {"date", "2026-11-22"}};
  clause.basis = "interpreted";
  clause.proof = "measured";
  clause.measures["backup"] = {};
  model.profile.clauses = {clause};
  model.catalogue.measures["backup"] = {"backup", text, text, {}};
  model.systems["web-1"] = InventoryBody{};
  model.systems["web-1"]->name = text;
  model.systems["web-1"]->owner = text;
  Body body;
  body.subject = text;
  body.reason = text;
  body.evidence = Json::Object{{"column", text}, {"count", 3}};
  model.bodies["H"] = body;
  model.changes = {{1793491200, 1793494800, "profile", text, text, "00"},
                   {1793491200, std::nullopt, "waiver", text, text, "01"}};
  model.stamps = {{3, "ab", 1793494800, text}, {4, "cd", 0, ""}};
  return model;
}

std::string Page(const ReportModel& model) {
  const auto html = WriteHtmlReport(model);
  EXPECT_TRUE(html.ok()) << html.status();
  return html.value_or("");
}

TEST(HtmlReport, ShowsEveryFigureAsTheVerifierRecomputesIt) {
  const ReportModel model = Model("text");
  EXPECT_TRUE(CheckReport(Page(model), model.numbers).ok());
}

TEST(HtmlReport, BeginsWithTheResultAndEndsWithHowToVerify) {
  const std::string page = Page(Model("text"));
  size_t at = 0;
  for (const char* id : {"result", "clauses", "measures", "systems", "rules", "anchors", "withheld",
                         "limits", "verify"}) {
    const size_t found = page.find("<h2 id=\"" + std::string(id) + "\">");
    ASSERT_NE(found, std::string::npos) << id;
    EXPECT_GT(found, at) << id;
    EXPECT_THAT(page, HasSubstr("<a href=\"#" + std::string(id) + "\">")) << id;
    at = found;
  }
}

TEST(HtmlReport, AClauseHasPromiseReadingBasisProofStatusAndCoverage) {
  const std::string page = Page(Model("text"));
  const size_t from = page.find("<h2 id=\"clauses\">");
  const std::string row = page.substr(from, page.find("<h2 id=\"measures\">") - from);
  for (const char* part :
       {">B.1<", "text", "Read as: text; read by text, approved by text, 2026-11-22",
        ">interpreted<", ">measured<", ">not satisfied<", ">98 %<", "href=\"#measure-backup\""}) {
    EXPECT_THAT(row, HasSubstr(part));
  }
}

TEST(HtmlReport, FindingsSayWhenTheyOpenedAreDueAndClosed) {
  const std::string page = Page(Model("text"));
  EXPECT_THAT(page, HasSubstr("open, overdue at the period"));
  EXPECT_THAT(page, HasSubstr(">2026-11-01 10:00:00 UTC<"));
  EXPECT_THAT(page, HasSubstr("column=text count=3 "));
  EXPECT_THAT(page, HasSubstr("(withheld)")) << "the body of f2 is not there";
  EXPECT_THAT(page, HasSubstr("the system itself")) << "f3 has no row";
  EXPECT_THAT(page, HasSubstr("critical 36 hours, high 30 days."));
}

TEST(HtmlReport, RulesSayWhenAnAuthorityFirstSawThem) {
  const std::string page = Page(Model("text"));
  EXPECT_THAT(page, HasSubstr("data-label=\"Stamped\">2026-"));
  EXPECT_THAT(page, HasSubstr("data-label=\"Stamped\">not yet<"));
  EXPECT_THAT(page, HasSubstr("1 exclusions or waivers are recorded"));
}

TEST(HtmlReport, HostileTextStaysText) {
  const std::string page = Page(Model(kHostile));
  for (const char* raw : {"<script", "alert(1)</td>", "\x1b", "\"'`"}) {
    EXPECT_THAT(page, Not(HasSubstr(raw))) << raw;
  }
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&#96;&amp;"));
  EXPECT_THAT(page, HasSubstr("{{title}}")) << "what looks like a template is text";
  // The page's own tags and no others: hostile text opens and closes none.
  const std::string tame = Page(Model("text"));
  EXPECT_EQ(std::count(page.begin(), page.end(), '<'), std::count(tame.begin(), tame.end(), '<'));
}

TEST(HtmlReport, ADemonstrationIsCalledOne) {
  ReportModel model = Model("text");
  EXPECT_THAT(Page(model), Not(HasSubstr("<strong>Demonstration.</strong>")));
  model.stamps[0].authority = "CN=demonstration time-stamp authority";
  EXPECT_THAT(Page(model), HasSubstr("<strong>Demonstration.</strong>"));
}

TEST(HtmlReport, NeedsNothingFromOutside) {
  const std::string page = Page(Model("text"));
  for (const char* outside : {"http:", "https:", "url(", "src=", "@import", "<link", "<script"}) {
    EXPECT_THAT(page, Not(HasSubstr(outside))) << outside;
  }
  for (const char* medium : {"prefers-color-scheme: dark", "@media print", "max-width: 50rem"}) {
    EXPECT_THAT(page, HasSubstr(medium));
  }
}

}  // namespace
}  // namespace tom
