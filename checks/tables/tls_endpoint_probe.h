// Finds out what one endpoint speaks: one question at a time, each a connection, each following
// from the answers before it. Facts only; the verdict is SQL's.
//
// A server of TLSv1.2 and 1.3 with one certificate costs 7 connections: TLSv1.2 (which shows the
// certificate too), 1.3, everything up to 1.1 at once, SSLv3 as it was written then, SSLv2, all
// suites that are weak or without forward secrecy at once, a certificate of the other kind of key;
// and one more without a name, where a name was given.
//
// A reset or silence is asked again once, alone; then it is a doubt. A closed connection is asked
// again without extensions, which old servers do not bear.
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
  // tls, not_tls, refused (TLS, but every hello), silent, closed, reset, garbled, unreachable,
  // forbidden, not_asked
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
  int64_t handshake_ms = -1;
  int connections = 0;
};

class TlsEndpointProbe : public TcpConversation {
 public:
  // `thorough`: ask everything even where the first questions were closed or refused. The
  // handshaker must outlive this.
  TlsEndpointProbe(TcpTarget target, std::string server_name, bool thorough,
                   TlsHandshaker& handshaker);

  const TcpTarget& target() const override { return target_; }
  std::optional<TcpAttempt> Next() override;
  void Done(std::unique_ptr<TcpDialogue> dialogue, const TcpResult& result) override;

  // After the probe.
  const TlsFindings& findings() const { return findings_; }

 private:
  enum class About { kFirst, kVersions, kWeakSuites, kOtherKey, kDefaultHost, kHandshake };
  using SuiteClass = std::pair<SuiteWeakness, bool>;  // and forward secrecy
  struct Question {
    About about = About::kVersions;
    TlsVersion cap = TlsVersion::kTls12;
    bool extensions = true;
    bool again = false;
    TlsAnswer::Kind before = TlsAnswer::Kind::kNoTime;  // what came of it the first time
    std::string before_text = {};
    SuiteKey key = SuiteKey::kAny;
    std::set<SuiteClass> left_out = {};  // of weak suites: found before
  };

  std::unique_ptr<TlsDialogue> MakeDialogue(const Question& question);
  std::vector<uint16_t> SuitesFor(const Question& question) const;
  bool AskAgain(Question question, const TlsAnswer& answer);
  void Settle(const Question& question, const TlsAnswer& answer);
  void SettleFirst(const TlsAnswer& answer);
  void SettleVersions(const Question& question, const TlsAnswer& answer);
  void SettleWeakSuites(const Question& question, const TlsAnswer& answer);
  void SettleDefaultHost(const TlsAnswer& answer);
  void KeepCertificates(const TlsAnswer& answer);
  void AskTheRest();
  void AskBelow(TlsVersion version);
  void AskForCertificate();
  void Finish();

  TcpTarget target_;
  std::string server_name_;
  bool thorough_;
  TlsHandshaker& handshaker_;
  std::deque<Question> waiting_;
  std::map<TcpDialogue*, Question> asked_;
  std::set<SuiteClass> found_classes_;
  std::set<TlsVersion> suites_asked_;
  bool rest_asked_ = false;
  bool certificate_asked_ = false;
  bool suites_doubt_ = false;
  std::string last_text_;
  TlsFindings findings_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TLS_ENDPOINT_PROBE_H_
