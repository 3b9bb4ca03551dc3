#include <gtest/gtest.h>

#include "checks/parse/tls_settings.h"

namespace tom {
namespace {

std::string Judged(std::string_view text) {
  const CipherJudgement judgement = JudgeCipherString(text);
  std::string shown;
  for (const std::string& one : judgement.weak) shown += (shown.empty() ? "" : " ") + one;
  return shown + (judgement.sure ? "" : "?");
}

TEST(CipherString, NamesWhatIsWeak) {
  const std::pair<const char*, const char*> cases[] = {
      {"ECDHE-RSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256", ""},
      {"HIGH:!aNULL:!MD5", ""},
      {"HIGH:!MD5", "aNULL"},
      {"HIGH:!ADH:!AECDH", ""},
      {"HIGH:!ADH", "aNULL"},
      {"HIGH:aNULL:-aNULL", ""},
      {"HIGH:MEDIUM:!aNULL", "3DES IDEA MD5 RC4"},
      {"HIGH:MEDIUM:+3DES:!aNULL", "3DES IDEA MD5 RC4"},
      {"ALL", "3DES IDEA MD5 RC4 aNULL"},
      {"ALL:!aNULL:!3DES:!RC4:!IDEA:!MD5", ""},
      {"DES-CBC3-SHA", "3DES"},
      {"DES-CBC-SHA", "DES"},
      {"EXP-RC4-MD5", "EXPORT MD5 RC4"},
      {"NULL-SHA256", "NULL"},
      {"ADH-AES128-SHA", "aNULL"},
      {"!RC4:RC4-SHA", ""},
      {"RC4-SHA:!RC4", ""},
      {"ECDHE+AESGCM:DHE+CHACHA20", ""},
      {"ECDH+AESGCM", "aNULL"},
      {"ECDH+AESGCM:!aNULL", ""},
      {"kRSA+RC4", "RC4"},
      {"DEFAULT@SECLEVEL=2", ""},
      {"DEFAULT:@SECLEVEL=0", "SECLEVEL=0"},
      {"ECDHE", "?"},
      {"PROFILE=SYSTEM", "?"},
      {"HIGH:!aNULL:@ODD", "?"},
      {"", ""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(Judged(text), expected) << text;
}

TEST(CipherString, AListTooLongIsNotSure) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "AES128-SHA256:";
  EXPECT_EQ(Judged(text), "?");
}

std::string Oldest(const VersionSet& versions) {
  if (!versions) return "?";
  return versions->empty() ? "none" : std::string(TlsVersionName(*versions->begin()));
}

TEST(TlsSettings, EachServerHasItsWords) {
  EXPECT_EQ(Oldest(NginxVersions({"TLSv1", "TLSv1.3"})), "TLSv1.0");
  EXPECT_EQ(Oldest(NginxVersions({"TLSv1.0"})), "?");
  EXPECT_EQ(Oldest(ApacheVersions({"all", "-SSLv3"})), "TLSv1.0");
  EXPECT_EQ(Oldest(ApacheVersions({"all", "TLSv1.2"})), "TLSv1.2");
  EXPECT_EQ(Oldest(ApacheVersions({"TLSv1.2", "+TLSv1.1"})), "TLSv1.1");
  EXPECT_EQ(Oldest(ApacheVersions({"-all"})), "none");
  EXPECT_EQ(Oldest(PostfixVersions(">=TLSv1.2")), "TLSv1.2");
  EXPECT_EQ(Oldest(PostfixVersions(">=TLSv1, !TLSv1")), "TLSv1.1");
  EXPECT_EQ(Oldest(PostfixVersions("!SSLv2:!SSLv3")), "TLSv1.0");
  EXPECT_EQ(Oldest(PostfixVersions("TLSv1.3")), "TLSv1.3");
  EXPECT_EQ(Oldest(PostfixVersions("")), "SSLv3");
  EXPECT_EQ(Oldest(PostfixVersions(">=0303")), "?");
  EXPECT_EQ(Oldest(OpensslVersions("ALL,-SSLv3,-TLSv1")), "TLSv1.1");
  EXPECT_EQ(Oldest(OpensslVersions("TLSv1.2, TLSv1.3")), "TLSv1.2");
  EXPECT_EQ(Oldest(MysqlVersions("TLSv1.1,TLSv1.2")), "TLSv1.1");
  EXPECT_EQ(Oldest(MysqlVersions("SSLv9")), "?");
}

}  // namespace
}  // namespace tom
