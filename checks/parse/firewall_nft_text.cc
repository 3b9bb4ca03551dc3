// /etc/nftables.conf (firewall_readers.h; nft(8)). Blocks of tables and chains, and the commands
// add, create, insert, flush and delete over them; another command makes the whole unclear.
#include <algorithm>

#include "checks/parse/firewall_readers.h"
#include "checks/parse/nft_rule.h"
#include "checks/parse/nft_tokens.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Tokens = std::vector<NftToken>;

constexpr int kMaxDepth = 16;
constexpr size_t kMaxDefined = 10000;

class TextReader {
 public:
  TextReader(const NftInclude& include, Firewall& firewall)
      : include_(include), firewall_(firewall) {}

  absl::Status File(std::string_view text, const std::string& path, int depth) {
    if (depth > kMaxDepth) return BadData(path + ": included deeper than 16 files");
    TOM_ASSIGN_OR_RETURN(const Tokens tokens, NftTokens(text, path));
    total_ += tokens.size();
    if (total_ > kMaxNftTokens) return BadData(path + ": more words than are read");
    size_t at = 0;
    while (at < tokens.size()) {
      const Tokens statement = TakeStatement(tokens, at);
      if (!statement.empty()) TOM_RETURN_IF_ERROR(Top(statement, path, depth));
    }
    return absl::OkStatus();
  }

  // Rules are understood last, since sets may be declared behind them.
  void Finish() {
    for (Pending& pending : pending_) {
      FirewallChain* chain = Chain(pending.table, pending.chain);
      for (FirewallRule& rule : ParseNftRule(pending.tokens, sets_[pending.table])) {
        chain->rules.push_back(std::move(rule));
      }
    }
  }

 private:
  struct Pending {
    std::string table;  // "inet filter"
    std::string chain;
    Tokens tokens;
  };

  // Up to a line end or `;` outside of braces, or up to the brace that closes the first one.
  static Tokens TakeStatement(const Tokens& tokens, size_t& at) {
    Tokens statement;
    int depth = 0;
    for (; at < tokens.size(); ++at) {
      const std::string& word = tokens[at].quoted ? Quoted() : tokens[at].text;
      if (depth == 0 && word == ";") {
        ++at;
        break;
      }
      if (word == "{") ++depth;
      if (word == "}" && --depth < 0) {
        depth = 0;
        continue;
      }
      statement.push_back(tokens[at]);
    }
    return statement;
  }

  static const std::string& Quoted() {
    static const std::string text = "\"";
    return text;
  }

  void Unclear(const Tokens& statement) {
    std::string text;
    for (const NftToken& token : statement) {
      if (text.size() < 80) text.append(text.empty() ? "" : " ").append(token.text);
    }
    firewall_.unclear.push_back("line " + std::to_string(statement[0].line) +
                                " is not understood: " + text.substr(0, 80));
  }

  absl::Status Top(const Tokens& raw, const std::string& path, int depth) {
    const std::string& word = raw[0].text;
    if (word == "include") {
      std::vector<std::pair<std::string, std::string>> files;
      if (raw.size() != 2 || !include_(raw[1].text, files)) {
        firewall_.unclear.push_back(path + ": an include that cannot be read");
      }
      for (const auto& [name, text] : files) {
        TOM_RETURN_IF_ERROR(File(text, name, depth + 1));
      }
      return absl::OkStatus();
    }
    if (word == "define" || word == "redefine") {
      if (raw.size() < 4 || raw[2].text != "=" || raw.size() > kMaxDefined) {
        Unclear(raw);
      } else {
        defined_[raw[1].text] = Expand(Tokens(raw.begin() + 3, raw.end()));
      }
      return absl::OkStatus();
    }
    Command(Expand(raw));
    return absl::OkStatus();
  }

  // $name by what it stands for.
  Tokens Expand(const Tokens& raw) {
    Tokens expanded;
    for (const NftToken& token : raw) {
      if (token.quoted || token.text.size() < 2 || token.text[0] != '$') {
        expanded.push_back(token);
        continue;
      }
      const auto found = defined_.find(token.text.substr(1));
      if (found == defined_.end()) {
        firewall_.unclear.push_back(token.text.substr(0, 100) + " is not defined");
      } else if (expanded.size() + found->second.size() <= kMaxDefined) {
        expanded.insert(expanded.end(), found->second.begin(), found->second.end());
      } else {
        firewall_.unclear.emplace_back("a definition that is too long");
      }
    }
    return expanded;
  }

