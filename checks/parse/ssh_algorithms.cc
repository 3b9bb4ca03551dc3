#include "checks/parse/ssh_algorithms.h"

#include <algorithm>
#include <iterator>

#include "checks/parse/sshd_pattern.h"

namespace tom {
namespace {

constexpr char kKex[] =
    "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256,"
    "curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
    "diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
    "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256";
constexpr char kAllKex[] =
    "diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,diffie-hellman-group14-sha256,"
    "diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"
    "diffie-hellman-group-exchange-sha1,diffie-hellman-group-exchange-sha256,ecdh-sha2-nistp256,"
    "ecdh-sha2-nistp384,ecdh-sha2-nistp521,curve25519-sha256,curve25519-sha256@libssh.org,"
    "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com";
constexpr char kCiphers[] =
    "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,"
    "aes256-gcm@openssh.com";
constexpr char kAllCiphers[] =
    "3des-cbc,aes128-cbc,aes192-cbc,aes256-cbc,aes128-ctr,aes192-ctr,aes256-ctr,"
    "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com";
constexpr char kMacs[] =
    "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,"
    "hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,"
    "umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1";
constexpr char kAllMacs[] =
    "hmac-sha1,hmac-sha1-96,hmac-sha2-256,hmac-sha2-512,hmac-md5,hmac-md5-96,umac-64@openssh.com,"
    "umac-128@openssh.com,hmac-sha1-etm@openssh.com,hmac-sha1-96-etm@openssh.com,"
    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-md5-etm@openssh.com,"
    "hmac-md5-96-etm@openssh.com,umac-64-etm@openssh.com,umac-128-etm@openssh.com";
constexpr char kKeys[] =
    "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,"
    "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,"
    "sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"
    "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,ssh-ed25519,"
    "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,"
    "sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256";
constexpr char kAllKeys[] =
    "ssh-ed25519,ssh-ed25519-cert-v01@openssh.com,sk-ssh-ed25519@openssh.com,"
    "sk-ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256,"
    "ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384,"
    "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521,"
    "ecdsa-sha2-nistp521-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,"
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,webauthn-sk-ecdsa-sha2-nistp256@openssh.com,"
    "ssh-dss,ssh-dss-cert-v01@openssh.com,ssh-rsa,ssh-rsa-cert-v01@openssh.com,rsa-sha2-256,"
    "rsa-sha2-256-cert-v01@openssh.com,rsa-sha2-512,rsa-sha2-512-cert-v01@openssh.com";
constexpr char kSignatures[] =
    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
    "sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256";

struct Option {
  std::string_view name;
  const char* usual;
  const char* all;
  bool patterns;  // names may be patterns
};
constexpr Option kOptions[] = {{"kexalgorithms", kKex, kAllKex, false},
                               {"ciphers", kCiphers, kAllCiphers, false},
                               {"macs", kMacs, kAllMacs, false},
                               {"hostkeyalgorithms", kKeys, kAllKeys, true},
                               {"hostbasedacceptedalgorithms", kKeys, kAllKeys, true},
                               {"pubkeyacceptedalgorithms", kKeys, kAllKeys, true},
                               {"casignaturealgorithms", kSignatures, kAllKeys, true}};

using Names = std::vector<std::string>;

void AddNew(Names& names, const std::string& one) {
  if (std::find(names.begin(), names.end(), one) == names.end()) names.push_back(one);
}

// Every name that the pattern fits; none: sshd refuses it.
Names Fitting(const Option& option, const std::string& pattern) {
  Names fitting;
  for (const std::string& name : SplitSshdList(option.all)) {
    if (option.patterns ? SshdPatternMatches(name, pattern) : name == pattern)
      fitting.push_back(name);
  }
  return fitting;
}

std::string Join(const Names& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ",").append(name);
  return text;
}

std::optional<std::string> Assemble(const Option& option, const std::string& value) {
  const std::string rest = value.substr(1);
  if (value[0] == '-') {
    Names left;
    for (const std::string& name : SplitSshdList(option.usual)) {
      if (!SshdListMatches(name, rest)) left.push_back(name);
    }
    // What takes away everything takes away nothing: sshd -T then has the compiled-in list.
    return left.empty() ? std::optional<std::string>(option.usual) : Join(left);
  }
  Names wanted;
  if (value[0] == '+') wanted = SplitSshdList(option.usual);
  for (const std::string& name : SplitSshdList(value[0] == '+' || value[0] == '^' ? rest : value))
    AddNew(wanted, name);
  if (value[0] == '^') {
    for (const std::string& name : SplitSshdList(option.usual)) AddNew(wanted, name);
  }
  Names names;
  for (const std::string& name : wanted) {
    const Names fitting = Fitting(option, name);
    if (fitting.empty()) return std::nullopt;
    for (const std::string& one : fitting) AddNew(names, one);
  }
  return Join(names);
}

struct Weak {
  std::string_view kind;
  std::string_view pattern;
  std::string_view weakness;
};
constexpr Weak kWeak[] = {
    {"kex", "diffie-hellman-group1-sha1", "broken"},
    {"kex", "gss-group1-sha1-*", "broken"},
    {"kex", "rsa1024-sha1", "broken"},
    {"kex", "diffie-hellman-group-exchange-sha1", "weak"},
    {"kex", "diffie-hellman-group14-sha1", "weak"},
    {"kex", "gss-gex-sha1-*", "weak"},
    {"kex", "gss-group14-sha1-*", "weak"},
    {"host_key", "ssh-dss*", "broken"},
    {"host_key", "ssh-rsa*", "weak"},
    {"cipher", "none", "broken"},
    {"cipher", "arcfour*", "broken"},
    {"cipher", "des-*", "broken"},
    {"cipher", "3des-*", "weak"},
    {"cipher", "blowfish-*", "weak"},
    {"cipher", "cast128-*", "weak"},
    {"cipher", "idea-*", "weak"},
    {"cipher", "*-cbc*", "weak"},
    {"mac", "none", "broken"},
    {"mac", "hmac-md5*", "weak"},
    {"mac", "*-96*", "weak"},
    {"mac", "hmac-ripemd160*", "legacy"},
    {"mac", "umac-64*", "legacy"},
    {"mac", "hmac-sha1*", "legacy"},
};

}  // namespace

const std::vector<std::string>& SshAlgorithmOptions() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    all.reserve(std::size(kOptions));
    for (const Option& option : kOptions) all.emplace_back(option.name);
    return all;
  }();
  return names;
}

std::optional<std::string> EffectiveSshAlgorithms(std::string_view option,
                                                  const std::string& value) {
  for (const Option& known : kOptions) {
    if (known.name != option) continue;
    return value.empty() ? std::optional<std::string>(known.usual) : Assemble(known, value);
  }
  return std::nullopt;
}

std::string_view SshAlgorithmWeakness(std::string_view kind, std::string_view name) {
  for (const Weak& weak : kWeak) {
    if (weak.kind == kind && SshdPatternMatches(name, weak.pattern)) return weak.weakness;
  }
  return "";
}

}  // namespace tom
