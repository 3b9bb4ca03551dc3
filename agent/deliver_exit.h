// What `tom-agent deliver` says to the process that started it, besides the codes of exit_code.h.
#ifndef TOM_AGENT_DELIVER_EXIT_H_
#define TOM_AGENT_DELIVER_EXIT_H_

namespace tom {

// The look cannot be signed as it is: try again with every group, under the newest catalogue.
inline constexpr int kExitEveryGroup = 75;  // EX_TEMPFAIL

}  // namespace tom

#endif  // TOM_AGENT_DELIVER_EXIT_H_
