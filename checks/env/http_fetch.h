// Pages over HTTP: the part of Env (env.h) that asks web servers, through libcurl.
//
// One exchange is one request to one numeric address: GET, without cookies, .netrc, proxies or a
// redirect followed; without credentials but to a store of objects, whose requests are signed (AWS'
// Signature Version 4) with a declared key and never go to a server whose certificate does not
// hold. Names are resolved before (Env::ResolveHosts), and the socket that libcurl is about to open
// is refused unless it goes to the exchange's own address and port and the door allows that
// (ForbiddenReason of tcp_probe.h, for http and https alike).
//
// libcurl is loaded when the first page is asked for, so that an agent without declared pages does
// not carry its thirty libraries; where it is not installed nothing is asked.
//
// Bounds: 4 exchanges at a time, 10 s for one, `total_ms` for all, 64 KiB of headers, `max_body` of
// the content; no content coding is accepted, so nothing is inflated.
#ifndef TOM_CHECKS_ENV_HTTP_FETCH_H_
#define TOM_CHECKS_ENV_HTTP_FETCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "checks/env/tcp_probe.h"

namespace tom {

inline constexpr size_t kMaxHttpHeaderBytes = 64 << 10;

struct HttpSignature {
  std::string scope;  // "aws:amz:REGION:s3", CURLOPT_AWS_SIGV4
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // or empty
};

struct HttpExchange {
  bool https = false;
  std::string
      name;  // of the server, in the URL, for Host and SNI; an IPv6 address without brackets
  TcpTarget target;  // where the connection goes
  std::string path_and_query = "/";
  std::string ca_pem;  // trusted instead of the system's authorities; empty = those
  size_t max_body = 1 << 20;
  std::optional<HttpSignature> signature = std::nullopt;
};

struct HttpAnswer {
  bool answered = false;  // a status line came
  std::string error;      // why not, or why the content is not whole
  int64_t status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // in order, names in lower case
  std::string body;
  bool whole = false;                     // headers and body came to their end within the bounds
  std::optional<bool> certificate_valid;  // of https: for its name, now, by a trusted authority
  std::string certificate_error;
  int64_t ms = 0;
};

struct HttpLimits {
  int64_t exchange_ms = 10000;
  int64_t total_ms = 20000;
};

// One answer an exchange. Where a certificate does not hold, a page is asked for once more without
// looking at it, for what it says is a fact all the same; a signed request is not.
std::vector<HttpAnswer> RunHttpExchanges(const TcpPolicy& policy, const HttpLimits& limits,
                                         const std::vector<HttpExchange>& exchanges);

// The URL of the exchange, as it is asked for.
std::string HttpUrl(const HttpExchange& exchange);

}  // namespace tom

#endif  // TOM_CHECKS_ENV_HTTP_FETCH_H_
