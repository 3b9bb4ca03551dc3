#include "checks/tables/tls_memory.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TlsMemory Full() {
  TlsMemory memory;
  memory.asked_at = 1800000000;
  memory.fingerprint = "abc";
  TlsFindings& findings = memory.findings;
  findings.outcome = "tls";
  findings.evidence.Chose(TlsVersion::kTls12, TlsVersion::kTls12);
  findings.evidence.Refused(TlsVersion::kTls11);
  findings.evidence.Refused(TlsVersion::kSsl2);
  findings.evidence.Seen(TlsVersion::kTls13);
  findings.chains = {{"der", "issuer"}, {"other"}};
  findings.client_certificate = true;
  findings.weak_suites = {"RSA_WITH_RC4_128_SHA"};
  findings.suites_known = true;
  findings.dhe = true;
  findings.dh_bits = 2048;
  findings.alpn = "h2";
  findings.starttls = StarttlsProtocol::kImap;
  findings.starttls_end = "offered";
  findings.plaintext = false;
  findings.default_host = TlsVersion::kTls10;
  findings.default_host_known = true;
  findings.connections = 9;
  return memory;
}

TEST(TlsMemory, ComesBackAsItWas) {
  const std::string bytes = EncodeTlsMemory(Full());
  const auto memory = ParseTlsMemory(bytes);
  ASSERT_TRUE(memory.has_value());
  EXPECT_EQ(EncodeTlsMemory(*memory), bytes);
  EXPECT_EQ(memory->findings.evidence.Accepted(), "TLSv1.2 TLSv1.3");
  EXPECT_TRUE(memory->findings.evidence.WeakestIsSure());
  EXPECT_EQ(memory->findings.chains, Full().findings.chains);
  EXPECT_EQ(memory->findings.starttls, StarttlsProtocol::kImap);
  EXPECT_EQ(memory->findings.default_host, TlsVersion::kTls10);
  EXPECT_TRUE(ParseTlsMemory(EncodeTlsMemory(TlsMemory())).has_value());
}

TEST(TlsMemory, NothingElseIsTakenUp) {
  const std::string bytes = EncodeTlsMemory(Full());
  EXPECT_FALSE(ParseTlsMemory("").has_value());
  EXPECT_FALSE(ParseTlsMemory(bytes + "x").has_value());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ParseTlsMemory(bytes.substr(0, size)).has_value()) << size;
  }
  for (size_t at = 0; at < bytes.size(); ++at) {  // whatever a byte becomes, nothing breaks
    std::string other = bytes;
    other[at] = '\xff';
    const auto memory = ParseTlsMemory(other);
    if (memory) {
      EXPECT_EQ(EncodeTlsMemory(*memory), other) << at;
    }
  }
}

TEST(TlsMemory, HoldsForADayWhereNothingHasChanged) {
  const TlsMemory sure = Full();
  TlsMemory doubtful = Full();
  doubtful.findings.plaintext.reset();
  TlsMemory silent;
  silent.asked_at = sure.asked_at;
  silent.fingerprint = "abc";
  silent.findings.outcome = "silent";
  struct Case {
    const char* what;
    const TlsMemory* memory;
    const char* fingerprint;
    bool declared;
    UnixSeconds age;
    TlsHold hold;
  };
  constexpr TlsHold kHolds = TlsHold::kHolds;
  constexpr TlsHold kAskAgain = TlsHold::kAskAgain;
  TlsMemory confirmed = Full();
  confirmed.confirmed_at = confirmed.asked_at + 86400;
  const Case cases[] = {
      {"fresh", &sure, "abc", true, 60, kHolds},
      {"23 hours", &sure, "abc", true, 23 * 3600, kHolds},
      {"a day", &sure, "abc", true, 24 * 3600, TlsHold::kConfirm},
      {"a week", &sure, "abc", true, 7 * 86400, kAskAgain},
      {"confirmed after a day", &confirmed, "abc", true, 30 * 3600, kHolds},
      {"confirmed a day ago", &confirmed, "abc", true, 48 * 3600, TlsHold::kConfirm},
      {"something has changed", &sure, "abd", true, 60, kAskAgain},
      {"the clock has gone back", &sure, "abc", true, -1, kAskAgain},
      {"in doubt, half an hour", &doubtful, "abc", true, 1800, kHolds},
      {"in doubt, an hour", &doubtful, "abc", true, 3600, kAskAgain},
      {"found and silent", &silent, "abc", false, 23 * 3600, kHolds},
      {"declared and silent", &silent, "abc", true, 3600, kAskAgain},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(static_cast<int>(StillHolds(*c.memory, c.fingerprint, c.declared, true,
                                          c.memory->asked_at + c.age)),
              static_cast<int>(c.hold))
        << c.what;
  }
  // Of a server on another host one answer says nothing about the others.
  EXPECT_EQ(static_cast<int>(StillHolds(sure, "abc", true, false, sure.asked_at + 86400)),
            static_cast<int>(kAskAgain));
}

TEST(TlsMemory, OnlyTheSameAnswerConfirms) {
  const TlsFindings known = Full().findings;
  TlsFindings first;
  first.outcome = "tls";
  first.starttls_end = "offered";
  first.evidence.Chose(TlsVersion::kTls12, TlsVersion::kTls12);
  first.chains = {known.chains[0]};
  EXPECT_TRUE(Confirms(known, first));
  TlsFindings renewed = first;
  renewed.chains = {{"new"}};
  EXPECT_FALSE(Confirms(known, renewed));
  TlsFindings stripped = first;
  stripped.starttls_end = "not_offered";
  EXPECT_FALSE(Confirms(known, stripped));
  TlsFindings older = first;
  older.evidence = TlsEvidence();
  older.evidence.Chose(TlsVersion::kTls12, TlsVersion::kTls11);
  EXPECT_FALSE(Confirms(known, older));
  TlsFindings gone;
  gone.outcome = "silent";
  EXPECT_FALSE(Confirms(known, gone));
  EXPECT_TRUE(Confirms(gone, gone));
}

}  // namespace
}  // namespace tom
