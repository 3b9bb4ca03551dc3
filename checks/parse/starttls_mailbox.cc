// IMAP and POP3.
#include "checks/parse/ascii_words.h"
#include "checks/parse/line_talk.h"
#include "checks/parse/starttls_talks.h"

namespace tom {
namespace {

class ImapTalk : public LineTalk {
 public:
  explicit ImapTalk(StarttlsGoal goal) : LineTalk(goal) {}

 protected:
  StarttlsStep OnLine(std::string_view line) override {
    const auto words = WordsOf(line);
    const std::string_view tag = words.empty() ? "" : words[0];
    const std::string_view what = words.size() > 1 ? words[1] : "";
    if (state_ == State::kGreeting) return OnGreeting(tag, what, line);
    if (tag == "*") return OnUntagged(words, line);
    if (tag != (state_ == State::kCapability ? "a1" : "a2")) {
      return End(StarttlsEnd::kOther, "answered nothing of IMAP");
    }
    const bool ok = EqualsNoCase(what, "OK");
    if (state_ == State::kCapability) return AfterCapability(ok && listed_);
    if (ok) return End(StarttlsEnd::kGo, line);
    return End(StarttlsEnd::kRefused, line, "a9 LOGOUT");
  }

 private:
  enum class State { kGreeting, kCapability, kStarttls };

  StarttlsStep OnGreeting(std::string_view tag, std::string_view what, std::string_view line) {
    if (tag != "*") return End(StarttlsEnd::kOther, "greeted like no IMAP server");
    if (EqualsNoCase(what, "PREAUTH")) {
      Plaintext(true);
      return End(for_tls() ? StarttlsEnd::kPreauth : StarttlsEnd::kDone, line, "a9 LOGOUT");
    }
    if (EqualsNoCase(what, "BYE")) return End(StarttlsEnd::kTurnedAway, line);
    if (!EqualsNoCase(what, "OK")) return End(StarttlsEnd::kOther, "greeted like no IMAP server");
    state_ = State::kCapability;
    return Ask("a1 CAPABILITY");
  }

  StarttlsStep OnUntagged(const std::vector<std::string_view>& words, std::string_view line) {
    const std::string_view what = words.size() > 1 ? words[1] : "";
    if (EqualsNoCase(what, "BYE")) return End(StarttlsEnd::kTurnedAway, line);
    if (state_ != State::kCapability || !EqualsNoCase(what, "CAPABILITY")) return Going();
    listed_ = true;
    offered_ = offered_ || HasWord(words, "STARTTLS");
    login_disabled_ = login_disabled_ || HasWord(words, "LOGINDISABLED");
    passwords_ = passwords_ || HasWord(words, "AUTH=PLAIN") || HasWord(words, "AUTH=LOGIN");
    return Going();
  }

  StarttlsStep AfterCapability(bool ok) {
    if (!for_tls()) {
      if (ok) Plaintext(!login_disabled_ || passwords_);
      return End(StarttlsEnd::kDone, login_disabled_ ? "LOGINDISABLED" : "LOGIN is allowed",
                 "a9 LOGOUT");
    }
    if (!ok || !offered_) {
      return End(StarttlsEnd::kNotOffered, "CAPABILITY's answer has no STARTTLS", "a9 LOGOUT");
    }
    state_ = State::kStarttls;
    return Ask("a2 STARTTLS");
  }

  State state_ = State::kGreeting;
  bool listed_ = false;
  bool offered_ = false;
  bool login_disabled_ = false;
  bool passwords_ = false;
};

class Pop3Talk : public LineTalk {
 public:
  explicit Pop3Talk(StarttlsGoal goal) : LineTalk(goal) {}

 protected:
  StarttlsStep OnLine(std::string_view line) override {
    if (state_ == State::kList) return OnListed(line);
    const std::string_view word = line.substr(0, line.find(' '));
    const bool ok = EqualsNoCase(word, "+OK");
    if (!ok && !EqualsNoCase(word, "-ERR")) {
      return End(StarttlsEnd::kOther, "answered nothing of POP3");
    }
    switch (state_) {
      case State::kGreeting:
        if (!ok) return End(StarttlsEnd::kTurnedAway, line);
        state_ = State::kCapa;
        return Ask("CAPA");
      case State::kCapa:
        if (!ok) return AfterList(false);
        state_ = State::kList;
        return Going();
      case State::kStls:
        if (ok) return End(StarttlsEnd::kGo, line);
        return End(StarttlsEnd::kRefused, line, "QUIT");
      default:
        break;
    }
    if (ok) Plaintext(true);
    if (!ok && listed_) Plaintext(false);
    return End(StarttlsEnd::kDone, line, "QUIT");
  }

 private:
  enum class State { kGreeting, kCapa, kList, kStls, kUser };

  StarttlsStep OnListed(std::string_view line) {
    if (line == ".") return AfterList(true);
    const auto words = WordsOf(line);
    if (words.empty()) return Going();
    if (words.size() == 1 && EqualsNoCase(words[0], "STLS")) offered_ = true;
    if (EqualsNoCase(words[0], "USER")) passwords_ = true;
    const bool sasl = EqualsNoCase(words[0], "SASL");
    if (sasl && (HasWord(words, "PLAIN") || HasWord(words, "LOGIN"))) passwords_ = true;
    return Going();
  }

  StarttlsStep AfterList(bool listed) {
    listed_ = listed;
    if (for_tls()) {
      if (!offered_) return End(StarttlsEnd::kNotOffered, "CAPA's answer has no STLS", "QUIT");
      state_ = State::kStls;
      return Ask("STLS");
    }
    if (passwords_) {
      Plaintext(true);
      return End(StarttlsEnd::kDone, "passwords are allowed", "QUIT");
    }
    state_ = State::kUser;
    return Ask("USER tom-agent");
  }

  State state_ = State::kGreeting;
  bool listed_ = false;
  bool offered_ = false;
  bool passwords_ = false;
};

}  // namespace

std::unique_ptr<StarttlsTalk> MakeImapTalk(StarttlsGoal goal) {
  return std::make_unique<ImapTalk>(goal);
}

std::unique_ptr<StarttlsTalk> MakePop3Talk(StarttlsGoal goal) {
  return std::make_unique<Pop3Talk>(goal);
}

}  // namespace tom
