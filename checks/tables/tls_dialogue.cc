#include "checks/tables/tls_dialogue.h"

namespace tom {
namespace {

using Kind = TlsAnswer::Kind;

constexpr size_t kFirstBytes = 200;

class HelloDialogue : public TlsDialogue {
 public:
  HelloDialogue(std::string hello, bool whole_flight)
      : hello_(std::move(hello)), whole_flight_(whole_flight) {}

  std::string Open() override { return hello_; }

  TcpReaction Receive(std::string_view bytes) override {
    if (first_.size() < kFirstBytes) first_ += bytes.substr(0, kFirstBytes - first_.size());
    reader_.Add(bytes);
    const bool chosen = reader_.flight().kind == ServerFlight::Kind::kHello;
    return {.send = "", .enough = reader_.flight().complete || (chosen && !whole_flight_)};
  }

  TlsAnswer Answer(const TcpResult& result) const override {
    TlsAnswer answer = AnswerOfEnd(result);
    const ServerFlight& flight = answer.flight = reader_.flight();
    switch (flight.kind) {
      case ServerFlight::Kind::kHello:
        answer.kind = Kind::kAccepted;
        answer.text = "accepted";
        break;
      case ServerFlight::Kind::kAlert:
        answer.kind = Kind::kRefused;
        answer.text =
            "refused (" + (flight.alert >= 0 ? AlertName(flight.alert) : flight.detail) + ")";
        break;
      case ServerFlight::Kind::kGarbled:
        answer.kind = Kind::kGarbled;
        answer.text = flight.detail;
        break;
      case ServerFlight::Kind::kNotTls:
        answer.kind = Kind::kNotTls;
        answer.text = "answered, but not in TLS";
        answer.first = first_;
        break;
      case ServerFlight::Kind::kNothing:
        break;
    }
    return answer;
  }

 private:
  std::string hello_;
  bool whole_flight_;
  std::string first_;
  ServerFlightReader reader_;
};

Kind KindOfEnd(TcpEnd end) {
  switch (end) {
    case TcpEnd::kClosed:
      return Kind::kClosed;
    case TcpEnd::kReset:
      return Kind::kReset;
    case TcpEnd::kSilent:
      return Kind::kSilent;
    case TcpEnd::kNotListening:
    case TcpEnd::kUnreachable:
    case TcpEnd::kNoConnection:
      return Kind::kUnreachable;
    case TcpEnd::kForbidden:
      return Kind::kForbidden;
    case TcpEnd::kEnough:
    case TcpEnd::kFlood:
      return Kind::kGarbled;
    case TcpEnd::kNoTime:
      break;
  }
  return Kind::kNoTime;
}

std::string TextOfEnd(const TcpResult& result) {
  switch (result.end) {
    case TcpEnd::kClosed:
      return "closed without an answer";
    case TcpEnd::kReset:
      return "reset";
    case TcpEnd::kSilent:
      return "no answer in time";
    case TcpEnd::kNoConnection:
      return "no connection in time";
    case TcpEnd::kFlood:
      return "sent more than an answer can hold";
    case TcpEnd::kEnough:
      return "an answer that says nothing";
    default:
      return result.detail.empty() ? "not asked" : result.detail;
  }
}

}  // namespace

TlsAnswer AnswerOfEnd(const TcpResult& result) {
  TlsAnswer answer;
  answer.kind = KindOfEnd(result.end);
  answer.text = TextOfEnd(result);
  answer.ms = result.ms;
  return answer;
}

std::unique_ptr<TlsDialogue> MakeHelloDialogue(std::string hello, bool whole_flight) {
  return std::make_unique<HelloDialogue>(std::move(hello), whole_flight);
}

}  // namespace tom
