#include "checks/parse/oval_definitions.h"

#include <gtest/gtest.h>

#include "checks/parse/oval_evaluate.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// One definition a line of `criteria`, over tests p0, p1, …: package, existence, check, state.
struct Made {
  std::string definitions, tests, objects, states;

  Made() {
    Test("release", "independent", "textfilecontent54", "",
         "<path>/etc</path><filename>debian_version</filename>"
         "<pattern operation=\"pattern match\">(\\d+)\\.\\d</pattern><instance>1</instance>",
         "<subexpression operation=\"equals\">12</subexpression>");
    tests += "<uname_test id=\"all\" xmlns=\"" + Space("unix") +
             "\"><object object_ref=\"o-uname\"/></uname_test>";
  }
  static std::string Space(const std::string& end) {
    return "http://oval.mitre.org/XMLSchema/oval-definitions-5#" + end;
  }
  void Test(const std::string& id, const std::string& space, const std::string& kind,
            const std::string& attributes, const std::string& object, const std::string& state) {
    const std::string xmlns = " xmlns=\"" + Space(space) + "\"";
    tests += "<" + kind + "_test id=\"" + id + "\" " + attributes + xmlns +
             "><object object_ref=\"o-" + id + "\"/>" +
             (state.empty() ? "" : "<state state_ref=\"s-" + id + "\"/>") + "</" + kind + "_test>";
    objects += "<" + kind + "_object id=\"o-" + id + "\"" + xmlns + ">" + object + "</" + kind +
               "_object>";
    states +=
        "<" + kind + "_state id=\"s-" + id + "\"" + xmlns + ">" + state + "</" + kind + "_state>";
  }
  void Package(const std::string& id, const std::string& name, const std::string& evr,
               const std::string& attributes = "check=\"all\"",
               const std::string& operation = "less than") {
    Test(id, "linux", "dpkginfo", attributes, "<name>" + name + "</name>",
         evr.empty() ? ""
                     : "<evr datatype=\"debian_evr_string\" operation=\"" + operation + "\">" +
                           evr + "</evr>");
  }
  void Definition(const std::string& cve, const std::string& criteria) {
    definitions += "<definition class=\"vulnerability\" id=\"d-" + cve +
                   "\"><metadata><title>x</title><affected family=\"unix\">"
                   "<platform>Debian GNU/Linux 12</platform></affected>"
                   "<reference source=\"CVE\" ref_id=\"" +
                   cve + "\"/><severity>High</severity></metadata>" + criteria + "</definition>";
  }
  std::string Text() const {
    return "<?xml version=\"1.0\" ?><oval_definitions "
           "xmlns=\"http://oval.mitre.org/XMLSchema/oval-definitions-5\" "
           "xmlns:oval=\"http://oval.mitre.org/XMLSchema/oval-common-5\"><generator>"
           "<oval:timestamp>2026-11-20T00:04:04.188-04:00</oval:timestamp></generator>"
           "<definitions>" +
           definitions + "</definitions><tests>" + tests + "</tests><objects>" + objects +
           "</objects><states>" + states + "</states></oval_definitions>";
  }
};

absl::StatusOr<OvalFile> Read(std::string_view text, size_t piece = 1000) {
  OvalReader reader;
  for (size_t at = 0; at < text.size(); at += piece) {
    TOM_RETURN_IF_ERROR(reader.Take(text.substr(at, piece)));
  }
  return reader.Finish();
}

OvalHost Host() {
  OvalHost host;
  host.release = 12;
  host.packages = {{"foo", "1.0-1", "amd64", "foo", "1.0-1"},
                   {"foo", "2.0-1", "i386", "foo", "2.0-1"},
                   {"libbar3", "3.0", "amd64", "bar", "1:3.0"},
                   {"baz", "5", "all", "baz", "5"}};
  return host;
}

