#include "checks/tables/sshd_view.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "absl/strings/str_split.h"
#include "checks/engine/clean_text.h"
#include "checks/tables/sshd_files.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kProgram[] = "/usr/sbin/sshd";
constexpr int kMaxRuns = 100;
constexpr int64_t kMaxProgramMs = 20000;
constexpr size_t kMaxContexts = 20000;
// Matches what any name does: no account is called so, and hardly a pattern begins so.
constexpr char kOtherAccount[] = "_account-in-no-local-file";

SshdClient ClientOf(const SshdAccount& account, const SshdRoute& route) {
  SshdClient client = route.client;
  client.user = account.name.empty() ? kOtherAccount : account.name;
  client.groups = account.groups;
  return client;
}

// sshd looks for its privilege separation directory, which the service makes at its start, only
// after it has read and accepted its configuration and keys (sshd.c, main). That it is not there
// says nothing about the configuration; our own eyes must see the same.
bool OnlyServiceNeverStarted(Env& env, const ProgramResult& result) {
  static constexpr std::string_view kSaying = "Missing privilege separation directory: ";
  std::string_view text = result.error;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  text.remove_prefix(text.rfind('\n') + 1);  // deprecated options are warned of before
  if (result.exit_status != 255 || !text.starts_with(kSaying)) return false;
  const std::string directory(text.substr(kSaying.size()));
  return directory[0] == '/' && absl::IsNotFound(env.Lstat(directory).status());
}

// Text that sshd's -C takes as it stands: no comma, and nothing that a program could read
// otherwise.
bool IsPlain(const std::string& text) {
  return !text.empty() && text.size() < 256 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 ||
                  std::string_view("._-:%@+$").find(static_cast<char>(c)) != std::string_view::npos;
         });
}

// Whether every method of one of the lists, "publickey,password publickey", is enabled.
bool CanBeSatisfied(const SshdSettings& settings, const std::string& lists) {
  static const std::map<std::string, std::string> kEnabledBy = {
      {"publickey", "pubkeyauthentication"},
      {"password", "passwordauthentication"},
      {"keyboard-interactive", "kbdinteractiveauthentication"},
      {"hostbased", "hostbasedauthentication"},
      {"gssapi-with-mic", "gssapiauthentication"}};
  const auto enabled = [&](absl::string_view method) {
    const auto by = kEnabledBy.find(std::string(method.substr(0, method.find(':'))));
    const auto setting = by == kEnabledBy.end() ? settings.end() : settings.find(by->second);
    return setting == settings.end() || setting->second.value == "yes";
  };
  const std::vector<std::string> each = absl::StrSplit(lists, ' ', absl::SkipEmpty());
  return std::any_of(each.begin(), each.end(), [&](const std::string& list) {
    const std::vector<absl::string_view> methods = absl::StrSplit(list, ',');
    return std::all_of(methods.begin(), methods.end(), enabled);
  });
}

// sshd does not start where nobody could ever log in (sshd.c, main: "cannot be satisfied by enabled
// authentication methods"), whatever Match blocks would say.
absl::Status CanStart(const SshdSettings& start) {
  const auto methods = start.find("authenticationmethods");
  if (methods == start.end() || methods->second.value == "any") return absl::OkStatus();
  if (CanBeSatisfied(start, methods->second.value)) return absl::OkStatus();
  return BadData(methods->second.file + " line " + std::to_string(methods->second.line) +
                 ": no list of AuthenticationMethods has all its methods enabled: sshd does not "
                 "start");
}

class Server {
 public:
  Server(Env& env, const SshdTree* tree) : env_(env), tree_(tree) {}

