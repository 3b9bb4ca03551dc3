// Commands that work on a folder of checks, without any collector.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/ctl/test_ctl.h"

namespace tom {
namespace {

using test::CtlRun;
using test::CtlWorld;
using test::ScopedVariable;
using ::testing::HasSubstr;

constexpr char kCheck[] = R"(id: strong-tls
measure: encryption-in-transit
title: Endpoints are strong
severity: high
interval: 1h
runs_on: host
query: |
  SELECT host AS subject,
         CASE WHEN weakest_rank < 30 THEN 'fail'
              WHEN weakest_rank >= 30 THEN 'pass'
              ELSE 'unknown' END AS verdict,
         'rank ' || coalesce(weakest_rank, '?') AS reason
  FROM tls_endpoints
when_empty: not_applicable
rationale: Weak versions can be read on the way.
remediation: Switch them off.
references: [GDPR 32(1)(a)]
cases:
  - name: strong
    facts: {tls_endpoints: [{host: a, port: 443, weakest_rank: 30}]}
    expect: [{subject: a, verdict: pass}]
  - name: a weak one
    facts: {tls_endpoints: [{host: b, port: 443, weakest_rank: 10}]}
    expect: [{subject: b, verdict: fail}]
  - name: no answer
    facts: {tls_endpoints: [{host: c, port: 443}]}
    expect: [{subject: c, verdict: unknown}]
)";

class CheckCommands : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(world_.Path("checks/measures/encryption-in-transit"));
    world_.Write("checks/measures/encryption-in-transit/measure.yaml",
                 "id: encryption-in-transit\ntitle: Encryption\nstatement: It is encrypted.\n");
    Put(kCheck);
  }
  void Put(const std::string& yaml) {
    world_.Write("checks/measures/encryption-in-transit/strong-tls.yaml", yaml);
  }
  static std::string Replaced(std::string text, const std::string& from, const std::string& to) {
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
  }
  CtlRun Check(std::vector<std::string> words) {
    words.insert(words.begin(), "check");
    words.insert(words.end(), {"--checks", world_.Path("checks")});
    return world_.Bare(words);  // without any configuration
  }

  CtlWorld world_;
};

TEST_F(CheckCommands, ListAsInterfacesFixIt) {
  EXPECT_EQ(Check({"list"}).out,
            "id          measure                severity  runs_on  interval\n"
            "strong-tls  encryption-in-transit  high      host     1h\n");
  EXPECT_EQ(
      Check({"list", "--format", "csv"}).out,
      "id,measure,severity,runs_on,interval\r\nstrong-tls,encryption-in-transit,high,host,1h\r\n");
  EXPECT_EQ(Check({"list", "--format", "json"}).out,
            "[\n  {\n    \"id\": \"strong-tls\",\n    \"interval\": \"1h\",\n"
            "    \"measure\": \"encryption-in-transit\",\n    \"runs_on\": \"host\",\n"
            "    \"severity\": \"high\"\n  }\n]\n");
}

TEST_F(CheckCommands, TestRunsEveryCase) {
  for (const char* format : {"table", "json", "csv"}) {
    const CtlRun run = Check({"test", "--format", format});
    EXPECT_EQ(run.code, 0) << run.out << run.err;
    EXPECT_THAT(run.err, HasSubstr("strong-tls: 3 cases, ")) << format;
  }
  EXPECT_EQ(Check({"test", "--format", "json"}).out, "[]\n");
  EXPECT_EQ(Check({"test", "strong-tls"}).code, 0);
  EXPECT_EQ(Check({"test", "no-such"}).code, 66);
}

TEST_F(CheckCommands, TestNamesTheCaseThatFails) {
  Put(Replaced(kCheck, "subject: b, verdict: fail", "subject: b, verdict: pass"));
  const CtlRun run = Check({"test", "--format", "csv"});
  EXPECT_EQ(run.code, 2) << run.err;
  EXPECT_THAT(run.out, HasSubstr("strong-tls,"));
  EXPECT_THAT(run.out, HasSubstr("a weak one"));
}

// A fact that is missing must never turn into a pass, whatever the check's own cases say.
TEST_F(CheckCommands, TestFindsAPassOutOfMissingFacts) {
  Put(Replaced(kCheck, "WHEN weakest_rank >= 30 THEN 'pass'",
               "WHEN coalesce(weakest_rank, 30) >= 30 THEN 'pass'"));
  const CtlRun run = Check({"test"});
  EXPECT_EQ(run.code, 2) << run.out;
}

