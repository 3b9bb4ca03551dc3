#include "checks/parse/kernel_modules.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"

namespace tom {
namespace {

constexpr size_t kMaxModules = 20000;

char Dashless(char c) { return c == '-' ? '_' : c; }

}  // namespace

LoadedModules ParseProcModules(std::string_view text) {
  LoadedModules loaded;
  for (const NumberedLine& line : LinesOf(text)) {
    const std::vector<std::string_view> words = WordsOf(line.text);
    if (words.empty()) continue;
    LoadedModule module;
    const bool numbered =
        words.size() >= 6 &&
        std::from_chars(words[1].data(), words[1].data() + words[1].size(), module.size).ptr ==
            words[1].data() + words[1].size();
    if (!numbered || loaded.modules.size() >= kMaxModules) {
      ++loaded.bad_lines;
      continue;
    }
    module.name = words[0];
    std::string_view used = words[3];
    if (used.size() > 1 && used.back() == ',') used.remove_suffix(1);
    module.used_by = used;
    module.status = words[4];
    module.address = words[5];
    loaded.modules.push_back(std::move(module));
  }
  return loaded;
}

std::vector<ModuleRule> ParseModprobe(std::string_view text) {
  std::vector<ModuleRule> rules;
  for (const NumberedLine& line : LinesOf(text, Joined::kBackslash)) {
    std::string_view rest = TrimLine(line.text);
    const auto take = [&] {
      const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
      rest = TrimLine(rest.substr(word.size()));
      return word;
    };
    const std::string_view keyword = take();
    if (keyword != "install" && keyword != "blacklist") continue;
    ModuleRule rule;
    rule.kind = keyword == "install" ? ModuleRule::Kind::kInstall : ModuleRule::Kind::kBlacklist;
    rule.module = ModuleName(take());
    rule.command = rest;
    rule.line = line.number;
    if (!rule.module.empty()) rules.push_back(std::move(rule));
  }
  return rules;
}

bool InstallsNothing(std::string_view command) {
  static constexpr std::string_view kNothing[] = {"/bin/true",      "/bin/false", "/usr/bin/true",
                                                  "/usr/bin/false", "true",       "false"};
  return std::find(std::begin(kNothing), std::end(kNothing), TrimLine(command)) !=
         std::end(kNothing);
}

std::string ModuleName(std::string_view name) {
  std::string plain(name);
  std::transform(plain.begin(), plain.end(), plain.begin(), Dashless);
  return plain;
}

bool ListsModule(std::string_view list, std::string_view name) {
  if (name.empty()) return false;
  const std::string plain = ModuleName(name);
  for (size_t at = list.find(".ko"); at != std::string_view::npos; at = list.find(".ko", at + 3)) {
    if (at < plain.size()) continue;
    const size_t start = at - plain.size();
    if (start > 0 && list[start - 1] != '/' && list[start - 1] != '\n' && list[start - 1] != ' ') {
      continue;
    }
    if (std::equal(plain.begin(), plain.end(), list.begin() + static_cast<std::ptrdiff_t>(start),
                   [](char a, char b) { return a == Dashless(b); })) {
      return true;
    }
  }
  return false;
}

}  // namespace tom
