// Lists of users, groups, hosts and commands in a sudoers file. Internal to sudoers_file.
#ifndef TOM_CHECKS_PARSE_SUDOERS_MEMBERS_H_
#define TOM_CHECKS_PARSE_SUDOERS_MEMBERS_H_

#include "checks/parse/sudoers_cursor.h"
#include "checks/parse/sudoers_file.h"

namespace tom {

enum class SudoListKind { kUsers, kGroups, kHosts, kCommands, kDefaultsCommands };

// Appends one element, with its `!`. "" or what is wrong.
std::string_view TakeSudoMember(SudoersCursor& cursor, SudoListKind kind, SudoMembers& members);

// The same of elements separated by commas.
std::string_view TakeSudoMembers(SudoersCursor& cursor, SudoListKind kind, SudoMembers& members);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SUDOERS_MEMBERS_H_
