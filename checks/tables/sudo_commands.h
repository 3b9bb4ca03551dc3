// Whether a command of sudoers is as good as every command: by what the program can do, and by who
// can change it.
#ifndef TOM_CHECKS_TABLES_SUDO_COMMANDS_H_
#define TOM_CHECKS_TABLES_SUDO_COMMANDS_H_

#include <map>
#include <optional>
#include <string>

#include "checks/env/env.h"
#include "checks/parse/sudo_policy.h"

namespace tom {

// The list of programs is of this day; what is not on it counts as what it is: a program that does
// one thing.
inline constexpr char kSudoEscapesDate[] = "2026-11-22";

// Looks at each file once: for one scan.
class SudoCommands {
 public:
  explicit SudoCommands(Env& env) : env_(env) {}

  // Why `command` gives whoever may run it the rights of the user that it runs as: "ALL", "a
  // shell", "anybody may change it". "" it does one bounded thing. Nothing: not known, and `doubt`
  // says why.
  std::optional<std::string> Escape(const SudoMember& command, bool setenv, std::string& doubt);

  enum class Opens;
  struct Program;  // of the list

 private:
  std::optional<std::string> Fixed(const Program& program, const std::string& arguments,
                                   std::string& doubt);
  // "" nobody but root can change what lies there, or put something there.
  std::optional<std::string> Changeable(const std::string& path, std::string& doubt);

  Env& env_;
  std::map<std::string, std::pair<std::optional<std::string>, std::string>> known_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_SUDO_COMMANDS_H_
