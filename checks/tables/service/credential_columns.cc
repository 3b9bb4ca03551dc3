// In which forms the declared user stores keep passwords: counts of a bounded sample, never a
// value.
#include <map>

#include "checks/engine/table.h"
#include "checks/parse/config_lines.h"
#include "checks/parse/password_form.h"
#include "checks/tables/declared_data.h"
#include "checks/tables/sudo_view.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMostValues = 5000;

struct Counts {
  std::map<PasswordStrength, int64_t> by_strength;
  std::map<std::string, int64_t> forms;
  int64_t looked = 0;
  std::string error;

  void Take(std::string_view stored) {
    const PasswordForm form = RecognisePassword(stored);
    ++looked;
    ++by_strength[form.strength];
    ++forms[form.name];
  }
};

// Distinct ones: many accounts may share an empty or locked one.
Counts OfColumn(Env& env, const Declared& declared, const DeclaredColumn& column) {
  Counts counts;
  const auto place = FindDataPlace(declared, column.database);
  if (!place.ok()) {
    counts.error = FromAbsl(place.status().message());
    return counts;
  }
  const std::string name = QuotedName(place->kind, column.column);
  const std::string query = "SELECT DISTINCT " + name + " FROM " +
                            QuotedTable(place->kind, column.schema, column.table) + " LIMIT " +
                            std::to_string(kMostValues);
  const auto answer = AskDataPlace(env, *place, query);
  if (!answer.ok() || !answer->error.empty()) {
    counts.error = answer.ok()
                       ? "the database refuses the question: " + answer->error.substr(0, 200)
                       : std::string(FromAbsl(answer.status().message()));
    return counts;
  }
  for (const auto& row : answer->rows)
    counts.Take(row.empty() || !row[0] ? std::string_view() : *row[0]);
  return counts;
}

// NAME:PASSWORD lines (htpasswd(1)).
Counts OfFile(Env& env, const std::string& path) {
  Counts counts;
  const auto text = env.ReadFile(path);
  if (!text.ok()) {
    counts.error = FromAbsl(text.status().message());
    return counts;
  }
  for (const NumberedLine& line : LinesOf(*text)) {
    const std::string_view rest = TrimLine(line.text);
    if (rest.empty() || rest[0] == '#') continue;
    const size_t colon = rest.find(':');
    if (colon == std::string_view::npos) {
      counts.error = "line " + std::to_string(line.number) + " is no NAME:PASSWORD";
      return counts;
    }
    if (counts.looked < static_cast<int64_t>(kMostValues)) {
      const std::string_view password = rest.substr(colon + 1);
      // bcrypt and its like have no colon; a third field is another program's.
      counts.Take(password.substr(
          0, password.starts_with('$') ? password.find(':') : std::string_view::npos));
    }
  }
  return counts;
}

void Add(const DeclaredUserStore& store, const Counts& counts, RowSink& sink) {
  const std::string where = store.path.empty() ? store.column.database + " " + store.column.table +
                                                     "." + store.column.column
                                               : store.path;
  std::string forms;
  for (const auto& [name, count] : counts.forms) {
    if (!forms.empty()) forms.append(", ");
    forms.append(name);
  }
  const auto count = [&](PasswordStrength strength) {
    const auto found = counts.by_strength.find(strength);
    return Value(found == counts.by_strength.end() ? int64_t{0} : found->second);
  };
  const bool known = counts.error.empty();
  sink.Add({{"store", PrintableText(store.name.empty() ? where : store.name)},
            {"place", PrintableText(where)},
            {"looked_at", known ? Value(counts.looked) : Value()},
            {"strong", known ? count(PasswordStrength::kStrong) : Value()},
            {"weak", known ? count(PasswordStrength::kWeak) : Value()},
            {"reversible", known ? count(PasswordStrength::kReversible) : Value()},
            {"without", known ? count(PasswordStrength::kNone) : Value()},
            {"unrecognised", known ? count(PasswordStrength::kUnknown) : Value()},
            {"forms", known ? Value(forms) : Value()},
            {"error", known ? Value() : Value(PrintableText(counts.error))}});
}

}  // namespace

Table credential_columns_table() {
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      .name = "credential_columns",
      .description =
          "Declared user stores: in which forms a sample of their passwords is kept; counts alone",
      .columns =
          {{.name = "store", .description = "Its name in the configuration, or where it is"},
           {.name = "place", .description = "Database, table and column, or file"},
           {.name = "looked_at", .type = kBig, .description = "Distinct values, at most 5000"},
           {.name = "strong", .type = kBig, .description = "Slow and salted hashes"},
           {.name = "weak",
            .type = kBig,
            .description = "Hashes that are fast, unsalted or broken"},
           {.name = "reversible", .type = kBig, .description = "Plain, encoded or encrypted"},
           {.name = "without", .type = kBig, .description = "No password"},
           {.name = "unrecognised", .type = kBig, .description = "No form that is known"},
           {.name = "forms", .description = "Names of the forms seen, by commas"},
           {.name = "error", .description = "Why it is not known"}},
      .generate =
          [](Env& env, const TableContext& context, RowSink& sink) {
            for (const DeclaredUserStore& store : context.declared.user_stores) {
              Add(store,
                  store.path.empty() ? OfColumn(env, context.declared, store.column)
                                     : OfFile(env, store.path),
                  sink);
            }
            return absl::OkStatus();
          },
      .touches =
          [](Env&, const Declared& declared) {
            std::vector<Touch> touches;
            for (const DeclaredUserStore& store : declared.user_stores) {
              if (!store.path.empty()) {
                touches.push_back(
                    {TouchKind::kFile, store.path, "passwords of a declared user store"});
                continue;
              }
              Append(touches, DataPlaceTouches(declared, store.column.database,
                                               "passwords of a declared user store"));
            }
            return touches;
          }};
}

}  // namespace tom
