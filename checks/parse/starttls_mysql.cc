// MySQL and MariaDB: the server greets, and the client answers with a request for TLS or with its
// whole login (protocol version 10, capability CLIENT_PROTOCOL_41).
#include <algorithm>

#include "checks/parse/ascii_words.h"
#include "checks/parse/starttls_talks.h"

namespace tom {
namespace {

constexpr size_t kHeader = 4;  // 3 bytes of length, least first, and a number
constexpr size_t kMaxPacket = 16 << 10;

constexpr uint32_t kLongPassword = 0x1;
constexpr uint32_t kProtocol41 = 0x200;
constexpr uint32_t kSsl = 0x800;
constexpr uint32_t kSecureConnection = 0x8000;
constexpr uint32_t kPluginAuth = 0x80000;
constexpr uint32_t kMaxPacketSize = 16 << 20;
constexpr char kUtf8 = 33;

constexpr uint32_t kSecureTransportRequired = 3159;

uint32_t Little(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

void PutLittle(std::string& out, uint32_t value, int width) {
  for (int i = 0; i < width; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
}

// The first 32 bytes of an answer to the greeting: of a request for TLS they are all.
std::string Answer(uint32_t capabilities, std::string_view rest) {
  std::string packet;
  PutLittle(packet, static_cast<uint32_t>(32 + rest.size()), 3);
  packet.push_back(1);
  PutLittle(packet, capabilities | kLongPassword | kProtocol41 | kSecureConnection | kPluginAuth,
            4);
  PutLittle(packet, kMaxPacketSize, 4);
  packet.push_back(kUtf8);
  packet.append(23, '\0');
  return packet.append(rest);
}

class MysqlTalk : public StarttlsTalk {
 public:
  explicit MysqlTalk(StarttlsGoal goal) : for_tls_(goal == StarttlsGoal::kTls) {}

  StarttlsStep Receive(std::string_view bytes) override {
    buffer_.append(bytes);
    if (buffer_.size() < kHeader) return {};
    const size_t size = Little(std::string_view(buffer_).substr(0, 3));
    const unsigned number = static_cast<unsigned char>(buffer_[3]);
    if (size == 0 || size > kMaxPacket || number != (answered_ ? 2 : 0)) return Other();
    if (buffer_.size() < kHeader + size) return {};
    const std::string packet = buffer_.substr(kHeader, size);
    buffer_.erase(0, kHeader + size);
    if (packet[0] == '\xFF') return OnError(packet);
    return answered_ ? OnReply(packet[0]) : OnGreeting(packet);
  }

 private:
  StarttlsStep Other() {
    Say("answered nothing of MySQL");
    return {.send = "", .end = answered_ ? StarttlsEnd::kGarbled : StarttlsEnd::kOther};
  }

  // Its number, and since protocol 41 `#` and five characters of state before the text.
  StarttlsStep OnError(std::string_view packet) {
    if (packet.size() < 3) return Other();
    const uint32_t code = Little(packet.substr(1, 2));
    std::string_view text = packet.substr(3);
    if (text.starts_with("#")) text.remove_prefix(std::min<size_t>(6, text.size()));
    Say("error " + std::to_string(code) + " " + std::string(text.substr(0, 180)));
    if (!answered_) return {.send = "", .end = StarttlsEnd::kTurnedAway};
    if (code == kSecureTransportRequired || ContainsNoCase(text, "insecure transport")) {
      Plaintext(false);
    } else if (!offers_tls_ && (code == 1045 || code == 1698 || code == 1044)) {
      Plaintext(true);  // it looked the account up
    }
    return {.send = "", .end = StarttlsEnd::kDone};
  }

  // Protocol, version up to NUL, connection id, 8 bytes of nonce, NUL, capabilities.
  StarttlsStep OnGreeting(std::string_view packet) {
    if (packet[0] != 10) return Other();
    const size_t end = packet.find('\0');
    if (end == std::string_view::npos || packet.size() < end + 1 + 4 + 8 + 1 + 2) return Other();
    const uint32_t capabilities = Little(packet.substr(end + 14, 2));
    if (!buffer_.empty()) {
      Say("answered before it was asked");
      return {.send = "", .end = StarttlsEnd::kGarbled};
    }
    offers_tls_ = (capabilities & kSsl) != 0 && (capabilities & kProtocol41) != 0;
    if (for_tls_) {
      Say(offers_tls_ ? "" : "the greeting does not offer CLIENT_SSL");
      if (!offers_tls_) return {.send = "", .end = StarttlsEnd::kNotOffered};
      return {.send = Answer(kSsl, ""), .end = StarttlsEnd::kGo};
    }
    answered_ = true;
    constexpr std::string_view kLogin("tom-agent\0\0mysql_native_password\0", 33);
    return {.send = Answer(0, kLogin), .end = StarttlsEnd::kGoing};
  }

  // It goes on with the login: done, another method, or more data for this one. MariaDB asks for
  // TLS only of who has shown a password, so that going on says nothing where it offers TLS.
  StarttlsStep OnReply(char first) {
    Say("goes on with a login without TLS; whether to its end is require_secure_transport's");
    if (first == '\0' || !offers_tls_) Plaintext(true);
    return {.send = "", .end = StarttlsEnd::kDone};
  }

  bool for_tls_;
  bool answered_ = false;
  bool offers_tls_ = false;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<StarttlsTalk> MakeMysqlTalk(StarttlsGoal goal) {
  return std::make_unique<MysqlTalk>(goal);
}

}  // namespace tom
