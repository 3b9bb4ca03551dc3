#include "checks/env/tcp_probe.h"

#include <sys/epoll.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <deque>
#include <list>
#include <set>

#include "checks/env/tcp_connection.h"

namespace tom {
namespace {

constexpr size_t kMaxInAll = 128;
constexpr size_t kMaxAtOnce = 2;
constexpr int kMaxAttempts = 64;
constexpr int64_t kUsualConnections = 16;  // to find out everything about an endpoint
constexpr int64_t kSecondMs = 1000;
// After a reset: it may not have noticed yet that the last left. One that takes its time with
// answers does so with that too.
constexpr int64_t kPauseMs = 250;
constexpr int64_t kMostMorePauseMs = 750;

int64_t NowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

struct Endpoint {
  TcpConversation* conversation = nullptr;
  std::string forbidden;
  std::optional<TcpAttempt> waiting;  // wants to be alone, and is not yet
  size_t at_once = kMaxAtOnce;
  size_t in_flight = 0;
  bool alone = false;
  bool over = false;
  int attempts = 0;
  int64_t slowest_ms = 0;     // of its connections
  int64_t not_before_ms = 0;  // it is let alone
  int64_t spent_ms = 0;       // time with a connection open, up to...
  int64_t since_ms = 0;       // ...here, where the present stretch began
};

struct Running {
  Endpoint* endpoint;
  TcpConnection connection;
  bool watched_for_writing = true;
};

class Probe {
 public:
  Probe(const TcpPolicy& policy, const std::vector<TcpConversation*>& conversations)
      : policy_(policy), epoll_(epoll_create1(EPOLL_CLOEXEC)), started_ms_(NowMs()) {
    for (TcpConversation* conversation : conversations) {
      const TcpTarget& target = conversation->target();
      Endpoint endpoint;
      endpoint.conversation = conversation;
      endpoint.forbidden = ForbiddenReason(policy, target, IsOwnAddress(target.address));
      endpoints_.push_back(std::move(endpoint));
    }
    for (Endpoint& endpoint : endpoints_) open_.push_back(&endpoint);
    const int64_t all = policy.max_per_second * (policy.total_ms / kSecondMs);
    enough_for_all_ = all >= kUsualConnections * static_cast<int64_t>(endpoints_.size());
  }

  void Run() {
    while (true) {
      StartAll();
      if (running_.empty() && open_.empty()) return;
      Wait();
      Expire();
      Reap();
    }
  }

 private:
  int64_t EndpointLeft(const Endpoint& endpoint, int64_t now) const {
    const int64_t open = endpoint.in_flight > 0 ? now - endpoint.since_ms : 0;
    return policy_.endpoint_ms - endpoint.spent_ms - open;
  }

  int64_t TotalLeft(int64_t now) const { return policy_.total_ms - (now - started_ms_); }

  // Milliseconds until one more connection may be opened; 0 = now.
  int64_t RateWait(int64_t now) {
    while (!opened_.empty() && now - opened_.front() >= kSecondMs) opened_.pop_front();
    if (opened_.size() < static_cast<size_t>(std::max<int64_t>(1, policy_.max_per_second)))
      return 0;
    return kSecondMs - (now - opened_.front());
  }

  // The first ones first: what was begun gets done. But a silent one costs two steps, and must not
  // be found out last: where time and rate suffice for all, all are begun before any goes on; and
  // none has a second connection while another waits for one.
  void StartAll() {
    while (enough_for_all_ && begun_ < endpoints_.size() && !NoRoom()) {
      Endpoint& endpoint = endpoints_[begun_++];
      if (endpoint.attempts == 0) StartOne(endpoint);
    }
    for (const size_t most : {size_t{1}, kMaxAtOnce}) {
      for (Endpoint* endpoint : open_) {
        if (NoRoom()) break;
        while (!endpoint->over && endpoint->in_flight < most && StartOne(*endpoint)) {
        }
      }
    }
    std::erase_if(open_, [](const Endpoint* endpoint) { return endpoint->over; });
  }

  // Nobody can start anything now, and nobody's time is to be declared over either.
  bool NoRoom() {
    const int64_t now = NowMs();
    return TotalLeft(now) > 0 && (running_.size() >= kMaxInAll || RateWait(now) > 0);
  }

  // Why the next attempt of the endpoint ends before it starts.
  std::optional<TcpResult> Refusal(const Endpoint& endpoint, int64_t now) const {
    if (!endpoint.forbidden.empty()) return TcpResult{TcpEnd::kForbidden, endpoint.forbidden, 0};
    if (epoll_.get() < 0) return TcpResult{TcpEnd::kUnreachable, "epoll cannot be had", 0};
    if (endpoint.attempts > kMaxAttempts)
      return TcpResult{TcpEnd::kNoTime, "too many connections", 0};
    if (TotalLeft(now) <= 0) {
      return TcpResult{TcpEnd::kNoTime, "the time for all probes is over", 0};
    }
    if (EndpointLeft(endpoint, now) <= 0) {
      return TcpResult{TcpEnd::kNoTime, "the time for this endpoint is over", 0};
    }
    return std::nullopt;
  }

