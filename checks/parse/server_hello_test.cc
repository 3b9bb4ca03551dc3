#include "checks/parse/server_hello.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

using Kind = ServerFlight::Kind;

// What openssl s_server 3.0 sent to a hello of TLSv1.2, with a P-256 certificate of 369 bytes,
// asking for a client's certificate.
constexpr char kFlightHex[] =
    "16030300410200003d0303dbbe282dc407eefe682dc7cf5cc3e074680bdb1b85f21c91e39a0b9216"
    "dfaf7100c02c000015ff01000100000b0004030001020023000000170000160303017b0b00017700"
    "01740001713082016d30820113a0030201020214379ef82e263368d71e597ef70364c77c093b6d79"
    "300a06082a8648ce3d040302300c310a300806035504030c0161301e170d32363131323230363432"
    "30315a170d3336313131393036343230315a300c310a300806035504030c01613059301306072a86"
    "48ce3d020106082a8648ce3d03010703420004c6ecc31ec220520c9efd860c71977d8f147ab8b0be"
    "a37c6b243e83f7b7d46531844b425e4854fc3943fd5fb52faab215f2abcb13cf6c4f548e82ce929b"
    "d71bd1a3533051301d0603551d0e0416041458593a5d6be6b2feb84994bdac6aa8ee6faef02b301f"
    "0603551d2304183016801458593a5d6be6b2feb84994bdac6aa8ee6faef02b300f0603551d130101"
    "ff040530030101ff300a06082a8648ce3d0403020348003045022002018b045a043f12e77d1f41bb"
    "ea8889fdfc6109bbe7901c50043cc72ea58a9d022100ea9c5907e1d016001c743c1ff1fe0598d2e2"
    "df3290ae70c2a71d675eb8a8186416030300730c00006f03001d2041b42e02d2585e205849de9bad"
    "cf5d21ddbebb9bf0c2e9f6740688990f56c961040300473045022100e8584f43094fc8ca28a5092e"
    "95ffb5540b9bf4a51d57021641bbb9ebbab62a19022031bba062e21f7a4808dfd983249bcd8e9ed7"
    "b1f4c67e5926450af521beb1c39716030300340d0000300301024000280403050306030807080808"
    "09080a080b080408050806040105010601030303010302040205020602000016030300040e000000";

// The same server, TLSv1.3 and P-521 alone, to a hello with a key share of x25519.
constexpr char kRetryHex[] =
    "1603030058020000540303cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8"
    "a8339c2048282632d933e3e70d184f70549cddb0b9bbe0e491f6b0196fdcdb4da367da8013020000"
    "0c002b00020304003300020019140303000101";

std::string Unhex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

TEST(ServerHello, AWholeFlightOfTls12) {
  const ServerFlight flight = ParseServerFlight(Unhex(kFlightHex));
  EXPECT_EQ(flight.kind, Kind::kHello);
  EXPECT_TRUE(flight.complete);
  EXPECT_TRUE(flight.flight_ended);
  EXPECT_EQ(flight.version, TlsVersion::kTls12);
  EXPECT_EQ(flight.suite, 0xC02C);
  EXPECT_TRUE(flight.client_certificate);
  ASSERT_EQ(flight.certificates.size(), 1u);
  EXPECT_EQ(flight.certificates[0].size(), 369u);
  EXPECT_EQ(flight.certificates[0][0], '\x30');
}

TEST(ServerHello, ARetryOfTls13IsAnAcceptedVersion) {
  const ServerFlight flight = ParseServerFlight(Unhex(kRetryHex));
  EXPECT_EQ(flight.kind, Kind::kHello);
  EXPECT_TRUE(flight.complete);
  EXPECT_TRUE(flight.retry);
  EXPECT_EQ(flight.version, TlsVersion::kTls13);
  EXPECT_EQ(flight.suite, 0x1302);
  EXPECT_EQ(flight.group, 0x0019);
}

