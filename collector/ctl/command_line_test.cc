#include "collector/ctl/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "collector/ctl/command.h"
#include "collector/ctl/test_ctl.h"

namespace tom {
namespace {

using test::CtlRun;
using test::CtlWorld;
using test::ScopedVariable;
using ::testing::HasSubstr;
using ::testing::Not;

class CommandLine : public testing::Test {
 protected:
  static void SetUpTestSuite() { world_ = new CtlWorld; }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }
  void SetUp() override {
    world_->collector = {};
    world_->collector.views = {{"hosts", "[]"}};
  }

  static CtlWorld* world_;
};
CtlWorld* CommandLine::world_ = nullptr;

TEST_F(CommandLine, EveryCommandHelpsWithAnExample) {
  std::set<std::string> seen;
  for (const Command& command : AllCommands()) {
    std::string name;
    for (const std::string& word : command.words) name += (name.empty() ? "" : " ") + word;
    EXPECT_TRUE(seen.insert(name).second) << name << ": twice";
    EXPECT_EQ(command.example.rfind("tomctl " + name, 0), 0U) << name << ": " << command.example;
    std::vector<std::string> words = command.words;
    words.emplace_back("--help");
    const CtlRun run = world_->Bare(words);
    EXPECT_EQ(run.code, 0) << name;
    EXPECT_THAT(run.out, HasSubstr(command.summary)) << name;
    EXPECT_THAT(run.out, HasSubstr("Example:\n  " + command.example)) << name;
    EXPECT_THAT(run.out, HasSubstr("--format table|json|csv")) << name;
    EXPECT_EQ(run.err, "") << name;
  }
  for (const char* verb :
       {"check list", "check show", "check lint", "check test", "status", "finding list",
        "pack build", "pack show", "pack verify", "trust export", "token create", "version"}) {
    EXPECT_EQ(seen.count(verb), 1U) << verb;
  }
  EXPECT_THAT(world_->Bare({"--help"}).out, HasSubstr("TOM_CA_FILE"));
}

TEST_F(CommandLine, WrongUsageIs64) {
  const std::vector<std::string> cases[] = {
      {},
      {"nonsense"},
      {"host"},
      {"host", "frobnicate"},
      {"host", "list", "--nonsense"},
      {"host", "list", "--format", "xml"},
      {"host", "show"},
      {"pack", "verify", "x.asice"},
      {"pack", "build", "--profile", "p", "--unstamped"},
      {"token", "create"},
      {"token", "create", "--system", "a", "--uses", "0"},
      {"token", "create", "--system", "a", "--kind", "toaster"},
      {"token", "create", "--system", "a", "--label", "=x"},
      {"catalogue", "sign", "--version", "0"},
  };
  for (const auto& words : cases) {
    const CtlRun run = world_->Run(words);
    EXPECT_EQ(run.code, 64) << testing::PrintToString(words);
    EXPECT_NE(run.err, "") << testing::PrintToString(words);
    EXPECT_EQ(run.out, "") << testing::PrintToString(words);
  }
}

TEST_F(CommandLine, TheCollectorsAnswerDecidesTheCode) {
  const struct {
    absl::Status status;
    int code;
  } cases[] = {
      {absl::UnavailableError("nobody there"), 69},
      {absl::DeadlineExceededError("slow"), 69},
      {absl::PermissionDeniedError("no role"), 77},
      {absl::UnauthenticatedError("who"), 77},
      {absl::InvalidArgumentError("bad"), 65},
      {absl::DataLossError("lost"), 65},
      {absl::NotFoundError("none"), 66},
      {absl::InternalError("broken"), 1},
      {absl::AlreadyExistsError("there"), 1},
  };
  for (const auto& c : cases) {
    for (const char* format : {"table", "json", "csv"}) {
      world_->collector.down = c.status;
      const CtlRun run = world_->Run({"host", "list", "--format", format});
      EXPECT_EQ(run.code, c.code) << c.status;
      EXPECT_EQ(run.err, "tomctl: " + std::string(c.status.message()) + "\n") << c.status;
      EXPECT_EQ(run.out, "") << c.status;
    }
  }
  world_->collector.down = absl::InternalError("evil \x1b[2J\nsecond line");
  EXPECT_EQ(world_->Run({"host", "list"}).err, "tomctl: evil \\x1b[2J\\nsecond line\n");
}

TEST_F(CommandLine, VersionNeedsNoConfiguration) {
  const CtlRun run = world_->Bare({"--config", "/nonexistent", "version"});
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.out, std::string(TOM_VERSION) + "\n");
  EXPECT_EQ(world_->Bare({"version", "--format", "json"}).out,
            "{\"version\":\"" + std::string(TOM_VERSION) + "\"}\n");
}

