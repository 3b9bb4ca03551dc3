// iptables-save's lines (firewall_readers.h; iptables(8), iptables-extensions(8)).
#include <map>

#include "checks/parse/config_lines.h"
#include "checks/parse/firewall_readers.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Options whose argument says nothing of which packets match.
constexpr std::string_view kSilent[] = {
    "--comment",     "--log-prefix",      "--log-level",   "--nflog-prefix",
    "--nflog-group", "--nflog-threshold", "--reject-with", "--set-xmark",
    "--set-mark",    "--nfmask",          "--ctmask",      "--nflog-size",
    "--set-mss",     "--set-dscp-class",  "--set-dscp",    "--zone",
    "--helper",      "--ulog-prefix",     "--and-mark",    "--or-mark"};
constexpr std::string_view kFlags[] = {"--log-tcp-options",   "--log-ip-options", "--log-uid",
                                       "--log-tcp-sequence",  "--save-mark",      "--restore-mark",
                                       "--clamp-mss-to-pmtu", "--log-macdecode",  "--notrack"};

template <size_t N>
bool IsOneOf(std::string_view word, const std::string_view (&list)[N]) {
  for (const std::string_view one : list) {
    if (word == one) return true;
  }
  return false;
}

FirewallVerdict VerdictOf(std::string_view target) {
  if (target == "ACCEPT") return FirewallVerdict::kAccept;
  if (target == "DROP" || target == "REJECT") return FirewallVerdict::kDrop;
  if (target == "RETURN") return FirewallVerdict::kReturn;
  if (target == "DNAT" || target == "REDIRECT") return FirewallVerdict::kTranslate;
  constexpr std::string_view kPassing[] = {
      "LOG",         "NFLOG", "ULOG",      "MARK",    "CONNMARK",    "TCPMSS",  "CLASSIFY",
      "CHECKSUM",    "DSCP",  "TOS",       "TTL",     "HL",          "CT",      "NOTRACK",
      "SET",         "TRACE", "AUDIT",     "SECMARK", "CONNSECMARK", "RATEEST", "TEE",
      "TCPOPTSTRIP", "LED",   "IDLETIMER", "SNAT",    "MASQUERADE",  "NETMAP"};
  if (IsOneOf(target, kPassing)) return FirewallVerdict::kNone;
  constexpr std::string_view kDeciding[] = {"NFQUEUE", "QUEUE", "TPROXY", "SYNPROXY", "CLUSTERIP"};
  if (IsOneOf(target, kDeciding)) return FirewallVerdict::kOther;
  return FirewallVerdict::kJump;
}

