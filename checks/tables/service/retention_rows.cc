// The oldest row of each declared retention that names a database: how many rows, how old the
// oldest is, how many have no date. No value but the oldest moment leaves the host.
#include <algorithm>
#include <charconv>

#include "checks/engine/table.h"
#include "checks/parse/data_time.h"
#include "checks/tables/database_servers.h"
#include "checks/tables/declared_data.h"
#include "checks/tables/sudo_view.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Oldest {
  std::optional<int64_t> rows;
  std::optional<int64_t> undated;
  std::optional<UnixSeconds> oldest;
  std::string error;
};

std::optional<int64_t> Count(const std::optional<std::string>& cell) {
  int64_t number = 0;
  if (!cell) return std::nullopt;
  const auto end = std::from_chars(cell->data(), cell->data() + cell->size(), number);
  if (end.ec != std::errc() || end.ptr != cell->data() + cell->size()) return std::nullopt;
  return number;
}

// Counts all rows, those without a date, those whose date is not understood, and gives the oldest
// as seconds or as text: dates that are text are compared as moments, never as text.
std::string ColumnQuery(DataKind kind, const DeclaredRetention& one) {
  const std::string column = QuotedName(kind, one.column);
  const std::string table = QuotedTable(kind, one.schema, one.table);
  if (kind == DataKind::kSqlite) {
    const std::string iso =
        "(typeof(c) = 'text' AND c GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND"
        " strftime('%s', c) IS NOT NULL)";
    const std::string number =
        "CASE WHEN typeof(c) = 'real' THEN CAST(c AS INTEGER) WHEN typeof(c) = 'integer' THEN c "
        "END";
    // Numbers are of one unit or not understood: their smallest and largest are looked at.
    return "SELECT count(*), coalesce(sum(c IS NULL OR c = ''), 0),"
           " coalesce(sum(c IS NOT NULL AND c <> '' AND typeof(c) NOT IN ('integer', 'real') AND "
           "NOT " +
           iso + "), 0), min(CASE WHEN " + iso +
           " THEN CAST(strftime('%s', c) AS INTEGER) END), min(" + number + "), max(" + number +
           ") FROM (SELECT " + column + " AS c FROM " + table + ")";
  }
  if (kind == DataKind::kPostgres) {
    // Text is no date: it is refused by the cast of its type's name below.
    return "SELECT count(*), count(*) - count(" + column + "), 0, NULL, min(" + column +
           ")::text, max(" + column + ")::text, pg_typeof(min(" + column + "))::text FROM " + table;
  }
  return "SELECT count(*), count(*) - count(" + column + "), sum(" + column +
         " + 0 = 0), NULL, min(" + column + "), max(" + column + ") FROM " + table;
}

// Seconds, milliseconds … of a count have so many digits: 0, 1 …; dates that are none: -1.
int UnitOf(const std::string& text) {
  constexpr size_t kSecondsDigits = 11;
  const size_t digits = std::min(text.find('.'), text.size());
  if (text.find('-') != std::string::npos) return -1;
  return digits <= kSecondsDigits ? 0 : static_cast<int>((digits - kSecondsDigits + 2) / 3);
}

// Of the two ends of what is compared by the database itself.
void TakeEnds(const DatabaseCells& row, Oldest& to) {
  // What lies between numbers of two units is not ordered by its moment.
  if (row[4] && row[5] && UnitOf(*row[4]) != UnitOf(*row[5])) {
    to.error = "its dates are numbers of more than one unit";
    return;
  }
  const auto low = row[4] ? ParseDataTime(*row[4]) : std::nullopt;
  const auto high = row[5] ? ParseDataTime(*row[5]) : std::nullopt;
  if (row[4] && (!low || !high)) {
    to.error = "its dates are not understood";
    return;
  }
  if (low && (!to.oldest || *low < *to.oldest)) to.oldest = low;
}

// MySQL compares text as text, and shows moments in the session's zone.
std::string TypeQuery(const DeclaredRetention& one, const DataPlace& place) {
  const auto literal = [](const std::string& text) {
    std::string quoted = "'";
    for (const char c : text) {
      if (c == '\'' || c == '\\') quoted.push_back(c);
      quoted.push_back(c);
    }
    return quoted + "'";
  };
  const std::string schema = one.schema.empty() ? place.database : one.schema;
  return "SELECT data_type FROM information_schema.columns WHERE table_schema = " +
         literal(schema) + " AND table_name = " + literal(one.table) +
         " AND column_name = " + literal(one.column);
}

