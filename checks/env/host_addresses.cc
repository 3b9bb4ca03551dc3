#include "checks/env/host_addresses.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "evidence/status_text.h"

namespace tom {
namespace {

bool IsNumeric(const std::string& name) {
  std::array<unsigned char, 16> bytes;
  return inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

// One question to glibc's asynchronous resolver (getaddrinfo_a(3)).
struct Lookup {
  explicit Lookup(std::string host) : name(std::move(host)) {
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    request.ar_name = name.c_str();
    request.ar_request = &hints;
  }

  std::string name;
  addrinfo hints{};
  gaicb request{};
};

int64_t NowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

void WaitFor(Lookup& lookup, int64_t deadline) {
  while (gai_error(&lookup.request) == EAI_INPROGRESS) {
    const int64_t left = deadline - NowMs();
    if (left <= 0) return;
    const timespec timeout{.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
    const std::array<const gaicb*, 1> list = {&lookup.request};
    gai_suspend(list.data(), 1, &timeout);
  }
}

std::string AddressText(const addrinfo& info) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* address =
      info.ai_family == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(info.ai_addr)->sin_addr)
          : &reinterpret_cast<const sockaddr_in6*>(info.ai_addr)->sin6_addr;
  inet_ntop(info.ai_family, address, text.data(), text.size());
  return text.data();
}

absl::StatusOr<std::vector<std::string>> AnswerOf(Lookup& lookup) {
  const int error = gai_error(&lookup.request);
  if (error != 0) {
    return absl::UnavailableError(ToAbsl(lookup.name + ": " + gai_strerror(error)));
  }
  std::set<std::string> addresses;
  for (const addrinfo* info = lookup.request.ar_result; info != nullptr; info = info->ai_next) {
    if (info->ai_family == AF_INET || info->ai_family == AF_INET6) {
      addresses.insert(AddressText(*info));
    }
  }
  freeaddrinfo(lookup.request.ar_result);
  if (addresses.size() > kMaxAddresses) {
    return absl::ResourceExhaustedError(ToAbsl(lookup.name + ": more than 8 addresses"));
  }
  return std::vector<std::string>(addresses.begin(), addresses.end());
}

// Gives the lookup's memory up where the resolver still holds it.
absl::StatusOr<std::vector<std::string>> Finish(std::unique_ptr<Lookup> lookup, int64_t deadline) {
  WaitFor(*lookup, deadline);
  if (gai_error(&lookup->request) == EAI_INPROGRESS &&
      gai_cancel(&lookup->request) != EAI_CANCELED &&
      gai_error(&lookup->request) == EAI_INPROGRESS) {
    const std::string name = lookup.release()->name;
    return absl::DeadlineExceededError(ToAbsl(name + ": the name was not resolved in time"));
  }
  return AnswerOf(*lookup);
}

}  // namespace

HostAddresses LookUpHosts(const std::vector<std::string>& names, int64_t deadline_ms) {
  HostAddresses answers;
  std::vector<std::unique_ptr<Lookup>> lookups;
  const int64_t deadline = NowMs() + deadline_ms;
  for (const std::string& name : std::set<std::string>(names.begin(), names.end())) {
    if (IsNumeric(name)) {
      answers.emplace(name, std::vector<std::string>{name});
      continue;
    }
    if (deadline_ms <= 0) {
      answers.emplace(name, absl::UnimplementedError(ToAbsl(name + ": no name is resolved here")));
      continue;
    }
    auto lookup = std::make_unique<Lookup>(name);
    std::array<gaicb*, 1> list = {&lookup->request};
    const int error = getaddrinfo_a(GAI_NOWAIT, list.data(), 1, nullptr);
    if (error != 0) {
      answers.emplace(name, absl::UnavailableError(ToAbsl(name + ": " + gai_strerror(error))));
    } else {
      lookups.push_back(std::move(lookup));
    }
  }
  for (auto& lookup : lookups) {
    const std::string name = lookup->name;
    answers.emplace(name, Finish(std::move(lookup), deadline));
  }
  return answers;
}

}  // namespace tom
