#include "checks/parse/crontab_lines.h"

#include <algorithm>

#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"

namespace tom {
namespace {

constexpr size_t kMaxEntries = 5000;
constexpr size_t kMaxPrograms = 50;

std::string_view TakeWord(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(word.size());
  rest = TrimLine(rest);
  return word;
}

// name = value, the name perhaps in quotes; an entry's first field holds no '=' before a blank.
bool IsSetting(std::string_view line, CronTable& table) {
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  std::string_view name = TrimLine(line.substr(0, equals));
  if (name.size() > 1 && (name[0] == '"' || name[0] == '\'') && name.back() == name[0])
    name = name.substr(1, name.size() - 2);
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!plain || name.empty()) return false;
  if (name == "PATH") table.path_variable = TrimLine(line.substr(equals + 1));
  return true;
}

bool TakeTimes(std::string_view& rest, CronEntry& entry) {
  if (!rest.empty() && rest[0] == '@') {
    entry.event = TakeWord(rest);
    return true;
  }
  for (std::string* field :
       {&entry.minute, &entry.hour, &entry.day_of_month, &entry.month, &entry.day_of_week}) {
    *field = TakeWord(rest);
    const std::string_view allowed =
        "0123456789*/-,~?#LWabcdefghijklmnopqrstuvwxyzABCDEFGHIJKMNOPQRSTUVXYZ";
    if (field->empty() || field->find_first_not_of(allowed) != std::string::npos) return false;
  }
  return true;
}

}  // namespace

CronTable ParseCrontab(std::string_view text, bool system) {
  CronTable table;
  for (const NumberedLine& line : LinesOf(text)) {
    std::string_view rest = TrimLine(line.text);
    if (rest.empty() || rest[0] == '#' || IsSetting(rest, table)) continue;
    CronEntry entry;
    entry.line = line.number;
    if (!system && rest[0] == '-') rest.remove_prefix(1);  // SUSE: without a line in the log
    bool good = TakeTimes(rest, entry);
    if (good && system) entry.user = TakeWord(rest);
    entry.command = rest;
    good = good && !rest.empty();
    if (!good) {
      if (table.bad_lines.size() < 100) table.bad_lines.push_back(line.number);
      continue;
    }
    if (table.entries.size() >= kMaxEntries) {
      table.cut = true;
      break;
    }
    table.entries.push_back(std::move(entry));
  }
  return table;
}

std::vector<std::string> CronPrograms(std::string_view command) {
  std::vector<std::string> programs;
  // An unescaped % ends the command: what follows is its input.
  for (size_t at = 0; at < command.size(); ++at) {
    if (command[at] == '%' && (at == 0 || command[at - 1] != '\\')) {
      command = command.substr(0, at);
      break;
    }
  }
  for (std::string_view word : WordsOf(command, " \t;&|()<>")) {
    if (word.size() > 1 && (word[0] == '"' || word[0] == '\'') && word.back() == word[0])
      word = word.substr(1, word.size() - 2);
    const bool plain = word.size() > 1 && word[0] == '/' &&
                       word.find_first_of("$`*?[\"'\\{}~=") == std::string_view::npos;
    if (plain && programs.size() < kMaxPrograms) programs.emplace_back(word);
  }
  return programs;
}

}  // namespace tom
