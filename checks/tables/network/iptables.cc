// osquery's iptables: the kernel's IPv4 rules of xtables, by iptables-save of both kinds.
#include <map>

#include "checks/engine/table.h"
#include "checks/parse/config_lines.h"
#include "checks/parse/firewall_readers.h"
#include "checks/tables/firewall_facts.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

std::string Before(const std::string& text, char end) { return text.substr(0, text.find(end)); }

std::string MaskOf(const std::string& address) {
  const size_t slash = address.find('/');
  return address.empty()              ? "0.0.0.0"
         : slash == std::string::npos ? "32"
                                      : address.substr(slash + 1);
}

int64_t ProtocolNumber(const std::string& name) {
  constexpr std::pair<const char*, int64_t> kNumbers[] = {
      {"icmp", 1}, {"tcp", 6}, {"udp", 17}, {"gre", 47}, {"esp", 50}, {"ah", 51}, {"sctp", 132}};
  for (const auto& [text, number] : kNumbers) {
    if (name == text) return number;
  }
  return 0;
}

class Rows {
 public:
  explicit Rows(RowSink& sink) : sink_(sink) {}

  void Read(const std::string& text) {
    for (const NumberedLine& line : LinesOf(text)) {
      const std::string_view content = TrimLine(line.text);
      if (content.starts_with("*")) {
        table_ = content.substr(1);
        policies_.clear();
      } else if (content.starts_with(":")) {
        const auto words = IptablesWords(content.substr(1));
        if (words.size() > 1) Policy(words[0], words[1]);
      } else if (content.starts_with("-A ")) {
        Rule(IptablesWords(content.substr(3)));
      }
    }
  }

 private:
  void Policy(const std::string& chain, const std::string& policy) {
    policies_[chain] = policy == "-" ? "" : policy;
    if (policy == "-") return;
    sink_.Add({{"filter_name", table_}, {"chain", chain}, {"policy", policy}});
  }

  void Rule(std::vector<std::string> words) {
    if (words.empty()) return;
    const std::string chain = words[0];
    words.erase(words.begin());
    const IptablesRule rule = ParseIptablesRule(words, false);
    const auto interface = [](const std::string& name) { return name.empty() ? "all" : name; };
    sink_.Add({{"filter_name", table_},
               {"chain", chain},
               {"policy", policies_[chain]},
               {"target", rule.target},
               {"protocol", ProtocolNumber(rule.protocol)},
               {"src_port", rule.source_ports},
               {"dst_port", rule.destination_ports},
               {"src_ip", rule.source.empty() ? "0.0.0.0" : Before(rule.source, '/')},
               {"src_mask", MaskOf(rule.source)},
               {"iniface", interface(rule.in_interface)},
               {"dst_ip", rule.destination.empty() ? "0.0.0.0" : Before(rule.destination, '/')},
               {"dst_mask", MaskOf(rule.destination)},
               {"outiface", interface(rule.out_interface)},
               {"match", rule.match.empty() ? "no" : rule.match}});
  }

  RowSink& sink_;
  std::string table_ = "filter";
  std::map<std::string, std::string> policies_;
};

absl::Status GenerateIptables(Env& env, const TableContext&, RowSink& sink) {
  TOM_ASSIGN_OR_RETURN(const std::string text, RunningIptables(env));
  Rows(sink).Read(text);
  return absl::OkStatus();
}

Column Text(std::string name, std::string description) {
  return {.name = std::move(name), .description = std::move(description)};
}

}  // namespace

Table iptables_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {.name = "iptables",
          .description = "Rules of xtables for IPv4 that the kernel runs",
          .columns = {Text("filter_name", "Table: filter, nat, mangle, raw, security"),
                      Text("chain", "Chain"),
                      Text("policy", "Of a chain with a hook"),
                      Text("target", "What the rule does"),
                      {.name = "protocol", .type = kInt, .description = "Number; 0: any"},
                      Text("src_port", "Source ports; empty: any"),
                      Text("dst_port", "Destination ports; empty: any"),
                      Text("src_ip", "Source"),
                      Text("src_mask", "Its mask, in bits where it is shown so"),
                      Text("iniface", "Interface that it comes in by; all: any"),
                      Text("iniface_mask", "Not told"),
                      Text("dst_ip", "Destination"),
                      Text("dst_mask", "Its mask"),
                      Text("outiface", "Interface that it leaves by; all: any"),
                      Text("outiface_mask", "Not told"),
                      Text("match", "yes: has extended matches"),
                      {.name = "packets", .type = kInt, .description = "Not told: it runs on"},
                      {.name = "bytes", .type = kInt, .description = "Not told: it runs on"}},
          .generate = GenerateIptables,
          .touches = [](Env& env, const Declared&) { return FirewallTouches(env); }};
}

}  // namespace tom
