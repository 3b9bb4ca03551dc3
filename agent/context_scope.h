// Whose the pieces of a context are, so that a pack for one controller can leave out another's.
#ifndef TOM_AGENT_CONTEXT_SCOPE_H_
#define TOM_AGENT_CONTEXT_SCOPE_H_

#include <map>
#include <string>
#include <vector>

#include "agent/report_context.h"

namespace tom {

// Everyone whose rows the host may have: whoever sees a row has to see the parameters that it was
// judged by. Sorted, never empty; ["shared"] as soon as anything is shared.
std::vector<std::string> EveryScope(const HostView& host);

// The configuration ({file: {key: value}}) by scope: items of its lists that speak of a subject of
// another scope than the host's stand apart, under the same file and key. An item speaks of its
// `controllers`, or else of what its `subject` or `path` belongs to.
std::map<std::vector<std::string>, Json> SplitConfiguration(const HostView& host,
                                                            const Json& configuration);

}  // namespace tom

#endif  // TOM_AGENT_CONTEXT_SCOPE_H_
