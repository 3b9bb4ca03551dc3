#include "checks/parse/journal_upload.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

JournalUpload Read(const std::string& text, const std::vector<std::string>& commands = {}) {
  UnitFile settings;
  settings.Read(text);
  return ReadJournalUpload(settings, commands);
}

TEST(JournalUpload, WhereItSends) {
  const struct {
    std::string url, host, port;
    bool https;
  } cases[] = {
      {"https://logs.example.org", "logs.example.org", "19532", true},
      {"http://logs.example.org:80/x", "logs.example.org", "80", false},
      {"logs.example.org", "logs.example.org", "19532", true},
      {"logs.example.org:1234", "logs.example.org", "1234", true},
      {"https://[2001:db8::1]:443", "2001:db8::1", "443", true},
  };
  for (const auto& one : cases) {
    const JournalUpload upload = Read("[Upload]\nURL=" + one.url + "\n");
    EXPECT_EQ(upload.host, one.host) << one.url;
    EXPECT_EQ(upload.port, one.port) << one.url;
    EXPECT_EQ(upload.https, one.https) << one.url;
    EXPECT_TRUE(upload.verifies && upload.problem.empty()) << one.url << upload.problem;
  }
}

TEST(JournalUpload, WhatKeepsItFromSending) {
  EXPECT_EQ(Read("[Upload]\n# URL=\n").works, false);
  EXPECT_EQ(Read("[Upload]\nURL=https://localhost\n").works, std::nullopt);
  EXPECT_FALSE(Read("[Upload]\nURL=https://localhost\n").problem.empty());
  EXPECT_FALSE(Read("[Upload]\nURL=https://$HOST\n").problem.empty());
  EXPECT_FALSE(Read("[Upload]\nURL=https://h\nTrustedCertificateFile=all\n").verifies);
  EXPECT_FALSE(Read("[Upload]\nURL=https://[::1\n").problem.empty());
}

TEST(JournalUpload, OptionsAreStrongerThanTheFile) {
  const std::string text = "[Upload]\nURL=https://a\n";
  EXPECT_EQ(Read(text, {"/lib/x --url=http://b"}).host, "b");
  EXPECT_EQ(Read(text, {"/lib/x -u http://b --trust=all"}).host, "b");
  EXPECT_FALSE(Read(text, {"/lib/x --trust=all"}).verifies);
}

}  // namespace
}  // namespace tom
