// What a table will touch when it is scanned, said before anything is: `tom-agent plan` prints it,
// and a test holds it against the system calls of `tom-agent check`.
#ifndef TOM_CHECKS_ENGINE_TOUCH_H_
#define TOM_CHECKS_ENGINE_TOUCH_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

enum class TouchKind {
  kFile,        // opened or looked at; never written
  kSocket,      // a socket that leaves no host: unix, netlink
  kAddress,     // HOST:PORT that a connection goes to
  kProgram,     // executed
  kCapability,  // CAP_…, of use if the agent has it
};

// `target` of a file is absolute, in the examined root. In it `*` is any part of one name and `**`
// anything, slashes too. Of a program it is the path alone; what a program reads by itself stands
// beside it as files and sockets of its own.
struct Touch {
  TouchKind kind = TouchKind::kFile;
  std::string target;
  std::string purpose;   // a few words
  bool of_host = false;  // a file of the machine that the agent runs on, whatever root is examined
};

std::string_view TouchKindName(TouchKind kind);

// `text` is what the pattern says.
bool TouchMatches(std::string_view pattern, std::string_view text);

// Files that are read for one purpose.
std::vector<Touch> FileTouches(std::initializer_list<std::string_view> targets,
                               const std::string& purpose);

// What a program of the host reads by itself.
std::vector<Touch> ProgramsFiles(std::initializer_list<std::string_view> targets,
                                 const std::string& program);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_TOUCH_H_
