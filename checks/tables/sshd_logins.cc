#include "checks/tables/sshd_logins.h"

#include <algorithm>
#include <sstream>

#include "checks/parse/sshd_pattern.h"

namespace tom {
namespace {

const std::string* Find(const SshdSettings& settings, std::string_view option) {
  const auto found = settings.find(option);
  return found == settings.end() ? nullptr : &found->second.value;
}

bool IsOn(const SshdSettings& settings, std::string_view option) {
  const std::string* value = Find(settings, option);
  return value != nullptr && *value == "yes";
}

struct Method {
  const char* name;
  const char* option;  // that switches it on; null: always on
  int SshdAlternative::*count;
};

// gssapi-keyex answers to GSSAPIKeyExchange, which is no option that facts are given for: it is
// taken to be on.
constexpr Method kMethods[] = {
    {"publickey", "pubkeyauthentication", &SshdAlternative::public_keys},
    {"password", "passwordauthentication", &SshdAlternative::passwords},
    {"keyboard-interactive", "kbdinteractiveauthentication",
     &SshdAlternative::keyboard_interactive},
    {"gssapi-with-mic", "gssapiauthentication", &SshdAlternative::gssapi},
    {"gssapi-keyex", nullptr, &SshdAlternative::gssapi},
    {"hostbased", "hostbasedauthentication", &SshdAlternative::host_based},
    {"none", nullptr, &SshdAlternative::none},
};

SshdAlternative ReadAlternative(const std::string& methods, const SshdSettings& settings) {
  SshdAlternative alternative;
  alternative.methods = methods;
  for (const std::string& part : SplitSshdList(methods)) {
    const std::string name = part.substr(0, part.find(':'));
    const auto* method = std::find_if(std::begin(kMethods), std::end(kMethods),
                                      [&](const Method& m) { return name == m.name; });
    if (method == std::end(kMethods)) continue;
    ++(alternative.*(method->count));
    if (method->option != nullptr && !IsOn(settings, method->option)) alternative.enabled = false;
  }
  return alternative;
}

std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// `at_hosts`: an entry "user@host" counts, from wherever the connection comes.
bool AnyUser(const SshdClient& client, const std::string& patterns, bool at_hosts) {
  const std::vector<std::string> words = Words(patterns);
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    const size_t at = word.rfind('@');
    return (at == std::string::npos || at_hosts) &&
           SshdPatternMatches(client.user, word.substr(0, at));
  });
}

bool AnyGroup(const SshdClient& client, const std::string& patterns) {
  const std::vector<std::string> words = Words(patterns);
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::any_of(client.groups.begin(), client.groups.end(),
                       [&](const std::string& group) { return SshdPatternMatches(group, word); });
  });
}

}  // namespace

std::optional<std::vector<SshdAlternative>> SshdAlternatives(const SshdSettings& settings) {
  for (const char* option :
       {"pubkeyauthentication", "passwordauthentication", "kbdinteractiveauthentication"}) {
    if (Find(settings, option) == nullptr) return std::nullopt;
  }
  const std::string* methods = Find(settings, "authenticationmethods");
  if (methods == nullptr) return std::nullopt;
  std::vector<SshdAlternative> alternatives;
  if (*methods != "any") {
    for (const std::string& one : Words(*methods))
      alternatives.push_back(ReadAlternative(one, settings));
    return alternatives;
  }
  for (const Method& method : kMethods) {
    if (method.option == nullptr) continue;
    SshdAlternative one = ReadAlternative(method.name, settings);
    if (one.enabled) alternatives.push_back(std::move(one));
  }
  return alternatives;
}

std::optional<bool> SshdAdmits(const SshdContext& context) {
  SshdClient client = context.route.client;
  client.user = context.account.name;
  client.groups = context.account.groups;
  std::string lists[4];
  constexpr const char* kNames[] = {"denyusers", "allowusers", "denygroups", "allowgroups"};
  bool any = false;
  for (size_t i = 0; i < 4; ++i) {
    if (const std::string* value = Find(context.settings, kNames[i]); value != nullptr)
      lists[i] = *value;
    any = any || !lists[i].empty();
  }
  if (!any) return true;
  if (context.account.name.empty()) return std::nullopt;
  return !AnyUser(client, lists[0], false) &&
         (lists[1].empty() || AnyUser(client, lists[1], true)) && !AnyGroup(client, lists[2]) &&
         (lists[3].empty() || AnyGroup(client, lists[3]));
}

}  // namespace tom
