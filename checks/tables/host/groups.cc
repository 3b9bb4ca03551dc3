// Local groups, from /etc/group alone; further sources that nsswitch.conf names are said.
#include "checks/engine/table.h"
#include "checks/tables/account_files.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

int64_t Signed(int64_t id) { return static_cast<int32_t>(static_cast<uint32_t>(id)); }

absl::Status GenerateGroups(Env& env, const TableContext&, RowSink& sink) {
  TOM_ASSIGN_OR_RETURN(const GroupFile file, ReadGroup(env, sink));
  SayOtherSources(env, sink, "group");
  for (const GroupEntry& entry : file.entries) {
    const bool more = sink.Add({{"gid", entry.gid},
                                {"gid_signed", Signed(entry.gid)},
                                {"groupname", entry.name},
                                {"source", kGroupPath}});
    if (!more) break;
  }
  return absl::OkStatus();
}

}  // namespace

Table groups_table() {
  return {.name = "groups",
          .description = "Local groups",
          .columns = {{.name = "gid", .type = ColumnType::kBigint, .description = "Group id"},
                      {.name = "gid_signed",
                       .type = ColumnType::kBigint,
                       .description = "The same as a signed number of 32 bits"},
                      {.name = "groupname", .description = "Name"},
                      {.name = "source",
                       .description = "File that the group stands in",
                       .hidden = true}},
          .generate = GenerateGroups,
          .touches = [](Env&, const Declared&) { return AccountTouches(); }};
}

}  // namespace tom