  // OK with from_program false: the files' own reading. The reason of a program that fails is in
  // `problem`, once; where it could not run for want of its directory alone there is none, and the
  // files stand for themselves as they do in a dead tree.
  absl::StatusOr<SshdSettings> Settings(const SshdClient& client, bool& from_program) {
    from_program = false;
    if (env_.mode() == RootMode::kLive && problem_.empty() && !never_started_) {
      auto settings = RunProgram(client);
      from_program = settings.ok();
      if (settings.ok()) return Located(*std::move(settings), client);
      if (!never_started_) problem_ = std::string(settings.status().message());
    }
    if (tree_ == nullptr)
      return absl::FailedPreconditionError("sshd's configuration is not understood");
    return EvaluateSshd(*tree_, &client);
  }

  const std::string& problem() const { return problem_; }

 private:
  absl::StatusOr<SshdSettings> RunProgram(const SshdClient& client) {
    if (started_ms_ < 0) started_ms_ = env_.MonotonicMs();
    const int64_t left = kMaxProgramMs - (env_.MonotonicMs() - started_ms_);
    if (++runs_ > kMaxRuns || left <= 0) {
      return absl::ResourceExhaustedError(
          "sshd -T: more kinds of accounts and connections than can be asked for");
    }
    for (const std::string* text :
         {&client.user, &client.host, &client.address, &client.local_address}) {
      if (!IsPlain(*text)) return BadData("sshd -T: a name that it cannot be asked about");
    }
    std::string spec = "user=" + client.user + ",host=" + client.host + ",addr=" + client.address +
                       ",laddr=" + client.local_address +
                       ",lport=" + std::to_string(client.local_port);
    if (!client.routing_domain.empty()) spec += ",rdomain=" + client.routing_domain;
    TOM_ASSIGN_OR_RETURN(const ProgramResult result,
                         env_.RunProgram({.path = kProgram,
                                          .arguments = {"-T", "-C", spec},
                                          .environment = {},
                                          .deadline_ms = std::min<int64_t>(left, 5000)}));
    if (result.exit_status != 0) {
      never_started_ = OnlyServiceNeverStarted(env_, result);
      const std::string first = result.error.substr(0, result.error.find('\n'));
      return BadData("sshd -T ended with " + std::to_string(result.exit_status) + ": " +
                     CleanText(first, 200));
    }
    return Complete(ParseSshdTestOutput(result.output));
  }

  // Lists that nobody is on are not printed; everything else that decides over a login must be.
  static absl::StatusOr<SshdSettings> Complete(SshdSettings settings) {
    for (const char* option :
         {"permitrootlogin", "passwordauthentication", "kbdinteractiveauthentication",
          "authenticationmethods", "permitemptypasswords", "pubkeyauthentication"}) {
      if (settings.count(option) == 0)
        return BadData(std::string("sshd -T says nothing of ") + option);
    }
    for (const char* list : {"allowusers", "denyusers", "allowgroups", "denygroups"})
      settings[list];
    return settings;
  }

  // File and line where our own reading comes to the same value.
  SshdSettings Located(SshdSettings settings, const SshdClient& client) const {
    if (tree_ == nullptr) return settings;
    const auto own = EvaluateSshd(*tree_, &client);
    if (!own.ok()) return settings;
    for (auto& [option, setting] : settings) {
      const auto found = own->find(option);
      if (found != own->end() && found->second.value == setting.value) setting = found->second;
    }
    return settings;
  }

  Env& env_;
  const SshdTree* tree_;
  std::string problem_;
  bool never_started_ = false;
  int runs_ = 0;
  int64_t started_ms_ = -1;
};

class View {
 public:
  explicit View(Env& env) : env_(env) {}

  SshdView Run() {
    const auto files = LoadSshdFiles(env_);
    if (absl::IsNotFound(files.status()) && !NeedsFile()) return std::move(view_);
    if (!files.ok()) {
      Say(std::string(files.status().message()));
      return std::move(view_);
    }
    Say(files->problems);
    Say(SshdStartProblems(env_));
    Examine(files->tree);
    return std::move(view_);
  }

 private:
  void Say(std::string reason) { view_.incomplete.push_back(std::move(reason)); }
  void Say(const std::vector<std::string>& reasons) {
    view_.incomplete.insert(view_.incomplete.end(), reasons.begin(), reasons.end());
  }

