// Units of systemd as they lie on the disk, and, where systemd runs, whether they are active. Read
// from files alone: asking systemd would be a conversation, and tells nothing of a dead tree.
#include "checks/engine/table.h"
#include "checks/tables/unit_files.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

std::string LoadState(const Unit& unit) {
  if (unit.masked) return "masked";
  if (unit.path.empty()) return "not-found";
  return unit.problem.empty() ? "loaded" : "error";
}

Value Active(UnitFiles& units, const Unit& unit) {
  const auto active = units.Active(unit.id);
  return active ? Value(*active ? "active" : "inactive") : Value();
}

Value Starts(UnitFiles& units, const Unit& unit) {
  const auto starts = units.Starts(unit);
  return starts ? Value(int64_t{*starts}) : Value();
}

bool AddUnit(UnitFiles& units, const Unit& unit, RowSink& sink) {
  if (!unit.problem.empty()) sink.Incomplete(unit.problem);
  const bool known = unit.problem.empty();
  return sink.Add({{"id", unit.id},
                   {"description", unit.content.Value("Unit", "Description")},
                   {"load_state", LoadState(unit)},
                   {"active_state", Active(units, unit)},
                   {"unit_file_state", known ? Value(unit.state) : Value()},
                   {"fragment_path", unit.path},
                   {"user", unit.content.Value("Service", "User")},
                   {"source_path", unit.content.Value("Unit", "SourcePath")},
                   {"started_by", JoinWords(unit.started_by)},
                   {"starts", known ? Starts(units, unit) : Value()}});
}

absl::Status GenerateUnits(Env& env, const TableContext& context, RowSink& sink) {
  UnitFiles units(env);
  if (const std::string* id = context.EqualText("id")) {
    const Unit unit = units.Find(*id);
    const bool there = !unit.path.empty() || !unit.problem.empty() || !unit.started_by.empty();
    if (there) AddUnit(units, unit, sink);
  } else {
    for (const std::string& name : units.Names()) {
      if (!AddUnit(units, units.Find(name), sink)) break;
    }
  }
  for (const std::string& problem : units.problems()) sink.Incomplete(problem);
  return absl::OkStatus();
}

std::vector<Column> Columns() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      {.name = "id", .description = "Name with its kind", .pushdown = true},
      {.name = "description", .description = "Description="},
      {.name = "load_state", .description = "loaded, masked, not-found or error"},
      {.name = "active_state",
       .description = "active or inactive, of services, sockets and mounts where systemd runs"},
      {.name = "sub_state", .description = "Not told by files: always NULL"},
      {.name = "unit_file_state", .description = "As systemctl is-enabled says it"},
      {.name = "following", .description = "Not told by files: always NULL"},
      {.name = "object_path", .description = "Not told by files: always NULL"},
      {.name = "job_id", .type = ColumnType::kBigint, .description = "Always NULL"},
      {.name = "job_type", .description = "Always NULL"},
      {.name = "job_path", .description = "Always NULL"},
      {.name = "fragment_path", .description = "File that counts"},
      {.name = "user", .description = "User=", .personal = "user"},
      {.name = "source_path", .description = "File that a generator made it from"},
      {.name = "started_by",
       .description = "Units whose wants or requires links name it, with blanks",
       .hidden = true},
      {.name = "starts",
       .type = kInt,
       .description = "1: something starts it at boot, whoever put the link there; NULL: not known",
       .hidden = true},
  };
}

}  // namespace

Table systemd_units_table() {
  return {.name = "systemd_units",
          .description = "Units of systemd, from the disk",
          .columns = Columns(),
          .generate = GenerateUnits,
          .touches = [](Env& env, const Declared&) { return UnitTouches(env); }};
}

}  // namespace tom