// Flags stand before the environment, which stands before the file.
TEST_F(CommandLine, FlagsStandOverEnvironmentOverFile) {
  EXPECT_EQ(world_->Run({"host", "list"}).code, 0);
  EXPECT_EQ(world_->connected_with.collector, "localhost:8443");
  EXPECT_EQ(world_->connected_with.ca_file, world_->Path("operator/ca.pem"));
  const ScopedVariable collector("TOM_COLLECTOR", "environment.example.org:1");
  const ScopedVariable ca("TOM_CA_FILE", "/environment/ca.pem");
  EXPECT_EQ(world_->Run({"host", "list"}).code, 0);
  EXPECT_EQ(world_->connected_with.collector, "environment.example.org:1");
  EXPECT_EQ(world_->connected_with.ca_file, "/environment/ca.pem");
  EXPECT_EQ(world_->connected_with.key_file, world_->Path("operator/operator-tls.key"));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--collector", "flag.example.org:2", "host", "list"},
        std::vector<std::string>{"host", "list", "--collector", "flag.example.org:2"}}) {
    EXPECT_EQ(world_->Run(words).code, 0);
    EXPECT_EQ(world_->connected_with.collector, "flag.example.org:2");
    EXPECT_EQ(world_->connected_with.ca_file, "/environment/ca.pem");
  }
}

TEST_F(CommandLine, EveryKeyHasAVariableAndAFlag) {
  for (const CtlKey& key : kCtlKeys) {
    const std::vector<std::string> all{"--collector", "c:1",  "--ca-file",  "ca",
                                       "--cert-file", "cert", "--key-file", "key",
                                       "host",        "list"};
    const ScopedVariable home("XDG_CONFIG_HOME", world_->Path("nothing-here"));
    std::vector<std::string> flagged = all;
    flagged.insert(flagged.end(), {CtlFlagName(key), "value:1"});
    if (key.member != &CtlConfig::collector && key.member != &CtlConfig::ca_file &&
        key.member != &CtlConfig::cert_file && key.member != &CtlConfig::key_file) {
      EXPECT_EQ(world_->Bare(flagged).code, 0) << key.name;
      EXPECT_EQ(world_->connected_with.*key.member, "value:1") << key.name;
    }
    const ScopedVariable variable(CtlEnvironmentName(key), "other:2");
    EXPECT_EQ(world_->Run({"host", "list"}).code, 0) << key.name;
    EXPECT_EQ(world_->connected_with.*key.member, "other:2") << key.name;
  }
}

TEST_F(CommandLine, TheFileIsFoundWhereItIsSaid) {
  std::filesystem::create_directories(world_->Path("xdg/tom"));
  world_->Write("xdg/tom/tomctl.yaml",
                "collector: xdg.example.org:3\nca_file: a\ncert_file: b\nkey_file: c\n");
  const ScopedVariable base("XDG_CONFIG_HOME", world_->Path("xdg"));
  EXPECT_EQ(world_->Bare({"host", "list"}).code, 0);
  EXPECT_EQ(world_->connected_with.collector, "xdg.example.org:3");
  std::filesystem::create_directories(world_->Path("home/.config"));
  std::filesystem::rename(world_->Path("xdg/tom"), world_->Path("home/.config/tom"));
  {
    const ScopedVariable none("XDG_CONFIG_HOME", "");
    const ScopedVariable home("HOME", world_->Path("home"));
    EXPECT_EQ(world_->Bare({"host", "list"}).code, 0);
    const ScopedVariable named("TOM_CONFIG", world_->Config());
    EXPECT_EQ(world_->Bare({"host", "list"}).code, 0);
    EXPECT_EQ(world_->connected_with.collector, "localhost:8443");
  }
  const CtlRun missing = world_->Bare({"host", "list"});  // nothing anywhere
  EXPECT_EQ(missing.code, 78);
  EXPECT_THAT(missing.err, HasSubstr(world_->Path("xdg/tom/tomctl.yaml") +
                                     ": names no collector, ca_file, cert_file, key_file"));
}

TEST_F(CommandLine, AWrongConfigurationNamesFileLineAndKey) {
  const struct {
    const char* text;
    const char* error;
  } cases[] = {
      {"collector: a:1\ncolector: b:2\n", ":2:11: colector: unknown key"},
      {"collector: a:1\ncollector: b:2\n", ":2:1: "},
      {"collector: [a, b]\n", ":1:12: collector: "},
      {"ca_file: x\ncollector: {host: a}\n", ":2:12: collector: "},
      {"collector: nohost\n", ":1:12: collector: not HOST:PORT"},
      {"collector: a:99999\n", ":1:12: collector: not HOST:PORT"},
      {"collector: fe80::1:443\n", ":1:12: collector: not HOST:PORT"},
      {"ca_file: ''\n", ":1:10: ca_file: empty"},
      {"- collector\n", ":1:1: not a map"},
      {"collector: 'a:1\n", ":"},
      {"collector: &a b:1\nca_file: *a\n", ":"},
      {"a: 1\n---\nb: 2\n", ":"},
  };
  for (const auto& c : cases) {
    const std::string path = world_->Write("wrong.yaml", c.text);
    const CtlRun run = world_->Bare({"--config", path, "host", "list"});
    EXPECT_EQ(run.code, 78) << c.text << run.err;
    EXPECT_THAT(run.err, HasSubstr(path + c.error)) << c.text;
  }
}

