// rsyslog's configuration: what each form comes to. What rsyslogd itself does with each was seen by
// the suite log_forwarding.
#include <gtest/gtest.h>

#include "checks/parse/rsyslog_flow.h"
#include "checks/parse/size_text.h"

namespace tom {
namespace {

constexpr char kInput[] = "module(load=\"imuxsock\")\n";
constexpr char kForward[] = "action(type=\"omfwd\" target=\"h\" port=\"514\" protocol=\"tcp\")\n";
constexpr size_t kMail = 2;
constexpr size_t kAuth = 4;
constexpr size_t kCron = 9;

absl::StatusOr<RsyslogConfig> Parse(const std::string& text,
                                    const std::map<std::string, std::string>& files = {}) {
  return ParseRsyslogConfig(
      {"/etc/rsyslog.conf", text},
      [&](const std::string& pattern) -> absl::StatusOr<std::vector<RsyslogSource>> {
        const auto found = files.find(pattern);
        if (found == files.end()) return absl::NotFoundError("none");
        return std::vector<RsyslogSource>{{found->first, found->second}};
      });
}

// Which severities of a facility surely reach the first sender.
std::string Reach(const std::string& text, size_t facility,
                  const std::map<std::string, std::string>& files = {}) {
  const auto config = Parse(kInput + text, files);
  if (!config.ok()) return "refused";
  const RsyslogFlow flow = FollowRsyslog(*config);
  if (flow.forwards.empty()) return "no sender";
  std::string levels;
  for (size_t i = 0; i < kSyslogSeverities; ++i) {
    const bool surely = ((flow.forwards[0].surely[facility] >> i) & 1) != 0;
    const bool perhaps = ((flow.forwards[0].perhaps[facility] >> i) & 1) != 0;
    levels.push_back(surely ? static_cast<char>('0' + i) : perhaps ? '?' : '-');
  }
  return levels;
}

TEST(RsyslogConfig, EachFormReachesWhatItReaches) {
  const std::string forward = kForward;
  const struct {
    std::string text;
    size_t facility;
    std::string reach;
  } cases[] = {
      {"*.* @@h\n", kAuth, "01234567"},
      {"mail.* @@h\n", kAuth, "--------"},
      {"auth.info @@h\n", kAuth, "0123456-"},
      {"auth.=info @@h\n", kAuth, "------6-"},
      {"*.*;auth.none @@h\n", kAuth, "--------"},
      {"*.*;auth.!=info @@h\n", kAuth, "012345-7"},
      {"auth.*;auth.!err @@h\n", kAuth, "----4567"},
      {"auth.info,mail.info @@h\n", kMail, "0123456-"},
      {"authx.*;cron.* @@h\n", kCron, "--------"},
      {"auth.*\n*.* @@h\n", kCron, "--------"},
      {"auth.* /var/log/a\n& stop\n" + forward, kAuth, "--------"},
      {"auth.* ~\n" + forward, kAuth, "--------"},
      {":msg, contains, \"x\" stop\n" + forward, kAuth, "????????"},
      {":syslogfacility-text, isequal, \"auth\" stop\n" + forward, kAuth, "--------"},
      {":msg, nonsense, \"x\" stop\n" + forward, kAuth, "01234567"},
      {"if $syslogseverity <= 4 then " + forward, kAuth, "01234---"},
      {"if 1 == 1 or 1 == 1 and 1 == 2 then " + forward, kAuth, "--------"},
      {"if not $syslogfacility-text == 'auth' then " + forward, kMail, "--------"},
      {"if $syslogfacility-text == ['auth','mail'] then " + forward, kMail, "01234567"},
      {"if prifilt(\"auth.err\") then " + forward, kAuth, "0123----"},
      {"if $syslogfacility-text == 'auth' then {\n stop\n} else {\n" + forward + "}\n", kMail,
       "01234567"},
      {"set $.a = 'auth';\nif $syslogfacility-text == $.a then stop\n" + forward, kAuth,
       "--------"},
      {"ruleset(name=\"rr\") {\n auth.* stop\n}\ncall rr\n" + forward, kAuth, "--------"},
      {"ruleset(name=\"rr\" queue.type=\"LinkedList\") {\n auth.* stop\n}\ncall rr\n" + forward,
       kAuth, "01234567"},
      {"ruleset(name=\"rr\") {\n" + forward + "}\n", kAuth, "--------"},
      {"ruleset(name=\"rr\") {\n" + forward + "}\n$DefaultRuleset rr\n", kAuth, "01234567"},
      {"$RuleSet rr\n*.* @@h\n", kAuth, "--------"},
      {"ruleset(name=\"rr\") {\n call rr\n}\ncall rr\n" + forward, kAuth, "????????"},
      {"include(file=\"/a\")\n" + forward, kAuth, "--------"},
      {"*.* @@h\n$IncludeConfig /none\nauth.* stop\n", kAuth, "01234567"},
      {"*.* /var/log/x\n$IncludeConfig /amp\n" + forward, kAuth, "--------"},
      {"*.* @@h;Undefined\n", kAuth, "no sender"},
      {"action(type=\"omfwd\" target=\"h\" config.enabled=\"off\")\n", kAuth, "no sender"},
      {"action(type=\"omrelp\" target=\"h\")\n", kAuth, "no sender"},
      {"if $msg then then\n" + forward, kAuth, "refused"},
      {"auth.* { @@h }\n", kAuth, "refused"},
      {"action(type='omfwd' target='h')\n", kAuth, "refused"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(Reach(one.text, one.facility, {{"/a", "auth.* stop\n"}, {"/amp", "& stop\n"}}),
              one.reach)
        << one.text;
  }
}

TEST(RsyslogConfig, WhatASenderIs) {
  const std::string tls =
      "action(type=\"omfwd\" target=\"h\" port=\"6514\" protocol=\"tcp\" StreamDriver=\"gtls\" ";
  const struct {
    std::string text;
    std::optional<bool> works, encrypted, verified;
  } cases[] = {
      {"*.* @h\n", true, false, false},
      {"*.* @@(z9,o)[2001:db8::1]:601\n", true, false, false},
      {"*.* @@h # comment\n", false, false, false},
      {"*.* @@127.0.0.1\n", {}, {}, {}},
      {tls + "StreamDriverMode=\"0\")\n", true, false, false},
      {tls + "StreamDriverMode=\"1\" StreamDriverAuthMode=\"anon\")\n", true, true, false},
      {tls + "StreamDriverMode=\"1\")\n", false, true, true},
      {"global(DefaultNetstreamDriverCAFile=\"/c\")\n" + tls + "StreamDriverMode=\"1\")\n", true,
       true, true},
      {tls + "StreamDriverMode=\"0\" StreamDriverMode=\"1\" StreamDriverAuthMode=\"anon\")\n", true,
       true, false},
      {"action(type=\"omfwd\" target=\"h\" port=\"1\" protocol=\"tcp\" StreamDriverMode=\"1\")\n",
       false,
       {},
       {}},
      {"action(type=\"omfwd\" target=\"h\" protocol=\"udp\" StreamDriver=\"gtls\" "
       "StreamDriverMode=\"1\")\n",
       true, false, false},
      {"$DefaultNetstreamDriver gtls\n$ActionSendStreamDriverMode 1\n"
       "$ActionSendStreamDriverAuthMode anon\n*.* @@h\n",
       true, true, false},
      {"$DefaultNetstreamDriver gtls\n*.* @@h\n$ActionSendStreamDriverMode 1\n", true, false,
       false},
      {"module(load=\"omrelp\")\naction(type=\"omrelp\" target=\"h\" tls=\"on\")\n", true, true,
       false},
  };
  for (const auto& one : cases) {
    const auto config = Parse(kInput + one.text);
    ASSERT_TRUE(config.ok()) << one.text << config.status();
    const RsyslogFlow flow = FollowRsyslog(*config);
    ASSERT_EQ(flow.forwards.size(), 1u) << one.text;
    EXPECT_EQ(flow.forwards[0].works, one.works) << one.text << flow.forwards[0].problem;
    EXPECT_EQ(flow.forwards[0].encrypted, one.encrypted) << one.text;
    EXPECT_EQ(flow.forwards[0].verified, one.verified) << one.text;
  }
}

TEST(RsyslogConfig, HowMessagesComeIn) {
  const struct {
    std::string text;
    std::optional<bool> local;
  } cases[] = {
      {"module(load=\"imuxsock\")\n", true},
      {"$ModLoad imuxsock.so\n", true},
      {"module(load=\"imuxsock\" SysSock.Use=\"off\")\n", false},
      {"$ModLoad imuxsock\n$OmitLocalLogging on\n", false},
      {"module(load=\"imjournal\")\n", true},
      {"module(load=\"imtcp\")\ninput(type=\"imtcp\" port=\"514\")\n", false},
      {"module(load=\"imfile\")\ninput(type=\"imfile\" File=\"/var/log/x\")\n", {}},
      {"module(load=\"imuxsock\" SysSock.Name=\"/elsewhere\")\n", {}},
  };
  for (const auto& one : cases) {
    const auto config = Parse(one.text);
    ASSERT_TRUE(config.ok()) << one.text << config.status();
    EXPECT_EQ(FollowRsyslog(*config).local, one.local) << one.text;
  }
}

TEST(RsyslogConfig, HostileTextEndsInABound) {
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep.append("auth.* {\n");
  EXPECT_FALSE(Parse(deep).ok());
  EXPECT_FALSE(Parse("if " + std::string(5000, '(') + "1").ok());
  std::string many;
  for (size_t i = 0; i <= kMaxRsyslogStatements; ++i) many.append("stop\n");
  EXPECT_FALSE(Parse(many).ok());
  EXPECT_FALSE(Parse("$IncludeConfig /self\n", {{"/self", "$IncludeConfig /self\n"}}).ok());
  EXPECT_FALSE(Parse("set $.a = \"x").ok());
  EXPECT_TRUE(Parse(std::string("/* never closed")).ok());
}

TEST(RsyslogConfig, SizesAsRsyslogWritesThem) {
  EXPECT_EQ(ParseSizeText("1k"), 1024);
  EXPECT_EQ(ParseSizeText("1K"), 1000);
  EXPECT_EQ(ParseSizeText("1,000"), 1000);
  EXPECT_EQ(ParseSizeText("2g"), int64_t{2} << 30);
  for (const char* text : {"", "g", "1x", "1kk", "99999999999999999999", "-1"}) {
    EXPECT_EQ(ParseSizeText(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace tom
