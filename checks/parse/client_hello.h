// Writes the first message of an SSL or TLS client (RFC 8446 section 4.1.2, RFC 5246 section
// 7.4.1.2, RFC 6101 section 5.6.1.2, and for SSLv2 Netscape's draft of 1994).
//
// Written by hand because a library offers only what its distribution compiled in, so that old
// servers would look clean; here every hello offers everything, and one question is asked at a
// time.
#ifndef TOM_CHECKS_PARSE_CLIENT_HELLO_H_
#define TOM_CHECKS_PARSE_CLIENT_HELLO_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checks/parse/tls_suites.h"
#include "checks/parse/tls_version.h"

namespace tom {

struct ClientHello {
  // SSLv3 to TLSv1.2: the highest that is offered, so a server may answer with less. TLSv1.3: that
  // alone, with an empty key_share, which a server answers by HelloRetryRequest, without a
  // signature.
  TlsVersion version = TlsVersion::kTls12;
  std::vector<uint16_t> suites;
  std::string server_name;        // DNS name for SNI; empty = none
  SuiteKey key = SuiteKey::kAny;  // restricts signature_algorithms
  bool alpn = false;              // offer h2 and http/1.1: a server may refuse for it
  bool extensions = true;         // false: as clients of SSLv3 wrote it, no SNI either
  std::string random;             // 32 bytes and, for TLSv1.3, 32 more for the session id
};

// One record. REQUIRES: version is not SSLv2, suites are not empty and at most 1,000, random is as
// said. Never between 256 and 511 bytes long as a message, which some load balancers do not answer
// (RFC 7685). A server_name longer than 255 bytes is left out.
std::string EncodeClientHello(const ClientHello& hello);

// The hello of SSLv2 with its seven ciphers. `challenge` is 16 bytes.
std::string EncodeSsl2ClientHello(std::string_view challenge);

// What `version` can be offered: all suites of AllSuites, those of TLSv1.3 for it alone; without
// extensions those that were there before them (RFC 5246 and earlier), so that the hello stays
// short. Among the first 64 are some of every kind: there are servers that read no further.
std::vector<uint16_t> OfferedSuites(TlsVersion version, bool extensions);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_CLIENT_HELLO_H_