// Byte by byte nothing is ever said that a later byte takes back.
TEST(ServerHello, EveryPrefixAgreesWithTheWhole) {
  for (const char* hex : {kFlightHex, kRetryHex, "15030300020246"}) {
    const std::string bytes = Unhex(hex);
    const ServerFlight whole = ParseServerFlight(bytes);
    ServerFlightReader reader;
    for (size_t size = 1; size <= bytes.size(); ++size) {
      reader.Add(std::string_view(bytes).substr(size - 1, 1));
      const ServerFlight& part = reader.flight();
      ASSERT_TRUE(part.kind == Kind::kNothing || part.kind == whole.kind) << size;
      if (part.kind == Kind::kHello) {
        ASSERT_EQ(part.version, whole.version) << size;
      }
      const ServerFlight prefix = ParseServerFlight(std::string_view(bytes).substr(0, size));
      ASSERT_EQ(part.kind, prefix.kind) << size;
      ASSERT_EQ(part.complete, prefix.complete) << size;
      ASSERT_EQ(part.certificates, prefix.certificates) << size;
    }
    EXPECT_EQ(reader.flight().flight_ended, whole.flight_ended);
    EXPECT_EQ(reader.flight().certificates, whole.certificates);
  }
}

TEST(ServerHello, OddAnswers) {
  struct Case {
    const char* what;
    const char* hex;
    Kind kind;
    bool complete;
  };
  const Case cases[] = {
      {"nothing", "", Kind::kNothing, false},
      {"alert protocol_version", "15030300020246", Kind::kAlert, true},
      {"a warning may stand before a hello", "15030300020170", Kind::kAlert, false},
      {"close_notify", "15030300020100", Kind::kAlert, true},
      {"an alert of one byte", "150303000102", Kind::kGarbled, true},
      {"HTTP", "485454502f312e31", Kind::kNotTls, true},
      {"one byte that starts no record", "48", Kind::kNotTls, true},
      {"SSH", "5353482d322e30", Kind::kNotTls, true},
      {"a MySQL greeting", "4a0000000a382e30", Kind::kNotTls, true},
      {"zeros", "0000000000", Kind::kNotTls, true},
      {"a record that is too long", "1603037fff", Kind::kNotTls, true},
      {"a major version of 4", "1604000002", Kind::kNotTls, true},
      {"application data first", "170303000100", Kind::kGarbled, true},
      {"a HelloRequest in place of a ServerHello", "160303000400000000", Kind::kGarbled, true},
      {"a ServerHello of 16 MiB", "160303000402ffffff", Kind::kGarbled, true},
      {"a ServerHello that has not all come", "1603030006020000260303", Kind::kNothing, false},
      {"an empty ServerHello", "160303000402000000", Kind::kGarbled, true},
      {"high bit, and no SSLv2", "80ff41", Kind::kNotTls, true},
      {"SSLv2 error", "8003000001", Kind::kAlert, true},
      {"SSLv2 that is not finished", "801604", Kind::kNothing, false},
      {"SSLv2 hello without ciphers", "800b0400010002000000000000", Kind::kHello, true},
      {"SSLv2 hello whose lengths lie", "800b0400010002000100000000", Kind::kNotTls, true},
      {"SSLv2 hello of another version", "800b0400010003000000000000", Kind::kNotTls, true},
  };
  for (const Case& c : cases) {
    const ServerFlight flight = ParseServerFlight(Unhex(c.hex));
    EXPECT_EQ(flight.kind, c.kind) << c.what << ": " << flight.detail;
    EXPECT_EQ(flight.complete, c.complete) << c.what;
  }
}

std::string Record(int type, const std::string& body) {
  std::string record = {static_cast<char>(type), 3, 3, static_cast<char>(body.size() >> 8),
                        static_cast<char>(body.size())};
  return record + body;
}

std::string Hello(const std::string& version, const std::string& rest) {
  const std::string body = version + std::string(32, 'r') + rest;
  return std::string("\2\0\0", 3) + static_cast<char>(body.size()) + body;
}

