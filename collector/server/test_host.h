// For tests alone: a host that signs real reports, and a person who signs statements.
#ifndef TOM_COLLECTOR_SERVER_TEST_HOST_H_
#define TOM_COLLECTOR_SERVER_TEST_HOST_H_

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/pki/issue.h"
#include "evidence/catalogue.h"
#include "evidence/context.h"
#include "evidence/envelope.h"
#include "evidence/report.h"
#include "evidence/row.h"
#include "evidence/scope_statements.h"
#include "evidence/statement.h"

namespace tom {

struct SignedReport {
  Envelope envelope;
  std::vector<std::string> blobs;
  Report report;
};

// Three groups (5m, 1h, 24h) of one check each; the verdict of each check can be changed between
// reports.
class TestHost {
 public:
  TestHost(std::string ledger, std::string host, PrivateKey key)
      : key_(std::move(key)), ledger_(std::move(ledger)), host_(std::move(host)) {
    NewChain();
    for (const char* check : {"check-5m", "check-1h", "check-24h"})
      verdicts_[check] = Verdict::kPass;
  }

  const PrivateKey& key() const { return key_; }
  const std::string& host() const { return host_; }
  const std::string& chain() const { return chain_; }
  std::optional<Digest> tip() const { return prev_; }

  void NewChain(std::vector<Digest> continues = {}) {
    chain_ = RandomId().substr(0, 16);
    seq_ = 0;
    prev_.reset();
    signed_heads_.clear();
    continues_ = std::move(continues);
  }
  void SetVerdict(const std::string& check, Verdict verdict) { verdicts_[check] = verdict; }
  void SetAnchor(const Anchor& anchor) { anchor_ = anchor; }

  // The next report of the chain. A host object that is copied before Next makes a fork.
  SignedReport Next(UnixSeconds now) {
    SignedReport out;
    Report& report = out.report;
    const Context context = MakeContext(out.blobs);
    report.ledger = ledger_;
    report.host = host_;
    report.chain = chain_;
    report.seq = seq_;
    report.prev = prev_;
    if (seq_ == 0) report.continues = continues_;
    report.observed_at = now;
    report.duration_ms = 40;
    report.context = Sha256(EncodeContext(context));
    report.anchor = anchor_;
    for (const auto& [interval, checks] : context.groups) {
      report.groups[interval] = AddRows(checks.front(), now, report, out.blobs);
    }
    std::sort(report.changed.begin(), report.changed.end());
    std::sort(report.removed.begin(), report.removed.end());
    out.envelope = Sign(EncodeReport(report));
    prev_ = out.envelope.StatementDigest();
    ++seq_;
    return out;
  }

  Envelope Sign(std::string payload) const {
    return SignEnvelope(std::move(payload), key_).value();
  }

 private:
  static Digest Params() { return ParamsDigest({}); }

  Context MakeContext(std::vector<std::string>& blobs) const {
    Context context;
    context.agent_version = "0.1.0";
    context.agent_binary = Sha256("agent");
    context.catalogue_version = 1;
    context.catalogue = Sha256("catalogue");
    context.os = "Debian GNU/Linux 12";
    for (const char* interval : {"5m", "1h", "24h"}) {
      const std::string check = std::string("check-") + interval;
      context.groups[interval] = {check};
      const ParamsPiece piece{check, Params(), {"test-profile"}, {}, {}};
      blobs.push_back(EncodeParamsPiece(piece));
      context.pieces.push_back({"params", Sha256(blobs.back()), {"shared"}});
    }
    std::sort(context.pieces.begin(), context.pieces.end(),
              [](const ContextPiece& a, const ContextPiece& b) { return a.digest < b.digest; });
    blobs.push_back(EncodeContext(context));
    return context;
  }

  // One row a check; gives the state of its group.
  Digest AddRows(const std::string& check, UnixSeconds now, Report& report,
                 std::vector<std::string>& blobs) {
    const auto old = signed_heads_.find(check);
    const Verdict verdict = verdicts_.at(check);
    if (old != signed_heads_.end() && old->second.verdict == verdict) {
      return GroupState({HeadDigest(old->second)});
    }
    Body body{"subject of " + check, "seen as " + std::string(VerdictName(verdict)), Json(), ""};
    body = SaltBody(body, "host salt key", check, Params());
    blobs.push_back(Canonical(BodyToJson(body)));
    Head head;
    head.check = check;
    head.check_digest = Sha256(check);
    head.params = Params();
    head.subject_id = SubjectId("host salt key", check, Params(), body.subject);
    head.scope = {"shared"};
    head.verdict = verdict;
    head.since = now;
    head.body = Sha256(blobs.back());
    blobs.push_back(Canonical(HeadToJson(head)));
    if (old != signed_heads_.end()) report.removed.push_back(HeadDigest(old->second));
    report.changed.push_back(HeadDigest(head));
    signed_heads_[check] = head;
    return GroupState({HeadDigest(head)});
  }

  PrivateKey key_;
  std::string ledger_;
  std::string host_;
  std::string chain_;
  uint64_t seq_ = 0;
  std::optional<Digest> prev_;
  std::vector<Digest> continues_;
  std::optional<Anchor> anchor_;
  std::map<std::string, Verdict> verdicts_;
  std::map<std::string, Head> signed_heads_;
};

// A key with a certificate of one purpose.
struct TestPerson {
  PrivateKey key;
  std::string certificate;  // DER

  static TestPerson Make(const Issuer& ca, Purpose purpose, UnixSeconds now) {
    PrivateKey key = PrivateKey::Generate(KeyKind::kP256).value();
    CertificateRequest request;
    request.purpose = purpose;
    request.common_name = "person";
    request.uris = {PersonUri("person")};
    request.spki = key.public_key().spki();
    request.not_before = now;
    std::string der = IssueCertificate(ca, request).value();
    return {std::move(key), std::move(der)};
  }

  StatementCommon Common(const std::string& ledger) const {
    return {ledger, Sha256(certificate), RandomId()};
  }
  template <typename T>
  Envelope Sign(Kind kind, const T& statement) const {
    return SignEnvelope(EncodeKindStatement(kind, ToPredicate(statement)), key).value();
  }
};

inline EnrolmentAuthorisation TestAuthorisation(const TestPerson& person, const std::string& ledger,
                                                const std::string& secret, UnixSeconds expires,
                                                int64_t uses = 1) {
  EnrolmentAuthorisation authorisation;
  authorisation.common = person.Common(ledger);
  authorisation.token = Sha256(secret);
  authorisation.systems = "web-*";
  authorisation.controllers = {"controller-a"};
  authorisation.kind = "host";
  authorisation.uses = uses;
  authorisation.expires = expires;
  return authorisation;
}

}  // namespace tom

#endif  // TOM_COLLECTOR_SERVER_TEST_HOST_H_
