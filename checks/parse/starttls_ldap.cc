// LDAP: BER (X.690) as RFC 4511 section 5.1 narrows it, with lengths in the long form too, which
// Active Directory always writes.
#include "checks/parse/byte_reader.h"
#include "checks/parse/starttls_talks.h"

namespace tom {
namespace {

constexpr size_t kMaxMessage = 32 << 10;

constexpr uint32_t kInteger = 0x02;
constexpr uint32_t kOctets = 0x04;
constexpr uint32_t kEnumerated = 0x0A;
constexpr uint32_t kSequence = 0x30;
constexpr uint32_t kBindResponse = 0x61;
constexpr uint32_t kExtendedResponse = 0x78;

constexpr int kSuccess = 0;
constexpr int kProtocolError = 2;  // the operation is not known
constexpr int kStrongerAuthRequired = 8;
constexpr int kConfidentialityRequired = 13;

// An ExtendedRequest for 1.3.6.1.4.1.1466.20037, a bind without name and password, and an unbind.
constexpr std::string_view kStartTls(
    "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
    "1.3.6.1.4.1.1466.20037",
    31);
constexpr std::string_view kBind("\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00", 14);
constexpr std::string_view kUnbind("\x30\x05\x02\x01\x02\x42\x00", 7);

struct Element {
  uint32_t tag = 0;
  std::string_view body;
};

// The next element; nothing where the bytes end before it does or its length is none of BER's
// definite ones. `need` is what it takes, when only bytes are missing.
std::optional<Element> NextElement(std::string_view& bytes, size_t* need = nullptr) {
  ByteReader reader(bytes);
  const uint32_t tag = reader.Number(1);
  uint32_t size = reader.Number(1);
  size_t header = 2;
  if (size > 0x84 || size == 0x80) return std::nullopt;
  if (size > 0x80) {
    header += size - 0x80;
    size = reader.Number(size - 0x80);
  }
  if (need != nullptr) *need = reader.ok() ? header + size : bytes.size() + 1;
  const std::string_view body = reader.Bytes(size);
  if (!reader.ok()) return std::nullopt;
  bytes.remove_prefix(header + size);
  return Element{tag, body};
}

struct Response {
  uint32_t id = 0;
  uint32_t operation = 0;
  int code = -1;
  std::string text;
};

// LDAPMessage with an LDAPResult in it; nothing where it is written otherwise.
std::optional<Response> ReadResponse(std::string_view message) {
  const auto id = NextElement(message);
  if (!id || id->tag != kInteger || id->body.empty() || id->body.size() > 4) return std::nullopt;
  auto operation = NextElement(message);
  if (!operation) return std::nullopt;
  const auto code = NextElement(operation->body);
  const auto name = NextElement(operation->body);
  const auto text = NextElement(operation->body);
  const bool result = code && code->tag == kEnumerated && code->body.size() == 1 && name &&
                      name->tag == kOctets && text && text->tag == kOctets;
  if (!result) return std::nullopt;
  Response response;
  for (const char c : id->body) response.id = response.id << 8 | static_cast<unsigned char>(c);
  response.operation = operation->tag;
  response.code = static_cast<unsigned char>(code->body[0]);
  response.text = "result " + std::to_string(response.code);
  if (!text->body.empty()) response.text.append(" ").append(text->body.substr(0, 200));
  return response;
}

class LdapTalk : public StarttlsTalk {
 public:
  explicit LdapTalk(StarttlsGoal goal) : for_tls_(goal == StarttlsGoal::kTls) {}

  std::string Open() override { return std::string(for_tls_ ? kStartTls : kBind); }

  StarttlsStep Receive(std::string_view bytes) override {
    buffer_.append(bytes);
    std::string_view rest = buffer_;
    if (rest[0] != static_cast<char>(kSequence)) return Other();
    size_t need = 0;
    const auto message = NextElement(rest, &need);
    if (!message && (need <= buffer_.size() || need > kMaxMessage)) return Other();
    if (!message) return {};
    const auto response = ReadResponse(message->body);
    if (!response) return Other();
    Say(response->text);
    if (response->id == 0) return {.send = "", .end = StarttlsEnd::kTurnedAway};
    const uint32_t expected = for_tls_ ? kExtendedResponse : kBindResponse;
    if (response->id != 1 || response->operation != expected) return Other();
    return for_tls_ ? AfterStartTls(response->code, !rest.empty()) : AfterBind(response->code);
  }

 private:
  StarttlsStep Other() {
    Say("answered nothing of LDAP");
    return {.send = "", .end = StarttlsEnd::kOther};
  }

  StarttlsStep AfterStartTls(int code, bool more) {
    if (code != kSuccess) {
      const bool unknown = code == kProtocolError;
      return {.send = std::string(kUnbind),
              .end = unknown ? StarttlsEnd::kNotOffered : StarttlsEnd::kRefused};
    }
    if (more) Injected();
    return {.send = "", .end = StarttlsEnd::kGo};
  }

  StarttlsStep AfterBind(int code) {
    if (code == kSuccess) Plaintext(true);
    if (code == kConfidentialityRequired || code == kStrongerAuthRequired) Plaintext(false);
    return {.send = std::string(kUnbind), .end = StarttlsEnd::kDone};
  }

  bool for_tls_;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<StarttlsTalk> MakeLdapTalk(StarttlsGoal goal) {
  return std::make_unique<LdapTalk>(goal);
}

}  // namespace tom
