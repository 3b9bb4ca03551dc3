// Finds out what one endpoint speaks: one question at a time, each a connection, each following
// from the answers before it. Facts only; the verdict is SQL's.
//
// A server of TLSv1.2 and 1.3 with one certificate costs 10 connections: TLSv1.2 (which shows the
// certificate too), 1.3, 1.1, 1.0, SSLv3 as it was written then, SSLv2, all
// suites that are weak or without forward secrecy at once, a certificate of the other kind of key,
// DHE alone for the size of its group, and ALPN; and one more without a name, where a name was
// given. The versions alone cost 6, and that one. Through STARTTLS one more asks whether the server
// goes on without it.
//
// A reset or silence is asked again once, alone; then it is a doubt. A closed connection is asked
// again without extensions, which old servers do not bear. How a server that accepts something says
// no by habit - twice in a row, the second time alone - is not asked again. What is silent where it
// should greet, or answers a talk in the clear by something else, is asked for TLS at once.
//
// Never more than kMaxConnections, or kMaxForVersions where the versions alone are wanted: what
// would need more is not known.
#ifndef TOM_CHECKS_TABLES_TLS_ENDPOINT_PROBE_H_
#define TOM_CHECKS_TABLES_TLS_ENDPOINT_PROBE_H_

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "checks/env/tcp_probe.h"
#include "checks/parse/client_hello.h"
#include "checks/tables/tls_dialogue.h"
#include "checks/tables/tls_evidence.h"

namespace tom {

struct TlsFindings {
  // tls, not_tls, no_starttls, turned_away, refused (TLS, but every hello), silent, closed, reset,
  // garbled, unreachable, forbidden, not_asked
  std::string outcome = "not_asked";
  std::string error;  // why something is not known; empty = everything asked was answered
  std::string first;  // first bytes of what is not TLS
  TlsEvidence evidence;
  std::vector<std::vector<std::string>> chains;  // DER; one a kind of key
  std::optional<bool> client_certificate;
  std::set<std::string> weak_suites;       // IANA's names
  bool suites_known = false;               // every question about suites had an answer
  bool static_key = false;                 // a suite without forward secrecy is accepted
  std::optional<TlsVersion> default_host;  // accepted without a name, below TLSv1.2
  bool default_host_known = false;         // the question without a name had an answer
  std::optional<bool> dhe;                 // a suite of DHE below TLSv1.3 is accepted
  int dh_bits = 0;                         // of its prime; 0 = not seen
  std::optional<std::string> alpn;         // chosen of h2 and http/1.1; "" = none
  // What the connections began with, where it was not TLS; found, or as declared.
  std::optional<StarttlsProtocol> starttls;
  std::string starttls_end;       // offered, not_offered, refused, preauth, at_once
  std::optional<bool> plaintext;  // it goes on without TLS
  std::string plaintext_text;     // what it said to that
  bool injected = false;          // bytes stood behind its go-ahead
  bool versions_only = false;     // nothing else was asked
  int64_t handshake_ms = -1;
  int connections = 0;
};

// What is to be asked.
struct TlsEndpointOptions {
  TcpTarget target;
  std::string server_name;  // sent as SNI; empty = none
  bool thorough = false;    // ask everything even where the first questions were closed or refused
  bool declared = true;     // false: what it speaks may be guessed by its greeting
  std::optional<StarttlsProtocol> starttls = std::nullopt;  // declared, or by the port
  std::string domain = {};                                  // XMPP's; empty = server_name
  // Only the first question, to see that the answer is what it was.
  bool confirm = false;
  bool versions_only = false;  // and the default host's; nothing of suites, keys and plain text
};

// TlsFindings::outcome of an endpoint whose first answer was of this kind.
std::string TlsOutcomeName(TlsAnswer::Kind kind);

class TlsEndpointProbe : public TcpConversation {
 public:
  static constexpr size_t kMaxConnections = 25;
  static constexpr size_t kMaxForVersions = 7;