  static bool IsFamily(const std::string& word) {
    for (const char* family : {"ip", "ip6", "inet", "arp", "bridge", "netdev"}) {
      if (word == family) return true;
    }
    return false;
  }

  // "[family] table" from `at` on; the key of the table.
  static std::string TakeTable(const Tokens& tokens, size_t& at) {
    std::string family = "ip";
    if (at < tokens.size() && IsFamily(tokens[at].text)) family = tokens[at++].text;
    return family + " " + (at < tokens.size() ? tokens[at++].text : "");
  }

  void Command(const Tokens& tokens) {
    if (tokens.empty()) return;
    size_t at = 0;
    std::string verb = tokens[0].text;
    if (verb == "table") {
      verb = "add";
    } else if (verb == "add" || verb == "create" || verb == "insert" || verb == "flush" ||
               verb == "delete" || verb == "destroy") {
      at = 1;
    } else {
      return Unclear(tokens);
    }
    const std::string object = at < tokens.size() ? tokens[at++].text : "";
    if (verb == "flush" && object == "ruleset")
      return Forget(at < tokens.size() ? tokens[at].text : "");
    const std::string table = TakeTable(tokens, at);
    if (verb == "flush" || verb == "delete" || verb == "destroy") {
      return Remove(verb, object, table, tokens, at);
    }
    if (object == "table") {
      if (verb == "insert") return Unclear(tokens);
      if (at < tokens.size() && tokens[at].text == "{") Table(table, Block(tokens, at));
    } else if (object == "chain" && at < tokens.size()) {
      const std::string name = tokens[at++].text;
      ChainBlock(table, name, Block(tokens, at));
    } else if (object == "rule" && at < tokens.size()) {
      AddRule(verb, table, tokens, at);
    } else if (object == "set" && at < tokens.size()) {
      const std::string name = tokens[at++].text;
      SetBlock(table, name, Block(tokens, at));
    } else if (object == "element") {
      Elements(table, tokens, at);
    } else if (object != "map" && object != "counter" && object != "quota" && object != "limit" &&
               object != "flowtable" && object != "ct") {
      Unclear(tokens);
    }
  }

  void AddRule(const std::string& verb, const std::string& table, const Tokens& tokens, size_t at) {
    Pending rule{table, tokens[at++].text, {}};
    const std::string word = at < tokens.size() ? tokens[at].text : "";
    if (word == "position" || word == "handle" || word == "index") return Unclear(tokens);
    rule.tokens.assign(tokens.begin() + static_cast<std::ptrdiff_t>(at), tokens.end());
    Chain(table, rule.chain);
    pending_.insert(verb == "insert" ? pending_.begin() : pending_.end(), std::move(rule));
  }

  void Forget(const std::string& family) {
    if (!family.empty()) return firewall_.unclear.emplace_back("a flush of one family"), void();
    firewall_.chains.clear();
    pending_.clear();
    sets_.clear();
  }

  void Remove(const std::string& verb, const std::string& object, const std::string& table,
              const Tokens& tokens, size_t at) {
    const std::string name = at < tokens.size() ? tokens[at].text : "";
    const bool whole = object == "table";
    if (!whole && object != "chain") return Unclear(tokens);
    const auto rule_goes = [&](const Pending& one) {
      return one.table == table && (whole || one.chain == name);
    };
    pending_.erase(std::remove_if(pending_.begin(), pending_.end(), rule_goes), pending_.end());
    if (verb == "flush") return;
    const auto chain_goes = [&](const FirewallChain& one) {
      return one.family + " " + one.table == table && (whole || one.name == name);
    };
    auto& chains = firewall_.chains;
    chains.erase(std::remove_if(chains.begin(), chains.end(), chain_goes), chains.end());
    if (whole) sets_.erase(table);
  }

  // The tokens between the brace at `at` and its pair.
  static Tokens Block(const Tokens& tokens, size_t at) {
    Tokens inside;
    int depth = 0;
    for (; at < tokens.size(); ++at) {
      const bool plain = !tokens[at].quoted;
      if (plain && tokens[at].text == "{" && depth++ == 0) continue;
      if (plain && tokens[at].text == "}" && --depth == 0) break;
      if (depth > 0) inside.push_back(tokens[at]);
    }
    return inside;
  }

