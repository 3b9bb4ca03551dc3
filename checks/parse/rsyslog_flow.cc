#include "checks/parse/rsyslog_flow.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "checks/parse/ascii_words.h"

namespace tom {
namespace {

using Kind = RsyslogStatement::Kind;

constexpr char kDefaultRuleset[] = "RSYSLOG_DefaultRuleset";
constexpr size_t kMostSteps = 4000000;
constexpr int kMostCalls = 16;

bool IsOn(const std::string& value) {
  return EqualsNoCase(value, "on") || EqualsNoCase(value, "yes") || value == "1";
}
bool IsOff(const std::string& value) { return EqualsNoCase(value, "off") || value == "no"; }

std::string FirstWord(const std::string& text) {
  return text.substr(0, text.find_first_of(" \t#"));
}

std::string Unquoted(std::string text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

// One statement as it is carried out.
struct Step {
  const RsyslogStatement* statement = nullptr;
  std::optional<size_t> forward;  // index, of an action that sends
  bool sometimes = false;         // of an action: not for every message that reaches it
  bool dead = false;              // an action that rsyslogd does not make
};

struct Ruleset {
  std::vector<const RsyslogStatement*> statements;
  bool queue = false;  // of its own: what it discards is discarded there alone
};

// What the configuration sets up, before any message is followed.
class Setup {
 public:
  explicit Setup(const RsyslogConfig& config) {
    flow_.refused = config.refused;
    // Modules and what holds for all may stand anywhere.
    Look(config.statements, 0);
    rulesets_[kDefaultRuleset];
    Order(config.statements);
  }

  RsyslogFlow& flow() { return flow_; }
  const std::map<std::string, Ruleset>& rulesets() const { return rulesets_; }
  const std::map<const RsyslogStatement*, Step>& actions() const { return actions_; }
  const std::set<std::string>& starts() const { return starts_; }

 private:
  static bool Enabled(const RsyslogStatement& one) {
    return !IsOff(one.Parameter("config.enabled", "on"));
  }

  void Look(const std::vector<RsyslogStatement>& statements, int depth) {
    for (const RsyslogStatement& one : statements) {
      if (one.kind == Kind::kObject && Enabled(one)) Object(one);
      if (one.kind == Kind::kSetting) Early(one);
      Look(one.then, depth + 1);
      Look(one.otherwise, depth + 1);
    }
  }

  static std::string ModuleName(std::string name) {
    name = name.substr(name.rfind('/') + 1);
    if (name.ends_with(".so")) name.resize(name.size() - 3);
    return name;
  }

  void Object(const RsyslogStatement& one) {
    // One that is there already is not added again, whatever is set with it.
    if (one.name == "module") modules_.emplace(ModuleName(one.Parameter("load")), &one);
    // So is a kind of input.
    if (one.name == "input" && modules_.contains(one.Parameter("type"))) inputs_.push_back(&one);
    if (one.name == "global") Global(one);
  }

  void Global(const RsyslogStatement& one) {
    const auto take = [&](const char* name, std::string& to) {
      if (const std::string value = one.Parameter(name); !value.empty()) to = value;
    };
    take("defaultnetstreamdriver", settings_.default_driver);
    take("defaultnetstreamdrivercafile", settings_.default_ca_file);
    take("workdirectory", settings_.work_folder);
  }

  void Early(const RsyslogStatement& one) {
    const std::string value = FirstWord(one.value);
    if (one.name == "modload") modules_.emplace(ModuleName(value), &one);
    if (one.name == "defaultnetstreamdriver") settings_.default_driver = Unquoted(value);
    if (one.name == "defaultnetstreamdrivercafile") settings_.default_ca_file = Unquoted(value);
    if (one.name == "workdirectory") settings_.work_folder = Unquoted(value);
    // Directives of a module are known from its $ModLoad on.
    const auto socket = modules_.find("imuxsock");
    if (socket == modules_.end()) return;
    if (one.name == "addunixlistensocket") more_sockets_.push_back(value);
    if (socket->second->kind != Kind::kSetting) return;
    if (one.name == "omitlocallogging") omit_local_ = IsOn(value);
    if (one.name == "systemlogsocketname") socket_name_ = value;
  }

  // Rulesets and the settings of the classic form, which hold from their place on.
  void Order(const std::vector<RsyslogStatement>& statements) {
    std::string ruleset = kDefaultRuleset;
    std::string start = kDefaultRuleset;
    for (const RsyslogStatement& one : statements) {
      if (one.kind == Kind::kSetting) {
        Setting(one, ruleset, start);
      } else if (one.kind == Kind::kObject) {
        if (one.name == "ruleset" && Enabled(one)) DefineRuleset(one);
        if (one.name == "template" && Enabled(one)) {
          const bool plugin = EqualsNoCase(one.Parameter("type"), "plugin");
          KeepTemplate(
              one.Parameter("name"),
              plugin ? "msg" : one.Parameter("string", one.Parameter("subtree", one.value)));
        }
      } else {
        Keep(rulesets_[ruleset], one);
      }
    }
    Inputs(start);
  }

  void DefineRuleset(const RsyslogStatement& one) {
    const std::string name = one.Parameter("name");
    if (rulesets_.contains(name)) return;  // a second one of that name is refused
    const std::string queue = one.Parameter("queue.type", "direct");
    Ruleset& ruleset = rulesets_[name];
    ruleset.queue = !EqualsNoCase(queue, "direct");
    for (const RsyslogStatement& inside : one.then) Keep(ruleset, inside);
  }

  void Keep(Ruleset& ruleset, const RsyslogStatement& one) {
    ruleset.statements.push_back(&one);
    Prepare(one);
  }

  // Every action below `one`, with the settings that hold now.
  void Prepare(const RsyslogStatement& one) {
    if (one.kind == Kind::kSetting) {
      std::string ignored;
      Setting(one, ignored, ignored);
    }
    if (one.kind == Kind::kAction) PrepareAction(one);
    for (const RsyslogStatement& inside : one.then) Prepare(inside);
    for (const RsyslogStatement& inside : one.otherwise) Prepare(inside);
  }

  bool KnowsTemplate(const std::string& name) const {
    return name.empty() || templates_.contains(name) || name.starts_with("RSYSLOG_") ||
           name.starts_with(" ") || name.starts_with("Std");
  }

  // Of what omfwd sends where its action names none.
  std::string ForwardTemplate(const RsyslogStatement& action) const {
    if (action.name != "omfwd") return "";
    if (action.legacy && !forward_template_.empty()) return forward_template_;
    const auto module = modules_.find("builtin:omfwd");
    return module == modules_.end() ? "" : module->second->Parameter("template");
  }

  void KeepTemplate(const std::string& name, const std::string& text) {
    templates_.insert(name);
    without_message_.erase(name);
    for (const char* word : {"msg", "json", "smp"}) {
      if (ContainsNoCase(text, word)) return;
    }
    without_message_.insert(name);
  }

  void PrepareAction(const RsyslogStatement& one) {
    Step step;
    step.statement = &one;
    static constexpr const char* kBuiltIn[] = {"omfwd",  "omfile",    "omusrmsg", "omshell",
                                               "ompipe", "omdiscard", "omprog"};
    const bool built_in =
        std::find(std::begin(kBuiltIn), std::end(kBuiltIn), one.name) != std::end(kBuiltIn);
    const bool program = one.name == "omprog" && !one.legacy;
    const std::string layout = one.Parameter("template", ForwardTemplate(one));
    step.dead = !Enabled(one) || !KnowsTemplate(layout) ||
                ((!built_in || program) && !modules_.contains(one.name));
    if (auto forward = DescribeRsyslogForward(one, settings_); forward && !step.dead) {
      step.forward = flow_.forwards.size();
      step.sometimes = forward->sometimes = forward->sometimes || Sometimes(one);
      if (one.name == "omfwd" && forward->target.empty()) {
        flow_.problems.push_back(one.Place() + ": omfwd without a target");
      }
      if (without_message_.contains(layout) && forward->works == std::optional<bool>(true)) {
        forward->works = std::nullopt;
        forward->problem = "its template " + layout + " leaves the message out";
      }
      if (forward->works == std::optional<bool>(false) && HoldsUpOthers(one)) {
        flow_.problems.push_back(one.Place() + ": it cannot send, and others wait while it tries");
      }
      flow_.forwards.push_back(*std::move(forward));
    }
    actions_[&one] = step;
  }

  // Without a queue of its own an action is tried again by whoever carries out the next one too.
  bool HoldsUpOthers(const RsyslogStatement& one) const {
    if (one.legacy) return settings_.retries && !settings_.own_queue;
    const std::string count = one.Parameter("action.resumeretrycount", "0");
    return count != "0" && EqualsNoCase(one.Parameter("queue.type", "direct"), "direct");
  }

  bool Sometimes(const RsyslogStatement& one) const {
    if (one.legacy) return settings_.sometimes;
    const std::string nth = one.Parameter("action.execonlyeverynthtime", "0");
    return (nth != "0" && nth != "1") ||
           one.Parameter("action.execonlyonceeveryinterval", "0") != "0";
  }

  void Setting(const RsyslogStatement& one, std::string& ruleset, std::string& start) {
    const std::string value = Unquoted(FirstWord(one.value));
    // A template counts for what stands behind it.
    if (one.name == "template") {
      const size_t end = std::min(one.value.find_first_of(", "), one.value.size());
      const bool plugin = one.value.find('"') == std::string::npos;
      KeepTemplate(one.value.substr(0, end), plugin ? "msg" : one.value.substr(end));
    }
    if (one.name == "ruleset") ruleset = value;
    if (one.name == "ruleset") rulesets_[value];
    // One that is not there yet is refused.
    if (one.name == "defaultruleset" && rulesets_.contains(value)) start = value;
    if (one.name == "actionsendstreamdriver") settings_.driver = value;
    if (one.name == "actionsendstreamdrivermode") settings_.mode = value;
    if (one.name == "actionsendstreamdriverauthmode") settings_.auth_mode = value;
    if (one.name == "actionsendstreamdriverpermittedpeer") settings_.permitted_peer = value;
    if (one.name == "actionqueuefilename") settings_.queue_file = !value.empty();
    if (one.name == "actionresumeretrycount") settings_.retries = value != "0";
    if (one.name == "actionqueuetype") settings_.own_queue = !EqualsNoCase(value, "direct");
    if (one.name == "actionqueuetype") settings_.disk_queue = EqualsNoCase(value, "disk");
    if (one.name == "actionforwarddefaulttemplate") forward_template_ = value;
    if (one.name == "actionexeconlywhenpreviousissuspended") {
      settings_.only_when_suspended = IsOn(value);
    }
    if (one.name == "actionexeconlyeverynthtime" || one.name == "actionexeconlyonceeveryinterval") {
      settings_.sometimes = value != "0" && value != "1";
    }
    if (one.name == "resetconfigvariables") {
      settings_.driver = settings_.mode = settings_.auth_mode = settings_.permitted_peer = "";
      settings_.only_when_suspended = settings_.sometimes = settings_.disk_queue = false;
      settings_.queue_file = settings_.retries = settings_.own_queue = false;
      settings_.reset = true;
    }
  }

  static bool IsLogSocket(const std::string& path) {
    return path == "/dev/log" || path == "/run/systemd/journal/syslog" ||
           path == "/var/run/systemd/journal/syslog";
  }

  void Inputs(const std::string& start) {
    flow_.work_folder = settings_.work_folder;
    bool local = false;
    bool doubtful = false;
    if (const auto found = modules_.find("imuxsock"); found != modules_.end()) {
      const RsyslogStatement& module = *found->second;
      const bool off = omit_local_ || IsOff(module.Parameter("syssock.use", "on"));
      const std::string name = module.Parameter("syssock.name", socket_name_);
      if (!off && (name.empty() || IsLogSocket(name))) {
        local = flow_.from_socket = true;
        starts_.insert(start);
      } else if (!off) {
        doubtful = true;
      }
      for (const std::string& path : more_sockets_) {
        if (!IsLogSocket(path)) continue;
        local = flow_.own_socket = true;
        starts_.insert(start);
      }
    }
    if (modules_.contains("imjournal")) {
      local = flow_.from_journal = true;
      starts_.insert(start);
    }
    for (const RsyslogStatement* input : inputs_) {
      const std::string type = input->Parameter("type");
      const bool socket = type == "imuxsock" && IsLogSocket(input->Parameter("socket"));
      if (socket && modules_.contains("imuxsock")) {
        local = flow_.own_socket = true;
        const std::string bound = input->Parameter("ruleset");
        starts_.insert(rulesets_.contains(bound) ? bound : start);
      } else if (type == "imuxsock" || type == "imfile") {
        doubtful = true;
      }
    }
    flow_.kernel = modules_.contains("imklog") || modules_.contains("imkmsg") || flow_.from_journal;
    flow_.local = local;
    if (!local && doubtful) flow_.local = std::nullopt;
    if (!local) starts_.insert(start);
    if (starts_.size() > 1) {
      flow_.problems.emplace_back("messages of this host come in at more than one ruleset");
    }
  }

  RsyslogFlow flow_;
  RsyslogSettings settings_;
  std::map<std::string, Ruleset> rulesets_;
  std::map<const RsyslogStatement*, Step> actions_;
  std::map<std::string, const RsyslogStatement*> modules_;
  std::vector<const RsyslogStatement*> inputs_;
  std::set<std::string> templates_;
  std::set<std::string> without_message_;  // those of them that leave the message out
  std::string forward_template_;
  std::set<std::string> starts_;
  std::vector<std::string> more_sockets_;
  std::string socket_name_;
  bool omit_local_ = false;
};

// Follows one message.
class Walk {
 public:
  Walk(Setup& setup, size_t& steps) : setup_(setup), steps_(steps) {}

  void Start(const std::string& ruleset, size_t facility, size_t severity) {
    message_ = {facility, severity, {}};
    const RsyslogFlow& flow = setup_.flow();
    const bool one_way = flow.from_journal != (flow.from_socket || flow.own_socket);
    if (one_way && facility != 0) {
      message_.variables["$inputname"] = flow.from_journal ? "imjournal" : "imuxsock";
    }
    const auto found = setup_.rulesets().find(ruleset);
    if (found != setup_.rulesets().end()) Run(found->second.statements, true, 0);
  }

 private:
  enum class Life { kGoesOn, kPerhapsStopped, kStopped };

  Life RunAll(const std::vector<RsyslogStatement>& statements, bool sure, int calls) {
    std::vector<const RsyslogStatement*> pointers;
    pointers.reserve(statements.size());
    for (const RsyslogStatement& one : statements) pointers.push_back(&one);
    return Run(pointers, sure, calls);
  }

  Life Run(const std::vector<const RsyslogStatement*>& statements, bool sure, int calls) {
    Life life = Life::kGoesOn;
    for (const RsyslogStatement* one : statements) {
      if (++steps_ > kMostSteps) {
        if (steps_ == kMostSteps + 1)
          setup_.flow().problems.emplace_back("too long to be followed");
        return Life::kPerhapsStopped;
      }
      const Life after = RunOne(*one, sure, calls);
      if (after == Life::kStopped) return after;
      if (after == Life::kPerhapsStopped) {
        life = after;
        sure = false;
      }
    }
    return life;
  }

  Life RunOne(const RsyslogStatement& one, bool sure, int calls) {
    switch (one.kind) {
      case Kind::kStop:
        Mark(setup_.flow().dropped[one.Place()]);
        return Life::kStopped;
      case Kind::kAction:
        Act(one, sure);
        return Life::kGoesOn;
      case Kind::kCall:
        return Call(one, sure, calls);
      case Kind::kSelector: {
        const bool fits = ((one.mask[message_.facility] >> message_.severity) & 1) != 0;
        return fits ? RunAll(one.then, sure, calls) : Life::kGoesOn;
      }
      case Kind::kProperty:
        return Branch(one, JudgeRsyslogProperty(one, message_), sure, calls);
      case Kind::kIf:
        return Branch(one, JudgeRsyslogExpr(one.condition, message_), sure, calls);
      case Kind::kLoop:
        return Branch(one, RsyslogTruth::kUnknown, sure, calls);
      case Kind::kSet:
        Set(one, sure);
        return Life::kGoesOn;
      case Kind::kUnknown:
        Problem(one.Place() + ": what is called there is not known");
        return Life::kPerhapsStopped;
      default:
        return Life::kGoesOn;
    }
  }

  Life Branch(const RsyslogStatement& one, RsyslogTruth truth, bool sure, int calls) {
    if (truth == RsyslogTruth::kYes) return RunAll(one.then, sure, calls);
    if (truth == RsyslogTruth::kNo) return RunAll(one.otherwise, sure, calls);
    const Life then = RunAll(one.then, false, calls);
    const Life otherwise = RunAll(one.otherwise, false, calls);
    return then == otherwise ? then : Life::kPerhapsStopped;
  }

  Life Call(const RsyslogStatement& one, bool sure, int calls) {
    const auto found = setup_.rulesets().find(one.name);
    if (found == setup_.rulesets().end()) return Life::kGoesOn;  // rsyslogd complains of it
    if (calls >= kMostCalls) {
      Problem(one.Place() + ": rulesets call each other without end");
      return Life::kPerhapsStopped;
    }
    const Life life = Run(found->second.statements, sure, calls + 1);
    return found->second.queue ? Life::kGoesOn : life;
  }

  void Act(const RsyslogStatement& one, bool sure) {
    const auto found = setup_.actions().find(&one);
    if (found == setup_.actions().end() || found->second.dead) return;
    const Step& step = found->second;
    RsyslogFlow& flow = setup_.flow();
    if (step.forward) {
      RsyslogForward& forward = flow.forwards[*step.forward];
      Mark(forward.perhaps);
      if (sure && !step.sometimes) Mark(forward.surely);
    } else if (one.name == "omfile" && sure && !Sometimes(one)) {
      if (const std::string path = one.Parameter("file"); !path.empty()) Mark(flow.files[path]);
    }
  }

  static bool Sometimes(const RsyslogStatement& one) {
    return IsOn(one.Parameter("action.execonlywhenpreviousissuspended"));
  }

  void Set(const RsyslogStatement& one, bool sure) {
    message_.variables.erase(one.name);
    if (one.operation == "unset" || !sure) return;
    if (const auto value = RsyslogText(one.condition, message_)) {
      message_.variables[one.name] = *value;
    }
  }

  void Mark(SyslogMask& mask) const {
    mask[message_.facility] =
        static_cast<uint8_t>(mask[message_.facility] | (1u << message_.severity));
  }

  void Problem(std::string text) {
    std::vector<std::string>& problems = setup_.flow().problems;
    const bool known = std::find(problems.begin(), problems.end(), text) != problems.end();
    if (!known && problems.size() < 20) problems.push_back(std::move(text));
  }

  Setup& setup_;
  size_t& steps_;
  RsyslogMessage message_;
};

}  // namespace

RsyslogFlow FollowRsyslog(const RsyslogConfig& config) {
  Setup setup(config);
  size_t steps = 0;
  Walk walk(setup, steps);
  for (const std::string& ruleset : setup.starts()) {
    for (size_t facility = 0; facility < kSyslogFacilities; ++facility) {
      for (size_t severity = 0; severity < kSyslogSeverities; ++severity) {
        walk.Start(ruleset, facility, severity);
      }
    }
  }
  return std::move(setup.flow());
}

}  // namespace tom
