#include "checks/parse/nft_rule.h"

#include <algorithm>

namespace tom {
namespace {

using Values = std::vector<std::string>;

bool IsOneOf(const std::string& word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

class RuleReader {
 public:
  RuleReader(const std::vector<NftToken>& tokens, const NftSets& sets)
      : tokens_(tokens), sets_(sets) {}

  std::vector<FirewallRule> Read() {
    while (at_ < tokens_.size()) {
      const NftToken& token = tokens_[at_];
      if (token.quoted || !(Silent() || Verdict() || Match())) {
        rule_.conditional = true;
        ++at_;
      }
    }
    std::string text;
    for (const NftToken& token : tokens_) {
      if (text.size() < 1000) text.append(text.empty() ? "" : " ").append(token.text);
    }
    rule_.text = text;
    if (mapped_.empty()) return {rule_};
    for (FirewallRule& rule : mapped_) rule.text = text;
    return std::move(mapped_);
  }

 private:
  const std::string& Word(size_t ahead = 0) const {
    static const std::string none;
    return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead].text : none;
  }

  // What neither matches nor decides.
  bool Silent() {
    const std::string& word = Word();
    if (word == "counter") {
      ++at_;
      if (Word() == "packets" && Word(2) == "bytes") at_ += 4;
      if (Word() == "name") at_ += 2;
    } else if (word == "comment") {
      at_ += 2;
    } else if (word == "log") {
      ++at_;
      while (IsOneOf(Word(), {"prefix", "level", "group", "snaplen", "queue-threshold", "flags"})) {
        const bool flags = Word() == "flags";
        at_ += 2;
        if (flags && Word(0) == "sequence") ++at_;
        while (flags && (Word() == "," || IsOneOf(Word(), {"options", "sequence"}))) at_ += 1;
      }
    } else if (IsOneOf(word, {"notrack", "continue"})) {
      ++at_;
    } else {
      return false;
    }
    return true;
  }

  bool Verdict() {
    const std::string word = Word();
    if (word == "accept") {
      rule_.verdict = FirewallVerdict::kAccept;
    } else if (word == "drop") {
      rule_.verdict = FirewallVerdict::kDrop;
    } else if (word == "reject") {
      rule_.verdict = FirewallVerdict::kDrop;
      return ToEnd();
    } else if (word == "return") {
      rule_.verdict = FirewallVerdict::kReturn;
    } else if (word == "jump" || word == "goto") {
      rule_.verdict = word == "jump" ? FirewallVerdict::kJump : FirewallVerdict::kGoto;
      rule_.target = Word(1);
      ++at_;
    } else if (IsOneOf(word, {"dnat", "redirect"})) {
      rule_.verdict = FirewallVerdict::kTranslate;
      return ToEnd();
    } else if (IsOneOf(word, {"masquerade", "snat"})) {
      return ToEnd();
    } else if (IsOneOf(word, {"queue", "tproxy", "synproxy", "fwd"})) {
      rule_.verdict = FirewallVerdict::kOther;
      return ToEnd();
    } else {
      return false;
    }
    ++at_;
    return true;
  }

  bool ToEnd() {
    at_ = tokens_.size();
    return true;
  }

  bool Match() {
    const std::string& word = Word();
    if (IsOneOf(word, {"iif", "iifname"})) return MatchValues(word, 1);
    if (IsOneOf(word, {"meta", "ip", "ip6", "tcp", "udp", "th", "sctp", "dccp", "udplite", "icmp",
                       "icmpv6", "ether"}) ||
        (word == "ct" && !IsOneOf(Word(1), {"original", "reply", "count"}))) {
      if (Word(2) == "set") {
        ToEnd();  // changes the packet and decides nothing
        return true;
      }
      return MatchValues(word + " " + Word(1), 2);
    }
    return false;
  }

  bool MatchValues(const std::string& selector, size_t words) {
    at_ += words;
    bool negated = false;
    if (Word() == "!=") {
      negated = true;
      ++at_;
    } else if (Word() == "=" && Word(1) == "=") {
      at_ += 2;
    } else if (Word() == "==") {
      ++at_;
    } else if (Word() == "vmap") {
      ++at_;
      return Map(selector);
    }
    Values values = TakeValues();
    if (values.empty()) {
      rule_.conditional = true;
    } else {
      Add(rule_, selector, negated, std::move(values));
    }
    return true;
  }

  void Add(FirewallRule& rule, const std::string& selector, bool negated, Values values) const {
    if (values.size() == 1 && values[0].starts_with("@")) {
      const auto found = sets_.find(values[0]);
      if (found != sets_.end()) {
        values = found->second;
        if (values.empty()) {
          rule.never = rule.never || !negated;
          return;
        }
      }
    }
    AddCondition(rule, selector, negated, values);
  }

  // A word, a list with commas, or a set in braces. `-` between two words is a range.
  Values TakeValues() {
    Values values;
    if (Word() != "{") {
      for (;;) {
        if (at_ >= tokens_.size()) return values;
        values.push_back(tokens_[at_++].text);
        TakeRange(values.back());
        if (Word() != ",") return values;
        ++at_;
      }
    }
    ++at_;
    std::string value;
    while (at_ < tokens_.size() && Word() != "}") {
      if (Word() == "," || Word() == ";") {
        if (!value.empty()) values.push_back(std::move(value));
        value.clear();
      } else {
        // An element may have a comment or a time; only its first word is its value.
        if (value.empty() || Word() == "-" || value.back() == '-') value.append(Word());
      }
      ++at_;
    }
    ++at_;
    if (!value.empty()) values.push_back(std::move(value));
    return values;
  }

  void TakeRange(std::string& value) {
    if (Word() != "-") return;
    value.append("-").append(Word(1));
    at_ += 2;
  }

  // { value : verdict, … }
  bool Map(const std::string& selector) {
    if (Word() != "{") {
      rule_.conditional = true;
      rule_.verdict = FirewallVerdict::kOther;
      ++at_;
      return true;
    }
    ++at_;
    std::vector<NftToken> entry;
    while (at_ < tokens_.size()) {
      const bool end = Word() == "}";
      if (end || Word() == ",") {
        Entry(selector, entry);
        entry.clear();
      } else if (Word() != ";") {
        entry.push_back(tokens_[at_]);
      }
      ++at_;
      if (end) break;
    }
    // Once for all: what stands behind a map is not reached by what is in it.
    if (mapped_.empty()) rule_.never = true;
    return ToEnd();
  }

  void Entry(const std::string& selector, const std::vector<NftToken>& entry) {
    if (entry.empty()) return;
    FirewallRule rule = rule_;
    std::string value;
    size_t colon = 0;
    for (; colon < entry.size() && entry[colon].text != ":"; ++colon) value += entry[colon].text;
    if (!value.empty() && value.back() == ':') {
      value.pop_back();
    } else if (colon == entry.size()) {
      // "ssh:accept", or "22: accept" in one word with the colon.
      for (colon = 0; colon < entry.size(); ++colon) {
        if (entry[colon].text.ends_with(":")) break;
      }
      value.clear();
      for (size_t i = 0; i <= colon && i < entry.size(); ++i) value += entry[i].text;
      if (!value.empty() && value.back() == ':') value.pop_back();
    }
    rule.conditional = rule.conditional || value.empty();
    if (!value.empty()) Add(rule, selector, false, {value});
    const std::vector<NftToken> rest(
        entry.begin() + static_cast<std::ptrdiff_t>(std::min(colon + 1, entry.size())),
        entry.end());
    const FirewallRule verdict =
        rest.empty() ? FirewallRule() : RuleReader(rest, sets_).Read().front();
    rule.verdict = verdict.verdict;
    rule.target = verdict.target;
    if (rest.empty() || verdict.conditional || verdict.verdict == FirewallVerdict::kNone) {
      rule.conditional = true;
      rule.verdict = FirewallVerdict::kOther;
    }
    mapped_.push_back(std::move(rule));
  }

  const std::vector<NftToken>& tokens_;
  const NftSets& sets_;
  size_t at_ = 0;
  FirewallRule rule_;
  std::vector<FirewallRule> mapped_;
};

}  // namespace

std::vector<FirewallRule> ParseNftRule(const std::vector<NftToken>& tokens, const NftSets& sets) {
  return RuleReader(tokens, sets).Read();
}

}  // namespace tom
