// The clear part of protocols that turn to TLS in the middle: what a client says up to the point at
// which the server waits for a ClientHello, and whether the server would go on without TLS.
//
// SMTP (RFC 3207), IMAP and POP3 (RFC 2595, 3501, 2449), FTP (RFC 4217), LDAP (RFC 4511 section
// 4.14), PostgreSQL (manual, "Message Flow"), MySQL (its "Connection Phase"), XMPP (RFC 6120
// section 5). No account is used and no password is sent; a name that nobody has, and of PostgreSQL
// the account that every server has, stand where a protocol wants one.
//
// Servers are hostile: a line is at most 8 KiB, a reply 200 lines, a talk 64 KiB. What a server
// offers counts as a whole word in the answer to the question, never in a greeting.
#ifndef TOM_CHECKS_PARSE_STARTTLS_H_
#define TOM_CHECKS_PARSE_STARTTLS_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tom {

inline constexpr size_t kMaxStarttlsBytes = 64 << 10;

enum class StarttlsProtocol { kSmtp, kImap, kPop3, kFtp, kLdap, kPostgres, kMysql, kXmpp };

// "smtp", …; nothing for another word, "none" among them.
std::optional<StarttlsProtocol> StarttlsProtocolOf(std::string_view name);
std::string_view StarttlsName(StarttlsProtocol protocol);

// By the registered port of TCP: 21, 25, 110, 143, 389, 587, 3306, 5222, 5269, 5432.
std::optional<StarttlsProtocol> StarttlsProtocolOfPort(int64_t port);

// By a server's first words. SMTP and FTP greet alike; without a word of either it is SMTP.
std::optional<StarttlsProtocol> StarttlsProtocolOfGreeting(std::string_view first);

enum class StarttlsGoal {
  kTls,        // to where a ClientHello is due
  kPlaintext,  // to where it is known whether the server goes on without TLS, and a goodbye
};

enum class StarttlsEnd {
  kGoing,
  kGo,          // a ClientHello is due
  kNotOffered,  // it speaks the protocol, and offers no TLS
  kRefused,     // asked for TLS, it said no
  kPreauth,     // IMAP: logged in from the start, when TLS can no more be asked for
  kTurnedAway,  // it does not serve us now: too many connections, a name it does not know
  kOther,       // its first words are not of this protocol
  kGarbled,     // it began well, and went on as the standards do not write it, or without end
  kDone,        // kPlaintext: all is known that can be
};

struct StarttlsStep {
  std::string send;  // now; with an end, as a goodbye
  StarttlsEnd end = StarttlsEnd::kGoing;
};

// One connection. Not thread-safe.
class StarttlsTalk {
 public:
  virtual ~StarttlsTalk() = default;

  // What the client says first; empty where the server does.
  virtual std::string Open() { return ""; }
  // `bytes` are new ones. Not to be called after an end.
  virtual StarttlsStep Receive(std::string_view bytes) = 0;

  // Why it ended as it did, in the server's words where it used some: printable ASCII, at most 200.
  const std::string& text() const { return text_; }
  // Bytes stood behind the go-ahead, before any handshake: somebody put them there, or the server
  // would take such bytes from a client too (CVE-2011-0411, CVE-2021-23222).
  bool injected() const { return injected_; }
  // kPlaintext: true, it goes on without TLS; false, it insists on TLS first; nothing, not known.
  std::optional<bool> plaintext() const { return plaintext_; }

 protected:
  void Say(std::string_view text);
  void Injected() { injected_ = true; }
  void Plaintext(std::optional<bool> allowed) { plaintext_ = allowed; }

 private:
  std::string text_;
  bool injected_ = false;
  std::optional<bool> plaintext_;
};

struct StarttlsRequest {
  StarttlsProtocol protocol = StarttlsProtocol::kSmtp;
  StarttlsGoal goal = StarttlsGoal::kTls;
  std::string name = {};   // XMPP: the domain asked for; empty = none
  bool to_server = false;  // XMPP: as another server (port 5269), not as a client
};

std::unique_ptr<StarttlsTalk> MakeStarttlsTalk(const StarttlsRequest& request);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_STARTTLS_H_
