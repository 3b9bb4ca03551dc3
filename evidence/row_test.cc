#include "evidence/row.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "evidence/limits.h"

namespace tom {
namespace {

using testing::HasSubstr;

Head GoodHead() {
  Head head;
  head.check = "tls-minimum-version";
  head.check_digest = Sha256("check");
  head.params = Sha256("params");
  head.subject_id = std::string(32, 'a');
  head.scope = {"c-1", "c-2"};
  head.verdict = Verdict::kFail;
  head.since = 1700000000;
  head.body = Sha256("body");
  head.excluded = Sha256("exclusion");
  head.valid_until = 1800000000;
  return head;
}

Body GoodBody() {
  Body body;
  body.subject = "127.0.0.1:8443";
  body.reason = "accepts TLSv1.0";
  body.evidence = Json::Object{
      {"path", TextOrBytes("/srv/\xff")}, {"rank", 10}, {"versions", "TLSv1.0 TLSv1.2"}};
  body.salt = std::string(32, '0');
  return body;
}

struct Lie {
  std::string name;
  std::function<void(Json::Object&)> spoil;
  std::string error;
};

TEST(HeadTest, WhatIsWrittenIsReadBack) {
  Head bare = GoodHead();
  bare.excluded.reset();
  bare.valid_until.reset();
  bare.scope = {"shared"};
  for (const Verdict verdict :
       {Verdict::kPass, Verdict::kFail, Verdict::kUnknown, Verdict::kNotApplicable}) {
    for (Head head : {GoodHead(), bare}) {
      head.verdict = verdict;
      const std::string bytes = Canonical(HeadToJson(head));
      const auto read = ParseHead(bytes);
      ASSERT_TRUE(read.ok()) << bytes << read.status();
      EXPECT_EQ(*read, head) << bytes;
      EXPECT_EQ(HeadDigest(head), Sha256(bytes));
    }
  }
}

TEST(HeadTest, RefusesWhatTheTableDoesNotSay) {
  const std::vector<Lie> lies = {
      {"unknown member", [](auto& o) { o["pid"] = 1; }, "head.pid: unknown field"},
      {"another verdict", [](auto& o) { o["verdict"] = "ok"; }, "head.verdict: a verdict is"},
      {"verdict in capitals", [](auto& o) { o["verdict"] = "PASS"; }, "head.verdict"},
      {"verdict as a number", [](auto& o) { o["verdict"] = 1; }, "head.verdict: expected a string"},
      {"no verdict", [](auto& o) { o.erase("verdict"); }, "head.verdict: missing"},
      {"no check", [](auto& o) { o.erase("check"); }, "head.check: missing"},
      {"empty check", [](auto& o) { o["check"] = ""; }, "head.check: empty"},
      {"long check", [](auto& o) { o["check"] = std::string(4097, 'x'); }, "over 4 KiB"},
      {"no check digest", [](auto& o) { o.erase("check_digest"); }, "head.check_digest: missing"},
      {"digest in capitals", [](auto& o) { o["params"] = std::string(64, 'A'); }, "head.params"},
      {"short digest", [](auto& o) { o["body"] = std::string(63, 'a'); }, "head.body"},
      {"no body", [](auto& o) { o.erase("body"); }, "head.body: missing"},
      {"long id", [](auto& o) { o["subject_id"] = std::string(33, 'a'); }, "head.subject_id"},
      {"no scope", [](auto& o) { o.erase("scope"); }, "head.scope: missing"},
      {"unsorted scope",
       [](auto& o) {
         o["scope"] = Json::Array{"b", "a"};
       },
       "head.scope: not in"},
      {"scope twice",
       [](auto& o) {
         o["scope"] = Json::Array{"a", "a"};
       },
       "head.scope: not in"},
      {"shared and another",
       [](auto& o) {
         o["scope"] = Json::Array{"a", "shared"};
       },
       "head.scope: shared stands alone"},
      {"nobody's scope", [](auto& o) { o["scope"] = Json::Array{""}; }, "head.scope: an empty"},
      {"scope of numbers", [](auto& o) { o["scope"] = Json::Array{1}; }, "head.scope: expected"},
      {"scope as text", [](auto& o) { o["scope"] = "shared"; }, "head.scope: expected an array"},
      {"since as number", [](auto& o) { o["since"] = 1; }, "head.since: expected a string"},
      {"since with offset", [](auto& o) { o["since"] = "2026-01-01T00:00:00+00:00"; },
       "head.since"},
      {"no such date", [](auto& o) { o["since"] = "2026-02-30T00:00:00Z"; }, "head.since"},
      {"leap second", [](auto& o) { o["valid_until"] = "2016-12-31T23:59:60Z"; }, "valid_until"},
      {"excluded by text", [](auto& o) { o["excluded"] = "yes"; }, "head.excluded"},
  };
  for (const Lie& lie : lies) {
    Json json = HeadToJson(GoodHead());
    lie.spoil(json.AsObject());
    const auto read = ParseHead(Canonical(json));
    ASSERT_FALSE(read.ok()) << lie.name;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(lie.error)) << lie.name;
  }
}

TEST(HeadTest, RefusesBytesThatItWouldNotWrite) {
  const std::string good = Canonical(HeadToJson(GoodHead()));
  for (const std::string& bytes :
       {std::string(), " " + good, good + "\n", good + good, good.substr(0, good.size() - 1),
        std::string("[]"), std::string("\"head\""), std::string("{}"), std::string(40000, '{')}) {
    EXPECT_FALSE(ParseHead(bytes).ok()) << bytes.substr(0, 60);
  }
}

TEST(BodyTest, WhatIsWrittenIsReadBack) {
  for (const std::string& subject :
       {std::string("host"), std::string("/srv/\xff\xfe"), std::string("a\0b", 3), std::string(),
        std::string("é\n\x01")}) {
    Body body = GoodBody();
    body.subject = subject;
    const std::string bytes = Canonical(BodyToJson(body));
    const auto read = ParseBody(bytes);
    ASSERT_TRUE(read.ok()) << bytes << read.status();
    EXPECT_EQ(read->subject, subject) << bytes;
    EXPECT_EQ(read->evidence, body.evidence) << bytes;
    EXPECT_EQ(Canonical(BodyToJson(*read)), bytes);
  }
}

TEST(BodyTest, RefusesWhatTheTableDoesNotSay) {
  const auto bytes = [](const char* text) { return Json::Object{{"bytes", text}}; };
  const std::vector<Lie> lies = {
      {"unknown member", [](auto& o) { o["aside"] = Json::Object{}; }, "body.aside: unknown field"},
      {"no evidence", [](auto& o) { o.erase("evidence"); }, "body.evidence: missing"},
      {"evidence list", [](auto& o) { o["evidence"] = Json::Array{1}; }, "body.evidence: expected"},
      {"nested list", [](auto& o) { o["evidence"].AsObject()["a"] = Json::Array{1}; },
       "evidence.a"},
      {"nested object",
       [](auto& o) {
         o["evidence"].AsObject()["a"] = Json::Object{{"b", 1}};
       },
       "body.evidence.a.bytes: missing"},
      {"no subject", [](auto& o) { o.erase("subject"); }, "body.subject: missing"},
      {"subject number", [](auto& o) { o["subject"] = 7; }, "body.subject: expected an object"},
      {"text as bytes", [&](auto& o) { o["subject"] = bytes("aG9zdA=="); }, "bytes that are text"},
      {"unpadded bytes", [&](auto& o) { o["subject"] = bytes("/w"); }, "body.subject.bytes"},
      {"bytes and more",
       [](auto& o) {
         o["subject"] = Json::Object{{"bytes", "/w=="}, {"x", 1}};
       },
       "body.subject.x: unknown field"},
      {"no reason", [](auto& o) { o.erase("reason"); }, "body.reason: missing"},
      {"long reason", [](auto& o) { o["reason"] = std::string(4097, 'r'); },
       "body.reason: a string over"},
      {"long column", [](auto& o) { o["evidence"].AsObject()[std::string(4097, 'c')] = 1; },
       "a key over"},
      {"short salt", [](auto& o) { o["salt"] = "00"; }, "body.salt"},
      {"no salt", [](auto& o) { o.erase("salt"); }, "body.salt: missing"},
  };
  for (const Lie& lie : lies) {
    Json json = BodyToJson(GoodBody());
    lie.spoil(json.AsObject());
    const auto read = ParseBody(Canonical(json));
    ASSERT_FALSE(read.ok()) << lie.name;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(lie.error)) << lie.name;
  }
}

