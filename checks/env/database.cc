#include "checks/env/database.h"

#include <arpa/inet.h>

#include <array>

namespace tom {

std::string DatabaseHostProblem(const std::string& host) {
  if (!host.empty() && host[0] == '/') {
    return (host + "/").find("/../") == std::string::npos ? "" : "a path with ..";
  }
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) {
    return bytes[0] == 127 ? "" : "not an address of this host alone";
  }
  if (inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) {
    std::array<unsigned char, 16> loopback{};
    loopback[15] = 1;
    return bytes == loopback ? "" : "not an address of this host alone";
  }
  return "neither a path nor a numeric address";
}

}  // namespace tom