  void Table(const std::string& table, const Tokens& block) {
    size_t at = 0;
    while (at < block.size()) {
      const Tokens statement = TakeStatement(block, at);
      if (statement.size() < 2) continue;
      const std::string& word = statement[0].text;
      if (word == "chain") {
        ChainBlock(table, statement[1].text, Block(statement, 2));
      } else if (word == "set") {
        SetBlock(table, statement[1].text, Block(statement, 2));
      } else if (word == "flags") {
        firewall_.unclear.push_back("a table with flags: " + table);
      } else if (word == "include" || word == "define") {
        Unclear(statement);
      }
    }
  }

  FirewallChain* Chain(const std::string& table, const std::string& name) {
    const size_t blank = table.find(' ');
    for (FirewallChain& chain : firewall_.chains) {
      if (chain.family + " " + chain.table == table && chain.name == name) return &chain;
    }
    FirewallChain& chain = firewall_.chains.emplace_back();
    chain.family = table.substr(0, blank);
    chain.table = table.substr(blank + 1);
    chain.name = name;
    return &chain;
  }

  void ChainBlock(const std::string& table, const std::string& name, const Tokens& block) {
    Chain(table, name);
    size_t at = 0;
    while (at < block.size()) {
      Tokens statement = TakeStatement(block, at);
      if (statement.empty()) continue;
      FirewallChain* chain = Chain(table, name);
      const std::string& word = statement[0].text;
      if (word == "type") {
        BaseChain(statement, *chain);
      } else if (word == "policy" && statement.size() > 1) {
        chain->policy = statement[1].text;
      } else if (word == "include" || word == "define") {
        Unclear(statement);
      } else if (word != "comment" && word != "flags" && word != "devices") {
        pending_.push_back({table, name, std::move(statement)});
        if (pending_.size() > kMaxFirewallRules) {
          firewall_.unclear.emplace_back("more than 50,000 rules");
          pending_.pop_back();
        }
      }
    }
  }

  void BaseChain(const Tokens& statement, FirewallChain& chain) {
    for (size_t i = 0; i + 1 < statement.size(); ++i) {
      if (statement[i].text == "type") chain.type = statement[i + 1].text;
      if (statement[i].text == "hook") chain.hook = statement[i + 1].text;
    }
    if (chain.policy.empty()) chain.policy = "accept";
  }

  void SetBlock(const std::string& table, const std::string& name, const Tokens& block) {
    bool changes = false;
    bool known = false;
    size_t at = 0;
    std::vector<std::string>& values = sets_[table]["@" + name];
    while (at < block.size()) {
      const Tokens statement = TakeStatement(block, at);
      if (statement.empty()) continue;
      if (statement[0].text == "flags") {
        for (const NftToken& token : statement) {
          changes = changes || token.text == "dynamic" || token.text == "timeout";
        }
      } else if (statement[0].text == "elements") {
        AddElements(Block(statement, 1), values);
      } else if (statement[0].text == "timeout" || statement[0].text == "size") {
        changes = changes || statement[0].text == "timeout";
      }
      known = true;
    }
    if (changes || !known) sets_[table].erase("@" + name);
  }

  static void AddElements(const Tokens& block, std::vector<std::string>& values) {
    std::string value;
    for (const NftToken& token : block) {
      if (token.text == "," || token.text == ";") {
        if (token.text == "," && !value.empty()) values.push_back(std::move(value));
        if (token.text == ",") value.clear();
      } else if (value.empty() || token.text == "-" || value.back() == '-') {
        value.append(token.text);
      }
    }
    if (!value.empty()) values.push_back(std::move(value));
  }

  void Elements(const std::string& table, const Tokens& tokens, size_t at) {
    if (at >= tokens.size()) return;
    const auto found = sets_[table].find("@" + tokens[at].text);
    if (found != sets_[table].end()) AddElements(Block(tokens, at + 1), found->second);
  }

  const NftInclude& include_;
  Firewall& firewall_;
  std::map<std::string, Tokens> defined_;
  std::map<std::string, NftSets> sets_;
  std::vector<Pending> pending_;
  size_t total_ = 0;
};

}  // namespace

absl::Status AddNftText(std::string_view text, const std::string& path, const NftInclude& include,
                        Firewall& firewall) {
  TextReader reader(include, firewall);
  TOM_RETURN_IF_ERROR(reader.File(text, path, 0));
  reader.Finish();
  return absl::OkStatus();
}

}  // namespace tom
