// One non-blocking TCP connection. Internal to tcp_probe.
#ifndef TOM_CHECKS_ENV_TCP_CONNECTION_H_
#define TOM_CHECKS_ENV_TCP_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "checks/env/tcp_probe.h"
#include "checks/env/unique_fd.h"

namespace tom {

class TcpConnection {
 public:
  // Starts connecting. When that ends at once, `ended` says how.
  TcpConnection(const TcpTarget& target, TcpAttempt attempt, int64_t now_ms);

  int fd() const { return fd_.get(); }
  bool connecting() const { return connecting_; }
  bool wants_to_write() const { return connecting_ || sent_ < out_.size(); }
  const std::optional<TcpResult>& ended() const { return ended_; }
  bool alone() const { return attempt_.alone; }
  int64_t started_ms() const { return started_ms_; }
  int64_t step_started_ms() const { return step_started_ms_; }

  // What epoll said: sends and receives what it can.
  void OnReady(uint32_t events, int64_t now_ms);
  void End(TcpEnd end, std::string detail = "");
  std::unique_ptr<TcpDialogue> TakeDialogue() { return std::move(attempt_.dialogue); }

 private:
  void OnConnected(int64_t now_ms);
  void Write();
  void Read(int64_t now_ms);
  void OnError(int error);

  TcpAttempt attempt_;
  UniqueFd fd_;
  std::string out_;
  size_t sent_ = 0;
  size_t received_ = 0;
  bool connecting_ = true;
  bool broken_pipe_ = false;  // nothing can be sent any more; what is in the buffer is still read
  int64_t started_ms_;
  int64_t step_started_ms_;
  std::optional<TcpResult> ended_;
};

// Whether the address is one of this host's: it can be bound to. Sends nothing.
bool IsOwnAddress(const std::string& address);

}  // namespace tom

#endif  // TOM_CHECKS_ENV_TCP_CONNECTION_H_
