#include "checks/tables/tls_endpoint_probe.h"

#include <openssl/rand.h>

#include <algorithm>

#include "checks/tables/certificate_judge.h"
#include "checks/tables/tls_starttls.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Kind = TlsAnswer::Kind;

constexpr size_t kHelloBytes = 64 << 10;
constexpr size_t kFlightBytes = 256 << 10;

// Of this host's addresses the one that a server is the least likely to listen on: to some a client
// of the server's own address needs no TLS, whatever it demands of others (Dovecot).
constexpr char kElsewhere[] = "127.0.0.2";

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  // Nothing depends on its being secret; without randomness it is merely always the same.
  RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count));
  return bytes;
}

// Alerts that say no to what was offered. Others may be about how the hello was written.
bool IsPlainNo(int alert) {
  return alert == 40 || alert == 70 || alert == 71 || alert == 86 || alert == 112;
}

TlsVersion Below(TlsVersion version) {
  return static_cast<TlsVersion>(static_cast<uint16_t>(version) - 1);
}

}  // namespace

std::string TlsOutcomeName(Kind kind) {
  switch (kind) {
    case Kind::kAccepted:
      return "tls";
    case Kind::kRefused:
      return "refused";
    case Kind::kClosed:
      return "closed";
    case Kind::kReset:
      return "reset";
    case Kind::kSilent:
      return "silent";
    case Kind::kNotTls:
      return "not_tls";
    case Kind::kGarbled:
      return "garbled";
    case Kind::kUnreachable:
      return "unreachable";
    case Kind::kForbidden:
      return "forbidden";
    case Kind::kTalk:
    case Kind::kNoTime:
      break;
  }
  return "not_asked";
}

TlsEndpointProbe::TlsEndpointProbe(TlsEndpointOptions options, TlsHandshaker& handshaker)
    : options_(std::move(options)), handshaker_(handshaker), through_(options_.starttls) {
  findings_.starttls = through_;
  waiting_.push_back({.about = About::kFirst, .cap = TlsVersion::kTls12});
}

std::vector<uint16_t> TlsEndpointProbe::SuitesFor(const Question& question) const {
  std::vector<uint16_t> suites = OfferedSuites(question.cap, question.extensions);
  const bool weak = question.about == About::kWeakSuites;
  const bool dhe = question.about == About::kDhe;
  if (!weak && !dhe && question.key == SuiteKey::kAny) return suites;
  std::vector<uint16_t> chosen;
  for (const uint16_t id : suites) {
    const TlsSuite* suite = FindSuite(id);
    if (suite == nullptr) continue;
    if (dhe) {
      if (suite->name.starts_with("DHE_")) chosen.push_back(id);
      continue;
    }
    const bool poor = suite->weakness != SuiteWeakness::kNone || !suite->forward_secret;
    const bool found = question.left_out.count({suite->weakness, suite->forward_secret}) != 0;
    if (weak ? poor && !found : suite->key == question.key) chosen.push_back(id);
  }
  return chosen;
}

// Null: there is nothing to ask.
std::unique_ptr<TlsDialogue> TlsEndpointProbe::MakeDialogue(const Question& question) {
  if (question.about == About::kPlaintext) {
    return MakeStarttlsDialogue(MakeTalk(StarttlsGoal::kPlaintext), nullptr);
  }
  std::unique_ptr<TlsDialogue> dialogue = MakeTlsDialogue(question);
  if (!through_ || dialogue == nullptr) return dialogue;
  return MakeStarttlsDialogue(MakeTalk(StarttlsGoal::kTls), std::move(dialogue));
}

std::unique_ptr<TlsDialogue> TlsEndpointProbe::MakeTlsDialogue(const Question& question) {
  if (question.about == About::kHandshake) {
    return handshaker_.Make(options_.server_name, question.key);
  }
  if (question.cap == TlsVersion::kSsl2) {
    return MakeHelloDialogue(EncodeSsl2ClientHello(RandomBytes(16)), false);
  }
  ClientHello hello;
  hello.version = question.cap;
  hello.suites = SuitesFor(question);
  if (hello.suites.empty()) return nullptr;
  if (question.about != About::kDefaultHost) hello.server_name = options_.server_name;
  hello.alpn = question.about == About::kAlpn;
  hello.key = question.key;
  hello.extensions = question.extensions;
  hello.random = RandomBytes(64);
  return MakeHelloDialogue(EncodeClientHello(hello), WantsFlight(question.about));
}

