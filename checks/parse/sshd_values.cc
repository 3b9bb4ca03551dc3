#include "checks/parse/sshd_values.h"

#include <algorithm>
#include <map>

#include "checks/parse/ascii_words.h"

namespace tom {
namespace {

using Words = std::vector<std::string_view>;

bool IsOneOf(std::string_view text, const Words& all) {
  return std::any_of(all.begin(), all.end(),
                     [&](std::string_view one) { return EqualsNoCase(one, text); });
}

bool AreDigits(std::string_view text, std::string_view digits = "0123456789") {
  return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

// sshd's time spans: "1h30m", "90".
bool IsTime(std::string_view text) {
  while (!text.empty()) {
    const size_t end = text.find_first_not_of("0123456789");
    if (end == 0) return false;
    if (end == std::string_view::npos) return true;
    if (std::string_view("smhdwSMHDW").find(text[end]) == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
    if (text.empty()) return true;
  }
  return false;
}

// A number, or a name, which stands for one in /etc/services.
bool IsPort(std::string_view text) {
  if (!text.empty() && UpperAscii(text[0]) >= 'A' && UpperAscii(text[0]) <= 'Z') return true;
  return AreDigits(text) && text.size() <= 6 && std::stoi(std::string(text)) > 0 &&
         std::stoi(std::string(text)) <= 65535;
}

bool IsPortOrAny(std::string_view text) { return text == "*" || IsPort(text); }

// "host:port"; of permitlisten a port alone too.
bool IsPermitted(std::string_view text, bool alone) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return alone && IsPortOrAny(text);
  return IsPortOrAny(text.substr(colon + 1));
}

// "10", "10:30:100".
bool IsMaxStartups(const std::string& text) {
  std::vector<int> numbers;
  size_t at = 0;
  while (at < text.size() && numbers.size() < 3) {
    size_t end = text.find_first_not_of("0123456789", at);
    end = std::min(end, text.size());
    if (end == at || end - at > 8) return false;
    numbers.push_back(std::stoi(text.substr(at, end - at)));
    if (end == text.size() || text[end] != ':') break;
    at = end + 1;
  }
  if (numbers.empty()) return false;
  if (numbers.size() == 3) return numbers[0] <= numbers[2] && numbers[1] <= 100 && numbers[1] >= 1;
  return numbers.size() == 1 && numbers[0] > 0;
}

// "1G", "default": nothing, or 16 bytes at least.
bool IsAmount(std::string_view text) {
  if (EqualsNoCase(text, "default")) return true;
  const bool unit = !text.empty() && std::string_view("kmgKMG").find(text.back()) != text.npos;
  const std::string_view digits = unit ? text.substr(0, text.size() - 1) : text;
  if (!AreDigits(digits) || digits.size() > 15) return false;
  const int64_t number = std::stoll(std::string(digits));
  return unit || number == 0 || number >= 16;
}

// A class of service by name (RFC 2474, 2597), or its number.
bool IsService(std::string_view text) {
  if (IsOneOf(text, {"af11", "af12",     "af13",       "af21",        "af22", "af23", "af31",
                     "af32", "af33",     "af41",       "af42",        "af43", "cs0",  "cs1",
                     "cs2",  "cs3",      "cs4",        "cs5",         "cs6",  "cs7",  "ef",
                     "le",   "lowdelay", "throughput", "reliability", "none"})) {
    return true;
  }
  return AreDigits(text.starts_with("0x") ? text.substr(2) : text, "0123456789abcdefABCDEF") &&
         text.size() <= 5;
}

const std::map<std::string_view, Words>& Choices() {
  static const std::map<std::string_view, Words> choices = {
      {"addressfamily", {"inet", "inet6", "any"}},
      {"compression", {"yes", "no", "delayed"}},
      {"fingerprinthash", {"md5", "sha256"}},
      {"gatewayports", {"yes", "no", "clientspecified"}},
      {"ignorerhosts", {"yes", "no", "shosts-only"}},
      {"loglevel",
       {"silent", "quiet", "fatal", "error", "info", "verbose", "debug", "debug1", "debug2",
        "debug3"}},
      {"permittunnel", {"yes", "no", "point-to-point", "ethernet"}},
      {"syslogfacility",
       {"daemon", "user", "auth", "authpriv", "local0", "local1", "local2", "local3", "local4",
        "local5", "local6", "local7"}}};
  return choices;
}

bool TakesList(std::string_view keyword, const std::vector<std::string>& arguments, bool& known) {
  known = true;
  const std::string& first = arguments[0];
  if (keyword == "permitopen" || keyword == "permitlisten") {
    if (arguments.size() == 1 && (first == "none" || first == "any")) return true;
    return std::all_of(arguments.begin(), arguments.end(), [&](const std::string& one) {
      return IsPermitted(one, keyword == "permitlisten");
    });
  }
  if (keyword == "setenv") {
    return std::all_of(arguments.begin(), arguments.end(), [](const std::string& one) {
      return one.find('=') != std::string::npos && one[0] != '=';
    });
  }
  if (keyword == "channeltimeout") {
    return std::all_of(arguments.begin(), arguments.end(), [&](const std::string& one) {
      const size_t equals = one.find('=');
      if (equals == std::string::npos) return one == "none" && arguments.size() == 1;
      return equals > 0 && IsTime(one.substr(equals + 1));
    });
  }
  if (keyword == "rekeylimit") return IsAmount(first);
  if (keyword == "ipqos") return std::all_of(arguments.begin(), arguments.end(), IsService);
  if (keyword == "subsystem") return arguments.size() > 1;
  if (keyword == "authorizedkeyscommand" || keyword == "authorizedprincipalscommand") {
    return first[0] == '/' || EqualsNoCase(first, "none");
  }
  known = false;
  return true;
}

}  // namespace

bool SshdTakes(std::string_view keyword, const std::vector<std::string>& arguments) {
  const std::string& first = arguments[0];
  const auto choice = Choices().find(keyword);
  if (choice != Choices().end()) return IsOneOf(first, choice->second);
  bool known = false;
  const bool takes = TakesList(keyword, arguments, known);
  if (known) return takes;
  if (keyword == "clientaliveinterval" || keyword == "logingracetime") return IsTime(first);
  if (keyword == "unusedconnectiontimeout") return first == "none" || IsTime(first);
  if (keyword == "port") return IsPort(first);
  if (keyword == "maxstartups") return IsMaxStartups(first);
  if (keyword == "streamlocalbindmask") return first[0] >= '0' && first[0] <= '7';
  if (keyword == "persourcemaxstartups") return EqualsNoCase(first, "none") || AreDigits(first);
  if (keyword == "persourcenetblocksize") return AreDigits(first.substr(0, 1));
  return true;
}

}  // namespace tom