TEST_F(CheckCommands, LintTellsWhatAQueryMustNotDo) {
  EXPECT_EQ(Check({"lint"}).code, 0);
  Put(Replaced(kCheck, "ELSE 'unknown'", "ELSE 'pass'"));
  const CtlRun run = Check({"lint", "--format", "json"});
  EXPECT_EQ(run.code, 2) << run.err;
  EXPECT_THAT(run.out, HasSubstr("\"check\": \"strong-tls\""));
  EXPECT_THAT(run.out, HasSubstr("ELSE 'pass'"));
}

TEST_F(CheckCommands, ABrokenCheckNamesFileAndPlace) {
  const std::string file = world_.Path("checks/measures/encryption-in-transit/strong-tls.yaml");
  const struct {
    std::string yaml;
    std::string error;
  } cases[] = {
      {Replaced(kCheck, "severity: high", "severity: catastrophic"), ":4:11: severity: "},
      {Replaced(kCheck, "severity: high", "sevrity: high"), ":"},
      {Replaced(kCheck, "severity: high", "severity: [high"), ":"},
      {Replaced(kCheck, "SELECT host", "DELETE FROM users; SELECT host"), ""},
      {"", ":"},
  };
  for (const auto& c : cases) {
    Put(c.yaml);
    for (const char* verb : {"list", "lint", "test"}) {
      if (c.error.empty() && verb == std::string("list")) continue;  // it compiles no query
      const CtlRun run = Check({verb});
      EXPECT_NE(run.code, 0) << verb << c.yaml.substr(0, 200);
      if (run.code == 2) continue;  // told as a problem of that check
      EXPECT_EQ(run.code, 65) << verb << run.err;
      EXPECT_THAT(run.err, HasSubstr(file + c.error)) << verb;
    }
  }
}

TEST_F(CheckCommands, TheFolderMayComeFromTheEnvironment) {
  const ScopedVariable folder("TOM_CHECKS", world_.Path("checks"));
  EXPECT_THAT(world_.Bare({"check", "list"}).out, HasSubstr("strong-tls"));
  const CtlRun missing = world_.Bare({"check", "list", "--checks", world_.Path("no")});
  EXPECT_EQ(missing.code, 66);
  EXPECT_THAT(missing.err, HasSubstr(world_.Path("no") + ": No such file"));
}

TEST_F(CheckCommands, ShowDisarmsWhatACheckSays) {
  Put(Replaced(kCheck, "title: Endpoints are strong", "title: \"a\\e[2Jb\\u202Ec\""));
  const CtlRun run = Check({"show", "strong-tls"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out.rfind("strong-tls: a\\x1b[2Jb\\u{202e}c\n", 0), 0U) << run.out;
}

TEST_F(CheckCommands, AProfileIsShownClauseByClause) {
  const CtlRun run = world_.Bare(
      {"profile", "show", "velory-dpa", "--checks", TOM_SOURCE_DIR "/checks", "--format", "json"});
  EXPECT_EQ(run.code, 0) << run.err;
  for (const char* member :
       {"\"profile\": \"velory-dpa\"", "\"document\": \"", "\"clauses\": [", "\"clause\": \"",
        "\"promise\": \"", "\"reading\": \"", "\"basis\": \"", "\"proof\": \"", "\"measures\": [",
        "\"checks\": [", "\"parameters\": {"}) {
    EXPECT_THAT(run.out, HasSubstr(member));
  }
}

TEST_F(CheckCommands, AProfileIsReadableOnATerminal) {
  const CtlRun run =
      world_.Bare({"profile", "show", "velory-dpa", "--checks", TOM_SOURCE_DIR "/checks"});
  EXPECT_EQ(run.code, 0) << run.err;
  for (const char* part :
       {"velory-dpa  ", " clauses: ", "\nB.1.1  measured, interpreted\n  Promise  ",
        "\n  Reading  ", "\n  Measure  encryption-at-rest", ", no check on hosts"}) {
    EXPECT_THAT(run.out, HasSubstr(part));
  }
  for (size_t at = 0, end; (end = run.out.find('\n', at)) != std::string::npos; at = end + 1) {
    EXPECT_LE(end - at, 100u) << run.out.substr(at, end - at);
  }
}

}  // namespace
}  // namespace tom
