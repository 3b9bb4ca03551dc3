#include "agent/address.h"

#include <algorithm>
#include <charconv>

#include "evidence/status_text.h"

namespace tom {
namespace {

bool IsHostText(std::string_view host) {
  return !host.empty() && host.size() <= 253 && host.front() != '-' &&
         std::all_of(host.begin(), host.end(), [](unsigned char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '.' || c == '-' || c == ':';
         });
}

bool IsPort(std::string_view port) {
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc() && end == port.data() + port.size() && number > 0 && number < 65536;
}

}  // namespace

std::string CollectorAddress::Text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + port;
}

absl::StatusOr<CollectorAddress> ParseAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  CollectorAddress address;
  if (colon != std::string_view::npos) {
    address.port = std::string(text.substr(colon + 1));
    address.host = std::string(text.substr(0, colon));
  }
  const bool bracketed =
      address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']';
  if (bracketed) address.host = address.host.substr(1, address.host.size() - 2);
  const bool v6 = address.host.find(':') != std::string::npos;
  if (!IsHostText(address.host) || !IsPort(address.port) || v6 != bracketed) {
    return BadData("'" + std::string(text.substr(0, 300)) + "' is no HOST:PORT");
  }
  return address;
}

}  // namespace tom