TEST_F(CommandLine, WhatIsNoFileIsNoConfiguration) {
  const std::string fifo = world_->Path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  for (const std::string& path :
       {world_->Path("absent.yaml"), world_->Path("operator"), fifo, std::string("/dev/zero"),
        world_->Write("huge.yaml", std::string(2 << 20, '#')),
        world_->Write("nul.yaml", std::string("collector: a:1\0\n", 16))}) {
    const CtlRun run = world_->Bare({"--config", path, "host", "list"});
    EXPECT_EQ(run.code, 78) << path << run.err;
    EXPECT_THAT(run.err, HasSubstr(path)) << path;
  }
}

TEST_F(CommandLine, KeysThatOthersCanReadAreRefused) {
  const std::string key = world_->Path("operator/publisher.key");
  const std::vector<std::string> sign{"catalogue", "sign", "--checks", TOM_SOURCE_DIR "/checks",
                                      "--version", "1"};
  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U}) {
    ASSERT_EQ(chmod(key.c_str(), mode), 0);
    const CtlRun run = world_->Run(sign);
    EXPECT_EQ(run.code, 77) << mode;
    EXPECT_THAT(run.err, HasSubstr(key + ": can be read by others")) << mode;
    EXPECT_EQ(run.out, "") << mode;
  }
  ASSERT_EQ(chmod(key.c_str(), 0600), 0);
  const std::string link = world_->Path("publisher.link");
  ASSERT_EQ(symlink(key.c_str(), link.c_str()), 0);
  std::vector<std::string> linked = sign;
  linked.insert(linked.end(), {"--publisher-key-file", link});
  EXPECT_EQ(world_->Run(linked).code, 0);  // what it leads to is what counts
}

TEST_F(CommandLine, KeysThatDoNotFitAreNamed) {
  const std::vector<std::string> sign{
      "catalogue",           "sign", "--checks", TOM_SOURCE_DIR "/checks", "--version", "1",
      "--publisher-key-file"};
  const std::string junk = world_->Write("junk.key", "not a key");
  chmod(junk.c_str(), 0600);
  const struct {
    std::string path;
    int code;
    std::string error;
  } cases[] = {
      {world_->Path("operator/pack.key"), 65, "pack.key: not the key of"},
      {junk, 65, "publisher " + junk + ": "},
      {world_->Path("absent.key"), 66, "absent.key: No such file"},
      {world_->Path("operator"), 1, "operator: no regular file"},
  };
  for (const auto& c : cases) {
    std::vector<std::string> words = sign;
    words.push_back(c.path);
    const CtlRun run = world_->Run(words);
    EXPECT_EQ(run.code, c.code) << c.path << run.err;
    EXPECT_THAT(run.err, HasSubstr(c.error)) << c.path;
  }
}

// A malformed pack has a verdict, and a verdict has a colour on a terminal.
TEST_F(CommandLine, ColoursAreForTerminalsThatWantThem) {
  const std::string pack = world_->Write("no.asice", "no pack");
  const std::vector<std::string> words{"pack", "verify", pack, "--trust",
                                       world_->Path("operator/trust.json")};
  std::vector<std::string> plain = words;
  plain.emplace_back("--no-color");
  const CtlRun coloured = world_->Run(words, true);
  EXPECT_EQ(coloured.code, 2);
  EXPECT_THAT(coloured.out, HasSubstr("\x1b[31mdisproven"));
  EXPECT_THAT(world_->Run(words, false).out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(world_->Run(plain, true).out, Not(HasSubstr("\x1b")));
  {
    const ScopedVariable empty("NO_COLOR", "");
    EXPECT_THAT(world_->Run(words, true).out, HasSubstr("\x1b[31m"));
  }
  const ScopedVariable refused("NO_COLOR", "1");
  EXPECT_THAT(world_->Run(words, true).out, Not(HasSubstr("\x1b")));
}

TEST_F(CommandLine, TheFormatMayComeFromTheEnvironment) {
  world_->collector.views = {{"hosts", R"([{"host":"a"}])"}};
  const ScopedVariable format("TOM_FORMAT", "json");
  EXPECT_EQ(world_->Run({"host", "list"}).out, "[\n  {\n    \"host\": \"a\"\n  }\n]\n");
  EXPECT_EQ(world_->Run({"host", "list", "--format", "csv"}).out.substr(0, 11), "host,system");
}

}  // namespace
}  // namespace tom