std::string Criterion(const std::string& test, const std::string& more = "") {
  return "<criterion test_ref=\"" + test + "\" " + more + "/>";
}
std::string And(const std::string& inner, const std::string& how = "AND") {
  return "<criteria operator=\"" + how + "\">" + inner + "</criteria>";
}

std::string Found(const Made& made, const OvalHost& host = Host()) {
  const auto file = Read(made.Text());
  EXPECT_TRUE(file.ok()) << file.status() << made.Text();
  if (!file.ok()) return "";
  const OvalOutcome outcome = EvaluateOval(*file, host);
  std::string text;
  for (const OvalFinding& one : outcome.findings) {
    const OvalPackage& package = host.packages[one.package];
    text += one.weakness + " " + package.name + ":" + package.architecture + " <" + one.fixed +
            (one.by_source ? " source" : "") + "; ";
  }
  return text + (outcome.undecided > 0 ? "undecided" : "");
}

TEST(OvalDefinitions, DebiansShapeIsRead) {
  Made made;
  made.Package("p", "foo", "0:1.5-1");
  made.Definition("CVE-2026-1",
                  And(Criterion("release") + And(And(Criterion("all") + Criterion("p")), "OR")));
  for (const size_t piece : {size_t{1}, size_t{1} << 20}) {
    const auto file = Read(made.Text(), piece);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->timestamp, "2026-11-20T00:04:04.188-04:00");
    EXPECT_EQ(file->definitions.size(), 1u);
    EXPECT_EQ(file->tests.size(), 3u);
    const OvalOutcome outcome = EvaluateOval(*file, Host());
    EXPECT_EQ(outcome.releases, std::vector<int64_t>{12});
    EXPECT_EQ(outcome.packages, 2u);
    EXPECT_EQ(outcome.definitions, 1u);
    ASSERT_EQ(outcome.findings.size(), 1u);
    EXPECT_EQ(outcome.findings[0].severity, "high");
  }
  EXPECT_EQ(Found(made), "CVE-2026-1 foo:amd64 <0:1.5-1; ");
  OvalHost other = Host();
  other.release = 13;
  EXPECT_EQ(Found(made, other), "");
  other.release.reset();
  EXPECT_EQ(Found(made, other), "undecided");
}

TEST(OvalDefinitions, TestsAreAskedAsOvalHasThem) {
  struct Case {
    const char* name;
    const char* evr;
    const char* attributes;
    const char* operation;
    const char* found;
  };
  const Case cases[] = {
      {"foo", "0:1.0-1", "", "less than", ""},
      {"foo", "0", "", "less than", ""},
      {"foo", "1:0", "", "less than", "CVE-1 foo:amd64 <1:0; CVE-1 foo:i386 <1:0; "},
      {"foo", "1.0-1", "", "less than or equal", "CVE-1 foo:amd64 <; "},
      {"foo", "1.0-1", "", "equals", "CVE-1 foo:amd64 <; "},
      {"foo", "1.0-1", "", "pattern match", "undecided"},
      {"foo", "", "", "", "CVE-1 foo:amd64 <; CVE-1 foo:i386 <; "},
      {"none", "9", "", "less than", ""},
      {"none", "", "check_existence=\"none_exist\"", "", "undecided"},
      {"bar", "1:3.1", "", "less than", "CVE-1 libbar3:amd64 <1:3.1 source; "},
      {"bar", "3.1", "", "less than", ""},
      {"baz", "9", "check=\"none satisfy\"", "less than", ""},
      {"baz", "9", "check=\"some\"", "less than", "undecided"},
      {"baz", "9", "state_operator=\"ONE\"", "less than", "undecided"},
  };
  for (const Case& one : cases) {
    Made made;
    made.Package("p", one.name, one.evr, one.attributes, one.operation);
    made.Definition("CVE-1", And(Criterion("p")));
    EXPECT_EQ(Found(made), one.found) << one.name << " " << one.evr << " " << one.operation;
  }
}

