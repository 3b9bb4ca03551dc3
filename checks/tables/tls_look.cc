#include "checks/tables/tls_look.h"

#include <memory>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "checks/tables/tls_fingerprint.h"
#include "checks/tables/tls_memory.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Asked {
  TlsLooked* looked = nullptr;
  std::string fingerprint;
  std::unique_ptr<TlsEndpointProbe> probe;
  std::optional<TlsMemory> memory = std::nullopt;  // to be confirmed
};

TlsEndpointOptions OptionsOf(const TlsTarget& target, TlsDepth depth) {
  TlsEndpointOptions options;
  options.versions_only = depth == TlsDepth::kVersions;
  options.target = target.target;
  options.server_name = target.sni;
  options.thorough = target.declared || target.reach != "loopback";
  options.declared = target.declared;
  options.starttls = target.declared ? StarttlsProtocolOf(target.starttls)
                                     : StarttlsProtocolOfPort(target.target.port);
  options.domain = target.server_name;
  return options;
}

std::string MemoryKey(const TlsTarget& target, TlsDepth depth) {
  return absl::StrCat(depth == TlsDepth::kAll ? "tls " : "tls versions ",
                      target.declared ? "declared " : "found ", ToAbsl(target.host), " ",
                      ToAbsl(target.target.address), " ", target.target.port, " ",
                      ToAbsl(target.server_name), " ", ToAbsl(target.starttls));
}

// Why nobody asks it; empty = somebody may.
void Refuse(const TcpPolicy& policy, TlsLooked& looked) {
  if (!looked.target.problem.empty()) {
    looked.findings.outcome = "not_resolved";
    looked.findings.error = looked.target.problem;
  } else if (IsExcluded(policy, looked.target.target)) {
    looked.findings.outcome = "excluded";
    looked.findings.error = "not asked: excluded by probe.exclude";
  }
}

class Look {
 public:
  Look(Env& env, const TcpPolicy& policy, TlsDepth depth, TlsLook& look)
      : env_(env), policy_(policy), depth_(depth), look_(look) {}

  void Run() {
    std::vector<TlsTarget> targets;
    targets.reserve(look_.endpoints.size());
    for (const TlsLooked& looked : look_.endpoints) targets.push_back(looked.target);
    TlsFingerprints fingerprints(env_, targets);
    for (TlsLooked& looked : look_.endpoints) {
      Refuse(policy_, looked);
      if (looked.findings.outcome != "not_asked") continue;
      std::string fingerprint = fingerprints.Of(looked.target);
      if (!Recall(looked, fingerprint)) Prepare(looked, std::move(fingerprint));
    }
    Confirm();
    const absl::Status status = AskAll(policy_);
    if (status.ok()) AskOverIp4();
    for (const Asked& one : asked_) Settle(one, status);
  }

 private:
  bool Recall(TlsLooked& looked, const std::string& fingerprint) {
    bool recalled = RecallHere(looked, fingerprint);
    if (!recalled && MayAskOverIp4(looked.target)) {
      TlsLooked other = looked;
      UseIp4(other.target);
      recalled = RecallHere(other, fingerprint);
      if (recalled) looked = std::move(other);
    }
    if (to_confirm_) {
      to_confirm_->looked = &looked;
      confirming_.push_back(*std::move(to_confirm_));
      to_confirm_.reset();
    }
    return recalled;
  }

  // Who knows everything knows the versions.
  bool RecallHere(TlsLooked& looked, const std::string& fingerprint) {
    return RecallAt(looked, fingerprint, TlsDepth::kAll) ||
           (depth_ == TlsDepth::kVersions && RecallAt(looked, fingerprint, depth_));
  }

  bool RecallAt(TlsLooked& looked, const std::string& fingerprint, TlsDepth depth) {
    const std::string* bytes = env_.memory().Find(MemoryKey(looked.target, depth));
    if (bytes == nullptr) return false;
    std::optional<TlsMemory> memory = ParseTlsMemory(*bytes);
    if (!memory) return false;
    const TlsTarget& target = looked.target;
    const TlsHold hold =
        StillHolds(*memory, fingerprint, target.declared, target.listener != 0, env_.Now());
    if (hold == TlsHold::kAskAgain) return false;
    if (hold == TlsHold::kConfirm) {
      looked.findings = TlsFindings();
      TlsEndpointOptions options = OptionsOf(target, TlsDepth::kAll);
      options.confirm = true;
      to_confirm_ = Asked{nullptr, fingerprint,
                          std::make_unique<TlsEndpointProbe>(std::move(options), handshaker_),
                          std::move(memory)};
      return true;
    }
    looked.findings = std::move(memory->findings);
    looked.asked_at = memory->asked_at;
    return true;
  }

  void Prepare(TlsLooked& looked, std::string fingerprint) {
    asked_.push_back(
        {&looked, std::move(fingerprint),
         std::make_unique<TlsEndpointProbe>(OptionsOf(looked.target, depth_), handshaker_)});
  }