bool IsDateType(const std::string& type) {
  static constexpr std::string_view kTypes[] = {"date",
                                                "timestamp",
                                                "timestamp without time zone",
                                                "timestamp with time zone",
                                                "datetime",
                                                "bigint",
                                                "int",
                                                "integer",
                                                "numeric",
                                                "decimal",
                                                "double precision"};
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

std::string TextLiteral(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted.push_back(c);
    quoted.push_back(c);
  }
  return quoted + "'";
}

// A view may leave rows out, whatever it is called: "" or why the name is not taken.
std::string ViewProblem(Env& env, const DataPlace& place, const DeclaredRetention& one) {
  std::string query;
  if (place.kind == DataKind::kSqlite) {
    query = "SELECT type FROM sqlite_schema WHERE lower(name) = lower(" + TextLiteral(one.table) +
            ") AND type = 'view'";
  } else if (place.kind == DataKind::kPostgres) {
    query =
        "SELECT c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace WHERE c.relkind IN ('v', 'm', 'f') AND c.relname = " +
        TextLiteral(one.table) + " AND n.nspname = " + TextLiteral(one.schema);
  } else {
    const std::string schema = one.schema.empty() ? place.database : one.schema;
    query =
        "SELECT table_type FROM information_schema.tables WHERE table_type NOT IN ('BASE "
        "TABLE', 'SYSTEM VERSIONED') AND table_name = " +
        TextLiteral(one.table) + " AND table_schema = " + TextLiteral(schema);
  }
  const auto answer = AskDataPlace(env, place, query);
  if (!answer.ok()) return std::string(FromAbsl(answer.status().message()));
  if (!answer->error.empty()) return answer->error;
  return answer->rows.empty() ? "" : "it is a view, which may leave rows out: declare its table";
}

Oldest OfColumn(Env& env, const DataPlace& place, const DeclaredRetention& one) {
  Oldest to;
  to.error = ViewProblem(env, place, one);
  if (!to.error.empty()) return to;
  if (place.kind == DataKind::kMysql) {
    const auto type = AskDataPlace(env, place, TypeQuery(one, place));
    const bool known = type.ok() && type->error.empty() && type->rows.size() == 1 &&
                       type->rows[0].size() == 1 && type->rows[0][0];
    if (!known || !IsDateType(*type->rows[0][0])) {
      to.error = !type.ok() ? std::string(FromAbsl(type.status().message()))
                 : known    ? "the column is of type " + *type->rows[0][0]
                            : "the column is not there, or not ours to see";
      return to;
    }
  }
  const auto answer = AskDataPlace(env, place, ColumnQuery(place.kind, one));
  if (!answer.ok()) {
    to.error = FromAbsl(answer.status().message());
    return to;
  }
  const bool shaped = answer->rows.size() == 1 && answer->rows[0].size() >= 6;
  if (!answer->error.empty() || !shaped) {
    to.error = answer->error.empty() ? "an answer of another shape" : answer->error;
    return to;
  }
  const DatabaseCells& row = answer->rows[0];
  to.rows = Count(row[0]);
  to.undated = Count(row[1]);
  if (to.rows == std::optional<int64_t>(0)) return to;
  if (place.kind == DataKind::kPostgres && (row.size() != 7 || !row[6] || !IsDateType(*row[6]))) {
    to.error = "the column is of type " + row[6].value_or("?");
    return to;
  }
  // Zero dates of MySQL are none.
  if (place.kind == DataKind::kMysql && to.undated) *to.undated += Count(row[2]).value_or(0);
  if (place.kind == DataKind::kSqlite && Count(row[2]).value_or(1) != 0) {
    to.error = "some of its dates are not understood";
    return to;
  }
  to.oldest = Count(row[3]);
  TakeEnds(row, to);
  return to;
}

