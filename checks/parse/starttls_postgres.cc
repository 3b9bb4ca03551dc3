// PostgreSQL: one byte answers SSLRequest, and messages of a letter and a length a StartupMessage.
#include "checks/parse/byte_reader.h"
#include "checks/parse/starttls_talks.h"

namespace tom {
namespace {

constexpr size_t kMaxMessage = 30000;  // as libpq bounds what comes before authentication

constexpr std::string_view kSslRequest("\0\0\0\x08\x04\xd2\x16\x2f", 8);
constexpr std::string_view kStartup("\0\0\0\x29\0\x03\0\0user\0postgres\0database\0postgres\0\0",
                                    41);
constexpr std::string_view kTerminate("X\0\0\0\x04", 5);

// The fields of an ErrorResponse: a letter and a text that ends in NUL each. `letter` is S, C, M,
// R, …; the texts of C and R are the same in every language.
std::string Field(std::string_view body, char letter) {
  while (!body.empty() && body[0] != '\0') {
    const size_t end = body.find('\0');
    if (end == std::string_view::npos) break;
    if (body[0] == letter) return std::string(body.substr(1, end - 1));
    body.remove_prefix(end + 1);
  }
  return "";
}

class PostgresTalk : public StarttlsTalk {
 public:
  explicit PostgresTalk(StarttlsGoal goal) : for_tls_(goal == StarttlsGoal::kTls) {}

  std::string Open() override { return std::string(for_tls_ ? kSslRequest : kStartup); }

  StarttlsStep Receive(std::string_view bytes) override {
    buffer_.append(bytes);
    if (for_tls_ && buffer_[0] == 'S') {
      if (buffer_.size() > 1) Injected();
      return {.send = "", .end = StarttlsEnd::kGo};
    }
    if (for_tls_ && buffer_ == "N") {
      Say("answered N, no TLS");
      return {.send = "", .end = StarttlsEnd::kNotOffered};
    }
    while (!buffer_.empty()) {
      ByteReader reader(buffer_);
      const char type = static_cast<char>(reader.Number(1));
      const uint32_t size = reader.Number(4);
      if (buffer_.size() >= 5 && (size < 4 || size > kMaxMessage)) return Other();
      if (std::string_view("ERNv").find(type) == std::string_view::npos) return Other();
      const std::string_view body = reader.Bytes(size >= 4 ? size - 4 : 0);
      if (!reader.ok()) return {};
      if (type == 'E') return OnError(body);
      if (for_tls_) return Other();
      if (type == 'R') return OnAuthentication();
      buffer_.erase(0, size + 1);  // a notice, or another minor version
    }
    return {};
  }

 private:
  StarttlsStep Other() {
    Say("answered nothing of PostgreSQL");
    return {.send = "", .end = StarttlsEnd::kOther};
  }

  StarttlsStep OnAuthentication() {
    Say("asked to authenticate without TLS");
    Plaintext(true);
    return {.send = std::string(kTerminate), .end = StarttlsEnd::kDone};
  }

  StarttlsStep OnError(std::string_view body) {
    const std::string code = Field(body, 'C');
    const std::string message = Field(body, 'M');
    Say(code.empty() ? message : code + " " + message);
    if (for_tls_) {
      const bool full = code.starts_with("53") || code.starts_with("57");
      return {.send = "", .end = full ? StarttlsEnd::kTurnedAway : StarttlsEnd::kRefused};
    }
    // No line of pg_hba.conf lets this account in without TLS; or PgBouncer wants TLS.
    const bool turned_down = code == "28000" && Field(body, 'R') == "ClientAuthentication";
    if (turned_down || message == "SSL required") Plaintext(false);
    if (code == "3D000") Plaintext(true);  // it was let in, to a database that is not there
    if (code == "28000" && Field(body, 'R') == "InitializeSessionUserId") Plaintext(true);
    return {.send = "", .end = StarttlsEnd::kDone};
  }

  bool for_tls_;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<StarttlsTalk> MakePostgresTalk(StarttlsGoal goal) {
  return std::make_unique<PostgresTalk>(goal);
}

}  // namespace tom
