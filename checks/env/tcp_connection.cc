#include "checks/env/tcp_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "checks/env/errno_status.h"

namespace tom {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress MakeAddress(const std::string& address, int64_t port) {
  SocketAddress made;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&made.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&made.storage);
  const uint16_t number = htons(static_cast<uint16_t>(port));
  if (inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = number;
    made.size = sizeof(sockaddr_in);
  } else if (inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = number;
    made.size = sizeof(sockaddr_in6);
  }
  return made;
}

UniqueFd OpenSocket(const SocketAddress& address) {
  UniqueFd fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fd;
  const linger reset{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  return fd;
}

void EndByFin(int fd) {
  const linger wait{.l_onoff = 0, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &wait, sizeof(wait));
}

bool BindTo(int fd, const std::string& source) {
  const SocketAddress address = MakeAddress(source, 0);
  return bind(fd, address.get(), address.size) == 0;
}

std::string ErrnoText(int error) { return std::string(ErrnoStatus(error, "connect").message()); }

}  // namespace

TcpConnection::TcpConnection(const TcpTarget& target, TcpAttempt attempt, int64_t now_ms)
    : attempt_(std::move(attempt)), started_ms_(now_ms), step_started_ms_(now_ms) {
  const SocketAddress address = MakeAddress(target.address, target.port);
  if (address.size == 0) {
    End(TcpEnd::kForbidden, "not a numeric address");
    return;
  }
  fd_ = OpenSocket(address);
  const bool bound = fd_ && (attempt_.source.empty() || BindTo(fd_.get(), attempt_.source));
  const bool failed = !bound || connect(fd_.get(), address.get(), address.size) != 0;
  if (failed && errno != EINPROGRESS) OnError(errno);
}

void TcpConnection::End(TcpEnd end, std::string detail) {
  if (ended_) return;
  ended_ = TcpResult{.end = end, .detail = std::move(detail)};
}

void TcpConnection::OnError(int error) {
  if (!connecting_) return End(TcpEnd::kReset, ErrnoText(error));
  if (error == ECONNREFUSED) return End(TcpEnd::kNotListening, ErrnoText(error));
  if (error == ECONNRESET) return End(TcpEnd::kReset, ErrnoText(error));
  End(TcpEnd::kUnreachable, ErrnoText(error));
}

void TcpConnection::OnConnected(int64_t now_ms) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return OnError(error);
  connecting_ = false;
  step_started_ms_ = now_ms;
  out_ = attempt_.dialogue->Open();
}

void TcpConnection::Write() {
  while (!broken_pipe_ && sent_ < out_.size()) {
    const ssize_t put = send(fd_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (put > 0) {
      sent_ += static_cast<size_t>(put);
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      broken_pipe_ = true;
    }
  }
  if (broken_pipe_) sent_ = out_.size();
}

void TcpConnection::Read(int64_t now_ms) {
  std::array<char, 16384> chunk;
  for (int i = 0; i < 4 && !ended_; ++i) {  // then it is the others' turn
    const ssize_t got = recv(fd_.get(), chunk.data(), chunk.size(), 0);
    if (got == 0) return End(TcpEnd::kClosed);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got < 0) return OnError(errno);
    received_ += static_cast<size_t>(got);
    TcpReaction reaction =
        attempt_.dialogue->Receive(std::string_view(chunk.data(), static_cast<size_t>(got)));
    if (!reaction.send.empty()) {
      out_ = reaction.send;
      sent_ = 0;
      step_started_ms_ = now_ms;
      Write();
    }
    if (reaction.enough) {
      if (!reaction.send.empty()) EndByFin(fd_.get());
      return End(TcpEnd::kEnough);
    }
    if (received_ >= attempt_.max_bytes) return End(TcpEnd::kFlood);
  }
}

void TcpConnection::OnReady(uint32_t events, int64_t now_ms) {
  if (ended_) return;
  if (connecting_) {
    OnConnected(now_ms);
    if (ended_) return;
  }
  Write();
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0) Read(now_ms);
}

bool IsOwnAddress(const std::string& address) {
  const SocketAddress made = MakeAddress(address, 0);
  if (made.size == 0) return false;
  const UniqueFd fd(socket(made.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return fd && bind(fd.get(), made.get(), made.size) == 0;
}

}  // namespace tom
