#include "checks/engine/check_lint.h"

#include <algorithm>
#include <regex>
#include <set>

#include "checks/engine/sql_engine.h"
#include "checks/env/fake_env.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct TextRule {
  const char* pattern;
  const char* problem;
};

// Over the query without comments; ignoring case.
constexpr TextRule kTextRules[] = {
    {R"(\bELSE\s*\(?\s*'pass')", "ELSE 'pass': NULL would pass; name the condition"},
    {R"(\b\w*version\w*\b\s*(<|>)|(<|>)=?\s*\w*\.?\w*version\w*\b)",
     "versions are compared as text; compare ranks"},
    {R"(\brandom(blob)?\s*\()", "random() has no place in a check"},
    {R"('now')", "the clock is :now"},
    {R"(\b(date|time|datetime|strftime|unixepoch|julianday)\s*\(\s*\))", "the clock is :now"},
    {R"(\bcurrent_(date|time|timestamp)\b)", "the clock is :now"},
};

// Blanks in place of comments, so that places stay; quoted text stays.
std::string WithoutComments(std::string sql) {
  char quote = '\0';
  for (size_t i = 0; i < sql.size(); ++i) {
    if (quote != '\0') {
      if (sql[i] == quote) quote = '\0';
    } else if (sql[i] == '\'' || sql[i] == '"') {
      quote = sql[i];
    } else if (sql.compare(i, 2, "--") == 0 || sql.compare(i, 2, "/*") == 0) {
      const bool line = sql[i] == '-';
      size_t end = sql.find(line ? "\n" : "*/", i);
      if (end == std::string::npos) end = sql.size();
      for (; i < end; ++i) sql[i] = sql[i] == '\n' ? '\n' : ' ';
    }
  }
  return sql;
}

class Linter {
 public:
  Linter(const CheckSource& source, const std::vector<Table>& tables)
      : source_(source), tables_(tables), query_(WithoutComments(source.check.query)) {}

  std::vector<std::string> Lint() {
    for (const TextRule& rule : kTextRules) Match(rule.pattern, rule.problem);
    LintShape();
    LintCases();
    return std::move(findings_);
  }

 private:
  void Add(int line, const std::string& problem) {
    findings_.push_back(source_.file + ":" + std::to_string(line) + ": " + problem);
  }

  void Match(const std::string& pattern, const std::string& problem) {
    std::smatch match;
    const std::regex regex(pattern, std::regex::icase);
    if (!std::regex_search(query_, match, regex)) return;
    const auto lines = std::count(query_.begin(), query_.begin() + match.position(), '\n');
    Add(source_.query_line + static_cast<int>(lines), problem);
  }

  void LintShape() {
    FakeEnv env;
    auto engine = SqlEngine::Create(tables_, env, {});
    if (!engine.ok()) return Add(source_.query_line, std::string(engine.status().message()));
    const auto shape = (*engine)->Examine(source_.check.query);
    if (!shape.ok()) return Add(source_.query_line, std::string(shape.status().message()));
    if (shape->tables.empty()) Add(source_.query_line, "the query reads no fact table");
    LintParameters(shape->parameters);
    LintColumns(shape->columns);
    LintPersonal(shape->tables);
  }

  void LintParameters(const std::set<std::string>& used) {
    for (const std::string& name : used) {
      if (name == "now" || source_.check.parameters.count(name) != 0) continue;
      Add(source_.query_line, "the query uses the unknown parameter :" + name);
    }
    for (const auto& [name, parameter] : source_.check.parameters) {
      if (used.count(name) == 0)
        Add(source_.query_line, "the query does not use the parameter " + name);
    }
  }

  void LintColumns(const std::vector<std::string>& columns) {
    const auto has = [&](const std::string& name) {
      return std::find(columns.begin(), columns.end(), name) != columns.end();
    };
    for (const char* name : {"subject", "verdict", "reason"}) {
      if (source_.check.expects.empty() && !has(name)) {
        Add(source_.query_line, std::string("the query gives no column ") + name);
      }
    }
    for (const std::string& name : source_.check.volatile_columns) {
      if (!has(name))
        Add(source_.query_line, "the query gives no column " + name + ", named volatile");
    }
  }

  void LintPersonal(const std::set<std::string>& names) {
    for (const Table& table : tables_) {
      if (names.count(table.name) == 0) continue;
      for (const Column& column : table.columns) {
        if (column.personal.empty()) continue;
        Match("\\b" + column.name +
                  R"(\b\s*(=|<>|!=|\bIS\b|\bLIKE\b|\bGLOB\b|\b(NOT\s+)?IN\b)\s*\(?\s*')",
              column.name + " is personal and a pseudonym in reports: compare it with a parameter");
      }
    }
  }

  void LintCases() {
    std::set<Verdict> seen;
    std::set<std::string> names;
    for (const CheckCase& one : source_.cases) {
      if (!names.insert(one.name).second) Add(one.line, "two cases are named " + one.name);
      if (one.expect.empty()) Add(one.line, "the case " + one.name + " expects nothing");
      for (const Expectation& expectation : one.expect) seen.insert(expectation.verdict);
    }
    for (const Verdict verdict : {Verdict::kPass, Verdict::kFail, Verdict::kUnknown}) {
      if (seen.count(verdict) == 0) Add(1, "no case expects " + std::string(VerdictName(verdict)));
    }
  }

  const CheckSource& source_;
  const std::vector<Table>& tables_;
  std::string query_;
  std::vector<std::string> findings_;
};

}  // namespace

std::vector<std::string> LintCheck(const CheckSource& source, const std::vector<Table>& tables) {
  return Linter(source, tables).Lint();
}

}  // namespace tom
