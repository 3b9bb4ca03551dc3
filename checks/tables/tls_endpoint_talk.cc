// The part of TlsEndpointProbe that is about connections that begin in the clear.
#include "absl/strings/str_cat.h"
#include "checks/tables/tls_endpoint_probe.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Kind = TlsAnswer::Kind;

}  // namespace

std::unique_ptr<StarttlsTalk> TlsEndpointProbe::MakeTalk(StarttlsGoal goal) const {
  constexpr int64_t kXmppServers = 5269;
  return MakeStarttlsTalk({.protocol = *through_,
                           .goal = goal,
                           .name = options_.domain.empty() ? options_.server_name : options_.domain,
                           .to_server = options_.target.port == kXmppServers});
}

// The first connection that began in the clear. False: it came to TLS, or to nothing at all.
bool TlsEndpointProbe::SettleStarttls(const TlsAnswer& answer) {
  if (!answer.before_tls) {
    findings_.starttls_end = "offered";
    waiting_.push_back({.about = About::kPlaintext});
    return false;
  }
  const bool nothing =
      answer.kind == Kind::kSilent || answer.kind == Kind::kClosed || answer.kind == Kind::kReset;
  const bool other = answer.kind == Kind::kTalk && answer.talk == StarttlsEnd::kOther;
  if (nothing || other) {
    talk_answer_ = answer;
    AskDirectly();
    return true;
  }
  if (answer.kind != Kind::kTalk) return false;
  SettleTalk(answer);
  return true;
}

// It did not come to TLS, by the protocol's own words.
void TlsEndpointProbe::SettleTalk(const TlsAnswer& answer) {
  last_text_ = answer.text;
  findings_.first = answer.first;
  switch (answer.talk) {
    case StarttlsEnd::kOther:
      findings_.outcome = "not_tls";
      last_text_ = absl::StrCat("does not speak ", ToAbsl(StarttlsName(*through_)));
      if (!options_.declared) findings_.starttls.reset();
      return;
    case StarttlsEnd::kTurnedAway:
      findings_.outcome = "turned_away";
      return;
    case StarttlsEnd::kNotOffered:
      findings_.starttls_end = "not_offered";
      break;
    case StarttlsEnd::kRefused:
      findings_.starttls_end = "refused";
      break;
    case StarttlsEnd::kPreauth:
      findings_.starttls_end = "preauth";
      findings_.plaintext = true;
      break;
    default:
      findings_.outcome = "garbled";
      return;
  }
  findings_.outcome = "no_starttls";
  if (!findings_.plaintext) waiting_.push_back({.about = About::kPlaintext});
}

// Perhaps it speaks TLS from the start.
void TlsEndpointProbe::AskDirectly() {
  asked_directly_ = true;
  through_.reset();
  findings_.starttls.reset();
  waiting_.push_back({.about = About::kFirst, .cap = TlsVersion::kTls12});
}

// A listener that was found greets like a server of one of the protocols. True: it is asked in it.
bool TlsEndpointProbe::AskByGreeting(const TlsAnswer& answer) {
  if (options_.declared || asked_directly_ || answer.kind != Kind::kNotTls) return false;
  const auto protocol = StarttlsProtocolOfGreeting(answer.first);
  if (!protocol) return false;
  asked_directly_ = true;
  through_ = findings_.starttls = protocol;
  waiting_.push_back({.about = About::kFirst, .cap = TlsVersion::kTls12});
  return true;
}

void TlsEndpointProbe::SettlePlaintext(const Question& question, const TlsAnswer& answer) {
  if (question.from_elsewhere && answer.kind == Kind::kUnreachable) return;  // not this host's
  findings_.plaintext = answer.plaintext;
  findings_.plaintext_text = answer.text;
  const bool mailbox = through_ == StarttlsProtocol::kImap || through_ == StarttlsProtocol::kPop3;
  if (!mailbox || question.from_elsewhere || !answer.plaintext.value_or(false)) return;
  if (options_.target.address.find(':') == std::string::npos) {
    waiting_.push_back({.about = About::kPlaintext, .from_elsewhere = true});
  } else if (!options_.declared || IsLoopback(options_.target.address)) {
    findings_.plaintext.reset();
    findings_.plaintext_text = "allows it from this host, which it may trust more than others";
  }
}

// What became of TLS at once, where the talk had come to nothing. True: the talk says more.
bool TlsEndpointProbe::SettleDirectly(const TlsAnswer& answer) {
  const bool tls = answer.kind == Kind::kAccepted || answer.kind == Kind::kRefused;
  if (tls) findings_.starttls_end = "at_once";
  if (tls || (!options_.declared && answer.kind == Kind::kNotTls)) return false;
  through_ = findings_.starttls = options_.starttls;
  if (talk_answer_->kind == Kind::kTalk) {
    SettleTalk(*talk_answer_);
    return true;
  }
  findings_.outcome = TlsOutcomeName(talk_answer_->kind);
  last_text_ = talk_answer_->text;
  return true;
}

}  // namespace tom
