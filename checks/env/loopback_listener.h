// For tests: a listening TCP socket on 127.0.0.1, its port chosen by the kernel.
#ifndef TOM_CHECKS_ENV_LOOPBACK_LISTENER_H_
#define TOM_CHECKS_ENV_LOOPBACK_LISTENER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <stdexcept>

#include "checks/env/unique_fd.h"

namespace tom::test {

class LoopbackListener {
 public:
  // Throws where the kernel gives no socket.
  explicit LoopbackListener(int backlog) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd_.get(), generic, size) != 0 || listen(fd_.get(), backlog) != 0 ||
        getsockname(fd_.get(), generic, &size) != 0) {
      throw std::runtime_error("no listener on loopback");
    }
    port_ = ntohs(address.sin_port);
  }

  int fd() const { return fd_.get(); }
  int64_t port() const { return port_; }
  // Wakes whoever waits in accept: it fails from now on.
  void Shut() { shutdown(fd_.get(), SHUT_RDWR); }

 private:
  UniqueFd fd_;
  int64_t port_ = 0;
};

}  // namespace tom::test

#endif  // TOM_CHECKS_ENV_LOOPBACK_LISTENER_H_