std::vector<std::string> Commas(std::string_view list) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= list.size() && parts.size() < 1000;) {
    const size_t end = std::min(list.find(',', start), list.size());
    parts.emplace_back(list.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

// A mask in dots as a number of bits; as written where it is none.
std::string WithBits(const std::string& address) {
  const size_t slash = address.find('/');
  if (slash == std::string::npos || address.find('.', slash) == std::string::npos) return address;
  int bits = 0;
  bool ended = false;
  for (const std::string& part : [&] {
         std::vector<std::string> parts;
         for (size_t start = slash + 1; start <= address.size();) {
           const size_t end = std::min(address.find('.', start), address.size());
           parts.push_back(address.substr(start, end - start));
           start = end + 1;
         }
         return parts;
       }()) {
    if (part.empty() || part.size() > 3 ||
        part.find_first_not_of("0123456789") != std::string::npos) {
      return address;
    }
    for (int bit = 7, byte = std::stoi(part); bit >= 0; --bit) {
      const bool set = (byte >> bit & 1) != 0;
      if (set && ended) return address;
      if (!set) ended = true;
      bits += set ? 1 : 0;
    }
  }
  return address.substr(0, slash + 1) + std::to_string(bits);
}

class RuleReader {
 public:
  RuleReader(const std::vector<std::string>& words, bool six)
      : words_(words), ip_(six ? "ip6" : "ip") {
    out_.rule.four = !six;
    out_.rule.six = six;
  }

  IptablesRule Read() {
    for (at_ = 0; at_ < words_.size(); ++at_) {
      if (words_[at_] == "!") {
        negated_ = true;
        continue;
      }
      if (!Address() && !Other()) out_.rule.conditional = true;
      negated_ = false;
    }
    if (!target_seen_) out_.rule.verdict = FirewallVerdict::kNone;
    return std::move(out_);
  }

 private:
  bool Is(std::string_view a, std::string_view b) const {
    return words_[at_] == a || words_[at_] == b;
  }

  std::string Argument() {
    if (at_ + 1 < words_.size() && words_[at_ + 1] == "!") {
      ++at_;
      negated_ = true;
    }
    return at_ + 1 < words_.size() ? words_[++at_] : "";
  }

  std::string Shown(const std::string& value) const { return (negated_ ? "!" : "") + value; }

  void Condition(const std::string& selector, const std::vector<std::string>& values) {
    AddCondition(out_.rule, selector, negated_, values);
  }

  bool Address() {
    if (Is("-s", "--source") || Is("--src", "--src")) {
      const std::string value = Argument();
      out_.source = Shown(value);
      Condition(ip_ + " saddr", {WithBits(value)});
    } else if (Is("-d", "--destination") || Is("--dst", "--dst")) {
      const std::string value = Argument();
      out_.destination = Shown(value);
      Condition(ip_ + " daddr", {WithBits(value)});
    } else if (Is("-i", "--in-interface")) {
      const std::string value = Argument();
      out_.in_interface = Shown(value);
      Condition("iifname", {value});
    } else if (Is("-o", "--out-interface")) {
      const std::string value = Argument();
      out_.out_interface = Shown(value);
      out_.rule.conditional = true;
    } else if (Is("-p", "--protocol") || Is("--proto", "--proto")) {
      const std::string value = Argument();
      out_.protocol = Shown(value);
      Condition("meta l4proto", {value == "ipv6-icmp" ? "icmpv6" : value});
    } else {
      return false;
    }
    return true;
  }

  bool Other() {
    if (Is("-m", "--match")) {
      const std::string name = Argument();
      if (out_.match.empty()) out_.match = "yes";
      last_match_ = name;
    } else if (Is("--dport", "--destination-port") || Is("--dports", "--destination-ports")) {
      const std::string value = Argument();
      out_.destination_ports = Shown(value);
      Condition("th dport", Commas(value));
    } else if (Is("--sport", "--source-port") || Is("--sports", "--source-ports")) {
      out_.source_ports = Shown(Argument());
      out_.rule.conditional = true;
    } else if (Is("--ports", "--port")) {
      Argument();
      out_.rule.conditional = true;
    } else if (Is("--state", "--ctstate")) {
      Condition("ct state", Commas(Argument()));
    } else if (Is("-j", "--jump") || Is("-g", "--goto")) {
      const bool jump = Is("-j", "--jump");
      Target(Argument(), jump);
    } else if (Is("--icmp-type", "--icmpv6-type")) {
      Argument();
    } else if (IsOneOf(words_[at_], kSilent)) {
      Argument();
    } else if (!IsOneOf(words_[at_], kFlags)) {
      // Another option: its arguments are those words that start with no `-`.
      out_.rule.conditional = out_.rule.conditional || !target_seen_;
      while (at_ + 1 < words_.size() && words_[at_ + 1][0] != '-' && words_[at_ + 1] != "!") ++at_;
    }
    return true;
  }

  void Target(const std::string& name, bool jump) {
    out_.target = name;
    out_.rule.verdict = jump ? VerdictOf(name) : FirewallVerdict::kGoto;
    if (!jump || out_.rule.verdict == FirewallVerdict::kJump) out_.rule.target = name;
    target_seen_ = true;
  }

  const std::vector<std::string>& words_;
  std::string ip_;
  IptablesRule out_;
  std::string last_match_;
  size_t at_ = 0;
  bool negated_ = false;
  bool target_seen_ = false;
};

std::string HookOf(std::string_view chain) {
  if (chain == "INPUT") return "input";
  if (chain == "PREROUTING") return "prerouting";
  if (chain == "FORWARD") return "forward";
  if (chain == "OUTPUT") return "output";
  if (chain == "POSTROUTING") return "postrouting";
  return "";
}

class SaveReader {
 public:
  SaveReader(bool six, Firewall& firewall) : six_(six), firewall_(firewall) {}

  absl::Status Read(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) return BadData("rules: a NUL byte");
    for (const NumberedLine& line : LinesOf(text)) {
      const std::string_view content = TrimLine(line.text);
      if (content.empty() || content[0] == '#') continue;
      if (++rules_ > kMaxFirewallRules) {
        return absl::ResourceExhaustedError("more than 50,000 rules");
      }
      Line(content, line.number);
    }
    return absl::OkStatus();
  }

 private:
  void Line(std::string_view content, int number) {
    if (content[0] == '*') {
      table_ = content.substr(1);
      return;
    }
    if (content == "COMMIT") return;
    std::vector<std::string> words = IptablesWords(content);
    // With counters in front: [12:345] -A …
    if (!words.empty() && words[0][0] == '[') words.erase(words.begin());
    if (words.empty()) return;
    if (content[0] == ':') {
      FirewallChain& chain = Chain(words[0].substr(1));
      const std::string policy = words.size() > 1 ? words[1] : "-";
      if (policy != "-") chain.policy = policy == "ACCEPT" ? "accept" : "drop";
    } else if ((words[0] == "-P" || words[0] == "--policy") && words.size() > 2) {
      Chain(words[1]).policy = words[2] == "ACCEPT" ? "accept" : "drop";
    } else if ((words[0] == "-N" || words[0] == "--new-chain") && words.size() > 1) {
      Chain(words[1]);
    } else if ((words[0] == "-A" || words[0] == "--append") && words.size() > 1) {
      Append(words, content, false);
    } else if ((words[0] == "-I" || words[0] == "--insert") && words.size() > 1) {
      Append(words, content, true);
    } else {
      firewall_.unclear.push_back("line " + std::to_string(number) +
                                  " is not understood: " + std::string(content.substr(0, 60)));
    }
  }

  void Append(std::vector<std::string>& words, std::string_view content, bool first) {
    FirewallChain& chain = Chain(words[1]);
    words.erase(words.begin(), words.begin() + 2);
    if (first && !words.empty() && words[0].find_first_not_of("0123456789") == std::string::npos) {
      firewall_.unclear.emplace_back("a rule is inserted by its number");
    }
    IptablesRule rule = ParseIptablesRule(words, six_);
    rule.rule.text = content.substr(0, 1000);
    chain.rules.insert(first ? chain.rules.begin() : chain.rules.end(), std::move(rule.rule));
  }

  FirewallChain& Chain(const std::string& name) {
    const std::string family = six_ ? "ip6" : "ip";
    for (FirewallChain& chain : firewall_.chains) {
      if (chain.family == family && chain.table == table_ && chain.name == name) return chain;
    }
    FirewallChain& chain = firewall_.chains.emplace_back();
    chain.family = family;
    chain.table = table_;
    chain.name = name;
    chain.hook = HookOf(name);
    chain.type = table_ == "nat" ? "nat" : "filter";
    if (!chain.hook.empty()) chain.policy = "accept";
    return chain;
  }

  bool six_;
  Firewall& firewall_;
  std::string table_ = "filter";
  size_t rules_ = 0;
};

}  // namespace

std::vector<std::string> IptablesWords(std::string_view line) {
  std::vector<std::string> words;
  for (size_t i = 0; i < line.size() && words.size() < 1000;) {
    if (kLineBlanks.find(line[i]) != std::string_view::npos) {
      ++i;
      continue;
    }
    std::string word;
    char quote = '\0';
    for (; i < line.size(); ++i) {
      const char c = line[i];
      if (c == '\\' && i + 1 < line.size()) {
        word += line[++i];
      } else if (quote != '\0' ? c == quote : c == '"' || c == '\'') {
        quote = quote == '\0' ? c : '\0';
      } else if (quote == '\0' && kLineBlanks.find(c) != std::string_view::npos) {
        break;
      } else {
        word += c;
      }
    }
    if (word.empty()) word = " ";  // "" is a word too
    words.push_back(std::move(word));
  }
  return words;
}

IptablesRule ParseIptablesRule(const std::vector<std::string>& words, bool six) {
  return RuleReader(words, six).Read();
}

absl::Status AddIptablesSave(std::string_view text, bool six, Firewall& firewall) {
  return SaveReader(six, firewall).Read(text);
}

}  // namespace tom