std::optional<TcpAttempt> TlsEndpointProbe::Next() {
  while (true) {
    DropUnwanted();
    if (waiting_.empty() && asked_.empty()) {
      Finish();
      DropUnwanted();
    }
    if (waiting_.empty()) return std::nullopt;
    Question question = waiting_.front();
    waiting_.pop_front();
    const bool closes = habits_.count(Kind::kClosed) != 0;
    question.left_out = found_classes_;
    question.alone = question.alone || question.again || closes;
    if (bare_ && question.cap < TlsVersion::kTls13) question.extensions = false;
    if (closes && !findings_.evidence.AnyAccepted() && question.cap <= TlsVersion::kTls10) {
      question.extensions = false;
    }
    std::unique_ptr<TlsDialogue> dialogue = MakeDialogue(question);
    if (dialogue == nullptr) continue;
    asked_[dialogue.get()] = question;
    return TcpAttempt{.dialogue = std::move(dialogue),
                      .max_bytes = WantsFlight(question.about) ? kFlightBytes : kHelloBytes,
                      .alone = question.alone,
                      .source = question.from_elsewhere ? kElsewhere : ""};
  }
}

// What is not wanted, or would be one connection too many.
void TlsEndpointProbe::DropUnwanted() {
  std::erase_if(waiting_, [this](const Question& one) { return !IsWanted(one.about); });
  // Without extensions there is no name: it has answered as whoever it is by default.
  std::erase_if(waiting_,
                [this](const Question& one) { return bare_ && one.about == About::kDefaultHost; });
  const size_t most = options_.versions_only ? kMaxForVersions : kMaxConnections;
  if (static_cast<size_t>(findings_.connections) + asked_.size() < most) return;
  const std::string why = "not asked: " + std::to_string(most) + " connections were made";
  for (const Question& one : waiting_) {
    const bool versions = one.about == About::kVersions;
    if (versions) findings_.evidence.Doubt(one.cap, one.again ? one.before_text : why);
    suites_doubt_ = suites_doubt_ || one.about == About::kWeakSuites;
  }
  waiting_.clear();
}

// All that is sent in the clear, or by TLSv1.3 a certificate's size.
bool TlsEndpointProbe::WantsFlight(About about) const {
  if (about == About::kFirst) return !options_.versions_only;
  return about == About::kOtherKey || about == About::kHandshake || about == About::kDhe;
}

bool TlsEndpointProbe::IsWanted(About about) const {
  if (options_.confirm) return about == About::kFirst;
  if (!options_.versions_only) return true;
  return about == About::kFirst || about == About::kVersions || about == About::kDefaultHost;
}

void TlsEndpointProbe::Done(std::unique_ptr<TcpDialogue> dialogue, const TcpResult& result) {
  const auto found = asked_.find(dialogue.get());
  if (found == asked_.end()) return;
  const Question question = found->second;
  asked_.erase(found);
  TlsAnswer answer = static_cast<const TlsDialogue&>(*dialogue).Answer(result);
  if (question.again && answer.kind == Kind::kNoTime) {  // the first time says more
    answer.kind = question.before;
    answer.text = question.before_text;
  }
  if (result.end != TcpEnd::kForbidden && result.end != TcpEnd::kNoTime) ++findings_.connections;
  SettleLower(question, answer);
  if (!AskAgain(question, answer)) Settle(question, answer);
  if (waiting_.empty() && asked_.empty()) Finish();
}

bool TlsEndpointProbe::AskAgain(Question question, const TlsAnswer& answer) {
  if (question.again || question.about == About::kHandshake ||
      question.about == About::kPlaintext || question.about == About::kAlpn) {
    return false;
  }
  // Not the same again, but TLS at once.
  if (question.about == About::kFirst && answer.before_tls && answer.kind != Kind::kTalk) {
    return false;
  }
  if (habits_.count(answer.kind) != 0) return false;
  if (AskLowerFirst(question, answer)) return true;
  const bool versions = question.about == About::kVersions || question.about == About::kFirst;
  const bool can_be_bare = versions && question.extensions && question.cap < TlsVersion::kTls13 &&
                           question.cap > TlsVersion::kSsl2;
  switch (answer.kind) {
    case Kind::kReset:
    case Kind::kSilent:
      break;
    case Kind::kTalk:  // it had been through the talk before, or has no room for us
      if (question.about == About::kFirst && answer.talk != StarttlsEnd::kTurnedAway) return false;
      break;
    case Kind::kUnreachable:  // it had been reached
      if (question.about == About::kFirst) return false;
      break;
    case Kind::kClosed:
      question.extensions = question.extensions && !can_be_bare;
      break;
    case Kind::kRefused:
      if (!can_be_bare || IsPlainNo(answer.flight.alert)) return false;
      question.extensions = false;
      break;
    default:
      return false;
  }
  question.again = true;
  question.before = answer.kind;
  question.before_text = answer.text;
  waiting_.push_front(question);
  return true;
}