  // One connection each; what answers otherwise than it did is asked everything.
  void Confirm() {
    std::vector<TcpConversation*> conversations;
    conversations.reserve(confirming_.size());
    for (const Asked& one : confirming_) conversations.push_back(one.probe.get());
    if (conversations.empty()) return;
    TcpPolicy policy = policy_;
    policy.total_ms /= 2;
    if (!env_.ProbeTcp(policy, conversations).ok()) return;
    for (Asked& one : confirming_) {
      if (!Confirms(one.memory->findings, one.probe->findings())) {
        Prepare(*one.looked, std::move(one.fingerprint));
        continue;
      }
      one.memory->confirmed_at = env_.Now();
      env_.memory().Keep(MemoryKey(one.looked->target, TlsDepth::kAll),
                         EncodeTlsMemory(*one.memory));
      one.looked->asked_at = one.memory->confirmed_at;
      one.looked->findings = std::move(one.memory->findings);
    }
  }

  absl::Status AskAll(const TcpPolicy& policy) {
    std::vector<TcpConversation*> conversations;
    conversations.reserve(asked_.size());
    for (const Asked& one : asked_) conversations.push_back(one.probe.get());
    return conversations.empty() ? absl::OkStatus() : env_.ProbeTcp(policy, conversations);
  }

  // A listener on all addresses of IPv6 takes IPv4 too, and a host may have no ::1.
  static bool MayAskOverIp4(const TlsTarget& target) {
    return !target.declared && target.reach == "any" && target.host == "::1";
  }
  static void UseIp4(TlsTarget& target) { target.host = target.target.address = "127.0.0.1"; }

  void AskOverIp4() {
    TcpPolicy policy = policy_;
    policy.total_ms /= 4;  // of what the check may take the most is gone
    std::vector<TcpConversation*> conversations;
    for (Asked& one : asked_) {
      TlsTarget& target = one.looked->target;
      if (!MayAskOverIp4(target) || one.probe->findings().outcome != "unreachable") continue;
      UseIp4(target);
      one.probe = std::make_unique<TlsEndpointProbe>(OptionsOf(target, depth_), handshaker_);
      conversations.push_back(one.probe.get());
    }
    if (!conversations.empty()) static_cast<void>(env_.ProbeTcp(policy, conversations));
  }

  void Settle(const Asked& one, const absl::Status& status) {
    TlsLooked& looked = *one.looked;
    if (!status.ok()) {
      looked.findings.error = absl::StrCat("not asked: ", ToAbsl(std::string(status.message())));
      return;
    }
    looked.findings = one.probe->findings();
    looked.asked_at = env_.Now();
    const std::string& outcome = looked.findings.outcome;
    if (outcome == "not_asked" || outcome == "forbidden" || outcome == "unreachable") return;
    if (depth_ == TlsDepth::kAll) {
      env_.memory().Drop(MemoryKey(looked.target, TlsDepth::kVersions));
    }
    env_.memory().Keep(MemoryKey(looked.target, depth_),
                       EncodeTlsMemory({.asked_at = looked.asked_at,
                                        .confirmed_at = 0,
                                        .fingerprint = one.fingerprint,
                                        .findings = looked.findings}));
  }

  Env& env_;
  const TcpPolicy& policy_;
  const TlsDepth depth_;
  TlsLook& look_;
  TlsHandshaker handshaker_;
  std::vector<Asked> asked_;
  std::vector<Asked> confirming_;
  std::optional<Asked> to_confirm_;  // found by RecallAt
};

// What is neither declared nor there any more.
void Forget(Env& env, const TlsLook& look) {
  std::set<std::string> keys;
  for (const TlsLooked& looked : look.endpoints) {
    keys.insert(MemoryKey(looked.target, TlsDepth::kAll));
    keys.insert(MemoryKey(looked.target, TlsDepth::kVersions));
  }
  std::vector<std::string> gone;
  for (const auto& [key, value] : env.memory().entries()) {
    if (key.starts_with("tls ") && keys.count(key) == 0) gone.push_back(key);
  }
  for (const std::string& key : gone) env.memory().Drop(key);
}

}  // namespace

TlsLook LookAtTls(Env& env, const Declared& declared, TlsDepth depth,
                  const std::function<bool(const TlsTarget&)>& wanted) {
  TlsTargets found = FindTlsTargets(env, declared);
  TlsLook look;
  look.incomplete = std::move(found.incomplete);
  for (TlsTarget& target : found.targets) {
    if (wanted != nullptr && !wanted(target)) continue;
    look.endpoints.push_back({.target = std::move(target), .findings = {}});
  }
  const TcpPolicy policy = PolicyOf(declared);
  Look(env, policy, depth, look).Run();
  if (wanted == nullptr) Forget(env, look);
  return look;
}

std::string StarttlsOf(const TlsLooked& looked) {
  if (looked.target.declared) return looked.target.starttls;
  const auto& protocol = looked.findings.starttls;
  return protocol ? std::string(StarttlsName(*protocol)) : "none";
}

std::string NameToMatch(const TlsTarget& target) {
  if (!target.sni.empty()) return target.sni;  // certificates have no dot behind a name
  if (!target.server_name.empty()) return target.server_name;
  return target.declared ? target.host : "";
}

}  // namespace tom
