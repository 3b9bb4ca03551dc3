// One connection to a TLS server: a hello by hand and what it answers, or a whole handshake by
// libssl where nothing less shows the certificate (TLSv1.3).
#ifndef TOM_CHECKS_TABLES_TLS_DIALOGUE_H_
#define TOM_CHECKS_TABLES_TLS_DIALOGUE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/env/tcp_probe.h"
#include "checks/parse/server_hello.h"
#include "checks/parse/starttls.h"
#include "checks/parse/tls_suites.h"

namespace tom {

// How one question was answered.
struct TlsAnswer {
  enum class Kind {
    kAccepted,  // a version was chosen
    kRefused,   // an alert
    kClosed,
    kReset,
    kSilent,
    kNotTls,
    kGarbled,
    kUnreachable,  // no connection came about
    kNoTime,
    kForbidden,
    kTalk,  // it did not come to TLS: `talk` says why
  };
  Kind kind = Kind::kNoTime;
  ServerFlight flight;
  std::string text;   // the kind in words, for reasons: "refused (protocol_version)"
  std::string first;  // the first bytes, where it is not TLS
  int64_t ms = 0;
  // Where the connection began in the clear (tls_starttls.h).
  StarttlsEnd talk = StarttlsEnd::kGoing;
  bool before_tls = false;
  bool injected = false;
  std::optional<bool> plaintext = std::nullopt;
};

class TlsDialogue : public TcpDialogue {
 public:
  virtual TlsAnswer Answer(const TcpResult& result) const = 0;
};

// Sends `hello` and reads up to the choice of a version, or with `whole_flight` to the end of what
// is sent in the clear.
std::unique_ptr<TlsDialogue> MakeHelloDialogue(std::string hello, bool whole_flight);

// Makes dialogues that finish a TLSv1.3 handshake, without judging the certificate; their answers
// carry the chain and whether a client certificate was asked for.
class TlsHandshaker {
 public:
  TlsHandshaker();
  ~TlsHandshaker();
  TlsHandshaker(const TlsHandshaker&) = delete;
  TlsHandshaker& operator=(const TlsHandshaker&) = delete;

  // Must not outlive the handshaker. Null where libssl refuses to work. `key` restricts what the
  // server may sign with.
  std::unique_ptr<TlsDialogue> Make(const std::string& server_name, SuiteKey key = SuiteKey::kAny);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The answer of a connection that brought no bytes that decide.
TlsAnswer AnswerOfEnd(const TcpResult& result);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TLS_DIALOGUE_H_
