#include "checks/parse/client_hello.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

namespace tom {
namespace {

constexpr uint16_t kRenegotiationScsv = 0x00FF;  // RFC 5746

constexpr uint16_t kServerName = 0;
constexpr uint16_t kSupportedGroups = 10;
constexpr uint16_t kPointFormats = 11;
constexpr uint16_t kSignatureAlgorithms = 13;
constexpr uint16_t kAlpn = 16;
constexpr uint16_t kPadding = 21;
constexpr uint16_t kExtendedMasterSecret = 23;
constexpr uint16_t kSupportedVersions = 43;
constexpr uint16_t kKeyShare = 51;
constexpr uint16_t kRenegotiationInfo = 0xFF01;

// Hybrids with ML-KEM, x25519, P-256 to P-521, x448, brainpool, ffdhe, and old curves.
constexpr uint16_t kGroups[] = {0x11EC, 0x11EB, 0x11ED, 0x001D, 0x0017, 0x0018, 0x0019,
                                0x001E, 0x001A, 0x001B, 0x001C, 0x001F, 0x0020, 0x0021,
                                0x0100, 0x0101, 0x0102, 0x0103, 0x0104, 0x0016, 0x0015,
                                0x0013, 0x000E, 0x000D, 0x000B, 0x000C, 0x0009, 0x000A};
// SHA-1 last: a server picks the first that it can.
constexpr uint16_t kEcSignatures[] = {0x0403, 0x0503, 0x0603, 0x0807, 0x0808,
                                      0x081A, 0x081B, 0x081C, 0x0303};
constexpr uint16_t kRsaSignatures[] = {0x0804, 0x0805, 0x0806, 0x0809, 0x080A,
                                       0x080B, 0x0401, 0x0501, 0x0601, 0x0301};
constexpr uint16_t kDsaSignatures[] = {0x0402, 0x0302};

// Strong ones first. Some servers read no more than the first 64 suites of a hello (Windows Server
// 2003), and would seem to refuse a version whose suites stand behind them. In each line those of
// one kind: no kind of weak suite has all its members in the rest.
constexpr uint16_t kCommonSuites[] = {
    0xC02C, 0xC030, 0xC02B, 0xC02F, 0xCCA9, 0xCCA8, 0x009F, 0x009E,          // AEAD, ephemeral
    0xC024, 0xC023, 0xC028, 0xC027, 0xC00A, 0xC009, 0xC014, 0xC013,          // CBC, ECDHE
    0x006B, 0x0067, 0x0039, 0x0033, 0x0038, 0x0032,                          // CBC, DHE
    0x009D, 0x009C, 0x003D, 0x003C, 0x0035, 0x002F, 0x0084, 0x0041, 0x0096,  // RSA
    0xC012, 0xC008, 0x0016, 0x0013, 0x000A, 0x0007,                          // 3DES, IDEA
    0xC011, 0xC007, 0x0005, 0x0004, 0x0015, 0x0012, 0x0009,                  // RC4, DES
    0x0064, 0x0062, 0x0014, 0x0011, 0x0008, 0x0006, 0x0003,                  // export
    0xC018, 0x00A6, 0x0034, 0x001B, 0x0018, 0x001A,                          // anonymous
    0xC010, 0xC006, 0x003B, 0x0002, 0x0001,                                  // NULL
};
static_assert(std::size(kCommonSuites) <= 62);  // room for a signalling value

void Put8(std::string& out, size_t value) { out.push_back(static_cast<char>(value & 0xFF)); }
void Put16(std::string& out, size_t value) {
  Put8(out, value >> 8);
  Put8(out, value);
}

std::string Vector16(std::string_view bytes) {
  std::string out;
  Put16(out, bytes.size());
  return out.append(bytes);
}

template <typename List>
std::string List16(const List& values) {
  std::string out;
  for (const uint16_t value : values) Put16(out, value);
  return out;
}

void Extension(std::string& out, uint16_t type, std::string_view body) {
  Put16(out, type);
  out += Vector16(body);
}

std::string Signatures(SuiteKey key) {
  std::string list;
  if (key != SuiteKey::kRsa) list += List16(kEcSignatures);
  if (key != SuiteKey::kEcdsa) list += List16(kRsaSignatures);
  if (key == SuiteKey::kAny) list += List16(kDsaSignatures);
  if (key != SuiteKey::kRsa) Put16(list, 0x0203);
  if (key != SuiteKey::kEcdsa) Put16(list, 0x0201);
  if (key == SuiteKey::kAny) Put16(list, 0x0202);
  return list;
}

std::string ServerName(const std::string& name) {
  std::string entry;
  Put8(entry, 0);  // host_name
  entry += Vector16(name);
  return Vector16(entry);
}

std::string Extensions(const ClientHello& hello) {
  const bool tls13 = hello.version == TlsVersion::kTls13;
  std::string out;
  if (!hello.server_name.empty() && hello.server_name.size() <= 255) {
    Extension(out, kServerName, ServerName(hello.server_name));
  }
  Extension(out, kSupportedGroups, Vector16(List16(kGroups)));
  if (hello.version >= TlsVersion::kTls12) {
    Extension(out, kSignatureAlgorithms, Vector16(Signatures(hello.key)));
  }
  if (hello.alpn) Extension(out, kAlpn, Vector16(std::string_view("\x02h2\x08http/1.1", 12)));
  if (tls13) {
    Extension(out, kSupportedVersions, std::string_view("\x02\x03\x04", 3));
    Extension(out, kKeyShare, std::string_view("\0\0", 2));
  } else {
    Extension(out, kPointFormats, std::string_view("\x01\x00", 2));
    Extension(out, kExtendedMasterSecret, "");
    Extension(out, kRenegotiationInfo, std::string_view("\0", 1));
  }
  return out;
}

// AllSuites, with what nearly every server has some of before the rest.
std::vector<uint16_t> CommonFirst() {
  std::vector<uint16_t> suites(std::begin(kCommonSuites), std::end(kCommonSuites));
  for (const TlsSuite& suite : AllSuites()) {
    if (std::find(std::begin(kCommonSuites), std::end(kCommonSuites), suite.id) ==
        std::end(kCommonSuites)) {
      suites.push_back(suite.id);
    }
  }
  return suites;
}

std::string Body(const ClientHello& hello) {
  const bool tls13 = hello.version == TlsVersion::kTls13;
  std::string body;
  Put16(body, static_cast<size_t>(tls13 ? TlsVersion::kTls12 : hello.version));
  body += hello.random.substr(0, 32);
  Put8(body, tls13 ? 32 : 0);
  if (tls13) body += hello.random.substr(32, 32);
  std::vector<uint16_t> suites = hello.suites;
  if (!hello.extensions) suites.push_back(kRenegotiationScsv);
  body += Vector16(List16(suites));
  body += std::string_view("\x01\x00", 2);  // no compression
  if (!hello.extensions) return body;
  std::string extensions = Extensions(hello);
  const size_t message = 4 + body.size() + 2 + extensions.size();
  if (message >= 256 && message < 512) {
    const size_t gap = 512 - message;
    Extension(extensions, kPadding, std::string(gap > 4 ? gap - 4 : 0, '\0'));
  }
  return body + Vector16(extensions);
}

}  // namespace

std::string EncodeClientHello(const ClientHello& hello) {
  const std::string body = Body(hello);
  std::string record;
  Put8(record, 22);  // handshake
  Put16(record, hello.version == TlsVersion::kSsl3 ? 0x0300 : 0x0301);
  Put16(record, 4 + body.size());
  Put8(record, 1);  // client_hello
  Put8(record, body.size() >> 16);
  Put16(record, body.size());
  return record + body;
}

std::string EncodeSsl2ClientHello(std::string_view challenge) {
  // RC4-128, its export form, RC2-128, its export form, IDEA, DES, 3DES.
  constexpr char kCiphers[] =
      "\x01\x00\x80\x02\x00\x80\x03\x00\x80\x04\x00\x80\x05\x00\x80\x06\x00\x40\x07\x00\xC0";
  const std::string_view ciphers(kCiphers, sizeof(kCiphers) - 1);
  std::string message;
  Put8(message, 1);  // CLIENT-HELLO
  Put16(message, 0x0002);
  Put16(message, ciphers.size());
  Put16(message, 0);  // no session id
  Put16(message, challenge.size());
  message.append(ciphers).append(challenge);
  std::string record;
  Put16(record, 0x8000 | message.size());
  return record + message;
}

std::vector<uint16_t> OfferedSuites(TlsVersion version, bool extensions) {
  if (version == TlsVersion::kTls13) return Tls13Suites();
  static const std::vector<uint16_t> all = CommonFirst();
  if (extensions) return all;
  std::vector<uint16_t> suites;
  for (const uint16_t id : all) {
    if (id < 0x00BA && !FindSuite(id)->name.starts_with("DH_anon_WITH_CAMELLIA")) {
      suites.push_back(id);
    }
  }
  return suites;
}

}  // namespace tom
