// Versions of SSL and TLS by their number on the wire.
#ifndef TOM_CHECKS_PARSE_TLS_VERSION_H_
#define TOM_CHECKS_PARSE_TLS_VERSION_H_

#include <array>
#include <cstdint>
#include <string_view>

namespace tom {

enum class TlsVersion : uint16_t {
  kSsl2 = 0x0002,
  kSsl3 = 0x0300,
  kTls10 = 0x0301,
  kTls11 = 0x0302,
  kTls12 = 0x0303,
  kTls13 = 0x0304,
};

// Weakest first. Values compare in the same order.
inline constexpr std::array kTlsVersions = {TlsVersion::kSsl2,  TlsVersion::kSsl3,
                                            TlsVersion::kTls10, TlsVersion::kTls11,
                                            TlsVersion::kTls12, TlsVersion::kTls13};

// As interfaces.md spells them: "SSLv3", "TLSv1.2".
constexpr std::string_view TlsVersionName(TlsVersion version) {
  switch (version) {
    case TlsVersion::kSsl2:
      return "SSLv2";
    case TlsVersion::kSsl3:
      return "SSLv3";
    case TlsVersion::kTls10:
      return "TLSv1.0";
    case TlsVersion::kTls11:
      return "TLSv1.1";
    case TlsVersion::kTls12:
      return "TLSv1.2";
    case TlsVersion::kTls13:
      return "TLSv1.3";
  }
  return "?";
}

// The same numbers as the SQL function tls_rank.
constexpr int TlsRank(TlsVersion version) {
  if (version == TlsVersion::kSsl2) return 2;
  if (version == TlsVersion::kSsl3) return 3;
  return 10 + static_cast<int>(version) - static_cast<int>(TlsVersion::kTls10);
}

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_TLS_VERSION_H_
