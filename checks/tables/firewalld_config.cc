// firewalld: the default zone and those that are bound to interfaces (firewalld.conf(5),
// firewalld.zone(5)). What a zone opens is read; rich rules, policies and direct rules make the
// whole unclear.
#include <algorithm>

#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"
#include "checks/parse/xml_tags.h"
#include "checks/tables/config_files.h"
#include "checks/tables/firewall_facts.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

class Firewalld {
 public:
  explicit Firewalld(Env& env) : env_(env), files_(env) {}

  void Add(std::vector<FirewallView>& views) {
    const auto conf = files_.Read("/etc/firewalld/firewalld.conf");
    if (absl::IsNotFound(conf.status())) return;
    FirewallView view;
    view.source = "configured";
    view.backend = "firewalld";
    view.file = "/etc/firewalld/firewalld.conf";
    view.enabled = UnitEnabled(env_, "firewalld.service", {"/usr/sbin/firewalld"});
    if (conf.ok()) {
      Read(*conf, view.firewall);
    } else {
      view.firewall.unclear.emplace_back(conf.status().message());
    }
    for (const std::string& problem : files_.problems()) view.firewall.unclear.push_back(problem);
    views.push_back(std::move(view));
  }

 private:
  void Read(const std::string& conf, Firewall& firewall) {
    FirewallChain& chain = firewall.chains.emplace_back();
    chain.family = "inet";
    chain.table = "firewalld";
    chain.name = "input";
    chain.hook = "input";
    chain.type = "filter";
    chain.policy = "drop";
    std::string zone = "public";
    for (const NumberedLine& line : LinesOf(conf)) {
      const std::string_view content = TrimLine(line.text);
      if (content.starts_with("DefaultZone=")) zone = TrimLine(content.substr(12));
    }
    for (const char* path : {"/etc/firewalld/direct.xml", "/etc/firewalld/policies"}) {
      if (files_.Exists(path)) {
        firewall.unclear.push_back(std::string(path) + " is there, which is not read");
      }
    }
    Zone(zone, true, chain, firewall);
    for (const std::string& path : files_.Match("/etc/firewalld/zones/*.xml")) {
      const std::string name = path.substr(path.rfind('/') + 1);
      if (name != zone + ".xml") Zone(name.substr(0, name.size() - 4), false, chain, firewall);
    }
  }

  // The site's file in place of the one that came with the program.
  absl::StatusOr<std::vector<XmlTag>> Tags(const std::string& kind, const std::string& name) {
    if (name.empty() || name.find('/') != std::string::npos) return BadData(kind + ": a bad name");
    auto text = files_.Read("/etc/firewalld/" + kind + "/" + name + ".xml");
    if (absl::IsNotFound(text.status())) {
      text = files_.Read("/usr/lib/firewalld/" + kind + "/" + name + ".xml");
    }
    TOM_RETURN_IF_ERROR(text.status());
    return ParseXmlTags(*text);
  }

  void Zone(const std::string& name, bool is_default, FirewallChain& chain, Firewall& firewall) {
    const auto tags = Tags("zones", name);
    if (!tags.ok()) return firewall.unclear.emplace_back(tags.status().message()), void();
    const bool bound = std::any_of(tags->begin(), tags->end(),
                                   [](const XmlTag& tag) { return tag.name == "interface"; });
    if (!is_default && !bound) return;
    for (const XmlTag& tag : *tags) {
      if (tag.name == "zone") {
        const std::string target = tag.Attribute("target");
        if (target == "ACCEPT") Accept("", "", chain);
      } else if (tag.name == "port") {
        Accept(tag.Attribute("protocol"), tag.Attribute("port"), chain);
      } else if (tag.name == "service") {
        Service(tag.Attribute("name"), chain, firewall, 0);
      } else if (tag.name == "protocol") {
        Accept(tag.Attribute("value"), "", chain);
      } else if (tag.name == "rule" || tag.name == "forward-port" || tag.name == "source-port") {
        firewall.unclear.push_back("zone " + name + " has a " + tag.name +
                                   ", which is not followed");
      }
    }
  }

  void Service(const std::string& name, FirewallChain& chain, Firewall& firewall, int depth) {
    const auto tags = Tags("services", name);
    if (!tags.ok() || depth > 8) {
      firewall.unclear.push_back("service " + name.substr(0, 100) + " cannot be read");
      return;
    }
    for (const XmlTag& tag : *tags) {
      if (tag.name == "port") Accept(tag.Attribute("protocol"), tag.Attribute("port"), chain);
      if (tag.name == "protocol") Accept(tag.Attribute("value"), "", chain);
      if (tag.name == "include") Service(tag.Attribute("service"), chain, firewall, depth + 1);
    }
  }

  static void Accept(const std::string& protocol, const std::string& ports, FirewallChain& chain) {
    FirewallRule rule;
    rule.verdict = FirewallVerdict::kAccept;
    if (!protocol.empty()) AddCondition(rule, "meta l4proto", false, {protocol});
    if (!ports.empty()) AddCondition(rule, "th dport", false, {ports});
    rule.text = "accept " + protocol + " " + ports;
    chain.rules.push_back(std::move(rule));
  }

  Env& env_;
  ConfigFiles files_;
};

}  // namespace

void AddFirewalldConfig(Env& env, std::vector<FirewallView>& views) { Firewalld(env).Add(views); }

}  // namespace tom