// Where TLSv1.1 was closed, TLSv1.0 asked alone tells as much as the same again: closed as well,
// closing is how this server says no.
bool TlsEndpointProbe::AskLowerFirst(Question question, const TlsAnswer& answer) {
  if (question.about != About::kVersions || answer.kind != Kind::kClosed) return false;
  if (!findings_.evidence.AnyAccepted() || bare_) return false;
  if (question.cap != TlsVersion::kTls11) return false;
  question.before = answer.kind;
  question.before_text = answer.text;
  put_off_ = question;
  waiting_.push_front({.about = About::kVersions, .cap = TlsVersion::kTls10, .alone = true});
  return true;
}

// The answer to that.
void TlsEndpointProbe::SettleLower(const Question& question, const TlsAnswer& answer) {
  if (!put_off_ || question.about != About::kVersions || question.cap != TlsVersion::kTls10) return;
  Question higher = *put_off_;
  put_off_.reset();
  if (answer.kind == Kind::kClosed) {
    findings_.evidence.Refused(higher.cap);
    habits_.insert(Kind::kClosed);
    return;
  }
  higher.again = true;
  waiting_.push_front(higher);
}

// Twice the same, the second time alone.
void TlsEndpointProbe::NoteHabit(const Question& question, const TlsAnswer& answer) {
  const bool same = question.again && question.before == answer.kind;
  const bool no =
      answer.kind == Kind::kClosed || answer.kind == Kind::kReset || answer.kind == Kind::kSilent;
  if (same && no && (findings_.evidence.AnyAccepted() || options_.versions_only)) {
    habits_.insert(answer.kind);
  }
}

void TlsEndpointProbe::Settle(const Question& question, const TlsAnswer& answer) {
  if (answer.kind == Kind::kAccepted && findings_.handshake_ms < 0) {
    findings_.handshake_ms = answer.ms;
  }
  findings_.injected = findings_.injected || answer.injected;
  NoteHabit(question, answer);
  switch (question.about) {
    case About::kFirst:
      if (through_ ? SettleStarttls(answer) : AskByGreeting(answer)) return;
      SettleVersions(question, answer);
      return SettleFirst(answer);
    case About::kPlaintext:
      return SettlePlaintext(question, answer);
    case About::kDhe:
      return SettleDhe(answer);
    case About::kAlpn:
      return SettleAlpn(answer);
    case About::kVersions:
      return SettleVersions(question, answer);
    case About::kWeakSuites:
      return SettleWeakSuites(question, answer);
    case About::kDefaultHost:
      return SettleDefaultHost(answer);
    case About::kOtherKey:
    case About::kHandshake:
      if (answer.kind == Kind::kAccepted) KeepCertificates(answer);
      if (question.about == About::kHandshake && !findings_.alpn) SettleAlpn(answer);
      return;
  }
}

void TlsEndpointProbe::SettleDhe(const TlsAnswer& answer) {
  if (answer.kind == Kind::kRefused || answer.kind == Kind::kClosed) {
    if (!findings_.dhe) findings_.dhe = false;
    return;
  }
  if (answer.kind != Kind::kAccepted || answer.flight.version == TlsVersion::kTls13) return;
  const TlsSuite* suite = FindSuite(answer.flight.suite);
  if (suite == nullptr || !suite->name.starts_with("DHE_")) return;
  findings_.dhe = true;
  findings_.dh_bits = answer.flight.dh_bits;
}

void TlsEndpointProbe::SettleAlpn(const TlsAnswer& answer) {
  if (answer.kind == Kind::kAccepted) findings_.alpn = answer.flight.alpn;
}

