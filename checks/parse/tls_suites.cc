#include "checks/parse/tls_suites.h"

#include <cstdio>
#include <unordered_map>

namespace tom {
namespace {

struct Entry {
  uint16_t id;
  std::string_view name;
};

// In the order in which they are offered: a server that follows the client then shows its best.
constexpr Entry kEntries[] = {
    // authenticated encryption with forward secrecy
    {0xC02C, "ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xC030, "ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xC02B, "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xC02F, "ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xCCA9, "ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xCCA8, "ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xCCAA, "DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0x009F, "DHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0x009E, "DHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0x00A3, "DHE_DSS_WITH_AES_256_GCM_SHA384"},
    {0x00A2, "DHE_DSS_WITH_AES_128_GCM_SHA256"},
    {0xC0AD, "ECDHE_ECDSA_WITH_AES_256_CCM"},
    {0xC0AC, "ECDHE_ECDSA_WITH_AES_128_CCM"},
    {0xC0AF, "ECDHE_ECDSA_WITH_AES_256_CCM_8"},
    {0xC0AE, "ECDHE_ECDSA_WITH_AES_128_CCM_8"},
    {0xC09F, "DHE_RSA_WITH_AES_256_CCM"},
    {0xC09E, "DHE_RSA_WITH_AES_128_CCM"},
    {0xC0A3, "DHE_RSA_WITH_AES_256_CCM_8"},
    {0xC0A2, "DHE_RSA_WITH_AES_128_CCM_8"},
    {0xC05D, "ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384"},
    {0xC05C, "ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256"},
    {0xC061, "ECDHE_RSA_WITH_ARIA_256_GCM_SHA384"},
    {0xC060, "ECDHE_RSA_WITH_ARIA_128_GCM_SHA256"},
    {0xC053, "DHE_RSA_WITH_ARIA_256_GCM_SHA384"},
    {0xC052, "DHE_RSA_WITH_ARIA_128_GCM_SHA256"},
    {0xC087, "ECDHE_ECDSA_WITH_CAMELLIA_256_GCM_SHA384"},
    {0xC086, "ECDHE_ECDSA_WITH_CAMELLIA_128_GCM_SHA256"},
    {0xC08B, "ECDHE_RSA_WITH_CAMELLIA_256_GCM_SHA384"},
    {0xC08A, "ECDHE_RSA_WITH_CAMELLIA_128_GCM_SHA256"},
    {0xC07D, "DHE_RSA_WITH_CAMELLIA_256_GCM_SHA384"},
    {0xC07C, "DHE_RSA_WITH_CAMELLIA_128_GCM_SHA256"},
    // block chaining with forward secrecy
    {0xC024, "ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"},
    {0xC023, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"},
    {0xC028, "ECDHE_RSA_WITH_AES_256_CBC_SHA384"},
    {0xC027, "ECDHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0xC00A, "ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
    {0xC009, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
    {0xC014, "ECDHE_RSA_WITH_AES_256_CBC_SHA"},
    {0xC013, "ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {0x006B, "DHE_RSA_WITH_AES_256_CBC_SHA256"},
    {0x0067, "DHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0x006A, "DHE_DSS_WITH_AES_256_CBC_SHA256"},
    {0x0040, "DHE_DSS_WITH_AES_128_CBC_SHA256"},
    {0x0039, "DHE_RSA_WITH_AES_256_CBC_SHA"},
    {0x0033, "DHE_RSA_WITH_AES_128_CBC_SHA"},
    {0x0038, "DHE_DSS_WITH_AES_256_CBC_SHA"},
    {0x0032, "DHE_DSS_WITH_AES_128_CBC_SHA"},
    {0xC073, "ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384"},
    {0xC072, "ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256"},
    {0xC077, "ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384"},
    {0xC076, "ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256"},
    {0x00C4, "DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256"},
    {0x00BE, "DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256"},
    {0x0088, "DHE_RSA_WITH_CAMELLIA_256_CBC_SHA"},
    {0x0045, "DHE_RSA_WITH_CAMELLIA_128_CBC_SHA"},
    {0x0087, "DHE_DSS_WITH_CAMELLIA_256_CBC_SHA"},
    {0x0044, "DHE_DSS_WITH_CAMELLIA_128_CBC_SHA"},
    {0xC049, "ECDHE_ECDSA_WITH_ARIA_256_CBC_SHA384"},
    {0xC048, "ECDHE_ECDSA_WITH_ARIA_128_CBC_SHA256"},
    {0xC04D, "ECDHE_RSA_WITH_ARIA_256_CBC_SHA384"},
    {0xC04C, "ECDHE_RSA_WITH_ARIA_128_CBC_SHA256"},
    {0x009A, "DHE_RSA_WITH_SEED_CBC_SHA"},
    {0x0099, "DHE_DSS_WITH_SEED_CBC_SHA"},
    // no forward secrecy: the certificate's own key, or a fixed one, agrees on the secret
    {0x009D, "RSA_WITH_AES_256_GCM_SHA384"},
    {0x009C, "RSA_WITH_AES_128_GCM_SHA256"},
    {0xC09D, "RSA_WITH_AES_256_CCM"},
    {0xC09C, "RSA_WITH_AES_128_CCM"},
    {0xC0A1, "RSA_WITH_AES_256_CCM_8"},
    {0xC0A0, "RSA_WITH_AES_128_CCM_8"},
    {0x003D, "RSA_WITH_AES_256_CBC_SHA256"},
    {0x003C, "RSA_WITH_AES_128_CBC_SHA256"},
    {0x0035, "RSA_WITH_AES_256_CBC_SHA"},
    {0x002F, "RSA_WITH_AES_128_CBC_SHA"},
    {0xC051, "RSA_WITH_ARIA_256_GCM_SHA384"},
    {0xC050, "RSA_WITH_ARIA_128_GCM_SHA256"},
    {0xC07B, "RSA_WITH_CAMELLIA_256_GCM_SHA384"},
    {0xC07A, "RSA_WITH_CAMELLIA_128_GCM_SHA256"},
    {0x00C0, "RSA_WITH_CAMELLIA_256_CBC_SHA256"},
    {0x00BA, "RSA_WITH_CAMELLIA_128_CBC_SHA256"},
    {0x0084, "RSA_WITH_CAMELLIA_256_CBC_SHA"},
    {0x0041, "RSA_WITH_CAMELLIA_128_CBC_SHA"},
    {0xC03D, "RSA_WITH_ARIA_256_CBC_SHA384"},
    {0xC03C, "RSA_WITH_ARIA_128_CBC_SHA256"},
    {0x0096, "RSA_WITH_SEED_CBC_SHA"},
    {0xC02E, "ECDH_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xC02D, "ECDH_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xC032, "ECDH_RSA_WITH_AES_256_GCM_SHA384"},
    {0xC031, "ECDH_RSA_WITH_AES_128_GCM_SHA256"},
    {0xC026, "ECDH_ECDSA_WITH_AES_256_CBC_SHA384"},
    {0xC025, "ECDH_ECDSA_WITH_AES_128_CBC_SHA256"},
    {0xC02A, "ECDH_RSA_WITH_AES_256_CBC_SHA384"},
    {0xC029, "ECDH_RSA_WITH_AES_128_CBC_SHA256"},
    {0xC005, "ECDH_ECDSA_WITH_AES_256_CBC_SHA"},
    {0xC004, "ECDH_ECDSA_WITH_AES_128_CBC_SHA"},
    {0xC00F, "ECDH_RSA_WITH_AES_256_CBC_SHA"},
    {0xC00E, "ECDH_RSA_WITH_AES_128_CBC_SHA"},
    {0x0037, "DH_RSA_WITH_AES_256_CBC_SHA"},
    {0x0031, "DH_RSA_WITH_AES_128_CBC_SHA"},
    {0x0036, "DH_DSS_WITH_AES_256_CBC_SHA"},
    {0x0030, "DH_DSS_WITH_AES_128_CBC_SHA"},
    // weak
    {0xC008, "ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"},
    {0xC012, "ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x0016, "DHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x0013, "DHE_DSS_WITH_3DES_EDE_CBC_SHA"},
    {0x000A, "RSA_WITH_3DES_EDE_CBC_SHA"},
    {0xC003, "ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA"},
    {0xC00D, "ECDH_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x0010, "DH_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x000D, "DH_DSS_WITH_3DES_EDE_CBC_SHA"},
    {0x0007, "RSA_WITH_IDEA_CBC_SHA"},
    {0xC007, "ECDHE_ECDSA_WITH_RC4_128_SHA"},
    {0xC011, "ECDHE_RSA_WITH_RC4_128_SHA"},
    {0x0066, "DHE_DSS_WITH_RC4_128_SHA"},
    {0x0005, "RSA_WITH_RC4_128_SHA"},
    {0x0004, "RSA_WITH_RC4_128_MD5"},
    {0xC002, "ECDH_ECDSA_WITH_RC4_128_SHA"},
    {0xC00C, "ECDH_RSA_WITH_RC4_128_SHA"},
    {0x0015, "DHE_RSA_WITH_DES_CBC_SHA"},
    {0x0012, "DHE_DSS_WITH_DES_CBC_SHA"},
    {0x0009, "RSA_WITH_DES_CBC_SHA"},
    {0x000F, "DH_RSA_WITH_DES_CBC_SHA"},
    {0x000C, "DH_DSS_WITH_DES_CBC_SHA"},
    {0x0063, "DHE_DSS_EXPORT1024_WITH_DES_CBC_SHA"},
    {0x0065, "DHE_DSS_EXPORT1024_WITH_RC4_56_SHA"},
    {0x0062, "RSA_EXPORT1024_WITH_DES_CBC_SHA"},
    {0x0064, "RSA_EXPORT1024_WITH_RC4_56_SHA"},
    {0x0060, "RSA_EXPORT1024_WITH_RC4_56_MD5"},
    {0x0061, "RSA_EXPORT1024_WITH_RC2_CBC_56_MD5"},
    {0x0014, "DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"},
    {0x0011, "DHE_DSS_EXPORT_WITH_DES40_CBC_SHA"},
    {0x0008, "RSA_EXPORT_WITH_DES40_CBC_SHA"},
    {0x0006, "RSA_EXPORT_WITH_RC2_CBC_40_MD5"},
    {0x0003, "RSA_EXPORT_WITH_RC4_40_MD5"},
    {0x000E, "DH_RSA_EXPORT_WITH_DES40_CBC_SHA"},
    {0x000B, "DH_DSS_EXPORT_WITH_DES40_CBC_SHA"},
    {0x00A7, "DH_anon_WITH_AES_256_GCM_SHA384"},
    {0x00A6, "DH_anon_WITH_AES_128_GCM_SHA256"},
    {0x006D, "DH_anon_WITH_AES_256_CBC_SHA256"},
    {0x006C, "DH_anon_WITH_AES_128_CBC_SHA256"},
    {0x003A, "DH_anon_WITH_AES_256_CBC_SHA"},
    {0x0034, "DH_anon_WITH_AES_128_CBC_SHA"},
    {0x00C5, "DH_anon_WITH_CAMELLIA_256_CBC_SHA256"},
    {0x00BF, "DH_anon_WITH_CAMELLIA_128_CBC_SHA256"},
    {0x0089, "DH_anon_WITH_CAMELLIA_256_CBC_SHA"},
    {0x0046, "DH_anon_WITH_CAMELLIA_128_CBC_SHA"},
    {0x009B, "DH_anon_WITH_SEED_CBC_SHA"},
    {0xC05B, "DH_anon_WITH_ARIA_256_GCM_SHA384"},
    {0xC05A, "DH_anon_WITH_ARIA_128_GCM_SHA256"},
    {0xC085, "DH_anon_WITH_CAMELLIA_256_GCM_SHA384"},
    {0xC084, "DH_anon_WITH_CAMELLIA_128_GCM_SHA256"},
    {0x001B, "DH_anon_WITH_3DES_EDE_CBC_SHA"},
    {0x0018, "DH_anon_WITH_RC4_128_MD5"},
    {0x001A, "DH_anon_WITH_DES_CBC_SHA"},
    {0x0019, "DH_anon_EXPORT_WITH_DES40_CBC_SHA"},
    {0x0017, "DH_anon_EXPORT_WITH_RC4_40_MD5"},
    {0xC019, "ECDH_anon_WITH_AES_256_CBC_SHA"},
    {0xC018, "ECDH_anon_WITH_AES_128_CBC_SHA"},
    {0xC017, "ECDH_anon_WITH_3DES_EDE_CBC_SHA"},
    {0xC016, "ECDH_anon_WITH_RC4_128_SHA"},
    {0xC015, "ECDH_anon_WITH_NULL_SHA"},
    {0xC006, "ECDHE_ECDSA_WITH_NULL_SHA"},
    {0xC010, "ECDHE_RSA_WITH_NULL_SHA"},
    {0xC001, "ECDH_ECDSA_WITH_NULL_SHA"},
    {0xC00B, "ECDH_RSA_WITH_NULL_SHA"},
    {0x003B, "RSA_WITH_NULL_SHA256"},
    {0x0002, "RSA_WITH_NULL_SHA"},
    {0x0001, "RSA_WITH_NULL_MD5"},
};

bool Has(std::string_view name, std::string_view part) {
  return name.find(part) != std::string_view::npos;
}

// The name says it all: the registry spells every part of a suite the same way.
SuiteWeakness WeaknessOf(std::string_view name) {
  if (Has(name, "_NULL_")) return SuiteWeakness::kNull;
  if (Has(name, "_anon_")) return SuiteWeakness::kAnonymous;
  if (Has(name, "_EXPORT")) return SuiteWeakness::kExport;
  if (Has(name, "_RC2_")) return SuiteWeakness::kRc2;
  if (Has(name, "_RC4_")) return SuiteWeakness::kRc4;
  if (Has(name, "_WITH_DES_")) return SuiteWeakness::kDes;
  if (Has(name, "_3DES_")) return SuiteWeakness::kTripleDes;
  if (Has(name, "_IDEA_")) return SuiteWeakness::kIdea;
  return SuiteWeakness::kNone;
}

TlsSuite Describe(const Entry& entry) {
  const std::string_view name = entry.name;
  TlsSuite suite{.id = entry.id, .weakness = WeaknessOf(name), .name = name};
  suite.forward_secret =
      name.starts_with("ECDHE_") || name.starts_with("DHE_") || Has(name, "_anon_");
  if (name.starts_with("RSA_") || name.starts_with("ECDHE_RSA_") || name.starts_with("DHE_RSA_")) {
    suite.key = SuiteKey::kRsa;
  }
  if (Has(name, "ECDSA_")) suite.key = SuiteKey::kEcdsa;
  return suite;
}

}  // namespace

const std::vector<TlsSuite>& AllSuites() {
  static const std::vector<TlsSuite> suites = [] {
    std::vector<TlsSuite> all;
    for (const Entry& entry : kEntries) all.push_back(Describe(entry));
    return all;
  }();
  return suites;
}

const std::vector<uint16_t>& Tls13Suites() {
  static const std::vector<uint16_t> suites = {0x1301, 0x1302, 0x1303, 0x1304,
                                               0x1305, 0x00C6, 0x00C7};
  return suites;
}

const TlsSuite* FindSuite(uint16_t id) {
  static const std::unordered_map<uint16_t, const TlsSuite*> suites = [] {
    std::unordered_map<uint16_t, const TlsSuite*> by_id;
    for (const TlsSuite& suite : AllSuites()) by_id.emplace(suite.id, &suite);
    return by_id;
  }();
  const auto found = suites.find(id);
  return found == suites.end() ? nullptr : found->second;
}

std::string SuiteName(uint16_t id) {
  if (const TlsSuite* suite = FindSuite(id); suite != nullptr) return std::string(suite->name);
  char text[8];
  std::snprintf(text, sizeof(text), "0x%04X", id);
  return text;
}

}  // namespace tom