TEST(OvalDefinitions, CriteriaAreLogic) {
  const std::string old = Criterion("old");
  const std::string sound = Criterion("new");
  const std::string untold = Criterion("nothing-of-this-id");
  const std::string yes = "CVE-1 baz:all <9; ";
  const std::pair<std::string, std::string> cases[] = {
      {And(old + sound), ""},
      {And(old + sound, "OR"), yes},
      {And(old + untold), "undecided"},
      {And(sound + untold), ""},
      {And(untold + old, "OR"), yes},
      {And(old + old, "ONE"), ""},
      {And(old + sound, "ONE"), yes},
      {And(old + old, "XOR"), ""},
      {And(old + Criterion("new", "negate=\"true\"")), yes},
      {And(Criterion("old", "negate=\"true\"")), ""},
      {And(Criterion("new", "negate=\"true\"")), "undecided"},  // of which package is not told
      {And(old, "NAND"), "undecided"},
      {And(""), "undecided"},
      {"", ""},
      {And("<extend_definition definition_ref=\"d-CVE-1\"/>"), "undecided"},
      {And(old + "<extend_definition definition_ref=\"d-CVE-2\"/>"), yes},
      {And(old + "<extend_definition definition_ref=\"d-CVE-3\"/>"), "undecided"},
  };
  for (const auto& [criteria, found] : cases) {
    Made made;
    made.Package("old", "baz", "9");
    made.Package("new", "baz", "5");
    made.Definition("CVE-1", criteria);
    made.definitions += "<definition class=\"inventory\" id=\"d-CVE-2\"><metadata/>" +
                        And(Criterion("release")) + "</definition>";
    EXPECT_EQ(Found(made), found) << criteria;
  }
}

TEST(OvalDefinitions, WhatIsNotWholeIsRefused) {
  Made made;
  made.Package("p", "foo", "9");
  made.Definition("CVE-1", And(Criterion("p")));
  const std::string text = made.Text();
  EXPECT_FALSE(Read("").ok());
  EXPECT_FALSE(Read("<a/>").ok());
  EXPECT_FALSE(Read("<oval_definitions/>").ok()) << "without its name space";
  for (size_t size = 0; size < text.size(); size += 97) {
    EXPECT_FALSE(Read(text.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(Read("<!DOCTYPE x [<!ENTITY a \"b\">]>" + text.substr(text.find('>') + 1)).ok());
  std::string deep = text.substr(0, text.find("<definitions>")) + "<definitions>";
  for (int i = 0; i < 200; ++i) deep += "<definition>";
  EXPECT_FALSE(Read(deep).ok());
}

TEST(OvalDefinitions, ATagThatDoesNotEndIsNotWaitedFor) {
  const std::string start =
      "<oval_definitions xmlns=\"http://oval.mitre.org/XMLSchema/oval-definitions-5\"";
  EXPECT_TRUE(absl::IsResourceExhausted(
      Read(start + " a=\"" + std::string(8 << 20, 'x') + "\"/>", 64 << 10).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(
      Read(start + "><!-- " + std::string(8 << 20, 'x') + "--></oval_definitions>", 1 << 20)
          .status()));
  EXPECT_TRUE(Read(start + ">" + std::string(8 << 20, ' ') + "</oval_definitions>", 1 << 20).ok());
}

TEST(OvalDefinitions, WhatIsKeptIsBounded) {
  std::string text =
      "<oval_definitions "
      "xmlns=\"http://oval.mitre.org/XMLSchema/oval-definitions-5\"><definitions>";
  OvalReader reader;
  absl::Status status = reader.Take(text);
  for (int i = 0; status.ok() && i < 3000000; i += 1000) {
    std::string more;
    for (int j = i; j < i + 1000; ++j) {
      more.append("<definition id=\"").append(std::to_string(j)).append("\"/>");
    }
    status = reader.Take(more);
  }
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
}

}  // namespace
}  // namespace tom
