#include "checks/engine/case_facts.h"

#include <algorithm>
#include <charconv>

#include "evidence/status_text.h"

namespace tom {
namespace {

const Table* FindTable(const std::vector<Table>& tables, const std::string& name) {
  const auto found =
      std::find_if(tables.begin(), tables.end(), [&](const Table& t) { return t.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

absl::StatusOr<Value> TypedFact(const Column& column, const YamlNode& node) {
  if (node.IsNull()) return Value();
  if (column.type == ColumnType::kText) return Value(node.text);
  int64_t number = 0;
  const char* last = node.text.data() + node.text.size();
  const auto [end, error] = std::from_chars(node.text.data(), last, number);
  if (error != std::errc() || end != last) return BadData(column.name + ": expected an integer");
  return Value(number);
}

absl::StatusOr<ValueRow> TypedRow(const Table& table, const CaseRow& facts) {
  ValueRow row(table.columns.size());
  for (const auto& [name, node] : facts) {
    const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                     [&, &key = name](const Column& c) { return c.name == key; });
    if (column == table.columns.end()) return BadData("no column " + name);
    TOM_ASSIGN_OR_RETURN(row[static_cast<size_t>(column - table.columns.begin())],
                         TypedFact(*column, node));
  }
  return row;
}

// Gives the rows that a real table would: those of the pushed constraints.
bool Matches(const Table& table, const ValueRow& row, const std::vector<Constraint>& constraints) {
  for (const Constraint& constraint : constraints) {
    if (constraint.kind != Constraint::Kind::kEqual) continue;
    for (size_t i = 0; i < row.size(); ++i) {
      if (table.columns[i].name == constraint.column && row[i] != constraint.value) return false;
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<CaseFacts> FactsOf(const CheckCase& one, const std::vector<Table>& tables) {
  CaseFacts facts;
  for (const auto& [name, rows] : one.facts) {
    const Table* table = FindTable(tables, name);
    if (table == nullptr) return BadData("facts: no table " + name);
    std::vector<ValueRow>& typed = facts.rows[name];
    for (const CaseRow& row : rows) {
      auto values = TypedRow(*table, row);
      if (!values.ok()) return Annotate(values.status(), "facts." + name);
      typed.push_back(*std::move(values));
    }
  }
  for (const std::string& name : one.unread) {
    if (FindTable(tables, name) == nullptr) return BadData("unread: no table " + name);
    facts.unread.insert(name);
  }
  return facts;
}

std::vector<Table> TablesOf(const CaseFacts& facts, const std::vector<Table>& tables,
                            const std::set<std::string>& names) {
  std::vector<Table> replaced;
  for (const Table& table : tables) {
    if (names.count(table.name) == 0) continue;
    const auto found = facts.rows.find(table.name);
    const std::vector<ValueRow> rows =
        found != facts.rows.end() ? found->second : std::vector<ValueRow>();
    const bool unread = facts.unread.count(table.name) != 0;
    Table copy = table;
    copy.generate = [table, rows, unread](Env&, const TableContext& context, RowSink& sink) {
      for (const ValueRow& row : rows) {
        if (Matches(table, row, context.constraints)) sink.AddRow(row);
      }
      return unread ? absl::PermissionDeniedError("unread in this case") : absl::OkStatus();
    };
    replaced.push_back(std::move(copy));
  }
  return replaced;
}

}  // namespace tom
