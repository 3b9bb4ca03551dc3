// Modules that ask for nothing: they say the same to everybody, or nothing.
#include "checks/tables/pam_modules.h"

namespace tom {
namespace {

void Ignore(PamCall& call) { call.Say(kPamIgnore); }
void Permit(PamCall& call) { call.Say(kPamSuccess, "pam_permit lets everybody pass"); }
void Success(PamCall& call) { call.Say(kPamSuccess); }
void Deny(PamCall& call) { call.Say(kPamAuthErr); }
void ServiceError(PamCall& call) { call.Say(kPamServiceErr); }

// They pass, or look away; none of it takes a proof.
void Either(PamCall& call) {
  call.Say(kPamSuccess);
  call.Say(kPamIgnore);
}

// Desktop keyrings and encrypted homes: they use the password that others have asked for.
void Follower(PamCall& call) {
  for (const int code : {int{kPamSuccess}, int{kPamIgnore}, int{kPamServiceErr}, int{kPamSystemErr},
                         int{kPamAuthErr}, int{kPamUserUnknown}, int{kPamAuthinfoUnavail}})
    call.Say(code);
  call.Doubt("what this module says depends on more than its configuration");
}

// pam_faillock(8). That an account is locked passes.
void FailLock(PamCall& call) { call.Say(call.Has("authfail") ? kPamIgnore : kPamSuccess); }

// pam_debug(8): says what it is told to; the first word counts.
void Debug(PamCall& call) {
  const std::string name = call.account ? "acct=" : "auth=";
  for (const std::string& argument : call.handler.line.arguments) {
    if (!argument.starts_with(name)) continue;
    const int code = PamCodeOf(argument.substr(name.size()));
    return call.Say(code < 0 ? int{kPamSuccess} : code);
  }
  call.Say(kPamSuccess);
}

// pam_time(8): grants unless time.conf has rules; those are not examined.
void Time(PamCall& call) {
  const auto text = call.env.ReadFile("/etc/security/time.conf");
  bool rules = !text.ok() && !absl::IsNotFound(text.status());
  bool comment = false;
  for (const char c : text.ok() ? *text : std::string()) {
    comment = c == '#' || (comment && c != '\n');
    rules = rules || (!comment && c != '\n' && c != ' ' && c != '\t');
  }
  call.Say(kPamSuccess);
  if (!rules) return;
  call.Doubt("/etc/security/time.conf has rules, which are not examined");
  call.Say(kPamPermDenied);
}

void LastLog(PamCall& call) {
  call.Say(kPamSuccess);
  if (!call.Value("inactive")) return;
  call.Doubt("when the account was last used is not examined");
  call.Say(kPamAuthErr);
}

// pam_timestamp(8): who has just been let in is let in again.
void TimeStamp(PamCall& call) {
  if (call.Given("a login short before (pam_timestamp)", kCircumstance))
    return call.Say(kPamSuccess, "who was let in short before is asked for nothing");
  call.Say(kPamAuthErr);
}

}  // namespace

const std::vector<PamModelEntry>& PamNeutralModels() {
  static const std::vector<PamModelEntry> models = {
      {"pam_permit", Permit, Success},
      {"pam_deny", Deny, Deny},
      {"pam_env", Ignore, ServiceError},
      {"pam_faildelay", Ignore, nullptr},
      {"pam_warn", Ignore, Ignore},
      {"pam_group", Ignore, nullptr},
      {"pam_keyinit", Ignore, nullptr},
      {"pam_mail", Ignore, nullptr},
      {"pam_issue", Ignore, nullptr},
      {"pam_limits", nullptr, nullptr},
      {"pam_loginuid", nullptr, Either},
      {"pam_motd", nullptr, nullptr},
      {"pam_mkhomedir", nullptr, nullptr},
      {"pam_namespace", nullptr, nullptr},
      {"pam_umask", nullptr, nullptr},
      {"pam_xauth", nullptr, nullptr},
      {"pam_tty_audit", nullptr, nullptr},
      {"pam_pwhistory", nullptr, nullptr},
      {"pam_pwquality", nullptr, nullptr},
      {"pam_cracklib", nullptr, nullptr},
      {"pam_setquota", nullptr, nullptr},
      {"pam_systemd", nullptr, nullptr},
      {"pam_cap", Either, nullptr},
      {"pam_echo", Either, Either},
      {"pam_sepermit", Either, Either},
      {"pam_faillock", FailLock, Success},
      {"pam_debug", Debug, Debug},
      {"pam_time", nullptr, Time},
      {"pam_lastlog", LastLog, LastLog},
      {"pam_timestamp", TimeStamp, nullptr},
      {"pam_gnome_keyring", Follower, nullptr},
      {"pam_kwallet5", Follower, nullptr},
      {"pam_ecryptfs", Follower, Follower},
      {"pam_mount", Follower, nullptr},
      {"pam_fscrypt", Follower, nullptr},
      {"pam_systemd_home", Follower, Follower},
  };
  return models;
}

}  // namespace tom
