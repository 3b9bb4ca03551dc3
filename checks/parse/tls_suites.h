// Cipher suites that a hello can offer, and what is wrong with some of them.
// Numbers and names: IANA's registry "TLS Cipher Suites" (RFC 2246, 4346, 4492, 5246, 5288, 5289,
// 5932, 6209, 6367, 6655, 7905, 8446, 8998); the 56-bit export suites 0060-0065 from
// draft-ietf-tls-56-bit-ciphersuites.
#ifndef TOM_CHECKS_PARSE_TLS_SUITES_H_
#define TOM_CHECKS_PARSE_TLS_SUITES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

// The first that applies.
enum class SuiteWeakness {
  kNone,
  kNull,       // no encryption
  kAnonymous,  // nobody is authenticated
  kExport,     // 40 or 56 bits on purpose
  kRc2,
  kRc4,
  kDes,
  kTripleDes,
  kIdea,
};

enum class SuiteKey { kAny, kRsa, kEcdsa };  // what the server's certificate must hold

struct TlsSuite {
  uint16_t id = 0;
  SuiteWeakness weakness = SuiteWeakness::kNone;
  bool forward_secret = false;
  SuiteKey key = SuiteKey::kAny;
  std::string_view name;  // IANA's, without "TLS_"
};

// Every suite of SSLv3 to TLSv1.2 that is known here, strong ones first.
const std::vector<TlsSuite>& AllSuites();

// Those of TLSv1.3.
const std::vector<uint16_t>& Tls13Suites();

// Null when it is not in AllSuites.
const TlsSuite* FindSuite(uint16_t id);

// "RSA_WITH_3DES_EDE_CBC_SHA", or "0x00FF" where it is not known.
std::string SuiteName(uint16_t id);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_TLS_SUITES_H_
