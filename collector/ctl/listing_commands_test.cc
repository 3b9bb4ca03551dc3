// What commands that list show, in each format, and their exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/ctl/test_ctl.h"

namespace tom {
namespace {

using test::CtlRun;
using test::CtlWorld;
using ::testing::HasSubstr;
using ::testing::Not;

class ListingCommands : public testing::Test {
 protected:
  static void SetUpTestSuite() { world_ = new CtlWorld; }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }
  void SetUp() override { world_->collector = {}; }

  static CtlWorld* world_;
};
CtlWorld* ListingCommands::world_ = nullptr;

constexpr char kHosts[] =
    R"([{"host":"0123","system":"web-1","kind":"host","controllers":["a","b"],)"
    R"("enrolled_at":"2026-11-01T00:00:00Z","last_report_at":null,"reports":0,"branches":1,)"
    R"("state":"enrolled"}])";
constexpr char kFindings[] =
    R"([{"id":"f1","measure":"backup","check":"backup-fresh","host":"0123","subject":"db",)"
    R"("severity":"high","opened_at":"2026-11-01T00:00:00Z","closed_at":null,"owner":null,)"
    R"("acknowledged_at":null,"ticket":null,"due_at":"2026-12-01T00:00:00Z","accepted":null}])";
constexpr char kInventory[] =
    R"({"source":"cmdb","drawn_at":"2026-11-01T00:00:00Z","drawn_by":"ops","systems":[{"id":)"
    R"("web-1","kind":"host","controllers":["shared"],"in_service_from":"2026-11-01T00:00:00Z",)"
    R"("name":"web","role":"front","owner":"ops","site":"here","personal_data":true,)"
    R"("critical":false}]})";
constexpr char kStatus[] =
    R"({"at":"2026-11-02T00:00:00Z","profile":"velory-dpa","measures":[{"measure":"backup",)"
    R"("clauses":["B.1.5","B.2"],"status":"satisfied","coverage":0.99,"failing":0,"unknown":1,)"
    R"("reasons":[]}]})";
constexpr char kProfiles[] = R"([{"profile":"velory-dpa","statement":"s1","digest":"d1",)"
                             R"("in_force_from":"2026-11-01T00:00:00Z"}])";

struct ListingCase {
  std::vector<std::string> words;
  const char* view;
  const char* json;
  std::string table;
  std::string csv;
  int code;
};

const ListingCase kListings[] = {
    {{"host", "list"},
     "hosts",
     kHosts,
     "host  system  kind  controllers  enrolled_at           last_report_at  reports  state\n"
     "0123  web-1   host  a, b         2026-11-01T00:00:00Z                  0        enrolled\n",
     "host,system,kind,controllers,enrolled_at,last_report_at,reports,state\r\n"
     "0123,web-1,host,\"a, b\",2026-11-01T00:00:00Z,,0,enrolled\r\n",
     0},
    {{"host", "show", "web-1"},
     "hosts",
     kHosts,
     "host  system  kind  controllers  enrolled_at           last_report_at  reports  branches  "
     "state\n"
     "0123  web-1   host  a, b         2026-11-01T00:00:00Z                  0        1         "
     "enrolled\n",
     "host,system,kind,controllers,enrolled_at,last_report_at,reports,branches,state\r\n"
     "0123,web-1,host,\"a, b\",2026-11-01T00:00:00Z,,0,1,enrolled\r\n",
     0},
    {{"finding", "list", "--profile", "velory-dpa"},
     "findings",
     kFindings,
     "id  measure  check         host  subject  severity  opened_at             closed_at  "
     "due_at                accepted\n"
     "f1  backup   backup-fresh  0123  db       high      2026-11-01T00:00:00Z             "
     "2026-12-01T00:00:00Z\n",
     "id,measure,check,host,subject,severity,opened_at,closed_at,due_at,accepted\r\n"
     "f1,backup,backup-fresh,0123,db,high,2026-11-01T00:00:00Z,,2026-12-01T00:00:00Z,\r\n",
     2},
    {{"inventory", "show"},
     "inventory",
     kInventory,
     "id     name  kind  role   owner  site  controllers  personal_data  critical\n"
     "web-1  web   host  front  ops    here  shared       true           false\n",
     "id,name,kind,role,owner,site,controllers,personal_data,critical\r\n"
     "web-1,web,host,front,ops,here,shared,true,false\r\n",
     0},
    {{"status", "--profile", "velory-dpa"},
     "status",
     kStatus,
     "measure  clauses     status     coverage  failing  unknown  reasons\n"
     "backup   B.1.5, B.2  satisfied  0.99      0        1\n",
     "measure,clauses,status,coverage,failing,unknown,reasons\r\n"
     "backup,\"B.1.5, B.2\",satisfied,0.99,0,1,\r\n",
     0},
    {{"profile", "list"},
     "profile",
     kProfiles,
     "profile     in_force_from         digest  statement\n"
     "velory-dpa  2026-11-01T00:00:00Z  d1      s1\n",
     "profile,in_force_from,digest,statement\r\nvelory-dpa,2026-11-01T00:00:00Z,d1,s1\r\n",
     0},
};

TEST_F(ListingCommands, ShowTablesAndCsv) {
  for (const auto& c : kListings) {
    const std::string name = c.words[0] + " " + c.words.back();
    world_->collector.views = {{c.view, c.json}};
    for (const char* format : {"table", "csv", "json"}) {
      std::vector<std::string> words = c.words;
      words.insert(words.end(), {"--format", format});
      const CtlRun run = world_->Run(words);
      EXPECT_EQ(run.code, c.code) << name << " " << format << ": " << run.err;
      EXPECT_EQ(run.err, "") << name;
      if (format == std::string("table")) {
        EXPECT_EQ(run.out, c.table) << name;
      }
      if (format == std::string("csv")) {
        EXPECT_EQ(run.out, c.csv) << name;
      }
      if (format == std::string("json")) {
        EXPECT_THAT(run.out, Not(HasSubstr("\x1b"))) << name;
      }
    }
  }
}

TEST_F(ListingCommands, JsonIsTheWholeDocument) {
  world_->collector.views = {{"status", kStatus}};
  EXPECT_EQ(world_->Run({"--format", "json", "status", "--profile", "velory-dpa"}).out,
            R"({
  "at": "2026-11-02T00:00:00Z",
  "measures": [
    {
      "clauses": [
        "B.1.5",
        "B.2"
      ],
      "coverage": 0.99,
      "failing": 0,
      "measure": "backup",
      "reasons": [],
      "status": "satisfied",
      "unknown": 1
    }
  ],
  "profile": "velory-dpa"
}
)");
  world_->collector.views = {{"hosts", "[]"}};
  EXPECT_EQ(world_->Run({"host", "list", "--format", "json"}).out, "[]\n");
}

