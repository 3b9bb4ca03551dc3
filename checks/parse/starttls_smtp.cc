// SMTP and FTP: replies of three digits (RFC 5321 section 4.2, RFC 959 section 4.2).
#include "checks/parse/ascii_words.h"
#include "checks/parse/line_talk.h"
#include "checks/parse/starttls_talks.h"

namespace tom {
namespace {

// The first line of a reply and its last one agree on the code; in between FTP may write anything.
class ReplyTalk : public LineTalk {
 protected:
  using LineTalk::LineTalk;

  virtual StarttlsStep OnReply(int code, std::string_view last) = 0;
  // A line of a reply, the last one too, behind its code.
  virtual void OnText(std::string_view) {}
  virtual bool EveryLineHasTheCode() const = 0;

  StarttlsStep OnLine(std::string_view line) override {
    const int code = CodeOf(line);
    const bool more = line.size() > 3 && line[3] == '-';
    if (code_ == 0) code_ = code;
    if (code != code_ || code == 0) {
      if (code_ == 0 || EveryLineHasTheCode()) {
        return End(StarttlsEnd::kOther, "answered no code of three digits");
      }
      OnText(line);
      return Going();
    }
    OnText(line.size() > 3 ? line.substr(4) : "");
    if (more) return Going();
    code_ = 0;
    return OnReply(code, line);
  }

 private:
  // 200 to 599, or 0 where the line does not begin with one.
  static int CodeOf(std::string_view line) {
    if (line.size() < 3 || (line.size() > 3 && line[3] != ' ' && line[3] != '-')) return 0;
    int code = 0;
    for (const char c : line.substr(0, 3)) {
      if (c < '0' || c > '9') return 0;
      code = code * 10 + (c - '0');
    }
    return code >= 100 && code < 600 ? code : 0;
  }

  int code_ = 0;  // of the reply that has begun
};

// Whether a refusal is for want of TLS.
bool SpeaksOfTls(std::string_view text) {
  for (const char* word : {"TLS", "SSL", "encrypt", "cleartext", "secure"}) {
    if (ContainsNoCase(text, word)) return true;
  }
  return false;
}

class SmtpTalk : public ReplyTalk {
 public:
  explicit SmtpTalk(StarttlsGoal goal) : ReplyTalk(goal) {}

 protected:
  bool EveryLineHasTheCode() const override { return true; }

  void OnText(std::string_view text) override {
    if (state_ != State::kEhlo) return;
    const auto words = WordsOf(text);
    if (words.empty()) return;
    if (words.size() == 1 && EqualsNoCase(words[0], "STARTTLS")) offered_ = true;
    const bool auth = EqualsNoCase(words[0], "AUTH");
    if (auth && (HasWord(words, "PLAIN") || HasWord(words, "LOGIN"))) passwords_ = true;
  }

  StarttlsStep OnReply(int code, std::string_view last) override {
    switch (state_) {
      case State::kGreeting:
        if (code != 220) return End(StarttlsEnd::kTurnedAway, last, "QUIT");
        state_ = State::kEhlo;
        return Ask("EHLO tom-agent.invalid");
      case State::kEhlo:
        if (code / 100 == 4) return End(StarttlsEnd::kTurnedAway, last, "QUIT");
        return code == 250 ? AfterEhlo(last) : WithoutEhlo(last);
      case State::kStarttls:
        if (code == 220) return End(StarttlsEnd::kGo, last);
        return End(StarttlsEnd::kRefused, last, "QUIT");
      case State::kMail:
        break;
    }
    if (code == 250 || passwords_) {
      Plaintext(true);
    } else if (code / 100 == 5 && SpeaksOfTls(last)) {
      Plaintext(false);
    }
    return End(StarttlsEnd::kDone, last, "QUIT");
  }

 private:
  enum class State { kGreeting, kEhlo, kStarttls, kMail };

  StarttlsStep AfterEhlo(std::string_view last) {
    if (!for_tls()) {
      state_ = State::kMail;
      return Ask("MAIL FROM:<>");
    }
    if (!offered_) return End(StarttlsEnd::kNotOffered, "EHLO's answer has no STARTTLS", "QUIT");
    static_cast<void>(last);
    state_ = State::kStarttls;
    return Ask("STARTTLS");
  }

  // A server of before EHLO: it knows no extensions.
  StarttlsStep WithoutEhlo(std::string_view last) {
    if (for_tls()) return End(StarttlsEnd::kNotOffered, last, "QUIT");
    return End(StarttlsEnd::kDone, last, "QUIT");
  }

  State state_ = State::kGreeting;
  bool offered_ = false;
  bool passwords_ = false;  // takes them without TLS
};

class FtpTalk : public ReplyTalk {
 public:
  explicit FtpTalk(StarttlsGoal goal) : ReplyTalk(goal) {}

 protected:
  bool EveryLineHasTheCode() const override { return false; }

  // AUTH's answer says it (RFC 4217 section 4): a server need not list it.
  StarttlsStep OnReply(int code, std::string_view last) override {
    if (code / 100 == 1) return Going();  // it will be ready soon
    if (!asked_) {
      if (code != 220) return End(StarttlsEnd::kTurnedAway, last, "QUIT");
      asked_ = true;
      return for_tls() ? Ask("AUTH TLS") : Ask("USER tom-agent");
    }
    if (!for_tls()) return AfterUser(code, last);
    if (code == 234) return End(StarttlsEnd::kGo, last);
    if (code == 421) return End(StarttlsEnd::kTurnedAway, last, "QUIT");
    const bool unknown = code == 500 || code == 502 || code == 504 || code == 530;
    return End(unknown ? StarttlsEnd::kNotOffered : StarttlsEnd::kRefused, last, "QUIT");
  }

 private:
  StarttlsStep AfterUser(int code, std::string_view last) {
    if (code == 331 || code == 332 || code == 230) {
      Plaintext(true);
    } else if (code == 522 || code == 534 || (code / 100 >= 4 && SpeaksOfTls(last))) {
      Plaintext(false);
    }
    return End(StarttlsEnd::kDone, last, "QUIT");
  }

  bool asked_ = false;
};

}  // namespace

std::unique_ptr<StarttlsTalk> MakeSmtpTalk(StarttlsGoal goal) {
  return std::make_unique<SmtpTalk>(goal);
}

std::unique_ptr<StarttlsTalk> MakeFtpTalk(StarttlsGoal goal) {
  return std::make_unique<FtpTalk>(goal);
}

}  // namespace tom
