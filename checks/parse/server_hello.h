// Reads what a server answers to a hello, up to the end of its first flight: ServerHello,
// HelloRetryRequest, alerts, and below TLSv1.3 the certificates that follow in the clear (RFC 8446
// sections 4.1.3, 4.1.4 and 6, RFC 5246 section 7.4; SSLv2: Netscape's draft of 1994).
#ifndef TOM_CHECKS_PARSE_SERVER_HELLO_H_
#define TOM_CHECKS_PARSE_SERVER_HELLO_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/parse/tls_version.h"

namespace tom {

struct ServerFlight {
  enum class Kind {
    kNothing,  // not enough bytes to tell
    kHello,    // `version` was chosen
    kAlert,    // `alert`, and no hello before it
    kGarbled,  // TLS, but not as the standards write it; `detail` says where
    kNotTls,   // the bytes are of no TLS record
  };
  Kind kind = Kind::kNothing;
  bool complete = false;  // more bytes would change nothing
  size_t need = 0;        // bytes below which reading again shows nothing new

  TlsVersion version = TlsVersion::kSsl2;
  uint16_t suite = 0;
  bool retry = false;                     // HelloRetryRequest
  uint16_t group = 0;                     // of a HelloRetryRequest or key share; 0 = none said
  int alert = -1;                         // description, the last one read
  std::vector<std::string> certificates;  // DER, the server's own first
  bool client_certificate = false;        // it asks for one
  bool flight_ended = false;              // ServerHelloDone was read
  int dh_bits = 0;                        // of the prime of a DHE suite; 0 = none was seen
  std::string alpn;                       // the protocol chosen; empty = none
  std::string detail;
};

// `bytes` is everything received so far on one connection. Certificates: at most 32. More than
// 2,000 records are garbled. An alert or rubbish after the hello completes the flight and changes
// nothing else: the version has been chosen.
ServerFlight ParseServerFlight(std::string_view bytes);

// "handshake_failure", or "alert 99".
std::string AlertName(int description);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SERVER_HELLO_H_