// What the first answer was decides what else is worth a connection.
void TlsEndpointProbe::SettleFirst(const TlsAnswer& answer) {
  if (talk_answer_ && SettleDirectly(answer)) return;
  findings_.outcome = TlsOutcomeName(answer.kind);
  last_text_ = answer.text;
  if (answer.kind == Kind::kAccepted || answer.kind == Kind::kRefused) return AskTheRest();
  if (answer.kind == Kind::kNotTls) findings_.first = answer.first;
  if (answer.kind != Kind::kClosed && answer.kind != Kind::kReset) return;
  if (options_.thorough) return AskTheRest();
  waiting_.push_back({.about = About::kVersions, .cap = TlsVersion::kTls13});
}

void TlsEndpointProbe::AskTheRest() {
  if (rest_asked_) return;
  rest_asked_ = true;
  if (findings_.evidence.Of(TlsVersion::kTls13) != TlsOffer::kAccepted) {
    waiting_.push_back({.about = About::kVersions, .cap = TlsVersion::kTls13});
  }
  const auto weakest = findings_.evidence.Weakest();
  if (!weakest || *weakest > TlsVersion::kTls11) AskBelow(TlsVersion::kTls12);
  waiting_.push_back({.about = About::kVersions, .cap = TlsVersion::kSsl3, .extensions = false});
  waiting_.push_back({.about = About::kVersions, .cap = TlsVersion::kSsl2});
  if (!options_.server_name.empty()) {
    waiting_.push_back({.about = About::kDefaultHost, .cap = TlsVersion::kTls11});
  }
}

void TlsEndpointProbe::AskBelow(TlsVersion version) {
  if (version <= TlsVersion::kTls10) return;  // SSLv3 is asked for anyway
  waiting_.push_back({.about = About::kVersions, .cap = Below(version)});
}

void TlsEndpointProbe::SettleVersions(const Question& question, const TlsAnswer& answer) {
  TlsEvidence& evidence = findings_.evidence;
  const TlsVersion cap = question.cap;
  const bool no = answer.kind == Kind::kRefused || answer.kind == Kind::kClosed ||
                  (answer.kind == Kind::kNotTls && cap == TlsVersion::kSsl2);
  // Some refuse a version that they do not speak in place of choosing a lower one.
  if (no && question.about == About::kVersions && cap == TlsVersion::kTls11) AskBelow(cap);
  if (no) return evidence.Refused(cap);
  if (answer.kind != Kind::kAccepted) {
    return evidence.Doubt(cap, answer.text + (question.again ? ", twice" : ""));
  }
  const TlsVersion chosen = answer.flight.version;
  evidence.Chose(cap, chosen);
  // To a hello with extensions it had said no: then its no to one of suites would say nothing.
  bare_ = bare_ || (question.again && !question.extensions && cap > TlsVersion::kSsl3 &&
                    question.before != Kind::kReset && question.before != Kind::kSilent);
  if (question.about == About::kVersions) AskTheRest();
  if (chosen == TlsVersion::kSsl2) findings_.static_key = true;  // it knows RSA alone
  if (chosen > cap || chosen == TlsVersion::kTls13 || chosen == TlsVersion::kSsl2) return;
  if (question.about != About::kFirst || chosen < TlsVersion::kTls12) AskBelow(chosen);
  AskOfSuites(chosen);
  if (question.about == About::kFirst) KeepCertificates(answer);
}

void TlsEndpointProbe::AskOfSuites(TlsVersion version) {
  const bool extensions = version > TlsVersion::kSsl3;
  if (suites_asked_.insert(version).second) {
    waiting_.push_back({.about = About::kWeakSuites, .cap = version, .extensions = extensions});
  }
  if (dhe_asked_) return;
  dhe_asked_ = true;
  waiting_.push_back({.about = About::kDhe, .cap = version, .extensions = extensions});
  if (extensions && !through_ && options_.declared) {
    waiting_.push_back({.about = About::kAlpn, .cap = version});
  }
}

void TlsEndpointProbe::SettleWeakSuites(const Question& question, const TlsAnswer& answer) {
  if (answer.kind == Kind::kRefused || answer.kind == Kind::kClosed) return;
  const TlsSuite* suite = answer.kind == Kind::kAccepted ? FindSuite(answer.flight.suite) : nullptr;
  const SuiteClass its =
      suite != nullptr ? SuiteClass{suite->weakness, suite->forward_secret} : SuiteClass{};
  const bool poor = suite != nullptr && its != SuiteClass{SuiteWeakness::kNone, true};
  if (!poor || question.left_out.count(its) != 0) {  // no answer, or not what was offered
    suites_doubt_ = true;
    return;
  }
  findings_.evidence.Seen(answer.flight.version);
  if (suite->weakness != SuiteWeakness::kNone)
    findings_.weak_suites.insert(std::string(suite->name));
  if (!suite->forward_secret) findings_.static_key = true;
  Question next = question;
  next.again = false;
  found_classes_.insert(its);
  waiting_.push_back(next);
}

