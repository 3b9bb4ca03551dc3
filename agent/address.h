// HOST:PORT of a collector.
#ifndef TOM_AGENT_ADDRESS_H_
#define TOM_AGENT_ADDRESS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tom {

struct CollectorAddress {
  std::string host;  // a name, or an address without brackets
  std::string port;

  // HOST:PORT, an IPv6 address in brackets.
  std::string Text() const;
};

// A name, an IPv4 address or a bracketed IPv6 address, and a port from 1 to 65535.
absl::StatusOr<CollectorAddress> ParseAddress(std::string_view text);

}  // namespace tom

#endif  // TOM_AGENT_ADDRESS_H_
