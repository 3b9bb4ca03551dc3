// `nft -j list ruleset` (firewall_readers.h; libnftables-json(5)).
#include <map>

#include "checks/parse/firewall_readers.h"
#include "checks/parse/json_tree.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Values = std::vector<std::string>;

std::string Scalar(const JsonNode& node) {
  if (node.kind == JsonNode::Kind::kInteger) return std::to_string(node.integer);
  if (node.kind == JsonNode::Kind::kString) return node.text;
  return "?";
}

// A value, a range or a prefix as one text; "?" where it is something else.
std::string ValueText(const JsonNode& node) {
  if (!node.IsObject()) return Scalar(node);
  if (const JsonNode* range = node.Find("range"); range != nullptr && range->items.size() == 2) {
    return Scalar(range->items[0]) + "-" + Scalar(range->items[1]);
  }
  if (const JsonNode* prefix = node.Find("prefix"); prefix != nullptr) {
    const JsonNode* address = prefix->Find("addr");
    const JsonNode* length = prefix->Find("len");
    if (address != nullptr && length != nullptr) return Scalar(*address) + "/" + Scalar(*length);
  }
  if (const JsonNode* element = node.Find("elem"); element != nullptr) {
    if (const JsonNode* value = element->Find("val"); value != nullptr) return ValueText(*value);
  }
  return "?";
}

std::string SelectorOf(const JsonNode& left) {
  if (const JsonNode* payload = left.Find("payload"); payload != nullptr) {
    return std::string(payload->Text("protocol")) + " " + std::string(payload->Text("field"));
  }
  if (const JsonNode* meta = left.Find("meta"); meta != nullptr) {
    return "meta " + std::string(meta->Text("key"));
  }
  if (const JsonNode* track = left.Find("ct"); track != nullptr && track->Find("dir") == nullptr) {
    return "ct " + std::string(track->Text("key"));
  }
  return "?";
}

class JsonReader {
 public:
  JsonReader(Firewall& firewall, std::set<std::string>& opaque)
      : firewall_(firewall), opaque_(opaque) {}

  absl::Status Read(std::string_view json) {
    TOM_ASSIGN_OR_RETURN(const JsonNode root, ParseJsonTree(json));
    const JsonNode* list = root.Find("nftables");
    if (list == nullptr || !list->IsArray()) return BadData("nft: no list of nftables");
    for (const JsonNode& item : list->items) Declare(item);
    size_t rules = 0;
    for (const JsonNode& item : list->items) {
      const JsonNode* rule = item.Find("rule");
      if (rule == nullptr) continue;
      if (++rules > kMaxFirewallRules) return BadData("nft: more than 50,000 rules");
      TOM_RETURN_IF_ERROR(Rule(*rule));
    }
    return absl::OkStatus();
  }

 private:
  static std::string Key(const JsonNode& node) {
    return std::string(node.Text("family")) + " " + std::string(node.Text("table"));
  }

  void Declare(const JsonNode& item) {
    if (const JsonNode* table = item.Find("table"); table != nullptr) {
      const JsonNode* flags = table->Find("flags");
      const bool dormant = flags != nullptr && HasText(*flags, "dormant");
      if (dormant) {
        dormant_.insert(std::string(table->Text("family")) + " " +
                        std::string(table->Text("name")));
      }
    }
    if (const JsonNode* chain = item.Find("chain"); chain != nullptr) AddChain(*chain);
    if (const JsonNode* set = item.Find("set"); set != nullptr) AddSet(*set);
  }

  static bool HasText(const JsonNode& node, std::string_view text) {
    if (node.IsString()) return node.text == text;
    for (const JsonNode& item : node.items) {
      if (item.text == text) return true;
    }
    return false;
  }

  void AddChain(const JsonNode& node) {
    FirewallChain chain;
    chain.family = node.Text("family");
    chain.table = node.Text("table");
    chain.name = node.Text("name");
    chain.hook = node.Text("hook");
    chain.type = node.Text("type");
    chain.policy = node.Text("policy");
    if (const JsonNode* priority = node.Find("prio"); priority != nullptr) {
      chain.priority = priority->integer;
    }
    if (dormant_.count(Key(node)) != 0) chain.hook.clear();
    firewall_.chains.push_back(std::move(chain));
  }

  // Sets whose elements come and go by themselves stay names.
  void AddSet(const JsonNode& node) {
    const JsonNode* flags = node.Find("flags");
    const bool changes =
        (flags != nullptr && (HasText(*flags, "dynamic") || HasText(*flags, "timeout"))) ||
        node.Find("map") != nullptr;
    if (changes) return;
    Values values;
    if (const JsonNode* elements = node.Find("elem"); elements != nullptr) {
      for (const JsonNode& one : elements->items) values.push_back(ValueText(one));
    }
    sets_[Key(node) + " " + std::string(node.Text("name"))] = std::move(values);
  }

  FirewallChain* ChainOf(const JsonNode& rule) {
    for (FirewallChain& chain : firewall_.chains) {
      if (chain.family == rule.Text("family") && chain.table == rule.Text("table") &&
          chain.name == rule.Text("chain")) {
        return &chain;
      }
    }
    return nullptr;
  }

  absl::Status Rule(const JsonNode& node) {
    FirewallChain* chain = ChainOf(node);
    const JsonNode* expressions = node.Find("expr");
    if (chain == nullptr || expressions == nullptr) return BadData("nft: a rule without a chain");
    std::vector<FirewallRule> rules(1);
    for (const JsonNode& one : expressions->items) {
      if (one.members.size() != 1) {
        for (FirewallRule& rule : rules) rule.conditional = true;
        continue;
      }
      const auto& [name, value] = *one.members.begin();
      Statement(Key(node), name, value, rules);
    }
    const std::string comment(node.Text("comment"));
    for (FirewallRule& rule : rules) {
      if (rule.text.empty()) rule.text = "nft";
      if (!comment.empty()) rule.text.append(" # ").append(comment.substr(0, 200));
      rule.text.resize(std::min<size_t>(rule.text.size(), 1000));
      chain->rules.push_back(std::move(rule));
    }
    return absl::OkStatus();
  }