TEST(ServerHello, TheVersionIsTheOneChosen) {
  struct Case {
    const char* what;
    std::string version;
    std::string rest;
    Kind kind;
    TlsVersion chosen;
  };
  using namespace std::string_literals;
  const Case cases[] = {
      {"SSLv3", "\3\0"s, "\0\0\5\0"s, Kind::kHello, TlsVersion::kSsl3},
      {"TLSv1.1", "\3\2"s, "\0\0\5\0"s, Kind::kHello, TlsVersion::kTls11},
      {"supported_versions rules", "\3\3"s, "\0\x13\1\0\0\6\0\x2b\0\2\3\4"s, Kind::kHello,
       TlsVersion::kTls13},
      {"a draft of TLSv1.3", "\3\3"s, "\0\x13\1\0\0\6\0\x2b\0\2\x7f\x1c"s, Kind::kGarbled,
       TlsVersion::kSsl2},
      {"version 3.9", "\3\x09"s, "\0\0\5\0"s, Kind::kGarbled, TlsVersion::kSsl2},
      {"a session id of 33 bytes", "\3\3"s, "\x21"s + std::string(33, 's') + "\0\5\0"s,
       Kind::kGarbled, TlsVersion::kSsl2},
      {"extensions that end too early", "\3\3"s, "\0\0\5\0\0\x09\0\x2b"s, Kind::kGarbled,
       TlsVersion::kSsl2},
      {"bytes after the extensions", "\3\3"s, "\0\0\5\0\0\0x"s, Kind::kGarbled, TlsVersion::kSsl2},
      {"supported_versions of three bytes", "\3\3"s, "\0\x13\1\0\0\7\0\x2b\0\3\3\4\0"s,
       Kind::kGarbled, TlsVersion::kSsl2},
  };
  for (const Case& c : cases) {
    const ServerFlight flight = ParseServerFlight(Record(22, Hello(c.version, c.rest)));
    EXPECT_EQ(flight.kind, c.kind) << c.what << ": " << flight.detail;
    if (c.kind == Kind::kHello) {
      EXPECT_EQ(flight.version, c.chosen) << c.what;
    }
  }
}

TEST(ServerHello, InPiecesItIsTheSame) {
  const std::string message = Hello("\3\2", std::string("\0\0\5\0", 4));
  std::string bytes;
  for (const char c : message) bytes += Record(22, std::string(1, c));
  const ServerFlight flight = ParseServerFlight(Record(21, "\1\x70") + bytes);
  EXPECT_EQ(flight.kind, Kind::kHello);
  EXPECT_EQ(flight.version, TlsVersion::kTls11);
}

// The whole flight, certificates and all, a byte in a record.
TEST(ServerHello, InRecordsOfOneByteItIsTheSame) {
  const std::string whole = Unhex(kFlightHex);
  std::string handshake;
  for (std::string_view rest = whole; !rest.empty();) {
    const size_t size = static_cast<size_t>(static_cast<unsigned char>(rest[3])) << 8 |
                        static_cast<unsigned char>(rest[4]);
    handshake += rest.substr(5, size);
    rest.remove_prefix(5 + size);
  }
  std::string bytes;
  for (int i = 0; i < 3; ++i) bytes += Record(21, "\1\x5a");
  for (const char c : handshake) bytes += Record(22, std::string(1, c));
  const ServerFlight flight = ParseServerFlight(bytes);
  EXPECT_TRUE(flight.flight_ended);
  ASSERT_EQ(flight.certificates.size(), 1u);
  EXPECT_EQ(flight.certificates[0].size(), 369u);
}

TEST(ServerHello, AfterTheHelloNothingChangesTheChoice) {
  const std::string hello = Record(22, Hello("\3\3", std::string("\0\0\5\0", 4)));
  const std::string after[] = {Record(21, "\2\x28"), Record(23, "x"), std::string("HTTP/1.1"),
                               Record(22, std::string("\x0b\0\0\3\0\0\x09", 7)),
                               Record(22, Hello("\3\1", std::string("\0\0\5\0", 4)))};
  for (const std::string& more : after) {
    const ServerFlight flight = ParseServerFlight(hello + more);
    EXPECT_EQ(flight.kind, Kind::kHello);
    EXPECT_EQ(flight.version, TlsVersion::kTls12);
  }
}

TEST(ServerHello, WarningsWithoutEndEnd) {
  std::string bytes;
  for (int i = 0; i < 20001; ++i) bytes += Record(21, "\1\x5a");
  const ServerFlight flight = ParseServerFlight(bytes);
  EXPECT_EQ(flight.kind, Kind::kGarbled);
  EXPECT_EQ(flight.detail, "more than 20,000 records");
}

TEST(ServerHello, OfMoreThanAHundredCertificatesNoneIsKept) {
  for (const auto& [count, kept] : {std::pair<int, size_t>{100, 100}, {101, 0}, {1000, 0}}) {
    std::string list;
    for (int i = 0; i < count; ++i) list += std::string("\0\0\1x", 4);
    std::string body = std::string("\0", 1) + static_cast<char>(list.size() >> 8) +
                       static_cast<char>(list.size()) + list;
    body = std::string("\x0b\0", 2) + static_cast<char>(body.size() >> 8) +
           static_cast<char>(body.size()) + body;
    const std::string hello = Record(22, Hello("\3\3", std::string("\0\0\5\0", 4)));
    EXPECT_EQ(ParseServerFlight(hello + Record(22, body)).certificates.size(), kept);
  }
}

}  // namespace
}  // namespace tom