TEST(BodyTest, ABodyOver32KibIsRefusedBeforeItIsRead) {
  Body body = GoodBody();
  for (int i = 0; i < 8; ++i) {
    body.evidence.AsObject()["c" + std::to_string(i)] = std::string(limits::kMaxStringBytes, 'x');
  }
  const auto read = ParseBody(Canonical(BodyToJson(body)));
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("body: over 32 KiB"));
  EXPECT_FALSE(CheckBody(body).ok());
}

TEST(RowTest, CheckBodyRefusesWhatSqlCanBringAndRecordsCannotHold) {
  EXPECT_TRUE(CheckBody(GoodBody()).ok());
  const std::vector<std::function<void(Body&)>> spoilers = {
      [](Body& b) { b.reason = "\xff"; },
      [](Body& b) { b.reason = std::string("a\0b", 3); },
      [](Body& b) { b.evidence.AsObject()["x"] = std::string("\xc3"); },
      [](Body& b) { b.evidence.AsObject()["x"] = Json::Array{}; },
      [](Body& b) { b.evidence.AsObject()["x"] = int64_t{1} << 60; },
      [](Body& b) { b.evidence = Json("text"); },
      [](Body& b) { b.subject = std::string(5000, 's'); },
  };
  for (size_t i = 0; i < spoilers.size(); ++i) {
    Body body = GoodBody();
    spoilers[i](body);
    EXPECT_FALSE(CheckBody(body).ok()) << i;
  }
}