  // No configuration: fine where no server is.
  bool NeedsFile() {
    Say(SshdStartProblems(env_));
    const auto installed = SshdInstalled(env_);
    if (!installed.ok()) Say(std::string(installed.status().message()));
    return installed.ok() && *installed;
  }

  void Examine(const SshdTree& tree) {
    const auto start = EvaluateSshd(tree, nullptr);
    if (!start.ok()) return Say(std::string(start.status().message()));
    const absl::Status can_start = CanStart(*start);
    if (!can_start.ok()) return Say(std::string(can_start.message()));
    criteria_ = SshdCriteria(tree);
    std::vector<std::string> problems;
    const std::vector<SshdAccount> accounts = SshdAccounts(env_, problems);
    const bool use_dns = start->at("usedns").value == "yes";
    const std::vector<SshdRoute> routes = SshdRoutes(criteria_, use_dns, problems);
    Say(problems);
    Server server(env_, &tree);
    for (const SshdAccount& account : accounts) {
      for (size_t i = 0; i < routes.size(); ++i) Add(server, account, routes[i], i);
    }
    if (!server.problem().empty()) Say(server.problem());
  }

  // Accounts that every User and Group condition sees alike share an answer.
  std::vector<bool> KindOf(const SshdClient& client) const {
    std::vector<bool> kind;
    for (const SshdCriterion& one : criteria_) {
      if (one.kind != SshdCriterion::Kind::kUser && one.kind != SshdCriterion::Kind::kGroup)
        continue;
      kind.push_back(SshdCriterionHolds(one, client));
    }
    return kind;
  }

  void Add(Server& server, const SshdAccount& account, const SshdRoute& route, size_t route_index) {
    if (view_.contexts.size() >= kMaxContexts) {
      if (!std::exchange(full_, true)) Say("more accounts and connections than the bound allows");
      return;
    }
    const SshdClient client = ClientOf(account, route);
    const auto key = std::make_pair(KindOf(client), route_index);
    auto found = answers_.find(key);
    if (found == answers_.end()) {
      Answer answer;
      auto settings = server.Settings(client, answer.from_program);
      answer.known = settings.ok();
      if (settings.ok()) {
        answer.settings = *std::move(settings);
      } else {
        Say(std::string(settings.status().message()));
      }
      found = answers_.emplace(key, std::move(answer)).first;
    }
    const Answer& answer = found->second;
    if (answer.known)
      view_.contexts.push_back({account, route, answer.settings, answer.from_program});
  }

  struct Answer {
    SshdSettings settings;
    bool from_program = false;
    bool known = false;
  };

  Env& env_;
  SshdView view_;
  std::set<SshdCriterion> criteria_;
  std::map<std::pair<std::vector<bool>, size_t>, Answer> answers_;
  bool full_ = false;
};

std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

}  // namespace

SshdSettings ParseSshdTestOutput(const std::string& output) {
  SshdSettings settings;
  std::istringstream stream(output);
  for (std::string line; std::getline(stream, line);) {
    const size_t blank = std::min(line.find(' '), line.size());
    const SshdKeyword* keyword = FindSshdKeyword(std::string_view(line).substr(0, blank));
    if (keyword == nullptr || blank == line.size()) continue;
    std::string value = line.substr(blank + 1);
    std::string problem;
    const bool typed = keyword->kind != SshdKind::kText && keyword->kind != SshdKind::kTexts;
    if (typed) value = NormalSshdValue(*keyword, Words(value), problem);
    if (!problem.empty()) continue;
    const auto [place, added] = settings.try_emplace(keyword->canonical, SshdSetting{value, "", 0});
    if (!added && keyword->kind == SshdKind::kNames) place->second.value += " " + value;
  }
  return settings;
}

SshdView ViewSshd(Env& env) { return View(env).Run(); }

}  // namespace tom