// A query of the site's own: moments, one a row; or one row with the oldest, the count of rows and
// the count of those without a date.
Oldest OfQuery(Env& env, const DataPlace& place, const DeclaredRetention& one) {
  Oldest to;
  to.error = QueryProblem(one.query);
  if (!to.error.empty()) return to;
  const auto answer = AskDataPlace(env, place, one.query);
  if (!answer.ok() || !answer->error.empty() || answer->cut) {
    to.error = !answer.ok()             ? std::string(FromAbsl(answer.status().message()))
               : !answer->error.empty() ? answer->error
                                        : "the query gives too many rows";
    return to;
  }
  const auto& rows = answer->rows;
  const bool counted = rows.size() == 1 && rows[0].size() >= 2;
  if (counted) to.rows = Count(rows[0][1]);
  if (counted && rows[0].size() >= 3) to.undated = Count(rows[0][2]);
  int64_t undated = 0;
  for (const DatabaseCells& row : rows) {
    if (row.empty()) continue;
    if (!row[0] || row[0]->empty()) {
      ++undated;
      continue;
    }
    const auto moment = ParseDataTime(*row[0]);
    if (!moment) {
      to.error = "a date is not understood";
      return to;
    }
    if (!to.oldest || *moment < *to.oldest) to.oldest = moment;
  }
  // One row is what min() gives, of rows without a date and of no rows too.
  if (rows.size() == 1) return to;
  to.rows = static_cast<int64_t>(rows.size());
  to.undated = undated;
  return to;
}

Value Dated(const Oldest& oldest) {
  if (!oldest.error.empty()) return {};
  if (!oldest.undated) return "query";
  return *oldest.undated == 0 ? "all" : "some";
}

void Add(Env& env, const DeclaredRetention& one, const std::string& kind, const Oldest& oldest,
         RowSink& sink) {
  const bool dated = oldest.error.empty() && oldest.oldest.has_value();
  const int64_t age = dated ? env.Now() - *oldest.oldest : 0;
  const std::string where = one.table.empty() ? one.database : one.database + " " + one.table;
  sink.Add(
      {{"name", one.name.empty() ? Value(PrintableText(where)) : Value(PrintableText(one.name))},
       {"database", PrintableText(one.database)},
       {"kind", kind.empty() ? Value() : Value(kind)},
       {"rows", oldest.rows ? Value(*oldest.rows) : Value()},
       {"undated_rows", oldest.undated ? Value(*oldest.undated) : Value()},
       {"dated", Dated(oldest)},
       {"oldest", dated ? Value(FormatUtc(*oldest.oldest)) : Value()},
       {"age_seconds", dated ? Value(age) : Value()},
       {"limit_seconds", one.limit_seconds},
       {"promise", PrintableText(one.promise)},
       {"error",
        oldest.error.empty() ? Value() : Value(PrintableText(oldest.error.substr(0, 500)))}});
}

absl::Status GenerateRows(Env& env, const TableContext& context, RowSink& sink) {
  for (const DeclaredRetention& one : context.declared.retention) {
    if (one.database.empty()) continue;
    const auto place = FindDataPlace(context.declared, one.database);
    Oldest oldest;
    if (!place.ok()) {
      oldest.error = FromAbsl(place.status().message());
    } else {
      oldest = one.query.empty() ? OfColumn(env, *place, one) : OfQuery(env, *place, one);
    }
    Add(env, one, place.ok() ? DataKindName(place->kind) : "", oldest, sink);
  }
  return absl::OkStatus();
}

}  // namespace

Table retention_rows_table() {
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      .name = "retention_rows",
      .description = "Declared retention of data in databases: the oldest row of each",
      .columns =
          {{.name = "name", .description = "Its name in the configuration, or where it is"},
           {.name = "database", .description = "As the configuration names it"},
           {.name = "kind", .description = "sqlite, postgres, mysql"},
           {.name = "rows", .type = kBig, .description = "Rows there; NULL: not told"},
           {.name = "undated_rows",
            .type = kBig,
            .description = "Rows without a date; NULL: not told"},
           {.name = "dated",
            .description =
                "all or some rows have a date; query: the declared query gives the oldest alone"},
           {.name = "oldest",
            .description = "Moment of the oldest row, UTC; without a zone it is taken for UTC"},
           {.name = "age_seconds",
            .type = kBig,
            .description = "Its age now; negative: in the future"},
           {.name = "limit_seconds", .type = kBig, .description = "Most that was agreed"},
           {.name = "promise", .description = "Clause that it belongs to"},
           {.name = "error", .description = "Why it is not known"}},
      .generate = GenerateRows,
      .touches = [](Env&, const Declared& declared) {
        std::vector<Touch> touches;
        for (const DeclaredRetention& one : declared.retention) {
          if (one.database.empty()) continue;
          for (Touch& touch : DataPlaceTouches(declared, one.database, "retention of data")) {
            touches.push_back(std::move(touch));
          }
        }
        return touches;
      }};
}

}  // namespace tom