  // The handshaker must outlive this.
  TlsEndpointProbe(TlsEndpointOptions options, TlsHandshaker& handshaker);

  const TcpTarget& target() const override { return options_.target; }
  std::optional<TcpAttempt> Next() override;
  void Done(std::unique_ptr<TcpDialogue> dialogue, const TcpResult& result) override;

  // After the probe.
  const TlsFindings& findings() const { return findings_; }

 private:
  enum class About {
    kFirst,
    kVersions,
    kWeakSuites,
    kOtherKey,
    kDefaultHost,
    kHandshake,
    kDhe,
    kAlpn,
    kPlaintext,
  };
  using SuiteClass = std::pair<SuiteWeakness, bool>;  // and forward secrecy
  struct Question {
    About about = About::kVersions;
    TlsVersion cap = TlsVersion::kTls12;
    bool extensions = true;
    bool again = false;
    bool alone = false;
    TlsAnswer::Kind before = TlsAnswer::Kind::kNoTime;  // what came of it the first time
    std::string before_text = {};
    SuiteKey key = SuiteKey::kAny;
    std::set<SuiteClass> left_out = {};  // of weak suites: found before
    bool from_elsewhere = false;         // kPlaintext: from an address that is not the server's
  };

  std::unique_ptr<StarttlsTalk> MakeTalk(StarttlsGoal goal) const;
  std::unique_ptr<TlsDialogue> MakeDialogue(const Question& question);
  std::unique_ptr<TlsDialogue> MakeTlsDialogue(const Question& question);
  std::vector<uint16_t> SuitesFor(const Question& question) const;
  bool IsWanted(About about) const;
  bool WantsFlight(About about) const;
  void DropUnwanted();
  bool AskAgain(Question question, const TlsAnswer& answer);
  bool AskLowerFirst(Question question, const TlsAnswer& answer);
  void SettleLower(const Question& question, const TlsAnswer& answer);
  void NoteHabit(const Question& question, const TlsAnswer& answer);
  void Settle(const Question& question, const TlsAnswer& answer);
  void SettleFirst(const TlsAnswer& answer);
  bool SettleStarttls(const TlsAnswer& answer);
  void SettleTalk(const TlsAnswer& answer);
  bool SettleDirectly(const TlsAnswer& answer);
  void AskDirectly();
  bool AskByGreeting(const TlsAnswer& answer);
  void SettlePlaintext(const Question& question, const TlsAnswer& answer);
  void SettleDhe(const TlsAnswer& answer);
  void SettleAlpn(const TlsAnswer& answer);
  void AskOfSuites(TlsVersion version);
  void SettleVersions(const Question& question, const TlsAnswer& answer);
  void SettleWeakSuites(const Question& question, const TlsAnswer& answer);
  void SettleDefaultHost(const TlsAnswer& answer);
  void KeepCertificates(const TlsAnswer& answer);
  void AskTheRest();
  void AskBelow(TlsVersion version);
  void AskForCertificate();
  void Finish();

  TlsEndpointOptions options_;
  TlsHandshaker& handshaker_;
  std::optional<StarttlsProtocol> through_;  // how connections begin
  bool asked_directly_ = false;              // after a talk that came to nothing
  std::optional<TlsAnswer> talk_answer_;     // what it came to
  std::deque<Question> waiting_;
  std::map<TcpDialogue*, Question> asked_;
  std::set<SuiteClass> found_classes_;
  std::set<TlsVersion> suites_asked_;
  bool rest_asked_ = false;
  bool bare_ = false;                 // it bears no extensions below TLSv1.3
  std::set<TlsAnswer::Kind> habits_;  // how it says no; not asked again
  std::optional<Question> put_off_;   // TLSv1.1, closed: TLSv1.0 is asked before it is asked again
  bool certificate_asked_ = false;
  bool suites_doubt_ = false;
  bool dhe_asked_ = false;
  std::string last_text_;
  TlsFindings findings_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TLS_ENDPOINT_PROBE_H_
