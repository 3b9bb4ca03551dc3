#include <algorithm>
#include <map>
#include <optional>

#include "checks/parse/sshd_pattern.h"
#include "checks/tables/sshd_clients.h"

namespace tom {
namespace {

using Kind = SshdCriterion::Kind;

constexpr size_t kMaxCandidates = 20000;
constexpr size_t kMaxRoutes = 200;

// "10.1.*" is the network 10.1.0.0/16; other patterns are none.
std::optional<SshdNetwork> PrefixNetwork(const std::string& pattern) {
  if (pattern.size() < 3 || pattern.compare(pattern.size() - 2, 2, ".*") != 0) return std::nullopt;
  std::string address = pattern.substr(0, pattern.size() - 2);
  if (address.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
  const auto octets = static_cast<int>(std::count(address.begin(), address.end(), '.')) + 1;
  for (int i = octets; i < 4; ++i) address += ".0";
  const auto parsed = ParseSshdAddress(address);
  if (!parsed || octets > 3 || SshdAddressText(*parsed) != address) return std::nullopt;
  return SshdNetwork{*parsed, octets * 8};
}

// An address as text that the pattern matches, or "".
std::string Sample(const std::string& pattern) {
  for (const char* filler : {"1", "1.1", "1.1.1", "1.1.1.1", "::1", "1::1", "1:1::1", ""}) {
    std::string text;
    for (const char c : pattern) text += c == '*' ? filler : c == '?' ? "1" : std::string(1, c);
    const auto address = ParseSshdAddress(text);
    if (address && SshdAddressText(*address) == text) return text;
  }
  return "";
}

class AddressPoints {
 public:
  explicit AddressPoints(std::vector<std::string> usual) : points_(std::move(usual)) {}

  void AddList(const std::string& list) {
    for (std::string entry : SplitSshdList(list)) {
      if (!entry.empty() && entry[0] == '!') entry.erase(0, 1);
      if (entry == "*") continue;
      bool refused = false;
      auto network = ParseSshdNetwork(entry, refused);
      if (!network) network = PrefixNetwork(entry);
      if (network) {
        AddNetwork(*network);
      } else {
        AddPattern(entry);
      }
    }
  }

  const std::vector<std::string>& points() const { return points_; }
  bool sampled() const { return patterns_ > 0 && patterns_ + networks_ > 1; }

 private:
  void AddNetwork(const SshdNetwork& network) {
    ++networks_;
    points_.push_back(SshdAddressText(network.address));
    if (const auto next = AfterSshdNetwork(network)) points_.push_back(SshdAddressText(*next));
    points_.emplace_back("0.0.0.0");  // what lies before the first network
    points_.emplace_back("::");
  }

  void AddPattern(const std::string& pattern) {
    const std::string sample = Sample(pattern);
    if (sample.empty()) return;  // no address matches a name's pattern
    ++patterns_;
    points_.push_back(sample);
  }

  std::vector<std::string> points_;
  int networks_ = 0;
  int patterns_ = 0;
};

std::string HostSample(const std::string& pattern) {
  std::string text;
  for (const char c : pattern) text += c == '*' ? "w7q" : c == '?' ? "w" : std::string(1, c);
  return text;
}

class Routes {
 public:
  Routes(const std::set<SshdCriterion>& criteria, bool use_dns, std::vector<std::string>& problems)
      : criteria_(criteria), use_dns_(use_dns), problems_(problems) {}

  std::vector<SshdRoute> Run() {
    Collect();
    if (addresses_.sampled() || local_addresses_.sampled() || host_patterns_ > 1) {
      problems_.emplace_back(
          "not every combination of the address patterns in sshd's Match blocks can be examined");
    }
    Combine();
    for (SshdRoute& route : routes_) route.label = Label(route.client);
    return std::move(routes_);
  }

 private:
  bool Uses(Kind kind) const {
    return std::any_of(criteria_.begin(), criteria_.end(),
                       [&](const SshdCriterion& c) { return c.kind == kind; });
  }

  void Collect() {
    for (const SshdCriterion& one : criteria_) {
      if (one.kind == Kind::kAddress) addresses_.AddList(one.argument);
      if (one.kind == Kind::kLocalAddress) local_addresses_.AddList(one.argument);
      if (one.kind == Kind::kLocalPort) ports_.push_back(std::stoi(one.argument));
      if (one.kind == Kind::kHost && !use_dns_) addresses_.AddList(one.argument);
      if (one.kind == Kind::kHost && use_dns_) AddNames(one.argument, hosts_, host_patterns_);
      if (one.kind == Kind::kRoutingDomain) AddNames(one.argument, domains_, host_patterns_);
    }
  }

  static void AddNames(const std::string& list, std::vector<std::string>& names, int& patterns) {
    for (std::string entry : SplitSshdList(list)) {
      if (!entry.empty() && entry[0] == '!') entry.erase(0, 1);
      if (entry.find_first_of("*?") != std::string::npos && entry != "*") ++patterns;
      names.push_back(HostSample(entry));
    }
  }

  void Combine() {
    size_t tried = 0;
    for (const std::string& address : addresses_.points()) {
      for (const std::string& host : hosts_) {
        for (const std::string& local : local_addresses_.points()) {
          for (const int port : ports_) {
            for (const std::string& domain : domains_) {
              if (++tried > kMaxCandidates || routes_.size() > kMaxRoutes) return TooMany();
              Keep({"", {}, host.empty() ? address : host, address, local, port, domain});
            }
          }
        }
      }
    }
  }

  void TooMany() {
    problems_.emplace_back(
        "sshd's Match blocks tell more kinds of connections apart than the bound allows");
  }

  // Unless one that the conditions cannot tell from it is there.
  void Keep(const SshdClient& client) {
    std::vector<bool> signature;
    for (const SshdCriterion& one : criteria_) {
      if (one.kind == Kind::kUser || one.kind == Kind::kGroup) continue;
      signature.push_back(SshdCriterionHolds(one, client));
    }
    if (seen_.insert(signature).second) routes_.push_back({"", client});
  }

  std::string Label(const SshdClient& client) const {
    if (routes_.size() == 1) return "any";
    std::string label;
    if (Uses(Kind::kAddress) || (Uses(Kind::kHost) && !use_dns_)) label += "from " + client.address;
    if (Uses(Kind::kHost) && use_dns_) label += " host " + client.host;
    if (Uses(Kind::kLocalAddress)) label += " to " + client.local_address;
    if (Uses(Kind::kLocalPort)) label += " port " + std::to_string(client.local_port);
    if (Uses(Kind::kRoutingDomain)) label += " rdomain " + client.routing_domain;
    return label[0] == ' ' ? label.substr(1) : label;
  }

  const std::set<SshdCriterion>& criteria_;
  const bool use_dns_;
  std::vector<std::string>& problems_;
  // Addresses kept for documentation (RFC 5737, RFC 3849).
  AddressPoints addresses_{{"203.0.113.77", "2001:db8:ffff::77"}};
  AddressPoints local_addresses_{{"192.0.2.1", "2001:db8::1"}};
  std::vector<std::string> hosts_ = {""};
  std::vector<int> ports_ = {22};
  std::vector<std::string> domains_ = {""};
  int host_patterns_ = 0;
  std::set<std::vector<bool>> seen_;
  std::vector<SshdRoute> routes_;
};

}  // namespace

std::set<SshdCriterion> SshdCriteria(const SshdTree& tree) {
  std::set<SshdCriterion> criteria;
  for (const SshdFile& file : tree.files) {
    for (const SshdLine& line : file.lines)
      criteria.insert(line.criteria.begin(), line.criteria.end());
  }
  return criteria;
}

std::vector<SshdRoute> SshdRoutes(const std::set<SshdCriterion>& criteria, bool use_dns,
                                  std::vector<std::string>& problems) {
  return Routes(criteria, use_dns, problems).Run();
}

}  // namespace tom
