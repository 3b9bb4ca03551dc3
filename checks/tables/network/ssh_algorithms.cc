// Algorithms that SSH servers offer: by sshd's configuration, and by what the servers that listen
// on this host really say in their first packet (KEXINIT). A server is a listener of sshd's or
// dropbear's, one on port 22, and one on a port of the configuration.
#include "checks/parse/ssh_algorithms.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "checks/engine/table.h"
#include "checks/parse/ssh_kex_init.h"
#include "checks/parse/sshd_pattern.h"
#include "checks/tables/socket_owners.h"
#include "checks/tables/sshd_files.h"
#include "checks/tables/sshd_view.h"
#include "checks/tables/tls_targets.h"
#include "checks/tables/tls_touches.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

constexpr char kIdentification[] = "SSH-2.0-TomAudit\r\n";
constexpr size_t kMaxServers = 50;

struct KindOption {
  const char* kind;
  const char* option;
};
constexpr KindOption kKinds[] = {{"kex", "kexalgorithms"},
                                 {"host_key", "hostkeyalgorithms"},
                                 {"cipher", "ciphers"},
                                 {"mac", "macs"}};

bool AddNames(const std::string& server, const char* origin, const char* kind,
              const std::vector<std::string>& names, const SshdSetting& place, RowSink& sink) {
  for (const std::string& name : names) {
    const std::string weakness(SshAlgorithmWeakness(kind, name));
    const bool more = sink.Add({{"server", server},
                                {"origin", std::string(origin)},
                                {"kind", std::string(kind)},
                                {"name", name},
                                {"weakness", weakness},
                                {"file", place.file.empty() ? Value() : Value(place.file)},
                                {"line", place.line == 0 ? Value() : Value(int64_t{place.line})}});
    if (!more) return false;
  }
  return true;
}

// These options stand outside Match blocks: one account's answer is everybody's.
void AddConfigured(Env& env, RowSink& sink) {
  const SshdView view = ViewSshd(env);
  for (const std::string& reason : view.incomplete) sink.Incomplete(reason);
  if (view.contexts.empty()) return;
  for (const KindOption& one : kKinds) {
    const auto found = view.contexts.front().settings.find(one.option);
    if (found == view.contexts.front().settings.end()) {
      sink.Incomplete(absl::StrCat("sshd does not say its ", one.option));
    } else {
      AddNames("sshd_config", "config", one.kind, SplitSshdList(found->second.value), found->second,
               sink);
    }
  }
}

class Greeting : public TcpDialogue {
 public:
  explicit Greeting(std::string* received) : received_(received) {}
  std::string Open() override { return kIdentification; }
  TcpReaction Receive(std::string_view bytes) override {
    received_->append(bytes);
    return {"", ParseSshOffer(*received_).state != SshOffer::State::kMore};
  }

 private:
  std::string* received_;
};

class Server : public TcpConversation {
 public:
  explicit Server(TcpTarget target) : target_(std::move(target)) {}
  const TcpTarget& target() const override { return target_; }
  std::optional<TcpAttempt> Next() override {
    if (std::exchange(asked_, true)) return std::nullopt;
    return TcpAttempt{std::make_unique<Greeting>(&received_), kMaxSshGreetingBytes, true};
  }
  void Done(std::unique_ptr<TcpDialogue>, const TcpResult& result) override { result_ = result; }

  SshOffer offer() const { return ParseSshOffer(received_); }
  const TcpResult& result() const { return result_; }

 private:
  TcpTarget target_;
  std::string received_;
  TcpResult result_;
  bool asked_ = false;
};

std::set<int64_t> ConfiguredPorts(Env& env) {
  std::set<int64_t> ports = {22};
  const auto files = LoadSshdFiles(env);
  if (!files.ok()) return ports;
  for (const SshdFile& file : files->tree.files) {
    for (const SshdLine& line : file.lines) {
      const std::string name = line.keyword->canonical;
      if ((name != "port" && name != "listenaddress") || line.arguments.empty()) continue;
      const std::string& text = line.arguments[0];
      const int port = std::atoi(text.c_str() + (name == "port" ? 0 : text.rfind(':') + 1));
      if (port > 0 && port < 65536) ports.insert(port);
    }
  }
  return ports;
}

