// Modules that ask for a password, and the account's own state.
#include "checks/tables/pam_modules.h"

namespace tom {
namespace {

constexpr char kPassword[] = "password";

bool ShowsCode(const PamCall& call) {
  for (const std::string& what : call.trial.given) {
    if (what.starts_with("code:")) return true;
  }
  return false;
}

// pam_get_authtok(3): what a module before has asked for is taken over, and asked for no more.
// Nothing: it may not ask, and there is nothing to take over.
std::optional<bool> TakesPassword(PamCall& call) {
  if (call.token != PamToken::kNone) return call.token == PamToken::kRight;
  if (call.Has("use_first_pass")) return std::nullopt;
  const bool given = call.Given(kPassword, kFactorKnowledge);
  // One reply to all prompts is the password or, with a code behind it, is not.
  const bool right = given && !(call.subject.one_answer && ShowsCode(call));
  call.token = right ? PamToken::kRight : PamToken::kWrong;
  return right;
}

// pam_unix(8). An empty password is taken without a question (_unix_blankpasswd).
void UnixAuth(PamCall& call) {
  if (!call.subject.local) return call.Say(kPamUserUnknown);
  const PasswordKind kind = call.subject.shadow.password;
  const bool null_ok =
      (call.Has("nullok") || call.Has("nullok_secure")) && !call.subject.disallow_null;
  if (kind == PasswordKind::kEmpty && null_ok)
    return call.Say(kPamSuccess, "nullok, and the account's password is empty");
  const auto right = TakesPassword(call);
  if (call.subject.shadow.assumed) {
    if (null_ok) call.Say(kPamSuccess, "", false);
    if (right && *right) call.Say(kPamSuccess);
    return call.Say(kPamAuthErr, "", !(right && *right));
  }
  if (kind == PasswordKind::kUnknown) {
    call.Doubt("the account's password field is not known");
    if (null_ok || (right && *right)) call.Say(kPamSuccess);
    return call.Say(kPamAuthErr);
  }
  if (kind == PasswordKind::kSet && right && *right) return call.Say(kPamSuccess);
  call.Say(kPamAuthErr);
}

// Of shadow(5)'s dates (check_shadow_expiry).
void UnixAccount(PamCall& call) {
  if (!call.subject.local) return call.Say(kPamUserUnknown);
  const PamShadow& entry = call.subject.shadow;
  const int64_t today = call.subject.today;
  if (entry.missing) return call.Say(kPamAuthinfoUnavail, "/etc/shadow has no line for it");
  if (entry.assumed) {
    call.Say(kPamSuccess);
    return call.Say(kPamAcctExpired, "", false);
  }
  if (entry.password == PasswordKind::kUnknown) {
    call.Doubt("the account's line in /etc/shadow is not known");
    call.Say(kPamSuccess);
    call.Say(kPamAcctExpired);
    return;
  }
  if (entry.expire_day >= 0 && today > entry.expire_day)
    return call.Say(kPamAcctExpired, "the account has expired");
  if (call.Has("no_pass_expiry") || entry.changed_day < 0) return call.Say(kPamSuccess);
  const bool aged = entry.max_days >= 0 && today - entry.changed_day > entry.max_days;
  if (entry.changed_day == 0) return call.Say(kPamNewAuthtokReqd);
  if (aged && entry.inactive_days >= 0 &&
      today - entry.changed_day > entry.max_days + entry.inactive_days)
    return call.Say(27, "the password has expired");
  call.Say(aged ? kPamNewAuthtokReqd : kPamSuccess);
}

// A directory's password: whether it has the account is not known here.
void DirectoryAuth(PamCall& call) {
  if (call.Has("require_cert_auth") || call.Has("try_cert_auth"))
    return call.Anything("smart cards of a directory are not examined");
  const auto right = TakesPassword(call);
  if (right && *right) {
    call.Doubt("whether a directory lets the account in by its password is not known");
    call.Say(kPamSuccess);
  }
  for (const int code : {int{kPamAuthErr}, int{kPamUserUnknown}, int{kPamAuthinfoUnavail},
                         int{kPamIgnore}, int{kPamPermDenied}})
    call.Say(code);
}

void DirectoryAccount(PamCall& call) {
  call.Doubt("what a directory says of the account is not known");
  for (const int code : {int{kPamSuccess}, int{kPamUserUnknown}, int{kPamAuthinfoUnavail},
                         int{kPamIgnore}, int{kPamPermDenied}, int{kPamAcctExpired}})
    call.Say(code);
}

}  // namespace

const std::vector<PamModelEntry>& PamPasswordModels() {
  static const std::vector<PamModelEntry> models = {
      {"pam_unix", UnixAuth, UnixAccount},
      {"pam_sss", DirectoryAuth, DirectoryAccount},
      {"pam_ldap", DirectoryAuth, DirectoryAccount},
      {"pam_krb5", DirectoryAuth, DirectoryAccount},
      {"pam_winbind", DirectoryAuth, DirectoryAccount},
      {"pam_userdb", DirectoryAuth, DirectoryAccount},
      {"pam_radius_auth", DirectoryAuth, DirectoryAccount},
      {"pam_tacplus", DirectoryAuth, DirectoryAccount},
  };
  return models;
}

}  // namespace tom
