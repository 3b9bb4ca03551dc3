// Binds the ledger to an outside time: ticks, stamps, and what they anchor.
#ifndef TOM_COLLECTOR_LEDGER_STAMPER_H_
#define TOM_COLLECTOR_LEDGER_STAMPER_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "collector/ledger/sequencer.h"
#include "collector/ledger/tsa_client.h"

namespace tom {

// Called on its own thread with what a person should read in the log.
using StampLog = std::function<void(const absl::Status&)>;

struct Stamped {
  StampRow row;
  std::string authority;  // subject of the one who stamped
};

// Thread-safe. The sequencer and store must outlive it.
class Stamper {
 public:
  Stamper(Store& store, Sequencer& sequencer, TsaConfig config);
  ~Stamper();
  Stamper(const Stamper&) = delete;
  Stamper& operator=(const Stamper&) = delete;

  // One stamp, now: a tick, the checkpoint over it, the token, and the looks that it anchors.
  absl::StatusOr<Stamped> StampNow();

  // Stamps by itself from now on: every `every_seconds`, and after scope statements; after a
  // failure once a minute.
  void Start(StampLog log);

 private:
  void Loop(const StampLog& log);
  absl::StatusOr<bool> Due();
  absl::Status WriteTick();
  // `last` stays as it is where there is no stamp yet.
  absl::Status ReadState(LedgerHead& head, StampRow& last);

  Store& store_;
  Sequencer& sequencer_;
  const TsaConfig config_;
  std::mutex stamping_;  // one stamp at a time
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // under mutex_
  std::thread thread_;
};

}  // namespace tom

#endif  // TOM_COLLECTOR_LEDGER_STAMPER_H_
