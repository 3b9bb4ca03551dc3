// What server configurations say about TLS versions and cipher suites, each in its server's words.
// Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_TLS_SETTINGS_H_
#define TOM_CHECKS_PARSE_TLS_SETTINGS_H_

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checks/parse/tls_version.h"

namespace tom {

// Nothing: not understood.
using VersionSet = std::optional<std::set<TlsVersion>>;

// "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.2"; without regard to case.
std::optional<TlsVersion> TlsVersionOf(std::string_view name);

// nginx's ssl_protocols: the versions named.
VersionSet NginxVersions(const std::vector<std::string>& words);

// httpd's SSLProtocol: from left to right, `+` adds, `-` removes, a bare name replaces; `all` has
// SSLv3, which some builds of OpenSSL still speak.
VersionSet ApacheVersions(const std::vector<std::string>& words);

// Postfix's *_tls_protocols (postconf(5)): names, `!name`, `>=name`, `<=name`; empty allows all.
VersionSet PostfixVersions(std::string_view value);

// OpenSSL's Protocol (SSL_CONF_cmd(3)): `ALL`, names, `-name`, `+name`, from left to right.
VersionSet OpensslVersions(std::string_view value);

// MySQL's tls_version: names between commas.
VersionSet MysqlVersions(std::string_view value);

// Cipher strings of OpenSSL (ciphers(1)).
struct CipherJudgement {
  std::vector<std::string> weak;  // NULL aNULL EXPORT RC4 RC2 DES 3DES IDEA MD5 SECLEVEL=0, sorted
  bool sure = false;              // every word was understood: `weak` is all
};

// What the words let in that no `!` word shuts out, by their names: which suites a build has is not
// asked.
CipherJudgement JudgeCipherString(std::string_view value);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_TLS_SETTINGS_H_
