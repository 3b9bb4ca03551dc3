#include "collector/ctl/profile_text.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "evidence/canonical_json.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

constexpr size_t kWidth = 100;
constexpr size_t kIndent = 11;  // "  Promise  "

size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](unsigned char byte) {
    return (byte & 0xC0) != 0x80;  // UTF-8: one character, one first byte
  }));
}

// "  Promise  words, and more words\n           below each other\n"; nothing for an empty text.
std::string Field(std::string_view name, const std::string& text) {
  std::string one_line = text;
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  const std::string clean = TerminalText(one_line);
  std::string out;
  std::string line = absl::StrCat("  ", ToAbsl(name));
  line.resize(kIndent, ' ');
  size_t used = kIndent;
  for (absl::string_view word : absl::StrSplit(clean, ' ', absl::SkipEmpty())) {
    const size_t width = Width(FromAbsl(word));
    if (used > kIndent && used + 1 + width > kWidth) {
      absl::StrAppend(&out, line, "\n");
      line.assign(kIndent, ' ');
      used = kIndent;
    }
    absl::StrAppend(&line, used > kIndent ? " " : "", word);
    used += width + (used > kIndent ? 1 : 0);
  }
  return used > kIndent ? absl::StrCat(out, line, "\n") : "";
}

std::string Parameters(const std::map<std::string, Json>& values) {
  std::vector<std::string> each;
  for (const auto& [name, value] : values) {
    const auto text = EncodeCanonical(value);
    each.push_back(absl::StrCat(name, " ", text.ok() ? *text : "?"));
  }
  return each.empty() ? "" : absl::StrCat(" (", absl::StrJoin(each, ", "), ")");
}

std::string MeasureText(const std::string& measure, const std::map<std::string, Json>& values,
                        const Catalogue& catalogue) {
  std::vector<std::string> checks;
  for (const auto& [id, check] : catalogue.checks) {
    if (check.measure == measure) checks.push_back(id);
  }
  const std::string proven =
      checks.empty() ? "no check on hosts"
                     : absl::StrCat(checks.size(), checks.size() == 1 ? " check: " : " checks: ",
                                    absl::StrJoin(checks, ", "));
  return Field("Measure", absl::StrCat(measure, Parameters(values), ", ", proven));
}

std::string ClauseText(const Clause& clause, const Catalogue& catalogue) {
  std::string out =
      absl::StrCat(TerminalText(clause.clause), "  ", clause.proof, ", ", clause.basis, "\n",
                   Field("Promise", clause.promise), Field("Reading", clause.reading));
  for (const auto& [measure, values] : clause.measures) {
    out += MeasureText(measure, values, catalogue);
  }
  return out;
}

}  // namespace

std::string ProfileText(const Profile& profile, const Catalogue& catalogue) {
  std::map<std::string, size_t> proofs;
  for (const Clause& clause : profile.clauses) ++proofs[clause.proof];
  std::vector<std::string> counts;
  for (const auto& [proof, count] : proofs) counts.push_back(absl::StrCat(count, " ", proof));
  std::string out = absl::StrCat(
      profile.id, "  ", TerminalText(profile.title), "\n", profile.clauses.size(),
      " clauses: ", absl::StrJoin(counts, ", "), "\nDigest of the document: ", profile.document,
      profile.source_incomplete ? "\nThe stored document has gaps; nothing is invented for them."
                                : "",
      "\n");
  for (const Clause& clause : profile.clauses) {
    absl::StrAppend(&out, "\n", ClauseText(clause, catalogue));
  }
  return out;
}

}  // namespace tom
