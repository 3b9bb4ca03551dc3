#include "checks/parse/port_set.h"

namespace tom {
namespace {

struct Service {
  std::string_view name;
  int port;
};

// Of IANA's registry, those that people write in rules.
constexpr Service kServices[] = {{"ftp", 21},
                                 {"ssh", 22},
                                 {"telnet", 23},
                                 {"smtp", 25},
                                 {"domain", 53},
                                 {"bootps", 67},
                                 {"bootpc", 68},
                                 {"tftp", 69},
                                 {"http", 80},
                                 {"www", 80},
                                 {"kerberos", 88},
                                 {"pop3", 110},
                                 {"sunrpc", 111},
                                 {"ntp", 123},
                                 {"imap", 143},
                                 {"imap2", 143},
                                 {"snmp", 161},
                                 {"ldap", 389},
                                 {"https", 443},
                                 {"microsoft-ds", 445},
                                 {"submissions", 465},
                                 {"ssmtp", 465},
                                 {"isakmp", 500},
                                 {"syslog", 514},
                                 {"dhcpv6-client", 546},
                                 {"dhcpv6-server", 547},
                                 {"submission", 587},
                                 {"ipp", 631},
                                 {"ldaps", 636},
                                 {"rsync", 873},
                                 {"imaps", 993},
                                 {"pop3s", 995},
                                 {"openvpn", 1194},
                                 {"ms-sql-s", 1433},
                                 {"nfs", 2049},
                                 {"mysql", 3306},
                                 {"postgresql", 5432},
                                 {"mdns", 5353},
                                 {"http-alt", 8080},
                                 {"ipsec-nat-t", 4500}};

std::optional<int> PortOf(std::string_view text) {
  for (const Service& service : kServices) {
    if (text == service.name) return service.port;
  }
  if (text.empty() || text.size() > 5) return std::nullopt;
  int port = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    port = port * 10 + (c - '0');
  }
  return port <= 65535 ? std::optional(port) : std::nullopt;
}

}  // namespace

std::optional<PortSet::Interval> PortIntervalOf(std::string_view text) {
  if (const auto whole = PortOf(text)) return PortSet::Interval{*whole, *whole};
  const size_t between = text.find_first_of("-:");
  if (between == std::string_view::npos) return std::nullopt;
  const std::string_view low = text.substr(0, between);
  const std::string_view high = text.substr(between + 1);
  const auto first = low.empty() ? std::optional(0) : PortOf(low);
  const auto last = high.empty() ? std::optional(65535) : PortOf(high);
  if (!first || !last || *first > *last) return std::nullopt;
  return PortSet::Interval{*first, *last};
}

}  // namespace tom
