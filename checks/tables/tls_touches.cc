#include "checks/tables/tls_touches.h"

#include "absl/strings/str_cat.h"
#include "checks/tables/tls_fingerprint.h"
#include "checks/tables/tls_targets.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

std::string HostPort(const std::string& host, int64_t port) {
  if (host.find(':') == std::string::npos) return absl::StrCat(ToAbsl(host), ":", port);
  return absl::StrCat("[", ToAbsl(host), "]:", port);
}

Touch Address(const std::string& host, int64_t port, const char* purpose) {
  return {TouchKind::kAddress, HostPort(host, port), purpose};
}

bool IsNumeric(const std::string& host) {
  return host.find(':') != std::string::npos ||
         host.find_first_not_of("0123456789.") == std::string::npos;
}

// getaddrinfo(3).
std::vector<Touch> ResolverTouches() {
  static constexpr char kPurpose[] = "names of declared endpoints";
  std::vector<Touch> touches =
      FileTouches({"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf",
                   "/etc/gai.conf", "/etc/localtime", "/etc/machine-id"},
                  kPurpose);
  touches.push_back({TouchKind::kSocket, "/var/run/nscd/socket", kPurpose});
  touches.push_back({TouchKind::kSocket, "/run/systemd/resolve/*", kPurpose});
  touches.push_back({TouchKind::kSocket, "/run/avahi-daemon/socket", kPurpose});
  touches.push_back({TouchKind::kAddress, "*:53", "the name servers of /etc/resolv.conf"});
  return touches;
}

void AddDeclared(const Declared& declared, const TcpPolicy& policy, std::vector<Touch>& touches) {
  bool named = false;
  for (const DeclaredEndpoint& endpoint : declared.endpoints) {
    named = named || !IsNumeric(endpoint.host);
    const TcpTarget target{.host = endpoint.host, .address = endpoint.host, .port = endpoint.port};
    if (IsExcluded(policy, target)) continue;
    touches.push_back(Address(endpoint.host, endpoint.port, "declared endpoint"));
    if (!endpoint.ca_file.empty()) {
      Append(touches, FileTouches({endpoint.ca_file}, "authorities of a declared endpoint"));
    }
  }
  if (named) Append(touches, ResolverTouches());
}

void AddListeners(Env& env, const Declared& declared, const TcpPolicy& policy,
                  std::vector<Touch>& touches) {
  Declared none;
  none.probe_exclude = declared.probe_exclude;
  for (const TlsTarget& target : FindTlsTargets(env, none).targets) {
    if (IsExcluded(policy, target.target)) continue;
    touches.push_back(Address(target.host, target.target.port, "listener of this host"));
    // A listener on all addresses of IPv6 takes IPv4 too, and a host may have no ::1.
    if (target.host == "::1" && target.reach == "any") {
      touches.push_back(Address("127.0.0.1", target.target.port, "listener of this host"));
    }
  }
}

// What tells whether a server has changed since it was asked last.
void AddLookedAt(Env& env, const Declared& declared, std::vector<Touch>& touches) {
  Declared numeric = declared;
  std::erase_if(numeric.endpoints,
                [](const DeclaredEndpoint& endpoint) { return !IsNumeric(endpoint.host); });
  const std::vector<TlsTarget> targets = FindTlsTargets(env, numeric).targets;
  TlsFingerprints fingerprints(env, targets);
  for (const TlsTarget& target : targets) fingerprints.Of(target);
  for (const std::string& path : fingerprints.looked_at()) {
    touches.push_back({TouchKind::kFile, path, "whether a server has changed since it was asked"});
  }
}

}  // namespace

std::vector<Touch> TlsTouches(Env& env, const Declared& declared) {
  std::vector<Touch> touches =
      FileTouches({"/proc/net/tcp", "/proc/net/tcp6", "/proc/1/net/tcp", "/proc/1/net/tcp6",
                   "/proc/1/ns/net", "/proc/self/ns/net"},
                  "listeners of this host");
  Append(touches,
         FileTouches({"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                      "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"},
                     "the system's authorities"));
  if (env.mode() == RootMode::kDeadTree) return touches;
  Append(touches, ProcessTouches());
  AddLookedAt(env, declared, touches);
  const TcpPolicy policy = PolicyOf(declared);
  AddDeclared(declared, policy, touches);
  AddListeners(env, declared, policy, touches);
  touches.push_back({TouchKind::kSocket, "netlink:route", "this host's own addresses"});
  return touches;
}

}  // namespace tom