TEST_F(ListingCommands, StatusTellsTheWorstByItsCode) {
  const struct {
    std::vector<std::string> statuses;
    int code;
  } cases[] = {
      {{"satisfied"}, 0},
      {{"satisfied", "satisfied_with_exceptions"}, 0},
      {{"satisfied", "not_assessed"}, 3},
      {{"not_assessed", "not_satisfied"}, 2},
      {{}, 3},
  };
  for (const auto& c : cases) {
    std::string rows;
    for (const std::string& status : c.statuses) {
      rows +=
          std::string(rows.empty() ? "" : ",") + R"({"measure":"m","status":")" + status + "\"}";
    }
    world_->collector.views = {{"status", "{\"measures\":[" + rows + "]}"}};
    for (const char* format : {"table", "json", "csv"}) {
      const CtlRun run = world_->Run({"status", "--profile", "p", "--format", format});
      EXPECT_EQ(run.code, c.code) << rows << " " << format;
    }
  }
}

TEST_F(ListingCommands, FindingsCountWhileOpenAndNotAccepted) {
  const struct {
    const char* json;
    int code;
  } cases[] = {
      {"[]", 0},
      {R"([{"id":"1","closed_at":"2026-11-01T00:00:00Z","accepted":null}])", 0},
      {R"([{"id":"1","closed_at":null,"accepted":{"by":"waiver"}}])", 0},
      {R"([{"id":"1","closed_at":null,"accepted":null}])", 2},
  };
  for (const auto& c : cases) {
    world_->collector.views = {{"findings", c.json}};
    EXPECT_EQ(world_->Run({"finding", "list", "--profile", "p"}).code, c.code) << c.json;
  }
}

TEST_F(ListingCommands, TheOnlyProfileNeedsNoName) {
  world_->collector.views = {{"status", kStatus}, {"profile", kProfiles}};
  EXPECT_EQ(world_->Run({"status"}).code, 0);
  EXPECT_EQ(world_->collector.asked.back().second.at("profile"), "velory-dpa");
  world_->collector.views["profile"] =
      R"([{"profile":"a","digest":"1"},{"profile":"b","digest":"2"}])";
  const CtlRun run = world_->Run({"status"});
  EXPECT_EQ(run.code, 66);
  EXPECT_THAT(run.err, HasSubstr("2 profiles on record: name one"));
}

