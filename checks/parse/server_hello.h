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

// One connection's bytes as they come, in whatever pieces: each is looked at once, so that a server
// which sends a byte at a time costs no more than another. Of more than 100 certificates none is
// kept: part of a chain would seem to be a broken one. More than 20,000 records are garbled. An
// alert or rubbish after the hello completes the flight and changes nothing else: the version has
// been chosen.
class ServerFlightReader {
 public:
  void Add(std::string_view bytes);
  const ServerFlight& flight() const { return flight_; }

 private:
  size_t TakeRecord(std::string_view bytes);

  ServerFlight flight_;
  bool begun_ = false;     // a record of TLS was there
  size_t records_ = 0;     // whole ones
  std::string pending_;    // of a record that is not whole
  std::string handshake_;  // of a message that is not whole
};

// Everything at once.
ServerFlight ParseServerFlight(std::string_view bytes);

// "handshake_failure", or "alert 99".
std::string AlertName(int description);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SERVER_HELLO_H_
