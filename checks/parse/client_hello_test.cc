#include "checks/parse/client_hello.h"

#include <gtest/gtest.h>

#include <set>

#include "checks/parse/byte_reader.h"

namespace tom {
namespace {

ClientHello Make(TlsVersion version, bool extensions = true) {
  ClientHello hello;
  hello.version = version;
  hello.extensions = extensions;
  hello.suites = OfferedSuites(version, extensions);
  hello.random = std::string(32, 'r') + std::string(32, 's');
  return hello;
}

struct Read {
  uint32_t record_version = 0;
  uint32_t version = 0;
  std::string session;
  std::set<uint32_t> suites;
  std::set<uint32_t> extensions;
  std::string names;
  std::string versions;
  std::string shares;
  std::string signatures;
  size_t message_bytes = 0;
  bool fits = false;
};

// Read by the lengths that it states.
Read ReadBack(const std::string& bytes) {
  Read read;
  ByteReader record(bytes);
  record.Number(1);
  read.record_version = record.Number(2);
  ByteReader message(record.Vector(2));
  read.message_bytes = message.left();
  message.Number(1);
  ByteReader body(message.Vector(3));
  read.version = body.Number(2);
  body.Bytes(32);
  read.session = body.Vector(1);
  ByteReader suites(body.Vector(2));
  while (!suites.empty()) read.suites.insert(suites.Number(2));
  body.Vector(1);
  ByteReader extensions(body.empty() ? std::string_view() : body.Vector(2));
  while (extensions.ok() && !extensions.empty()) {
    const uint32_t type = extensions.Number(2);
    const std::string content(extensions.Vector(2));
    EXPECT_TRUE(read.extensions.insert(type).second) << "twice: " << type;
    if (type == 0) read.names = content;
    if (type == 13) read.signatures = content;
    if (type == 43) read.versions = content;
    if (type == 51) read.shares = content;
  }
  read.fits = record.ok() && record.empty() && message.ok() && message.empty() && body.ok() &&
              body.empty() && suites.ok() && extensions.ok();
  return read;
}

TEST(ClientHello, EveryVersionFitsItsOwnLengths) {
  for (const TlsVersion version : kTlsVersions) {
    if (version == TlsVersion::kSsl2) continue;
    for (const bool extensions : {true, false}) {
      if (version == TlsVersion::kTls13 && !extensions) continue;
      const Read read = ReadBack(EncodeClientHello(Make(version, extensions)));
      EXPECT_TRUE(read.fits) << TlsVersionName(version) << extensions;
      EXPECT_EQ(read.version, version == TlsVersion::kTls13 ? 0x0303u : uint32_t(version));
      EXPECT_EQ(read.record_version, version == TlsVersion::kSsl3 ? 0x0300u : 0x0301u);
      EXPECT_TRUE(read.message_bytes < 256 || read.message_bytes >= 512) << read.message_bytes;
      EXPECT_LT(read.message_bytes, 800u);
      EXPECT_EQ(read.extensions.empty(), !extensions);
    }
  }
}

TEST(ClientHello, Tls13AsksForNothingElseAndOffersNoKey) {
  const Read read = ReadBack(EncodeClientHello(Make(TlsVersion::kTls13)));
  EXPECT_EQ(read.versions, "\x02\x03\x04");
  EXPECT_EQ(read.shares, std::string(2, '\0'));
  EXPECT_EQ(read.session, std::string(32, 's'));
  EXPECT_EQ(read.suites.count(0x1301), 1u);
  EXPECT_EQ(read.suites.count(0xC02F), 0u);
}

TEST(ClientHello, EverythingIsOffered) {
  const Read read = ReadBack(EncodeClientHello(Make(TlsVersion::kTls12)));
  for (const uint32_t suite : {0xC02Fu, 0x002Fu, 0x000Au, 0x0005u, 0x0001u, 0x0003u, 0x0034u,
                               0xC09Cu, 0xCCA8u, 0xC05Cu, 0x0041u, 0x0009u, 0x0007u}) {
    EXPECT_EQ(read.suites.count(suite), 1u) << std::hex << suite;
  }
  EXPECT_EQ(read.extensions.count(0), 0u);
}

TEST(ClientHello, AmongTheFirst64SuitesAreSomeOfEveryKind) {
  for (const bool extensions : {true, false}) {
    const std::vector<uint16_t> suites = OfferedSuites(TlsVersion::kTls10, extensions);
    EXPECT_EQ(std::set<uint16_t>(suites.begin(), suites.end()).size(), suites.size());
    if (extensions) {
      EXPECT_EQ(suites.size(), AllSuites().size());
    }
    std::set<std::pair<SuiteWeakness, bool>> first;
    std::set<std::pair<SuiteWeakness, bool>> all;
    for (size_t i = 0; i < suites.size(); ++i) {
      const TlsSuite* suite = FindSuite(suites[i]);
      ASSERT_NE(suite, nullptr) << suites[i];
      all.insert({suite->weakness, suite->forward_secret});
      if (i < 64) first.insert({suite->weakness, suite->forward_secret});
    }
    EXPECT_EQ(first, all);
  }
}

TEST(ClientHello, TheNameAndItsBounds) {
  ClientHello hello = Make(TlsVersion::kTls12);
  hello.server_name = "a.example.org";
  EXPECT_EQ(ReadBack(EncodeClientHello(hello)).names,
            std::string("\0\x10\0\0\x0d", 5) + "a.example.org");
  hello.server_name = std::string(256, 'a');
  EXPECT_EQ(ReadBack(EncodeClientHello(hello)).extensions.count(0), 0u);
  hello.server_name = "a.example.org";
  hello.extensions = false;
  EXPECT_EQ(ReadBack(EncodeClientHello(hello)).names, "");
}

TEST(ClientHello, LengthsThatSomeDoNotAnswerAreFilledUp) {
  for (size_t count = 1; count < 250; ++count) {
    ClientHello hello = Make(TlsVersion::kTls12);
    hello.suites.assign(count, 0x002F);
    const Read read = ReadBack(EncodeClientHello(hello));
    EXPECT_TRUE(read.fits) << count;
    EXPECT_TRUE(read.message_bytes < 256 || read.message_bytes >= 512)
        << count << " suites: " << read.message_bytes;
  }
}

TEST(ClientHello, SignaturesFollowTheKey) {
  ClientHello hello = Make(TlsVersion::kTls12);
  hello.key = SuiteKey::kEcdsa;
  const std::string ec = ReadBack(EncodeClientHello(hello)).signatures;
  EXPECT_NE(ec.find("\x04\x03"), std::string::npos);
  EXPECT_EQ(ec.find("\x04\x01"), std::string::npos);
  hello.key = SuiteKey::kRsa;
  const std::string rsa = ReadBack(EncodeClientHello(hello)).signatures;
  EXPECT_EQ(rsa.find("\x04\x03"), std::string::npos);
  EXPECT_NE(rsa.find("\x04\x01"), std::string::npos);
}

TEST(ClientHello, Ssl2HasItsOwnForm) {
  const std::string bytes = EncodeSsl2ClientHello(std::string(16, 'c'));
  ByteReader reader(bytes);
  EXPECT_EQ(reader.Number(2), 0x8000u | (bytes.size() - 2));
  EXPECT_EQ(reader.Number(1), 1u);
  EXPECT_EQ(reader.Number(2), 2u);
  EXPECT_EQ(reader.Number(2), 21u);
  EXPECT_EQ(reader.Number(2), 0u);
  EXPECT_EQ(reader.Number(2), 16u);
  EXPECT_EQ(reader.left(), 21u + 16u);
}

TEST(TlsSuites, NoneTwiceAndWeaknessesByName) {
  std::set<uint16_t> ids;
  std::set<std::string_view> names;
  for (const TlsSuite& suite : AllSuites()) {
    EXPECT_TRUE(ids.insert(suite.id).second) << suite.name;
    EXPECT_TRUE(names.insert(suite.name).second) << suite.name;
  }
  struct Case {
    uint16_t id;
    SuiteWeakness weakness;
    bool forward_secret;
  };
  const Case cases[] = {
      {0xC02F, SuiteWeakness::kNone, true},       {0x009C, SuiteWeakness::kNone, false},
      {0x000A, SuiteWeakness::kTripleDes, false}, {0x0016, SuiteWeakness::kTripleDes, true},
      {0x0005, SuiteWeakness::kRc4, false},       {0x0009, SuiteWeakness::kDes, false},
      {0x0006, SuiteWeakness::kExport, false},    {0x0062, SuiteWeakness::kExport, false},
      {0x0001, SuiteWeakness::kNull, false},      {0xC015, SuiteWeakness::kAnonymous, true},
      {0x0034, SuiteWeakness::kAnonymous, true},  {0x0007, SuiteWeakness::kIdea, false},
      {0xC002, SuiteWeakness::kRc4, false}};
  for (const Case& c : cases) {
    const TlsSuite* suite = FindSuite(c.id);
    ASSERT_NE(suite, nullptr) << c.id;
    EXPECT_EQ(suite->forward_secret, c.forward_secret) << suite->name;
    if (c.id != 0xC015) {
      EXPECT_EQ(suite->weakness, c.weakness) << suite->name;
    }
  }
  EXPECT_EQ(FindSuite(0xC015)->weakness, SuiteWeakness::kNull);  // nothing is worse
  EXPECT_EQ(SuiteName(0x00FF), "0x00FF");
}

TEST(TlsVersions, RanksAreThoseOfSql) {
  EXPECT_EQ(TlsRank(TlsVersion::kSsl2), 2);
  EXPECT_EQ(TlsRank(TlsVersion::kSsl3), 3);
  EXPECT_EQ(TlsRank(TlsVersion::kTls10), 10);
  EXPECT_EQ(TlsRank(TlsVersion::kTls13), 13);
}

}  // namespace
}  // namespace tom
