#include "checks/parse/server_hello.h"

#include "checks/parse/byte_reader.h"
#include "checks/parse/tls_suites.h"

namespace tom {
namespace {

using Kind = ServerFlight::Kind;

constexpr size_t kRecordHeader = 5;
constexpr size_t kMaxRecord = 16384 + 2048;
constexpr size_t kMaxRecords = 20000;
constexpr size_t kMaxCertificates = 100;
constexpr size_t kMaxServerHello = 16384;

constexpr int kAlertRecord = 21;
constexpr int kHandshakeRecord = 22;
constexpr int kCloseNotify = 0;
constexpr int kWarning = 1;

// SHA-256 of "HelloRetryRequest" (RFC 8446 section 4.1.3).
constexpr unsigned char kRetryRandom[] = {
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

void Garble(ServerFlight& flight, std::string detail) {
  flight.complete = true;
  if (flight.kind == Kind::kHello) return;
  flight.kind = Kind::kGarbled;
  flight.detail = std::move(detail);
}

bool Known(uint32_t version) { return version >= 0x0300 && version <= 0x0304; }

// supported_versions, key_share and ALPN; false: they do not fit their own lengths.
bool ReadExtensions(std::string_view bytes, ServerFlight& flight, uint32_t& version) {
  ByteReader reader(bytes);
  while (reader.ok() && !reader.empty()) {
    const uint32_t type = reader.Number(2);
    ByteReader body(reader.Vector(2));
    if (!reader.ok()) return false;
    if (type == 43) {
      version = body.Number(2);
      if (!body.ok() || !body.empty()) return false;
    } else if (type == 51) {
      flight.group = static_cast<uint16_t>(body.Number(2));
      if (!body.ok()) return false;
    } else if (type == 16) {
      ByteReader names(body.Vector(2));
      flight.alpn = names.Vector(1);
      if (!names.ok()) return false;
    }
  }
  return reader.ok();
}

void ReadServerHello(std::string_view bytes, ServerFlight& flight) {
  ByteReader reader(bytes);
  uint32_t version = reader.Number(2);
  const std::string_view random = reader.Bytes(32);
  const std::string_view session = reader.Vector(1);
  const uint32_t suite = reader.Number(2);
  reader.Number(1);  // compression
  if (!reader.ok() || session.size() > 32) return Garble(flight, "a ServerHello that is cut short");
  if (!reader.empty()) {
    const std::string_view extensions = reader.Vector(2);
    if (!reader.ok() || !reader.empty() || !ReadExtensions(extensions, flight, version)) {
      return Garble(flight, "a ServerHello whose extensions do not fit");
    }
  }
  if (!Known(version)) return Garble(flight, "a ServerHello of an unknown version");
  flight.kind = Kind::kHello;
  flight.version = static_cast<TlsVersion>(version);
  flight.suite = static_cast<uint16_t>(suite);
  flight.retry =
      random == std::string_view(reinterpret_cast<const char*>(kRetryRandom), sizeof(kRetryRandom));
  flight.complete = flight.version == TlsVersion::kTls13;  // the rest is encrypted
}

void ReadCertificates(std::string_view bytes, ServerFlight& flight) {
  ByteReader reader(bytes);
  ByteReader list(reader.Vector(3));
  while (reader.ok() && list.ok() && !list.empty()) {
    const std::string_view certificate = list.Vector(3);
    if (list.ok()) flight.certificates.emplace_back(certificate);
    if (flight.certificates.size() > kMaxCertificates) {
      flight.certificates.clear();
      break;
    }
  }
  if (!reader.ok() || !list.ok()) flight.complete = true;
}

int BitsOf(std::string_view number) {
  while (!number.empty() && number[0] == '\0') number.remove_prefix(1);
  if (number.empty()) return 0;
  int bits = static_cast<int>(number.size()) * 8;
  for (unsigned first = static_cast<unsigned char>(number[0]); (first & 0x80) == 0; first <<= 1) {
    --bits;
  }
  return bits;
}

// ServerDHParams (RFC 5246 section 7.4.3): prime, generator, public value.
void ReadKeyExchange(std::string_view bytes, ServerFlight& flight) {
  const TlsSuite* suite = FindSuite(flight.suite);
  const bool finite_field =
      suite != nullptr && (suite->name.starts_with("DHE_") || suite->name.starts_with("DH_anon"));
  if (!finite_field) return;
  ByteReader reader(bytes);
  const std::string_view prime = reader.Vector(2);
  if (reader.ok()) flight.dh_bits = BitsOf(prime);
}

// One handshake message. After a hello its kind is fixed.
void ReadMessage(uint32_t type, std::string_view body, ServerFlight& flight) {
  if (flight.kind != Kind::kHello) {
    if (type == 2) return ReadServerHello(body, flight);
    return Garble(flight,
                  "handshake message " + std::to_string(type) + " in place of a ServerHello");
  }
  if (type == 11) ReadCertificates(body, flight);
  if (type == 12) ReadKeyExchange(body, flight);
  if (type == 13) flight.client_certificate = true;
  if (type == 14) flight.complete = flight.flight_ended = true;
}

// Takes the whole messages off the front of `handshake`.
void ReadMessages(std::string& handshake, ServerFlight& flight) {
  size_t at = 0;
  while (!flight.complete && handshake.size() - at >= 4) {
    ByteReader reader(std::string_view(handshake).substr(at));
    const uint32_t type = reader.Number(1);
    const uint32_t size = reader.Number(3);
    if (flight.kind != Kind::kHello && (type != 2 || size > kMaxServerHello)) {
      return Garble(flight,
                    "handshake message " + std::to_string(type) + " in place of a ServerHello");
    }
    if (reader.left() < size) break;
    ReadMessage(type, reader.Bytes(size), flight);
    at += 4 + size;
  }
  handshake.erase(0, at);
}

void ReadAlert(std::string_view body, ServerFlight& flight) {
  if (body.size() != 2) return Garble(flight, "an alert that is not two bytes long");
  const int level = static_cast<unsigned char>(body[0]);
  const int description = static_cast<unsigned char>(body[1]);
  if (flight.kind == Kind::kHello) {
    flight.complete = flight.complete || level != kWarning;
    return;
  }
  flight.kind = Kind::kAlert;
  flight.alert = description;
  // A warning, unrecognized_name above all, may stand before a ServerHello.
  flight.complete = level != kWarning || description == kCloseNotify;
}

// SERVER-HELLO: hit, certificate type, version, three lengths and what they count.
bool IsSsl2Hello(std::string_view message) {
  ByteReader reader(message);
  const uint32_t type = reader.Number(1);
  const uint32_t hit = reader.Number(1);
  reader.Number(1);
  const uint32_t version = reader.Number(2);
  const uint32_t certificate = reader.Number(2);
  const uint32_t ciphers = reader.Number(2);
  const uint32_t connection = reader.Number(2);
  return reader.ok() && type == 4 && hit <= 1 && version == 2 && ciphers % 3 == 0 &&
         reader.left() == certificate + ciphers + connection;
}

// True when the bytes are, or may become, an answer of SSLv2.
bool ReadSsl2(std::string_view bytes, ServerFlight& flight) {
  if (bytes.size() < 3) return true;
  const unsigned first = static_cast<unsigned char>(bytes[0]);
  const size_t size = (first & 0x7F) << 8 | static_cast<unsigned char>(bytes[1]);
  const bool error = bytes[2] == 0 && size == 3;  // ERROR, a code of two bytes
  if (!error && (bytes[2] != 4 || size < 11)) return false;
  if (bytes.size() < 2 + size) return true;
  flight.complete = true;
  if (error) {
    flight.kind = Kind::kAlert;
    flight.detail = "an SSLv2 error";
    return true;
  }
  if (!IsSsl2Hello(bytes.substr(2, size))) return false;
  flight.kind = Kind::kHello;
  flight.version = TlsVersion::kSsl2;
  return true;
}

void NotTls(ServerFlight& flight) {
  if (flight.kind == Kind::kNothing) flight.kind = Kind::kNotTls;
  flight.complete = true;
}

// The header of a record; false: it is none.
bool IsRecord(std::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const auto type = at(0);
  return type >= 20 && type <= 24 && at(1) == 3 && at(2) <= 4 &&
         static_cast<size_t>(at(3) << 8 | at(4)) <= kMaxRecord;
}

// As much of a header as is there could still become one.
bool MayBeRecord(std::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  return (at(0) >= 20 && at(0) <= 24) && (bytes.size() < 2 || at(1) == 3) &&
         (bytes.size() < 3 || at(2) <= 4);
}

void ReadRecord(int type, std::string_view body, std::string& handshake, ServerFlight& flight) {
  if (type == kAlertRecord) {
    ReadAlert(body, flight);
  } else if (type == kHandshakeRecord) {
    handshake.append(body);
    ReadMessages(handshake, flight);
  } else if (type != 20 || flight.kind != Kind::kHello) {
    Garble(flight, "record type " + std::to_string(type) + " before a ServerHello");
  }
}

}  // namespace

// Takes one record off the front, and says how long it was; 0: it is not whole, or the flight is
// complete.
size_t ServerFlightReader::TakeRecord(std::string_view bytes) {
  if (flight_.complete || bytes.empty()) return 0;
  if (!begun_ && (static_cast<unsigned char>(bytes[0]) & 0x80) != 0) {
    if (!ReadSsl2(bytes, flight_)) NotTls(flight_);
    return 0;
  }
  if (records_ == kMaxRecords) {
    Garble(flight_, "more than 20,000 records");
    return 0;
  }
  // The very first bytes may tell before a header is whole that this is no TLS.
  const bool whole_header = bytes.size() >= kRecordHeader;
  if (whole_header ? !IsRecord(bytes) : !begun_ && !MayBeRecord(bytes)) NotTls(flight_);
  if (flight_.complete || !whole_header) return 0;
  begun_ = true;
  const size_t size = static_cast<size_t>(static_cast<unsigned char>(bytes[3])) << 8 |
                      static_cast<unsigned char>(bytes[4]);
  if (bytes.size() < kRecordHeader + size) return 0;
  ReadRecord(bytes[0], bytes.substr(kRecordHeader, size), handshake_, flight_);
  ++records_;
  return kRecordHeader + size;
}

void ServerFlightReader::Add(std::string_view bytes) {
  if (flight_.complete) return;
  pending_.append(bytes);
  size_t at = 0;
  while (const size_t size = TakeRecord(std::string_view(pending_).substr(at))) at += size;
  pending_.erase(0, at);
}

ServerFlight ParseServerFlight(std::string_view bytes) {
  ServerFlightReader reader;
  reader.Add(bytes);
  return reader.flight();
}

std::string AlertName(int description) {
  switch (description) {
    case 0:
      return "close_notify";
    case 10:
      return "unexpected_message";
    case 22:
      return "record_overflow";
    case 40:
      return "handshake_failure";
    case 47:
      return "illegal_parameter";
    case 50:
      return "decode_error";
    case 70:
      return "protocol_version";
    case 71:
      return "insufficient_security";
    case 80:
      return "internal_error";
    case 86:
      return "inappropriate_fallback";
    case 109:
      return "missing_extension";
    case 112:
      return "unrecognized_name";
    case 120:
      return "no_application_protocol";
    default:
      return "alert " + std::to_string(description);
  }
}

}  // namespace tom
