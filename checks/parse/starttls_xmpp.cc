// XMPP: a stream of XML without comments, processing instructions or document types (RFC 6120
// section 11.1), read tag by tag.
#include "checks/parse/ascii_words.h"
#include "checks/parse/starttls_talks.h"

namespace tom {
namespace {

constexpr size_t kMaxTag = 8 << 10;
constexpr std::string_view kTlsNamespace = "urn:ietf:params:xml:ns:xmpp-tls";
constexpr std::string_view kGoodbye = "</stream:stream>";

struct Tag {
  std::string_view name;  // without a prefix
  bool closes = false;    // </name>
  bool empty = false;     // <name/>
  bool of_tls = false;    // it stands in kTlsNamespace by its own xmlns
};

// `text` is all between the angle brackets.
Tag ReadTag(std::string_view text) {
  Tag tag;
  tag.closes = text.starts_with("/");
  if (tag.closes) text.remove_prefix(1);
  tag.empty = text.ends_with("/");
  if (tag.empty) text.remove_suffix(1);
  tag.name = text.substr(0, text.find_first_of(" \t\r\n"));
  for (const char quote : {'\'', '"'}) {
    std::string attribute = "xmlns=";
    attribute += quote;
    attribute += kTlsNamespace;
    attribute += quote;
    tag.of_tls = tag.of_tls || text.find(attribute) != std::string_view::npos;
  }
  const size_t colon = tag.name.find(':');
  if (colon != std::string_view::npos) tag.name.remove_prefix(colon + 1);
  return tag;
}

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && std::string_view("<>&'\"").find(c) == std::string_view::npos) {
      out += c;
    }
  }
  return out;
}

class XmppTalk : public StarttlsTalk {
 public:
  explicit XmppTalk(const StarttlsRequest& request)
      : for_tls_(request.goal == StarttlsGoal::kTls),
        to_server_(request.to_server),
        name_(Escaped(request.name)) {}

  std::string Open() override {
    std::string header = "<?xml version='1.0'?><stream:stream ";
    if (!name_.empty()) header.append("to='").append(name_).append("' ");
    if (to_server_) header += "from='tom-agent.invalid' ";
    header += to_server_ ? "xmlns='jabber:server'" : "xmlns='jabber:client'";
    return header + " xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
  }

  StarttlsStep Receive(std::string_view bytes) override {
    received_ += bytes.size();
    buffer_.append(bytes);
    StarttlsStep step;
    while (step.end == StarttlsEnd::kGoing && step.send.empty()) {
      const size_t start = buffer_.find('<');
      if (start == std::string::npos) {
        if (!OnText(buffer_)) return Other();
        buffer_.clear();
        break;
      }
      const size_t end = EndOfTag(start);
      if (end == std::string::npos && buffer_.size() - start > kMaxTag) return Other();
      if (received_ > kMaxStarttlsBytes) return Other();
      if (end == std::string::npos) break;
      if (!OnText(std::string_view(buffer_).substr(0, start))) return Other();
      const std::string text = buffer_.substr(start + 1, end - start - 1);
      buffer_.erase(0, end + 1);
      step = OnTag(text);
    }
    if (step.end == StarttlsEnd::kGo && !buffer_.empty()) Injected();
    return step;
  }

 private:
  enum class State { kHeader, kFeatures, kStarttls };

  StarttlsStep Other() {
    Say("answered nothing of XMPP");
    const bool began = state_ != State::kHeader;
    return {.send = "", .end = began ? StarttlsEnd::kGarbled : StarttlsEnd::kOther};
  }

  StarttlsStep End(StarttlsEnd end, std::string_view text) {
    Say(text);
    return {.send = end == StarttlsEnd::kGo ? "" : std::string(kGoodbye), .end = end};
  }

  // The '>' that is not inside quotes.
  size_t EndOfTag(size_t start) const {
    char quote = '\0';
    for (size_t i = start; i < buffer_.size(); ++i) {
      const char c = buffer_[i];
      if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '>') {
        return i;
      }
    }
    return std::string::npos;
  }

  // False: text that no stream of XMPP has, before its first tag.
  bool OnText(std::string_view text) const {
    return state_ != State::kHeader || text.find_first_not_of(" \t\r\n") == std::string_view::npos;
  }

  StarttlsStep OnTag(std::string_view text) {
    if (text.starts_with("!")) return Other();
    if (text.starts_with("?")) return state_ == State::kHeader ? StarttlsStep{} : Other();
    const Tag tag = ReadTag(text);
    if (tag.name == "error" && depth_ == 1) failing_ = true;
    if (failing_) return OnError(tag);
    if (state_ == State::kStarttls) return OnAnswer(tag);
    if (state_ == State::kHeader) {
      if (tag.name != "stream" || tag.closes) return Other();
      state_ = State::kFeatures;
      depth_ = 1;
      return {};
    }
    return OnFeature(tag);
  }

  // <error><host-unknown xmlns='…'/></error>: what is in it says why.
  StarttlsStep OnError(const Tag& tag) {
    if (tag.name == "error" && !tag.closes && !tag.empty) return {};
    return End(StarttlsEnd::kTurnedAway, "stream error " + std::string(tag.name));
  }

  StarttlsStep OnAnswer(const Tag& tag) {
    if (tag.name == "proceed") {
      if (!tag.empty && !tag.closes) {  // <proceed …></proceed>
        return {};
      }
      return End(StarttlsEnd::kGo, "");
    }
    return End(StarttlsEnd::kRefused, "answered " + std::string(tag.name));
  }

  // Depth 1 is the stream, 2 its features, 3 one of them.
  StarttlsStep OnFeature(const Tag& tag) {
    if (tag.closes) {
      --depth_;
      if (tag.name == "starttls") in_starttls_ = false;
      if (depth_ == 1 && tag.name == "features") return AfterFeatures();
      return depth_ < 1 ? Other() : StarttlsStep{};
    }
    if (depth_ == 1 && tag.name != "features") return Other();
    if (depth_ == 1 && tag.empty) return AfterFeatures();
    if (depth_ == 2 && tag.name == "starttls" && tag.of_tls) {
      offered_ = true;
      in_starttls_ = !tag.empty;
    }
    if (depth_ == 3 && in_starttls_ && tag.name == "required") required_ = true;
    if (tag.name == "mechanism") mechanisms_ = true;
    if (!tag.empty && ++depth_ > 10) return Other();
    return {};
  }

  StarttlsStep AfterFeatures() {
    if (!for_tls_) {
      Plaintext(!required_ || mechanisms_);
      return End(StarttlsEnd::kDone,
                 required_ ? "starttls is required" : "starttls is not required");
    }
    if (!offered_) return End(StarttlsEnd::kNotOffered, "the features have no starttls");
    const bool more = buffer_.find_first_not_of(" \t\r\n") != std::string::npos;
    if (more) return Other();  // answered before it was asked
    state_ = State::kStarttls;
    return {.send = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
            .end = StarttlsEnd::kGoing};
  }

  bool for_tls_;
  bool to_server_;
  std::string name_;
  State state_ = State::kHeader;
  std::string buffer_;
  size_t received_ = 0;
  int depth_ = 0;
  bool failing_ = false;
  bool offered_ = false;
  bool required_ = false;
  bool in_starttls_ = false;
  bool mechanisms_ = false;
};

}  // namespace

std::unique_ptr<StarttlsTalk> MakeXmppTalk(const StarttlsRequest& request) {
  return std::make_unique<XmppTalk>(request);
}

}  // namespace tom
