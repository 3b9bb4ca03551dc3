#include "checks/parse/mountinfo.h"

#include <algorithm>
#include <charconv>

namespace tom {
namespace {

constexpr size_t kMaxSwaps = 64;

std::vector<std::string_view> Fields(std::string_view line, std::string_view blanks) {
  std::vector<std::string_view> fields;
  size_t at = 0;
  while ((at = line.find_first_not_of(blanks, at)) != std::string_view::npos) {
    const size_t end = std::min(line.find_first_of(blanks, at), line.size());
    fields.push_back(line.substr(at, end - at));
    at = end;
  }
  return fields;
}

template <typename Number>
bool ParseNumber(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool ParseDevice(std::string_view text, MountEntry& entry) {
  const size_t colon = text.find(':');
  return colon != std::string_view::npos && ParseNumber(text.substr(0, colon), entry.major) &&
         ParseNumber(text.substr(colon + 1), entry.minor);
}

// The reason why `line` is no entry, or empty.
std::string ReadMount(std::string_view line, MountEntry& entry) {
  if (line.find('\0') != std::string_view::npos) return "holds a NUL";
  const std::vector<std::string_view> fields = Fields(line, " ");
  size_t dash = 6;  // optional fields end with a lone "-"
  while (dash < fields.size() && fields[dash] != "-") ++dash;
  // The source may be empty ("mount -t tmpfs '' /x"), which leaves one field fewer.
  if (dash + 2 >= fields.size()) return "too few fields";
  if (!ParseNumber(fields[0], entry.id) || !ParseNumber(fields[1], entry.parent)) {
    return "mount ids are not numbers";
  }
  if (!ParseDevice(fields[2], entry)) return "the device is not MAJOR:MINOR";
  entry.root = UnescapeOctal(fields[3]);
  entry.mount_point = UnescapeOctal(fields[4]);
  if (entry.mount_point.empty() || entry.mount_point[0] != '/') return "no absolute mount point";
  entry.options = UnescapeOctal(fields[5]);
  entry.fs_type = UnescapeOctal(fields[dash + 1]);
  const bool has_source = dash + 3 < fields.size();
  if (has_source) entry.source = UnescapeOctal(fields[dash + 2]);
  // Super options stay escaped: an escaped comma of overlay(5) is undone by who splits them.
  entry.super_options = std::string(fields[has_source ? dash + 3 : dash + 2]);
  return "";
}

// Calls `read(line, number)` for each line that is not empty.
template <typename Read>
void EachLine(std::string_view text, Read read) {
  size_t number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    ++number;
    if (end > at && !read(text.substr(at, end - at), number)) return;
    at = end + 1;
  }
}

std::string Problem(size_t number, std::string_view what) {
  return "line " + std::to_string(number) + ": " + std::string(what);
}

bool IsAtOrBelow(std::string_view path, std::string_view top) {
  if (top == "/") return !path.empty() && path[0] == '/';
  return path.substr(0, top.size()) == top &&
         (path.size() == top.size() || path[top.size()] == '/');
}

}  // namespace

MountInfo ParseMountInfo(std::string_view text) {
  MountInfo info;
  EachLine(text, [&](std::string_view line, size_t number) {
    if (number > kMaxMounts) {
      info.problems.push_back(Problem(number, "more mounts than are read"));
      return false;
    }
    MountEntry entry;
    const std::string problem = ReadMount(line, entry);
    if (problem.empty()) {
      info.entries.push_back(std::move(entry));
    } else {
      info.problems.push_back(Problem(number, problem));
    }
    return info.problems.size() < 10;
  });
  return info;
}

SwapList ParseSwaps(std::string_view text) {
  SwapList list;
  EachLine(text, [&](std::string_view line, size_t number) {
    const std::vector<std::string_view> fields = Fields(line, " \t");
    if (number == 1 && !fields.empty() && fields[0] == "Filename") return true;
    SwapEntry entry;
    if (fields.size() < 4 || fields[0][0] != '/' || !ParseNumber(fields[2], entry.size_kib)) {
      list.problems.push_back(Problem(number, "not a swap area"));
    } else if (list.entries.size() == kMaxSwaps) {
      list.problems.push_back(Problem(number, "more swap areas than are read"));
      return false;
    } else {
      entry.path = UnescapeOctal(fields[0]);
      entry.type = std::string(fields[1]);
      list.entries.push_back(std::move(entry));
    }
    return list.problems.size() < 10;
  });
  return list;
}

std::string UnescapeOctal(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](size_t at) { return text[at] >= '0' && text[at] <= '7'; };
    if (text[i] != '\\' || i + 3 >= text.size() || !digit(i + 1) || !digit(i + 2) ||
        !digit(i + 3) || text[i + 1] > '3') {
      plain.push_back(text[i]);
      continue;
    }
    plain.push_back(
        static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0'));
    i += 3;
  }
  return plain;
}

std::string MountOption(std::string_view options, std::string_view name) {
  for (size_t at = 0; at <= options.size();) {
    const size_t end = std::min(options.find(',', at), options.size());
    const std::string_view option = options.substr(at, end - at);
    if (option.size() > name.size() && option.substr(0, name.size()) == name &&
        option[name.size()] == '=') {
      return UnescapeOctal(option.substr(name.size() + 1));
    }
    at = end + 1;
  }
  return "";
}

const MountEntry* MountOfPath(const std::vector<MountEntry>& entries, std::string_view path) {
  const MountEntry* best = nullptr;
  for (const MountEntry& entry : entries) {
    if (!IsAtOrBelow(path, entry.mount_point)) continue;
    if (best == nullptr || entry.mount_point.size() >= best->mount_point.size()) best = &entry;
  }
  return best;
}

}  // namespace tom
