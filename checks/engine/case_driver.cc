#include "checks/engine/case_driver.h"

#include <functional>
#include <memory>

#include "checks/engine/case_facts.h"
#include "checks/engine/check_runner.h"
#include "checks/env/fake_env.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr UnixSeconds kNow = 1800000000;  // 2027-01-15T08:00:00Z: what :now is in every case

using Rows = std::map<std::string, RowResult>;

class CaseRun {
 public:
  CaseRun(const CheckSource& source, const std::vector<Table>& tables, CaseReport& report)
      : source_(source), tables_(tables), report_(report) {}

  bool FindTables() {
    FakeEnv env;
    auto engine = SqlEngine::Create(tables_, env, {});
    auto shape = engine.ok() ? (*engine)->Examine(source_.check.query)
                             : absl::StatusOr<SqlEngine::Shape>(engine.status());
    if (!shape.ok()) Problem(source_.query_line, "", std::string(shape.status().message()));
    if (shape.ok()) names_ = shape->tables;
    return shape.ok();
  }

  void Run(const CheckCase& one) {
    ++report_.cases;
    case_ = &one;
    const auto facts = FactsOf(one, tables_);
    if (!facts.ok()) return Problem(one.line, one.name, std::string(facts.status().message()));
    base_ = Judge(*facts, kNow);
    Compare();
    CompareLater(*facts);
    Mutate(*facts);
  }

 private:
  void Problem(int line, const std::string& name, const std::string& text) {
    report_.problems.push_back(source_.file + ":" + std::to_string(line) + ": " +
                               (name.empty() ? "" : name + ": ") + text);
  }
  void Problem(const std::string& text) { Problem(case_->line, case_->name, text); }

  Rows Judge(const CaseFacts& facts, UnixSeconds now) {
    FakeEnv env;
    env.SetNow(now);
    CheckJob job;
    job.check = source_.check;
    for (const auto& [name, parameter] : source_.check.parameters)
      job.values[name] = parameter.value;
    for (const auto& [name, value] : case_->parameters) {
      const auto found = source_.check.parameters.find(name);
      if (found == source_.check.parameters.end()) Problem("no parameter " + name);
      job.values[name] = value;
    }
    auto engine = SqlEngine::Create(TablesOf(facts, tables_, names_), env, {});
    Rows rows;
    if (!engine.ok()) return rows;
    for (RowResult& row : RunCheck(**engine, job).rows) rows.emplace(row.subject, std::move(row));
    return rows;
  }

  // All rows that are expected, and no others.
  void Compare() {
    for (const Expectation& wanted : case_->expect) {
      const auto found = base_.find(wanted.subject);
      if (found == base_.end()) {
        Problem("no row for " + wanted.subject);
      } else if (found->second.verdict != wanted.verdict) {
        Problem(wanted.subject + " is " + std::string(VerdictName(found->second.verdict)) + " (" +
                found->second.reason + "), expected " + std::string(VerdictName(wanted.verdict)));
      } else if (found->second.reason.find(wanted.reason) == std::string::npos) {
        Problem(wanted.subject + ": the reason is: " + found->second.reason);
      }
    }
    for (const auto& [subject, row] : base_) {
      bool wanted = false;
      for (const Expectation& one : case_->expect) wanted = wanted || one.subject == subject;
      if (!wanted) {
        Problem("unexpected row: " + subject + " is " + std::string(VerdictName(row.verdict)) +
                " (" + row.reason + ")");
      }
    }
  }

  void CompareLater(const CaseFacts& facts) {
    for (const auto& [subject, later] : Judge(facts, kNow + kHour)) {
      const auto found = base_.find(subject);
      if (found == base_.end() || found->second.verdict != later.verdict) continue;
      const RowResult& row = found->second;
      if (row.reason != later.reason || row.evidence != later.evidence ||
          row.valid_until != later.valid_until) {
        Problem(subject + ": reason or evidence follows the clock: make the column volatile");
      }
    }
  }

  void Mutate(const CaseFacts& facts) {
    for (const std::string& table : names_) {
      CaseFacts emptied = facts;
      emptied.rows[table].clear();
      Try(emptied, table + " emptied");
      CaseFacts unread = facts;
      unread.unread.insert(table);
      Try(unread, table + " unread");
      MutateColumns(facts, table);
    }
  }

  void MutateColumns(const CaseFacts& facts, const std::string& table) {
    const auto found = facts.rows.find(table);
    if (found == facts.rows.end() || found->second.empty()) return;
    const size_t rows = found->second.size();
    for (const Table& one : tables_) {
      if (one.name != table) continue;
      for (size_t column = 0; column < one.columns.size(); ++column) {
        const std::string what = table + "." + one.columns[column].name + " NULL";
        CaseFacts all = facts;
        for (ValueRow& row : all.rows[table]) row[column] = Value();
        Try(all, what);
        for (size_t i = 0; i < rows && rows > 1; ++i) {
          CaseFacts single = facts;
          single.rows[table][i][column] = Value();
          Try(single, what + " in row " + std::to_string(i + 1));
        }
      }
    }
  }

  static bool Bad(Verdict verdict) {
    return verdict == Verdict::kFail || verdict == Verdict::kUnknown;
  }

  void Try(const CaseFacts& facts, const std::string& what) {
    ++report_.mutations;
    const Rows rows = Judge(facts, kNow);
    bool bad_before = false;
    bool bad_now = false;
    bool pass_now = false;
    for (const auto& [subject, row] : base_) {
      bad_before = bad_before || Bad(row.verdict);
      const auto found = rows.find(subject);
      if (Bad(row.verdict) && found != rows.end() && found->second.verdict == Verdict::kPass) {
        Problem(what + ": " + subject + " becomes pass");
      }
    }
    for (const auto& [subject, row] : rows) {
      bad_now = bad_now || Bad(row.verdict);
      pass_now = pass_now || row.verdict == Verdict::kPass;
    }
    if (bad_before && !bad_now && pass_now) Problem(what + ": the check becomes pass");
  }

  const CheckSource& source_;
  const std::vector<Table>& tables_;
  CaseReport& report_;
  std::set<std::string> names_;
  const CheckCase* case_ = nullptr;
  Rows base_;
};

}  // namespace

CaseReport RunCases(const CheckSource& source, const std::vector<Table>& tables) {
  CaseReport report;
  CaseRun run(source, tables, report);
  if (!run.FindTables()) return report;
  for (const CheckCase& one : source.cases) run.Run(one);
  return report;
}

}  // namespace tom