  // True when an attempt was taken, whatever became of it.
  bool StartOne(Endpoint& endpoint) {
    const int64_t now = NowMs();
    const bool refused = Refusal(endpoint, now).has_value();
    const bool room = endpoint.in_flight < endpoint.at_once && !endpoint.alone &&
                      endpoint.not_before_ms <= now && running_.size() < kMaxInAll &&
                      RateWait(now) == 0;
    if (!refused && !room) return false;
    std::optional<TcpAttempt> attempt = std::move(endpoint.waiting);
    endpoint.waiting.reset();
    if (!attempt) attempt = endpoint.conversation->Next();
    if (!attempt) {
      endpoint.over = endpoint.in_flight == 0;
      return false;
    }
    if (attempt->alone && endpoint.in_flight > 0 && !refused) {
      endpoint.waiting = std::move(attempt);
      return false;
    }
    ++endpoint.attempts;
    if (const auto refusal = Refusal(endpoint, now)) {
      endpoint.over = endpoint.attempts > 2 * kMaxAttempts;
      endpoint.conversation->Done(std::move(attempt->dialogue), *refusal);
      return true;
    }
    Open(endpoint, *std::move(attempt), now);
    return true;
  }

  void Open(Endpoint& endpoint, TcpAttempt attempt, int64_t now) {
    opened_.push_back(now);
    if (endpoint.in_flight++ == 0) endpoint.since_ms = now;
    endpoint.alone = attempt.alone;
    running_.push_back(
        {&endpoint, TcpConnection(endpoint.conversation->target(), std::move(attempt), now)});
    Running& running = running_.back();
    if (running.connection.ended()) return Reap();
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP;
    event.data.ptr = &running;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, running.connection.fd(), &event) != 0) {
      running.connection.End(TcpEnd::kUnreachable, "epoll cannot watch the socket");
      Reap();
    }
  }

  int64_t Deadline(const Running& running, int64_t now) const {
    return std::min({running.connection.step_started_ms() + policy_.step_ms,
                     now + EndpointLeft(*running.endpoint, now), now + TotalLeft(now)});
  }

  void Wait() {
    const int64_t now = NowMs();
    int64_t until = now + kSecondMs;
    for (const Running& running : running_) until = std::min(until, Deadline(running, now));
    if (const int64_t wait = RateWait(now); wait > 0) until = std::min(until, now + wait);
    pauses_.erase(pauses_.begin(), pauses_.upper_bound(now));
    if (!pauses_.empty()) until = std::min(until, *pauses_.begin());
    std::array<epoll_event, 64> events;
    const int timeout = static_cast<int>(std::max<int64_t>(0, until - now));
    const int count =
        epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
    const int64_t then = NowMs();
    for (int i = 0; i < count; ++i) {
      auto* running = static_cast<Running*>(events[static_cast<size_t>(i)].data.ptr);
      running->connection.OnReady(events[static_cast<size_t>(i)].events, then);
      if (!running->connection.ended()) Watch(*running);
    }
  }

  void Watch(Running& running) {
    const bool writing = running.connection.wants_to_write();
    if (writing == running.watched_for_writing) return;
    running.watched_for_writing = writing;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    if (writing) event.events |= EPOLLOUT;
    event.data.ptr = &running;
    epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, running.connection.fd(), &event);
  }

  void Expire() {
    const int64_t now = NowMs();
    for (Running& running : running_) {
      TcpConnection& connection = running.connection;
      if (connection.ended() || Deadline(running, now) > now) continue;
      if (now - connection.step_started_ms() < policy_.step_ms) {
        connection.End(TcpEnd::kNoTime, "the time for this endpoint is over");
      } else {
        connection.End(connection.connecting() ? TcpEnd::kNoConnection : TcpEnd::kSilent);
      }
    }
  }

  // Takes out what has ended and tells its conversation.
  void Reap() {
    const int64_t now = NowMs();
    for (auto it = running_.begin(); it != running_.end();) {
      if (!it->connection.ended()) {
        ++it;
        continue;
      }
      Endpoint& endpoint = *it->endpoint;
      TcpResult result = *it->connection.ended();
      result.ms = now - it->connection.started_ms();
      std::unique_ptr<TcpDialogue> dialogue = it->connection.TakeDialogue();
      it = running_.erase(it);
      if (--endpoint.in_flight == 0) {
        endpoint.spent_ms += now - endpoint.since_ms;
        endpoint.alone = false;
      }
      endpoint.slowest_ms = std::max(endpoint.slowest_ms, result.ms);
      if (result.end == TcpEnd::kReset) {
        endpoint.at_once = 1;
        endpoint.not_before_ms = now + kPauseMs + std::min(endpoint.slowest_ms, kMostMorePauseMs);
        pauses_.insert(endpoint.not_before_ms);
      }
      endpoint.conversation->Done(std::move(dialogue), result);
    }
  }

  const TcpPolicy& policy_;
  UniqueFd epoll_;
  std::vector<Endpoint> endpoints_;  // never resized once running
  std::vector<Endpoint*> open_;      // those that are not over, in their order
  bool enough_for_all_ = false;
  size_t begun_ = 0;               // of endpoints_, in their order
  std::list<Running> running_;     // epoll points into it
  std::deque<int64_t> opened_;     // when connections were opened, of the last second
  std::multiset<int64_t> pauses_;  // when they end
  int64_t started_ms_;
};

}  // namespace

void RunTcpProbe(const TcpPolicy& policy, const std::vector<TcpConversation*>& conversations) {
  Probe(policy, conversations).Run();
}

}  // namespace tom