bool IsSshProcess(Env& env, int64_t pid) {
  const auto comm = env.ReadFile(absl::StrCat("/proc/", pid, "/comm"), 4096);
  return comm.ok() && (comm->starts_with("sshd") || comm->starts_with("dropbear") ||
                       comm->starts_with("tinysshd"));
}

std::vector<TcpTarget> FindServers(Env& env, const Declared& declared, RowSink& sink) {
  Declared none;
  none.probe_exclude = declared.probe_exclude;
  const TlsTargets listeners = FindTlsTargets(env, none);
  for (const std::string& reason : listeners.incomplete) sink.Incomplete(reason);
  std::set<int64_t> inodes;
  for (const TlsTarget& one : listeners.targets) inodes.insert(one.listener);
  const auto pids = ListProcesses(env);
  if (!pids.ok()) sink.Incomplete(std::string(pids.status().message()));
  const SocketOwners owners =
      FindSocketOwners(env, pids.ok() ? *pids : std::vector<int64_t>(), inodes);
  const std::set<int64_t> ports = ConfiguredPorts(env);
  std::vector<TcpTarget> servers;
  for (const TlsTarget& one : listeners.targets) {
    const auto owner = owners.find(one.listener);
    const bool owned = owner != owners.end() &&
                       std::any_of(owner->second.begin(), owner->second.end(),
                                   [&](const SocketOwner& o) { return IsSshProcess(env, o.pid); });
    if (!owned && ports.count(one.target.port) == 0) continue;
    if (servers.size() < kMaxServers) servers.push_back(one.target);
  }
  return servers;
}

void AddOffer(const Server& server, RowSink& sink) {
  const std::string name = absl::StrCat(server.target().address, ":", server.target().port);
  const SshOffer offer = server.offer();
  if (offer.state != SshOffer::State::kDone) {
    // A listener on port 22 that speaks something else is no SSH server.
    if (offer.identification.empty() && offer.state == SshOffer::State::kNotSsh) return;
    sink.Incomplete(
        absl::StrCat(name, " did not say what it offers: ",
                     server.result().detail.empty() ? "no whole answer" : server.result().detail));
    return;
  }
  const SshdSetting nowhere;
  for (const auto& [kind, names] :
       {std::make_pair("kex", offer.kex), std::make_pair("host_key", offer.host_keys),
        std::make_pair("cipher", offer.ciphers), std::make_pair("mac", offer.macs)})
    AddNames(name, "offer", kind, names, nowhere, sink);
}

absl::Status GenerateAlgorithms(Env& env, const TableContext& context, RowSink& sink) {
  AddConfigured(env, sink);
  if (env.mode() == RootMode::kDeadTree) return absl::OkStatus();
  std::vector<std::unique_ptr<Server>> servers;
  for (const TcpTarget& target : FindServers(env, context.declared, sink))
    servers.push_back(std::make_unique<Server>(target));
  std::vector<TcpConversation*> conversations;
  conversations.reserve(servers.size());
  for (const auto& server : servers) conversations.push_back(server.get());
  if (conversations.empty()) return absl::OkStatus();
  const absl::Status status = env.ProbeTcp(PolicyOf(context.declared), conversations);
  if (!status.ok()) return status;
  for (const auto& server : servers) {
    if (server->result().end != TcpEnd::kForbidden) AddOffer(*server, sink);
  }
  return absl::OkStatus();
}

}  // namespace

Table ssh_algorithms_table() {
  return {
      .name = "ssh_algorithms",
      .description = "Algorithms that SSH servers offer, by configuration and by their own word",
      .columns = {{.name = "server", .description = "address:port, or sshd_config"},
                  {.name = "origin",
                   .description = "config, or offer: what the server itself says"},
                  {.name = "kind", .description = "kex, host_key, cipher or mac"},
                  {.name = "name", .description = "Name of the algorithm"},
                  {.name = "weakness", .description = "broken, weak, legacy, or empty"},
                  {.name = "file", .description = "File that sets the list; NULL for a default"},
                  {.name = "line", .type = ColumnType::kInteger, .description = "Line in it"}},
      .generate = GenerateAlgorithms,
      .touches = [](Env& env, const Declared& declared) {
        std::vector<Touch> touches = SshdTouches(env);
        Append(touches, ProcessTouches());
        if (env.mode() != RootMode::kDeadTree) Append(touches, TlsTouches(env, declared));
        return touches;
      }};
}

}  // namespace tom
