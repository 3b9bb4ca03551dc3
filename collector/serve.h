// `tom-collector serve`.
#ifndef TOM_COLLECTOR_SERVE_H_
#define TOM_COLLECTOR_SERVE_H_

#include <string>

#include "absl/status/status.h"
#include "collector/config.h"

namespace tom {

// Runs until SIGTERM or SIGINT; SIGUSR1 stamps now. `port_file`, when named, gets a line
// "grpc PORT" once the server answers (written beside it and renamed). Blocks those signals in the
// whole process: call from main alone.
absl::Status Serve(const CollectorConfig& config, const std::string& port_file);

}  // namespace tom

#endif  // TOM_COLLECTOR_SERVE_H_
