#include "checks/engine/row_builder.h"

#include <algorithm>

#include "checks/engine/clean_text.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// What a subject longer than the bound is called: its beginning and its digest, so that two of them
// stay two.
std::string BoundedSubject(const std::string& subject) {
  if (subject.size() <= limits::kMaxStringBytes) return subject;
  return CleanText(subject.substr(0, 256), 256) + " sha256:" + Sha256(subject).Hex();
}

absl::StatusOr<UnixSeconds> TimeOf(const Value& value) {
  if (const auto* seconds = std::get_if<int64_t>(&value)) return *seconds;
  return ParseUtc(ValueText(value));
}

Json CellOf(const std::string& name, const Value& value, std::vector<std::string>& doubts) {
  if (const auto* number = std::get_if<int64_t>(&value)) return IntegerOrText(*number);
  const std::string& text = std::get<std::string>(value);
  if (text.size() <= limits::kMaxStringBytes) return TextOrBytes(text);
  doubts.push_back(name + " is longer than 4 KiB");
  return Json(CleanText(text, limits::kMaxStringBytes));
}

// A pass that its own date has overtaken is none.
void JudgeValidity(RowResult& row, UnixSeconds now) {
  if (row.valid_until && *row.valid_until <= now) {
    if (row.verdict == Verdict::kPass) Doubt(row, "expired " + FormatUtc(*row.valid_until));
    row.valid_until.reset();
  }
}

void BoundRow(RowResult& row) {
  if (Canonical(row.evidence).size() + row.subject.size() + row.reason.size() <=
      limits::kMaxRowBytes - 1024) {
    return;
  }
  row.evidence = Json();
  Doubt(row, "the evidence is larger than 32 KiB and left out");
}

}  // namespace

void Doubt(RowResult& row, const std::string& reason) {
  if (row.verdict == Verdict::kFail || row.verdict == Verdict::kUnknown) return;
  row.verdict = Verdict::kUnknown;
  row.reason =
      CleanText(reason + (row.reason.empty() ? "" : "; " + row.reason), limits::kMaxStringBytes);
}

absl::StatusOr<RowBuilder> RowBuilder::Create(const Check& check,
                                              const std::vector<std::string>& columns) {
  RowBuilder builder;
  bool subject = false;
  bool verdict = false;
  for (const std::string& name : columns) {
    for (const Target& other : builder.targets_) {
      if (other.name == name) return BadData("the query gives the column " + name + " twice");
    }
    const bool is_volatile = std::find(check.volatile_columns.begin(), check.volatile_columns.end(),
                                       name) != check.volatile_columns.end();
    const Use use = name == "subject"       ? Use::kSubject
                    : name == "verdict"     ? Use::kVerdict
                    : name == "reason"      ? Use::kReason
                    : name == "valid_until" ? Use::kValidUntil
                    : is_volatile           ? Use::kAside
                                            : Use::kEvidence;
    subject = subject || use == Use::kSubject;
    verdict = verdict || use == Use::kVerdict;
    builder.targets_.push_back({name, use});
  }
  if (!subject || !verdict) return BadData("the query gives no column subject or none verdict");
  return builder;
}

void RowBuilder::Place(const Target& target, const Value& value, RowResult& row,
                       std::vector<std::string>& doubts) {
  switch (target.use) {
    case Use::kSubject:
      row.subject = BoundedSubject(ValueText(value));
      break;
    case Use::kVerdict: {
      const auto verdict = VerdictFromName(ValueText(value));
      row.verdict = verdict.value_or(Verdict::kUnknown);
      if (!verdict.ok() && !IsNull(value)) {
        row.reason = "foreign verdict: " + CleanText(ValueText(value), 100);
      }
      break;
    }
    case Use::kReason:
      if (ValueText(value).size() > limits::kMaxStringBytes) doubts.push_back("the reason was cut");
      row.reason +=
          (row.reason.empty() ? "" : "; ") + CleanText(ValueText(value), limits::kMaxStringBytes);
      break;
    case Use::kValidUntil: {
      if (IsNull(value)) break;
      const auto time = TimeOf(value);
      if (!time.ok()) doubts.push_back("valid_until is no time");
      if (time.ok()) row.valid_until = *time;
      break;
    }
    case Use::kEvidence:
      if (!IsNull(value)) row.evidence.AsObject()[target.name] = CellOf(target.name, value, doubts);
      break;
    case Use::kAside:
      if (!IsNull(value)) row.aside.AsObject()[target.name] = CellOf(target.name, value, doubts);
      break;
  }
}

absl::StatusOr<RowResult> RowBuilder::Build(const ValueRow& cells, UnixSeconds now) const {
  RowResult row;
  std::vector<std::string> doubts;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (std::holds_alternative<double>(cells[i])) {
      return BadData("the column " + targets_[i].name + " is a REAL");
    }
    Place(targets_[i], cells[i], row, doubts);
  }
  if (row.subject.empty()) return BadData("the query gives a row without a subject");
  for (const std::string& doubt : doubts) Doubt(row, doubt);
  JudgeValidity(row, now);
  BoundRow(row);
  row.reason = CleanText(row.reason, limits::kMaxStringBytes);
  return row;
}

}  // namespace tom
