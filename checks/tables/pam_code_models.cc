// Modules that ask for something one has: one-time codes, confirmations, tokens; and for what one
// is.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "checks/parse/duo_config.h"
#include "checks/parse/sshd_pattern.h"
#include "checks/tables/pam_modules.h"

namespace tom {
namespace {

constexpr char kPassword[] = "password";
constexpr size_t kMaxFile = 1 << 20;

// With one reply to all prompts a code is right when it is that reply, alone or, for modules that
// part it, behind the password.
bool RightCode(PamCall& call, const std::string& code, bool parts) {
  if (!call.Given(code, kFactorDevice)) return false;
  if (!call.subject.one_answer) return true;
  const auto codes = std::count_if(call.trial.given.begin(), call.trial.given.end(),
                                   [](const std::string& w) { return w.starts_with("code:"); });
  return codes == 1 && (parts || call.trial.given.count(kPassword) == 0);
}

void Replace(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string OfUser(const PamCall& call, std::string path) {
  if (path.starts_with("~/")) path = call.subject.home + path.substr(1);
  Replace(path, "${HOME}", call.subject.home);
  Replace(path, "${USER}", call.subject.user);
  Replace(path, "%h", call.subject.home);
  Replace(path, "%u", call.subject.user);
  return path;
}

// Whether the user has such a file. Nothing: not known, and a doubt is said.
std::optional<bool> HasFile(PamCall& call, const std::string& path) {
  if (path.empty() || path[0] != '/' || path.find_first_of("$%~") != std::string::npos) {
    call.Doubt("where the secret of the account lies is not known");
    return std::nullopt;
  }
  const auto info = call.env.Stat(path);
  if (info.ok()) return info->kind == FileKind::kRegular;
  if (absl::IsNotFound(info.status())) return false;
  call.Doubt(std::string(info.status().message()));
  return std::nullopt;
}

// Nobody gets past today; but the day that there is a secret, it is demanded.
void NotEnrolled(PamCall& call, int code, const std::string& path) {
  call.Doubt("the account has no secret in " + path);
  call.Say(code);
  call.Say(kPamSuccess, "", false);
}

constexpr std::string_view kGoogleFlags[] = {"nullok",
                                             "forward_pass",
                                             "use_first_pass",
                                             "try_first_pass",
                                             "noskewadj",
                                             "no_increment_hotp",
                                             "allow_readonly",
                                             "echo_verification_code",
                                             "echo-verification-code",
                                             "debug",
                                             "no_strict_owner"};
constexpr const char* kGoogleValues[] = {
    "secret=", "user=", "authtok_prompt=", "allowed_perm=", "grace_period="};

bool GoogleKnows(const std::string& argument) {
  return std::find(std::begin(kGoogleFlags), std::end(kGoogleFlags), argument) !=
             std::end(kGoogleFlags) ||
         std::any_of(std::begin(kGoogleValues), std::end(kGoogleValues),
                     [&](const char* name) { return argument.starts_with(name); });
}

// pam_google_authenticator(8)
void Google(PamCall& call) {
  const auto& arguments = call.handler.line.arguments;
  if (!std::all_of(arguments.begin(), arguments.end(), GoogleKnows))
    return call.Say(kPamAuthErr, "an argument that the module refuses");
  if (!call.subject.local && !call.Value("user")) return call.Say(kPamAuthErr);
  const std::string path = OfUser(call, call.Value("secret").value_or("~/.google_authenticator"));
  if (call.Has("use_first_pass")) {
    call.Doubt("a code out of what was asked for before is not examined");
    if (call.Given("code:" + path, kFactorDevice)) call.Say(kPamSuccess);
    return call.Say(kPamAuthErr);
  }
  const auto enrolled = HasFile(call, path);
  if (call.Has("nullok") && (!enrolled || !*enrolled)) {
    call.Say(kPamIgnore, "nullok, and the account has no secret in " + path);
    if (enrolled) return;
  }
  if (call.Value("grace_period") && enrolled.value_or(true) &&
      call.Given("a login from the same address within grace_period", kCircumstance))
    return call.Say(kPamSuccess, "grace_period asks for no code again after a login");
  const bool forward = call.Has("forward_pass");
  if (!RightCode(call, "code:" + path, forward)) return call.Say(kPamAuthErr);
  if (enrolled && !*enrolled) return NotEnrolled(call, kPamAuthErr, path);
  if (call.subject.one_answer &&
      (call.Has("echo_verification_code") || call.Has("echo-verification-code")))
    return call.Say(kPamAuthErr);
  const bool password = forward && call.Given(kPassword, kFactorKnowledge);
  if (forward) call.token = password ? PamToken::kRight : PamToken::kWrong;
  call.Say(kPamSuccess);
  call.Say(kPamAuthErr, "", false);  // the secret's file may be refused for its owner, mode or text
  if (!enrolled) call.Say(kPamAuthErr);
}

// Whether a line of the users' file names the account.
std::optional<bool> OathUser(PamCall& call, const std::string& path) {
  const auto text = call.env.ReadFile(path, kMaxFile);
  if (absl::IsNotFound(text.status())) return std::nullopt;
  if (!text.ok()) {
    call.Doubt(std::string(text.status().message()));
    return std::nullopt;
  }
  for (size_t start = 0; start < text->size();) {
    const size_t end = std::min(text->find('\n', start), text->size());
    const std::string line = text->substr(start, end - start);
    start = end + 1;
    const size_t kind_end = line.find_first_of(" \t");
    const size_t first = line.find_first_not_of(" \t", kind_end);
    if (!line.starts_with("HOTP") || first == std::string::npos) continue;
    const size_t last = std::min(line.find_first_of(" \t", first), line.size());
    if (line.substr(first, last - first) == call.subject.user) return true;
  }
  return false;
}

// pam_oath(8)
void Oath(PamCall& call) {
  if (call.Has("alwaysok")) return call.Say(kPamSuccess, "alwaysok lets everybody pass");
  const auto file = call.Value("usersfile");
  if (!file) return call.Anything("no usersfile is named");
  const std::string path = OfUser(call, *file);
  const auto info = call.env.Stat(path);
  if (absl::IsNotFound(info.status()) && path.find('$') == std::string::npos) {
    if (RightCode(call, "code:" + path + " of " + call.subject.user, false))
      return NotEnrolled(call, kPamAuthErr, path);
    return call.Say(kPamAuthErr, path + " is not there");
  }
  if (call.Has("use_first_pass") || call.Has("try_first_pass")) {
    call.Doubt("a code out of what was asked for before is not examined");
    if (call.Given("code:" + path + " of " + call.subject.user, kFactorDevice))
      call.Say(kPamSuccess);
    return call.Say(kPamAuthErr);
  }
  const auto named = OathUser(call, path);
  const bool right = RightCode(call, "code:" + path + " of " + call.subject.user, false);
  if (named && !*named) {
    if (right) return NotEnrolled(call, kPamUserUnknown, path);
    return call.Say(kPamUserUnknown, "the account is not in " + path);
  }
  if (!named) {
    call.Doubt("whether the account has a secret is not known");
    call.Say(kPamUserUnknown);
  }
  if (!right) return call.Say(kPamAuthErr);
  call.Say(kPamSuccess);
  call.Say(kPamAuthErr, "", false);
}

void DuoAsks(PamCall& call, const DuoConfig& config) {
  if (config.fail_safe && call.Given("the service of Duo cannot be reached", kCircumstance))
    return call.Say(kPamSuccess, "failmode=safe lets in when the service of Duo cannot be reached");
  if (!call.Given("push", kFactorDevice)) return call.Say(kPamAuthErr);
  if (call.subject.one_answer && !config.autopush) {
    call.Doubt("Duo's prompts by the method password are not examined");
    call.Say(kPamAuthErr);
  }
  call.Say(kPamSuccess);
}

// pam_duo(8)
void Duo(PamCall& call) {
  if (!call.subject.local) return call.Say(kPamUserUnknown);
  const std::string path = call.Value("conf").value_or("/etc/security/pam_duo.conf");
  for (const std::string& argument : call.handler.line.arguments) {
    if (!argument.starts_with("conf=") && argument != "debug")
      call.Doubt("an argument that the module may refuse");
  }
  const auto info = call.env.Stat(path);
  const auto text = call.env.ReadFile(path, kMaxFile);
  if (absl::IsNotFound(info.status()))
    return call.Say(kPamSuccess, path + " is not there, and Duo then lets everybody pass");
  if (!info.ok() || !text.ok())
    return call.Anything(std::string((info.ok() ? text.status() : info.status()).message()));
  if ((info->mode & 077) != 0)
    return call.Say(kPamSuccess, path + " is open to others, and Duo then lets everybody pass");
  const DuoConfig config = ParseDuoConfig(*text);
  if (!config.understood) return call.Anything(path + " is not understood");
  if (!config.groups.empty() && !SshdListMatchesAny(call.subject.groups, config.groups))
    return call.Say(kPamSuccess,
                    path + " leaves the account's groups out (groups = " + config.groups + ")");
  DuoAsks(call, config);
}

// pam_u2f(8)
void U2f(PamCall& call) {
  if (call.Has("alwaysok")) return call.Say(kPamSuccess, "alwaysok lets everybody pass");
  const bool pin = call.Has("pinverification=1");
  const bool shown = call.Given("token", kFactorDevice) &&
                     (!pin || call.Given("the token's PIN", kFactorKnowledge));
  const auto file = call.Value("authfile");
  std::optional<bool> enrolled;
  if (file && (*file)[0] == '/' && file->find('%') == std::string::npos) {
    const auto text = call.env.ReadFile(*file, kMaxFile);
    if (text.ok())
      enrolled = ("\n" + *text).find("\n" + call.subject.user + ":") != std::string::npos;
    if (absl::IsNotFound(text.status())) enrolled = false;
  } else if (!file) {
    enrolled = HasFile(call, call.subject.home + "/.config/Yubico/u2f_keys");
  }
  if (call.Has("nouserok") && (!enrolled || !*enrolled)) {
    call.Say(kPamIgnore, "nouserok, and the account has no token");
    call.Say(kPamSuccess, "nouserok, and the account has no token");
    if (!enrolled) call.Doubt("whether the account has a token is not known");
  }
  const bool right = shown && enrolled.value_or(true);
  if (right) call.Say(kPamSuccess);
  if (!right || !enrolled) {
    if (!(enrolled && !*enrolled && call.Has("nouserok"))) call.Say(kPamAuthErr);
  }
}

// Shows `what`, or not; how it fails is not known in detail.
void Shown(PamCall& call, const char* what, unsigned kinds, bool lax) {
  if (call.Has("alwaysok")) return call.Say(kPamSuccess, "alwaysok lets everybody pass");
  if (lax) {
    call.Doubt("whether the account is enrolled is not known");
    call.Say(kPamIgnore);
    call.Say(kPamSuccess);
  }
  if (call.Given(what, kinds)) {
    call.Say(kPamSuccess);
    call.Say(kPamAuthErr, "", false);
    return;
  }
  for (const int code : {int{kPamAuthErr}, int{kPamUserUnknown}, int{kPamAuthinfoUnavail}})
    call.Say(code);
}

void Yubico(PamCall& call) { Shown(call, "token", kFactorDevice, call.Has("nullok")); }
void Fingerprint(PamCall& call) { Shown(call, "fingerprint", kFactorBody, false); }
void AgentKey(PamCall& call) { Shown(call, "agent key", kFactorKey, false); }
void SmartCard(PamCall& call) {
  Shown(call, "smart card and its PIN", kFactorDevice | kFactorKnowledge, false);
}

// pam_duo's own account function says PAM_SUCCESS.
void DuoAccount(PamCall& call) { call.Say(kPamSuccess); }

}  // namespace

const std::vector<PamModelEntry>& PamCodeModels() {
  static const std::vector<PamModelEntry> models = {
      {"pam_google_authenticator", Google, nullptr},
      {"pam_oath", Oath, nullptr},
      {"pam_duo", Duo, DuoAccount},
      {"pam_u2f", U2f, nullptr},
      {"pam_yubico", Yubico, nullptr},
      {"pam_fprintd", Fingerprint, nullptr},
      {"pam_ssh_agent_auth", AgentKey, nullptr},
      {"pam_pkcs11", SmartCard, nullptr},
      {"pam_p11", SmartCard, nullptr},
  };
  return models;
}

}  // namespace tom
