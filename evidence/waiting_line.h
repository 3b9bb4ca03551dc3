// A line for whoever waits at a terminal: what is being done and for how long, on standard error,
// from the third second on, and gone at the end. Nothing where standard error is no terminal.
#ifndef TOM_EVIDENCE_WAITING_LINE_H_
#define TOM_EVIDENCE_WAITING_LINE_H_

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace tom {

struct WaitingPace {
  std::chrono::milliseconds first{2000};
  std::chrono::milliseconds next{1000};
};

// Shown while the object lives; print nothing else to the terminal meanwhile. `what` is our own
// text.
class WaitingLine {
 public:
  explicit WaitingLine(std::string what, int fd = STDERR_FILENO, WaitingPace pace = {});
  ~WaitingLine();
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;

 private:
  void Show();

  const std::string what_;
  const int fd_;
  const WaitingPace pace_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool over_ = false;   // under mutex_
  std::thread thread_;  // none where there is no terminal
};

}  // namespace tom

#endif  // TOM_EVIDENCE_WAITING_LINE_H_
