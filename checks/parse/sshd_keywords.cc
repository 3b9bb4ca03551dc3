#include "checks/parse/sshd_keywords.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "checks/parse/ssh_algorithms.h"
#include "checks/parse/sshd_values.h"

namespace tom {
namespace {

constexpr SshdKeyword One(const char* name, SshdKind kind, bool in_match) {
  return {name, name, kind, in_match, "", false};
}
constexpr SshdKeyword Alias(const char* name, const char* of, SshdKind kind, bool in_match) {
  return {name, of, kind, in_match, "", false};
}
constexpr SshdKeyword Fact(const char* name, SshdKind kind, bool in_match, const char* fallback) {
  return {name, name, kind, in_match, fallback, true};
}

using enum SshdKind;

constexpr SshdKeyword kKeywords[] = {
    Fact("allowgroups", kNames, true, ""),
    Fact("allowusers", kNames, true, ""),
    Fact("authenticationmethods", kMethods, true, "any"),
    Fact("authorizedkeyscommand", kTexts, true, "none"),
    Fact("authorizedprincipalscommand", kTexts, true, "none"),
    Fact("denygroups", kNames, true, ""),
    Fact("denyusers", kNames, true, ""),
    Fact("exposeauthinfo", kFlag, true, "no"),
    Fact("gssapiauthentication", kFlag, true, "no"),
    Fact("hostbasedauthentication", kFlag, true, "no"),
    Fact("ignorerhosts", kText, true, "yes"),
    Fact("kbdinteractiveauthentication", kFlag, true, "yes"),
    Fact("kerberosauthentication", kFlag, true, "no"),
    Fact("passwordauthentication", kFlag, true, "yes"),
    Fact("permitemptypasswords", kFlag, true, "no"),
    Fact("permitrootlogin", kRootLogin, true, "prohibit-password"),
    Fact("permituserenvironment", kText, false, "no"),
    Fact("pubkeyauthentication", kFlag, true, "yes"),
    Fact("pubkeyauthoptions", kKeyOptions, true, "none"),
    Fact("strictmodes", kFlag, false, "yes"),
    Fact("trustedusercakeys", kText, true, "none"),
    Fact("usedns", kFlag, false, "no"),
    Fact("usepam", kFlag, false, "no"),
    Fact("x11forwarding", kFlag, true, "no"),
    Fact("allowagentforwarding", kFlag, true, "yes"),
    Fact("allowtcpforwarding", kForwarding, true, "yes"),
    Fact("disableforwarding", kFlag, true, "no"),
    Fact("casignaturealgorithms", kAlgorithms, true, ""),
    Fact("ciphers", kAlgorithms, false, ""),
    Fact("hostbasedacceptedalgorithms", kAlgorithms, true, ""),
    Fact("hostkeyalgorithms", kAlgorithms, false, ""),
    Fact("kexalgorithms", kAlgorithms, false, ""),
    Fact("macs", kAlgorithms, false, ""),
    Fact("pubkeyacceptedalgorithms", kAlgorithms, true, ""),
    Fact("authorizedkeysfile", kTexts, true, ".ssh/authorized_keys .ssh/authorized_keys2"),
    Alias("challengeresponseauthentication", "kbdinteractiveauthentication", kFlag, true),
    Alias("skeyauthentication", "kbdinteractiveauthentication", kFlag, true),
    Alias("dsaauthentication", "pubkeyauthentication", kFlag, false),
    Alias("hostdsakey", "hostkey", kText, false),
    Alias("keepalive", "tcpkeepalive", kFlag, false),
    Alias("hostbasedacceptedkeytypes", "hostbasedacceptedalgorithms", kAlgorithms, true),
    Alias("pubkeyacceptedkeytypes", "pubkeyacceptedalgorithms", kAlgorithms, true),
    Alias("gssusesessionccache", "gssapiusesessioncredcache", kIgnored, false),
    Alias("gssapicleanupcreds", "gssapicleanupcredentials", kFlag, false),
    One("gssapiusesessioncredcache", kIgnored, false),
    One("afstokenpassing", kIgnored, false),
    One("kerberostgtpassing", kIgnored, false),
    One("permitblacklistedkeys", kIgnored, false),
    One("acceptenv", kNames, true),
    One("addressfamily", kText, false),
    One("allowstreamlocalforwarding", kForwarding, true),
    One("authorizedkeyscommanduser", kText, true),
    One("authorizedkeysfile2", kIgnored, true),
    One("authorizedprincipalscommanduser", kText, true),
    One("authorizedprincipalsfile", kText, true),
    One("banner", kText, true),
    One("channeltimeout", kTexts, true),
    One("checkmail", kIgnored, false),
    One("chrootdirectory", kText, true),
    One("clientalivecountmax", kInteger, true),
    One("clientaliveinterval", kText, true),
    One("compression", kText, false),
    One("debianbanner", kFlag, false),
    One("fingerprinthash", kText, false),
    One("forcecommand", kTexts, true),
    One("gatewayports", kText, true),
    One("gssapicleanupcredentials", kFlag, false),
    One("gssapikexalgorithms", kText, false),
    One("gssapikeyexchange", kFlag, false),
    One("gssapistorecredentialsonrekey", kFlag, false),
    One("gssapistrictacceptorcheck", kFlag, false),
    One("hostbasedusesnamefrompacketonly", kFlag, true),
    One("hostcertificate", kText, false),
    One("hostkey", kText, false),
    One("hostkeyagent", kText, false),
    One("ignoreuserknownhosts", kFlag, false),
    One("include", kInclude, true),
    One("ipqos", kTexts, true),
    One("kerberosgetafstoken", kIgnored, false),
    One("kerberosorlocalpasswd", kFlag, false),
    One("kerberosticketcleanup", kFlag, false),
    One("keyregenerationinterval", kIgnored, false),
    One("listenaddress", kTexts, false),
    One("logingracetime", kText, false),
    One("loglevel", kText, true),
    One("logverbose", kTexts, true),
    One("match", kMatch, true),
    One("maxauthtries", kInteger, true),
    One("maxsessions", kInteger, true),
    One("maxstartups", kText, false),
    One("modulifile", kText, false),
    One("pamauthenticationviakbdint", kIgnored, false),
    One("permitlisten", kTexts, true),
    One("permitopen", kTexts, true),
    One("permittty", kFlag, true),
    One("permittunnel", kText, true),
    One("permituserrc", kFlag, true),
    One("persourcemaxstartups", kText, false),
    One("persourcenetblocksize", kText, false),
    One("pidfile", kText, false),
    One("port", kText, false),
    One("printlastlog", kFlag, false),
    One("printmotd", kFlag, false),
    One("protocol", kIgnored, false),
    One("rdomain", kText, true),
    One("rekeylimit", kTexts, true),
    One("requiredrsasize", kInteger, true),
    One("reversemappingcheck", kIgnored, false),
    One("revokedkeys", kText, true),
    One("rhostsauthentication", kIgnored, false),
    One("rhostsrsaauthentication", kIgnored, true),
    One("rsaauthentication", kIgnored, true),
    One("securitykeyprovider", kText, false),
    One("serverkeybits", kIgnored, false),
    One("setenv", kTexts, true),
    One("streamlocalbindmask", kText, true),
    One("streamlocalbindunlink", kFlag, true),
    One("subsystem", kTexts, false),
    One("syslogfacility", kText, false),
    One("tcpkeepalive", kFlag, false),
    One("unusedconnectiontimeout", kText, true),
    One("uselogin", kIgnored, false),
    One("useprivilegeseparation", kIgnored, false),
    One("verifyreversemapping", kIgnored, false),
    One("versionaddendum", kTexts, false),
    One("x11displayoffset", kInteger, true),
    One("x11uselocalhost", kFlag, true),
    One("xauthlocation", kText, false),
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

std::string Join(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : " ") + text;
  return joined;
}

std::string OneOf(const std::string& value, std::initializer_list<std::string_view> allowed,
                  std::string& problem) {
  std::string lower = Lower(value);
  if (std::find(allowed.begin(), allowed.end(), lower) != allowed.end()) return lower;
  problem = "unsupported option";
  return "";
}

bool IsMethod(std::string_view method) {
  constexpr std::string_view kMethodNames[] = {
      "none",         "publickey",       "password",
      "gssapi-keyex", "gssapi-with-mic", "keyboard-interactive",
      "hostbased"};
  const std::string_view name = method.substr(0, method.find(':'));
  return std::find(std::begin(kMethodNames), std::end(kMethodNames), name) !=
         std::end(kMethodNames);
}

bool IsMethodList(std::string_view list) {
  for (size_t start = 0; start <= list.size();) {
    const size_t end = std::min(list.find(',', start), list.size());
    if (!IsMethod(list.substr(start, end - start))) return false;
    start = end + 1;
  }
  return true;
}

std::string Methods(const std::vector<std::string>& arguments, std::string& problem) {
  for (const std::string& argument : arguments) {
    if (argument == "any" && arguments.size() > 1) problem = "\"any\" must appear alone";
    if (argument != "any" && !IsMethodList(argument)) problem = "invalid AuthenticationMethods";
  }
  return problem.empty() ? Join(arguments) : "";
}

// In the order of sshd -T; "none" beside another says nothing.
std::string KeyOptions(const std::vector<std::string>& arguments, std::string& problem) {
  bool touch = false;
  bool verify = false;
  for (const std::string& argument : arguments) {
    const std::string option =
        OneOf(argument, {"none", "touch-required", "verify-required"}, problem);
    touch = touch || option == "touch-required";
    verify = verify || option == "verify-required";
  }
  if (!problem.empty()) return "";
  if (touch && verify) return "touch-required verify-required";
  return touch ? "touch-required" : verify ? "verify-required" : "none";
}

bool IsInteger(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  return !text.empty() && text.size() < 11 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

const SshdKeyword* FindSshdKeyword(std::string_view name) {
  const std::string lower = Lower(name);
  for (const SshdKeyword& keyword : kKeywords) {
    if (lower == keyword.name) return &keyword;
  }
  return nullptr;
}

const std::vector<const SshdKeyword*>& ReportedSshdKeywords() {
  static const std::vector<const SshdKeyword*> reported = [] {
    std::vector<const SshdKeyword*> all;
    for (const SshdKeyword& keyword : kKeywords) {
      if (keyword.reported) all.push_back(&keyword);
    }
    return all;
  }();
  return reported;
}

std::string NormalSshdValue(const SshdKeyword& keyword, const std::vector<std::string>& arguments,
                            std::string& problem) {
  if (keyword.kind == kIgnored) return "";
  if (arguments.empty() || arguments[0].empty()) {
    problem = "missing argument";
    return "";
  }
  const bool many = keyword.kind == kTexts || keyword.kind == kNames || keyword.kind == kMethods ||
                    keyword.kind == kKeyOptions;
  if (!many && arguments.size() > 1) {
    problem = "extra arguments at end of line";
    return "";
  }
  if (!SshdTakes(keyword.canonical, arguments)) {
    problem = "a value that sshd does not take";
    return "";
  }
  switch (keyword.kind) {
    case kFlag:
      return OneOf(arguments[0], {"yes", "no"}, problem);
    case kForwarding: {
      const std::string value =
          OneOf(arguments[0], {"yes", "all", "no", "remote", "local"}, problem);
      return value == "all" ? "yes" : value;
    }
    case kRootLogin: {
      const std::string value = OneOf(
          arguments[0],
          {"yes", "no", "prohibit-password", "without-password", "forced-commands-only"}, problem);
      return value == "without-password" ? "prohibit-password" : value;
    }
    case kInteger:
      if (!IsInteger(arguments[0]) || arguments[0][0] == '-') problem = "no integer";
      return arguments[0];
    case kMethods:
      return Methods(arguments, problem);
    case kKeyOptions:
      return KeyOptions(arguments, problem);
    case kAlgorithms:
      if (!EffectiveSshAlgorithms(keyword.canonical, arguments[0])) problem = "unknown algorithm";
      return arguments[0];
    default:
      return Join(arguments);
  }
}

}  // namespace tom