TEST_F(ListingCommands, PeriodsAreReadBeforeAnybodyIsAsked) {
  const struct {
    std::vector<std::string> flags;
    int code;
    std::map<std::string, std::string> asked;
  } cases[] = {
      {{"--at", "2026-11-01T00:00:00Z"}, 0, {{"at", "2026-11-01T00:00:00Z"}}},
      {{"--during", "2026-10-01T00:00:00Z..2026-11-01T00:00:00Z"},
       0,
       {{"from", "2026-10-01T00:00:00Z"}, {"to", "2026-11-01T00:00:00Z"}}},
      {{"--at", "yesterday"}, 64, {}},
      {{"--during", "2026-10-01T00:00:00Z"}, 64, {}},
      {{"--during", "2026-10-01..2026-11-01T00:00:00Z"}, 64, {}},
      {{"--at", "2026-11-01T00:00:00Z", "--during", "2026-10-01T00:00:00Z..2026-11-01T00:00:00Z"},
       64,
       {}},
  };
  for (const auto& c : cases) {
    world_->collector = {};
    world_->collector.views = {{"status", kStatus}};
    std::vector<std::string> words{"status", "--profile", "p"};
    words.insert(words.end(), c.flags.begin(), c.flags.end());
    const CtlRun run = world_->Run(words);
    EXPECT_EQ(run.code, c.code) << c.flags.back() << run.err;
    if (c.code != 0) {
      EXPECT_TRUE(world_->collector.asked.empty()) << c.flags.back();
      EXPECT_THAT(run.err, HasSubstr("--")) << c.flags.back();
      continue;
    }
    for (const auto& [key, value] : c.asked) {
      EXPECT_EQ(world_->collector.asked.back().second[key], value) << key;
    }
  }
}

// A host's text reaches a terminal or a spreadsheet only through its encoder.
TEST_F(ListingCommands, HostileTextIsDisarmedAtEveryExit) {
  const std::string hostile =
      R"J([{"id":"=HYPERLINK(\"http://example.org\")","subject":"\u001b]0;owned\u0007\u202e\r\nx",)J"
      R"J("check":"@SUM(1)","host":"-2+3","severity":"\t=1","closed_at":"x"}])J";
  world_->collector.views = {{"findings", hostile}};
  const std::vector<std::string> words{"finding", "list", "--profile", "p", "--format"};
  const auto shown = [&](const std::string& format) {
    std::vector<std::string> all = words;
    all.push_back(format);
    return world_->Run(all).out;
  };
  const std::string table = shown("table");
  EXPECT_THAT(table, HasSubstr("\\x1b]0;owned\\x07\\u{202e}\\x0d\\nx"));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 2) << table;
  const std::string csv = shown("csv");
  EXPECT_THAT(csv, HasSubstr("\"'=HYPERLINK(\"\"http://example.org\"\")\""));
  EXPECT_THAT(csv, HasSubstr(",'@SUM(1),'-2+3,\\x1b]0;owned"));
  for (const std::string& text : {table, csv, shown("json")}) {
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
    EXPECT_EQ(text.find('\x07'), std::string::npos) << text;
  }
}

TEST_F(ListingCommands, AnAnswerThatIsNoJsonIsBadData) {
  for (const char* answer : {"", "{", "nonsense"}) {
    world_->collector.views = {{"hosts", answer}};
    const CtlRun run = world_->Run({"host", "list"});
    EXPECT_EQ(run.code, 65) << answer;
    EXPECT_THAT(run.err, HasSubstr("no JSON")) << answer;
  }
}

TEST_F(ListingCommands, OutputGoesToAFile) {
  world_->collector.views = {{"hosts", kHosts}};
  const CtlRun run = world_->Run({"host", "list", "--format", "csv", "-o", world_->Path("h.csv")});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(world_->Read("h.csv"), HasSubstr("0123,web-1"));
  const CtlRun refused = world_->Run({"host", "list", "-o", world_->Path("no/such/folder")});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr(world_->Path("no/such/folder")));
}

TEST_F(ListingCommands, AHostIsNamedByItselfOrItsSystem) {
  world_->collector.views = {{"hosts", kHosts}};
  EXPECT_EQ(world_->Run({"host", "show", "0123"}).code, 0);
  const CtlRun run = world_->Run({"host", "show", "web-9"});
  EXPECT_EQ(run.code, 66);
  EXPECT_THAT(run.err, HasSubstr("there is no web-9"));
}

}  // namespace
}  // namespace tom