TEST(RowTest, HeadAndBodyShareTheBound) {
  Head head = GoodHead();
  head.scope.clear();
  for (int i = 0; i < 5; ++i) head.scope.push_back(std::string(4000, static_cast<char>('a' + i)));
  Body body = GoodBody();
  EXPECT_TRUE(CheckRow(head, body).ok()) << CheckRow(head, body);
  for (int i = 0; i < 5; ++i) {
    body.evidence.AsObject()["c" + std::to_string(i)] = std::string(4000, 'x');
  }
  EXPECT_TRUE(CheckBody(body).ok());
  EXPECT_THAT(std::string(CheckRow(head, body).message()), HasSubstr("over 32 KiB"));
}

TEST(SaltTest, SameContentSameSaltAndAnythingElseAnother) {
  const Digest params = Sha256("params");
  const std::string salt = SaltBody(GoodBody(), "key", "check", params).salt;
  Body other_salt = GoodBody();
  other_salt.salt = std::string(32, 'f');
  EXPECT_EQ(SaltBody(other_salt, "key", "check", params).salt, salt);
  EXPECT_NE(SaltBody(GoodBody(), "kez", "check", params).salt, salt);
  EXPECT_NE(SaltBody(GoodBody(), "key", "chock", params).salt, salt);
  EXPECT_NE(SaltBody(GoodBody(), "key", "check", Sha256("other")).salt, salt);
  Body changed = GoodBody();
  changed.reason += ".";
  EXPECT_NE(SaltBody(changed, "key", "check", params).salt, salt);
  changed = GoodBody();
  changed.subject += ".";
  EXPECT_NE(SaltBody(changed, "key", "check", params).salt, salt);
}

TEST(SaltTest, InputsAreJoinedByOneNul) {
  const Digest params = Sha256("params");
  const std::string joined =
      "check" + std::string(1, '\0') + params.Hex() + std::string(1, '\0') + "s";
  EXPECT_EQ(SubjectId("key", "check", params, "s"), Hmac16Hex("key", joined));
  EXPECT_EQ(Pseudonym("key", "user", "alice"),
            "p:" + Hmac16Hex("key", std::string("user\0alice", 10)));
}

TEST(GroupStateTest, DoesNotDependOnOrder) {
  const Digest a = Sha256("a");
  const Digest b = Sha256("b");
  EXPECT_EQ(GroupState({}), Sha256(""));
  EXPECT_EQ(GroupState({a}), Sha256(a.Raw()));
  EXPECT_EQ(GroupState({a, b}), GroupState({b, a}));
  EXPECT_NE(GroupState({a, b}), GroupState({a}));
  const Digest& first = std::min(a, b);
  const Digest& second = std::max(a, b);
  EXPECT_EQ(GroupState({b, a}), Sha256(std::string(first.Raw()) + std::string(second.Raw())));
}

TEST(VerdictTest, NamesAndOrder) {
  for (const Verdict verdict :
       {Verdict::kPass, Verdict::kFail, Verdict::kUnknown, Verdict::kNotApplicable}) {
    EXPECT_EQ(*VerdictFromName(VerdictName(verdict)), verdict);
  }
  for (const char* name : {"", "Pass", "error", "pass ", "not-applicable", "null"}) {
    EXPECT_FALSE(VerdictFromName(name).ok()) << name;
  }
  EXPECT_GT(Verdict::kFail, Verdict::kUnknown);
  EXPECT_GT(Verdict::kUnknown, Verdict::kPass);
  EXPECT_GT(Verdict::kPass, Verdict::kNotApplicable);
}

TEST(IntervalTest, OnlyTheSixThereAre) {
  EXPECT_EQ(*IntervalSeconds("5m"), 300);
  EXPECT_EQ(*IntervalSeconds("7d"), 7 * kDay);
  for (const std::string_view interval : kIntervals) EXPECT_TRUE(IntervalSeconds(interval).ok());
  for (const char* other : {"", "1m", "60m", "1d", "05m", "1h ", "24H"}) {
    EXPECT_FALSE(IntervalSeconds(other).ok()) << other;
  }
}

}  // namespace
}  // namespace tom
