#include "checks/tables/ssh_factors.h"

#include <algorithm>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "checks/parse/authorized_keys.h"
#include "checks/parse/ssh_algorithms.h"
#include "checks/parse/sshd_pattern.h"
#include "checks/tables/ssh_key_files.h"

namespace tom {
namespace {

std::string Setting(const SshdContext& context, std::string_view option) {
  const auto found = context.settings.find(option);
  return found == context.settings.end() ? "" : found->second.value;
}

bool IsOn(const SshdContext& context, std::string_view option) {
  return Setting(context, option) == "yes";
}

// Root is let in by a password, in whatever form, only with PermitRootLogin yes (auth.c,
// auth_root_allowed).
bool RootNeedsAKey(const SshdContext& context) {
  return context.account.uid == 0 && Setting(context, "permitrootlogin") != "yes";
}

Ways AtMost(Ways ways, WayIn most, const std::string& why) {
  for (size_t i = 0; i < kFactorKinds; ++i) {
    if (ways.by_kinds[i] <= most) continue;
    ways.by_kinds[i] = most;
    ways.why[i] = why;
  }
  return ways;
}

bool OnlyVerifiedKinds(const std::string& algorithms) {
  const std::vector<std::string> all = SplitSshdList(algorithms);
  return !algorithms.empty() && std::all_of(all.begin(), all.end(), [](const std::string& one) {
    return one.starts_with("sk-") || one.starts_with("webauthn-sk-");
  });
}

}  // namespace

SshFactors::SshFactors(Env& env)
    : env_(env), subjects_(env), modules_(env), service_(PamFiles(env).Load("sshd")) {}

const PamSubject& SshFactors::SubjectOf(const std::string& user) {
  const auto found = subject_of_.find(user);
  if (found != subject_of_.end()) return found->second;
  PamSubject subject = subjects_.Of(user);
  subject.service = "sshd";
  subject.tty = "ssh";
  subject.caller = "root";
  return subject_of_.emplace(user, std::move(subject)).first->second;
}

const Ways& SshFactors::Pam(const SshdContext& context, bool account, bool one_answer) {
  const bool no_null = !IsOn(context, "permitemptypasswords");
  const auto key = std::make_tuple(context.account.name, account, one_answer, no_null);
  const auto found = pam_.find(key);
  if (found != pam_.end()) return found->second;
  PamSubject subject = SubjectOf(context.account.name);
  subject.one_answer = one_answer;
  subject.disallow_null = no_null;
  return pam_.emplace(key, PamWays(service_, account, subject, modules_)).first->second;
}

Ways SshFactors::Of(const SshdContext& context, const SshdAlternative& alternative) {
  const auto admitted = SshdAdmits(context);
  if (admitted && !*admitted) return SameWays(WayIn::kOut, "kept out by AllowUsers and its kin");
  if (context.account.uid == 0 && Setting(context, "permitrootlogin") == "no")
    return SameWays(WayIn::kOut, "PermitRootLogin no");
  if (alternative.methods.empty()) return SameWays(WayIn::kOut, "sshd offers no method");
  if (!alternative.enabled) return SameWays(WayIn::kOut, "a method of it is switched off");
  Ways ways = Account(context);
  for (const std::string& method : SplitSshdList(alternative.methods))
    ways = BothWays(ways, Method(method, context));
  if (!admitted)
    ways = AtMost(std::move(ways), WayIn::kMaybe, "whether the account is let in is not known");
  return ways;
}

Ways SshFactors::Method(const std::string& name, const SshdContext& context) {
  const size_t colon = name.find(':');
  const std::string method = name.substr(0, colon);
  if (method == "publickey") return Key(context);
  if (method == "password") return Password(context);
  if (method == "keyboard-interactive")
    return Dialogue(colon == std::string::npos ? "" : name.substr(colon + 1), context);
  if (method == "gssapi-with-mic" || method == "gssapi-keyex")
    return ProofWays(kFactorKnowledge, "a Kerberos ticket is enough");
  if (method == "hostbased") return SameWays(WayIn::kIn, "the client's host is believed");
  if (method == "none") return Empty(context);
  return SameWays(WayIn::kMaybe, "method " + method + " is not known");
}

Ways SshFactors::Key(const SshdContext& context) {
  const bool verified =
      Setting(context, "pubkeyauthoptions").find("verify-required") != std::string::npos;
  const auto algorithms = EffectiveSshAlgorithms("pubkeyacceptedalgorithms",
                                                 Setting(context, "pubkeyacceptedalgorithms"));
  if (verified && algorithms && OnlyVerifiedKinds(*algorithms)) {
    return ProofWays(kFactorKey | kFactorKnowledge,
                     "only keys of a token that verifies its holder are taken");
  }
  return KeysOf(context, verified);
}

// Where every key that is on file for the account is one of a token that has to verify its holder,
// and no key can come from elsewhere, a key is two factors.
Ways SshFactors::KeysOf(const SshdContext& context, bool verified) {
  const Ways plain = ProofWays(kFactorKey, "an SSH key is enough");
  for (const char* source : {"authorizedkeyscommand", "trustedusercakeys"}) {
    const std::string value = Setting(context, source);
    if (value != "none" && !value.empty()) return plain;
  }
  const SshKeyFiles files = ReadSshKeyFiles(env_, SubjectOf(context.account.name),
                                            Setting(context, "authorizedkeysfile"));
  size_t keys = 0;
  for (const SshKeyFile& file : files.files) {
    for (const AuthorizedKey& key : file.keys.keys) {
      ++keys;
      const bool token = key.algorithm.starts_with("sk-");
      if (!token || (!verified && !key.verify_required)) return plain;
    }
    if (!file.keys.problems.empty()) return plain;
  }
  if (keys == 0) return plain;
  if (!files.problems.empty()) {
    return EitherWay(AtMost(plain, WayIn::kMaybe, files.problems.front()),
                     ProofWays(kFactorKey | kFactorKnowledge, "a key of a token and its PIN"));
  }
  return ProofWays(kFactorKey | kFactorKnowledge,
                   "all keys on file are of tokens that verify their holder");
}

Ways SshFactors::Password(const SshdContext& context) {
  if (RootNeedsAKey(context))
    return SameWays(WayIn::kOut, "PermitRootLogin lets root in by no password");
  Ways ways = IsOn(context, "usepam") ? Pam(context, false, true) : OwnPassword(context);
  if (IsOn(context, "kerberosauthentication")) {
    // sshd then asks Kerberos first, and PAM only where that has no answer (auth-passwd.c).
    const Ways kerberos = ProofWays(kFactorKnowledge, "");
    ways = EitherWay(ways, AtMost(kerberos, WayIn::kMaybe,
                                  "KerberosAuthentication may take a password past PAM"));
  }
  return ways;
}

// Without PAM: the hash of /etc/shadow (auth-passwd.c, sys_auth_passwd).
Ways SshFactors::OwnPassword(const SshdContext& context) {
  const PamSubject& subject = SubjectOf(context.account.name);
  const bool empty_ok = IsOn(context, "permitemptypasswords");
  switch (subject.shadow.password) {
    case PasswordKind::kSet:
      return ProofWays(kFactorKnowledge, "a password is enough");
    case PasswordKind::kEmpty:
      return empty_ok ? SameWays(WayIn::kIn, "the password is empty, and PermitEmptyPasswords yes")
                      : SameWays(WayIn::kOut, "the password is empty, and PermitEmptyPasswords no");
    case PasswordKind::kLocked:
      return SameWays(WayIn::kOut, "no password fits");
    case PasswordKind::kUnknown:
      break;
  }
  const std::string why = "the account's password field is not known";
  if (subject.shadow.assumed && !empty_ok)
    return ProofWays(kFactorKnowledge, "a password is enough");
  const Ways password = AtMost(ProofWays(kFactorKnowledge, why), WayIn::kMaybe, why);
  return empty_ok ? SameWays(WayIn::kMaybe, why) : password;
}

Ways SshFactors::Dialogue(const std::string& device, const SshdContext& context) {
  if (!IsOn(context, "usepam") || (!device.empty() && device != "pam"))
    return SameWays(WayIn::kOut, "keyboard-interactive has nobody to ask without PAM");
  if (RootNeedsAKey(context))
    return SameWays(WayIn::kOut, "PermitRootLogin lets root in by no dialogue");
  return Pam(context, false, false);
}

// The method "none" is the password "".
Ways SshFactors::Empty(const SshdContext& context) {
  if (!IsOn(context, "permitemptypasswords") || !IsOn(context, "passwordauthentication"))
    return SameWays(WayIn::kOut, "no empty password is taken");
  const Ways ways = Password(context);
  return SameWays(ways.by_kinds[0], ways.why[0]);
}

Ways SshFactors::Account(const SshdContext& context) {
  if (IsOn(context, "usepam")) {
    Ways ways = Pam(context, true, false);
    for (size_t i = 0; i < kFactorKinds; ++i) {
      if (ways.by_kinds[i] == WayIn::kIn) ways.why[i].clear();
      if (ways.by_kinds[i] == WayIn::kOut) ways.why[i] = "PAM's account stack denies";
    }
    return ways;
  }
  const PamShadow& shadow = SubjectOf(context.account.name).shadow;
  if (shadow.locked_by_mark) return SameWays(WayIn::kOut, "the account is locked");
  if (shadow.expire_day >= 0 && SubjectOf(context.account.name).today > shadow.expire_day)
    return SameWays(WayIn::kOut, "the account has expired");
  return SameWays(WayIn::kIn, "");
}

}  // namespace tom
