#include "checks/parse/zfs_snapshots.h"

#include <algorithm>

#include "checks/parse/plain_number.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxSnapshots = 200000;
constexpr size_t kMostDigits = 18;

std::vector<std::string_view> Fields(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const size_t tab = line.find('\t');
    fields.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return fields;
    line.remove_prefix(tab + 1);
  }
}

}  // namespace

absl::StatusOr<std::vector<ZfsSnapshot>> ParseZfsSnapshots(std::string_view text,
                                                           const std::string& dataset) {
  const std::string prefix = dataset + "@";
  std::vector<ZfsSnapshot> list;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::vector<std::string_view> fields = Fields(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (fields.size() != 4) return BadData("no list of snapshots");
    const auto created = PlainNumber(fields[1], kMostDigits);
    const auto referenced = PlainNumber(fields[2], kMostDigits);
    if (!created || !referenced) return BadData("a snapshot without a time or a size");
    if (!fields[0].starts_with(prefix)) continue;
    if (list.size() >= kMaxSnapshots) return absl::ResourceExhaustedError("too many snapshots");
    ZfsSnapshot one;
    one.name = std::string(fields[0]);
    one.created = *created;
    one.referenced = *referenced;
    if (fields[3] != "-" && !fields[3].empty()) one.encrypted = fields[3] != "off";
    list.push_back(std::move(one));
  }
  return list;
}

bool IsZfsDatasetName(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && name.size() < 256 && letter(name[0]) && name.back() != '/' &&
         name.find("//") == std::string_view::npos &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') ||
                  std::string_view("-_.:/ ").find(c) != std::string_view::npos;
         });
}

}  // namespace tom