  static void Write(std::vector<FirewallRule>& rules, const std::string& text) {
    for (FirewallRule& rule : rules) {
      if (rule.text.size() < 1000) rule.text.append(rule.text.empty() ? "" : " ").append(text);
    }
  }

  void Statement(const std::string& table, const std::string& name, const JsonNode& value,
                 std::vector<FirewallRule>& rules) {
    if (name == "match") return Match(table, value, rules);
    if (name == "vmap") return VerdictMap(table, value, rules);
    Write(rules, name);
    if (name == "xt") opaque_.insert(table);
    for (FirewallRule& rule : rules) {
      if (Verdict(name, value, rule)) continue;
      const bool silent = name == "counter" || name == "log" || name == "mangle" ||
                          name == "notrack" || name == "snat" || name == "masquerade" ||
                          name == "flow" || name == "set" || name == "map" || name == "dup" ||
                          name == "ct helper" || name == "ct timeout" || name == "continue";
      if (!silent) rule.conditional = true;
    }
  }

  static bool Verdict(const std::string& name, const JsonNode& value, FirewallRule& rule) {
    if (name == "accept") {
      rule.verdict = FirewallVerdict::kAccept;
    } else if (name == "drop" || name == "reject") {
      rule.verdict = FirewallVerdict::kDrop;
    } else if (name == "return") {
      rule.verdict = FirewallVerdict::kReturn;
    } else if (name == "jump" || name == "goto") {
      rule.verdict = name == "jump" ? FirewallVerdict::kJump : FirewallVerdict::kGoto;
      rule.target = value.Text("target");
      rule.text.append(" ").append(rule.target);
    } else if (name == "dnat" || name == "redirect") {
      rule.verdict = FirewallVerdict::kTranslate;
    } else if (name == "queue" || name == "tproxy" || name == "synproxy" || name == "fwd") {
      rule.verdict = FirewallVerdict::kOther;
    } else {
      return false;
    }
    return true;
  }

  Values ValuesOf(const std::string& table, const JsonNode& right) const {
    const JsonNode* set = right.Find("set");
    const JsonNode& list = set != nullptr ? *set : right;
    Values values;
    if (list.IsArray()) {
      values.reserve(list.items.size());
      for (const JsonNode& item : list.items) values.push_back(ValueText(item));
      return values;
    }
    const std::string one = ValueText(list);
    if (one.starts_with("@")) {
      const auto found = sets_.find(table + " " + one.substr(1));
      if (found != sets_.end()) return found->second;
    }
    return {one};
  }

  void Match(const std::string& table, const JsonNode& node, std::vector<FirewallRule>& rules) {
    const JsonNode* left = node.Find("left");
    const JsonNode* right = node.Find("right");
    const std::string operation(node.Text("op"));
    const bool plain = operation == "==" || operation == "in" || operation == "!=";
    if (left == nullptr || right == nullptr || !plain) {
      for (FirewallRule& rule : rules) rule.conditional = true;
      return Write(rules, "?");
    }
    const Values values = ValuesOf(table, *right);
    const std::string selector = SelectorOf(*left);
    std::string text = selector + (operation == "!=" ? " !=" : "");
    for (const std::string& value : values) {
      if (text.size() < 500) text.append(" ").append(value);
    }
    Write(rules, text);
    for (FirewallRule& rule : rules) {
      // An empty set matches nothing.
      if (values.empty() && operation != "!=") rule.never = true;
      if (!values.empty()) AddCondition(rule, selector, operation == "!=", values);
    }
  }

  // One rule for each entry; what is in none goes on.
  void VerdictMap(const std::string& table, const JsonNode& node,
                  std::vector<FirewallRule>& rules) {
    const JsonNode* key = node.Find("key");
    const JsonNode* data = node.Find("data");
    const JsonNode* set = data == nullptr ? nullptr : data->Find("set");
    if (key == nullptr || set == nullptr || rules.size() != 1 || set->items.size() > 10000) {
      Write(rules, "vmap");
      for (FirewallRule& rule : rules) {
        rule.conditional = true;
        rule.verdict = FirewallVerdict::kOther;
      }
      return;
    }
    const FirewallRule base = rules[0];
    rules.clear();
    for (const JsonNode& item : set->items) {
      if (item.items.size() != 2 || item.items[1].members.size() != 1) {
        firewall_.unclear.emplace_back("a verdict map that is not understood");
        continue;
      }
      FirewallRule rule = base;
      const std::string value = ValueText(item.items[0]);
      const auto& [verdict, target] = *item.items[1].members.begin();
      AddCondition(rule, SelectorOf(*key), false, {value});
      rule.text.append(" ").append(SelectorOf(*key)).append(" ").append(value).append(" ");
      rule.text.append(verdict);
      Verdict(verdict, target, rule);
      rules.push_back(std::move(rule));
    }
    static_cast<void>(table);
  }

  Firewall& firewall_;
  std::set<std::string>& opaque_;
  std::set<std::string> dormant_;
  std::map<std::string, Values> sets_;
};

}  // namespace

absl::Status AddNftJson(std::string_view json, Firewall& firewall, std::set<std::string>& opaque) {
  return JsonReader(firewall, opaque).Read(json);
}

}  // namespace tom