void TlsEndpointProbe::SettleDefaultHost(const TlsAnswer& answer) {
  findings_.default_host_known = answer.kind == Kind::kRefused || answer.kind == Kind::kClosed ||
                                 answer.kind == Kind::kAccepted;
  if (answer.kind == Kind::kRefused || answer.kind == Kind::kClosed) return;
  if (answer.kind == Kind::kAccepted && answer.flight.version <= TlsVersion::kTls11) {
    findings_.default_host = answer.flight.version;
    findings_.evidence.Seen(answer.flight.version);
    if (answer.flight.version > TlsVersion::kTls10 && !options_.versions_only) {
      waiting_.push_back({.about = About::kDefaultHost, .cap = Below(answer.flight.version)});
    }
    return;
  }
  findings_.default_host_known = findings_.default_host.has_value();
  if (findings_.default_host_known) return;  // bad enough
  findings_.evidence.Doubt(TlsVersion::kSsl3, "without a server name: " + answer.text);
  for (const TlsVersion version : {TlsVersion::kTls10, TlsVersion::kTls11}) {
    findings_.evidence.Doubt(version, "without a server name: " + answer.text);
  }
}

void TlsEndpointProbe::KeepCertificates(const TlsAnswer& answer) {
  const ServerFlight& flight = answer.flight;
  if (flight.flight_ended || flight.client_certificate || flight.version == TlsVersion::kTls13) {
    findings_.client_certificate =
        flight.client_certificate || findings_.client_certificate.value_or(false);
  }
  if (flight.certificates.empty()) return;
  const bool first = findings_.chains.empty();
  if (!first && findings_.chains[0] == flight.certificates) return;
  findings_.chains.push_back(flight.certificates);
  const bool tls13 = flight.version == TlsVersion::kTls13;
  if (!first || (certificate_asked_ && !tls13)) return;
  const SuiteKey key = CertificateKey(flight.certificates[0]);
  if (key == SuiteKey::kAny) return;
  waiting_.push_back({.about = tls13 ? About::kHandshake : About::kOtherKey,
                      .cap = flight.version,
                      .key = key == SuiteKey::kRsa ? SuiteKey::kEcdsa : SuiteKey::kRsa});
}

// No certificate was seen: TLSv1.3 shows it in a handshake alone, and a server that chose an
// anonymous suite when it was offered everything has to be asked for a key.
void TlsEndpointProbe::AskForCertificate() {
  certificate_asked_ = true;
  const auto strongest = findings_.evidence.Strongest();
  if (!strongest || *strongest <= TlsVersion::kSsl3) return;
  if (*strongest == TlsVersion::kTls13) {
    waiting_.push_back({.about = About::kHandshake, .cap = TlsVersion::kTls13});
    return;
  }
  for (const SuiteKey key : {SuiteKey::kRsa, SuiteKey::kEcdsa}) {
    waiting_.push_back({.about = About::kOtherKey, .cap = *strongest, .key = key});
  }
}

// All questions are settled.
void TlsEndpointProbe::Finish() {
  const TlsEvidence& evidence = findings_.evidence;
  if (IsWanted(About::kHandshake) && !certificate_asked_ && findings_.chains.empty()) {
    AskForCertificate();
    if (!waiting_.empty()) return;
  }
  if (bare_ && !options_.server_name.empty()) {
    findings_.default_host_known = evidence.WeakestIsSure();
    const auto weakest = evidence.Weakest();
    if (weakest && *weakest <= TlsVersion::kTls11) findings_.default_host = weakest;
  }
  findings_.versions_only = options_.versions_only;
  findings_.suites_known = evidence.AnyAccepted() && !suites_doubt_ && !options_.versions_only;
  if (findings_.suites_known && suites_asked_.empty()) findings_.dhe = false;  // TLSv1.3 alone
  if (evidence.AnyAccepted()) {
    findings_.outcome = "tls";
    findings_.error = evidence.Doubts();
  } else {
    findings_.error = last_text_;
  }
}

}  // namespace tom
