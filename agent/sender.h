// Sends what is spooled, in order, and does what the acknowledgements say.
#ifndef TOM_AGENT_SENDER_H_
#define TOM_AGENT_SENDER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/collector_client.h"
#include "agent/spool.h"
#include "agent/state.h"

namespace tom {

struct SendTally {
  int accepted = 0;                  // now durable, duplicates included
  int duplicates = 0;                // of them: were durable before
  int forks = 0;                     // of them: beside another branch
  int rejected = 0;                  // set aside in rejected/
  int held = 0;                      // stay spooled
  size_t left = 0;                   // still spooled afterwards
  int64_t retry_after_seconds = 0;   // asked for by the collector
  std::vector<std::string> notices;  // for a person
};

struct SendOptions {
  SpoolBounds bounds;
  int lock_wait_seconds = 30;
};

// accepted, duplicate: leaves the spool · fork: leaves it too, the next chain continues both tips ·
// held: stays, and nothing behind it is lost by trying · rejected: kept in rejected/<digest>.json
// with the reason, and so is every statement that follows it, for the collector can never take it.
// The lock is held only while the spool is read and written, never during a call. Statements go one
// after the other: the bound of 32 in flight is met with one, and the order is never in question.
// An error of transport ends the round with `tally` telling how far it came; a repeat goes on
// there.
absl::Status SendPending(const StateDir& state, const SendOptions& options, ReportingClient& client,
                         SendTally& tally);

// SendPending again and again while it fails for a reason that may pass: waits of exponential
// back-off with full jitter between 1 s and 60 s, until `give_up_seconds` have passed. `sleep` is
// given milliseconds.
absl::Status SendWithPatience(const StateDir& state, const SendOptions& options,
                              ReportingClient& client, int give_up_seconds,
                              const std::function<void(int64_t)>& sleep, SendTally& tally);

}  // namespace tom

#endif  // TOM_AGENT_SENDER_H_
