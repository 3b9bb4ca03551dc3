#include "checks/parse/proc_process.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace tom {
namespace {

std::optional<int64_t> Number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// The next word, and the text behind it; "" at the end.
std::string_view NextWord(std::string_view& text) {
  const size_t start = text.find_first_not_of(" \t\n");
  if (start == std::string_view::npos) return {};
  text.remove_prefix(start);
  const size_t end = std::min(text.find_first_of(" \t\n"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

// What stands behind `name` at a line's start, to the line's end.
std::optional<std::string_view> LineOf(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(name)) return line.substr(name.size());
  }
  return {};
}

bool ReadIds(std::string_view text, std::string_view name, ProcIds& ids) {
  auto line = LineOf(text, name);
  if (!line) return false;
  for (int64_t* id : {&ids.real, &ids.effective, &ids.saved}) {
    const auto number = Number(NextWord(*line));
    if (!number) return false;
    *id = *number;
  }
  return true;
}

}  // namespace

std::optional<ProcStat> ParseProcStat(std::string_view text) {
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  ProcStat stat;
  stat.name = text.substr(open + 1, close - open - 1);
  text.remove_prefix(close + 1);
  const std::string_view state = NextWord(text);
  if (state.size() != 1) return {};
  stat.state = state[0];
  std::array<int64_t, 21> fields{};  // the fourth of proc(5) is the first here
  for (int64_t& field : fields) {
    const std::string_view word = NextWord(text);
    // Unsigned fields, such as limits, may be larger than any number that is used here.
    field = Number(word).value_or(-1);
    if (word.empty()) return {};
  }
  stat.parent = fields[0];
  stat.group = fields[1];
  stat.user_ticks = fields[10];
  stat.system_ticks = fields[11];
  stat.nice = fields[15];
  stat.threads = fields[16];
  stat.start_ticks = fields[18];
  stat.virtual_bytes = fields[19];
  stat.resident_pages = fields[20];
  return stat;
}

std::optional<ProcStatus> ParseProcStatus(std::string_view text) {
  ProcStatus status;
  if (!ReadIds(text, "Uid:", status.uid) || !ReadIds(text, "Gid:", status.gid)) return {};
  return status;
}

std::optional<int64_t> ProcNumber(std::string_view text, std::string_view name) {
  auto line = LineOf(text, name);
  if (!line) return {};
  if (!line->empty() && line->front() == ':') line->remove_prefix(1);
  return Number(NextWord(*line));
}

}  // namespace tom
