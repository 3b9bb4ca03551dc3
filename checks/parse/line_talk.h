// A talk in lines: takes bytes as they come and hands on lines as they end.
#ifndef TOM_CHECKS_PARSE_LINE_TALK_H_
#define TOM_CHECKS_PARSE_LINE_TALK_H_

#include <string>
#include <string_view>
#include <utility>

#include "checks/parse/starttls.h"

namespace tom {

inline constexpr size_t kMaxTalkLine = 8 << 10;
inline constexpr int kMaxReplyLines = 200;

class LineTalk : public StarttlsTalk {
 public:
  StarttlsStep Receive(std::string_view bytes) final;

 protected:
  explicit LineTalk(StarttlsGoal goal) : goal_(goal) {}

  // One line without its end. Whatever it sends begins a new reply: what is already there behind
  // the line was said before anybody asked, which ends the talk, at the go-ahead as injected.
  virtual StarttlsStep OnLine(std::string_view line) = 0;

  bool for_tls() const { return goal_ == StarttlsGoal::kTls; }
  StarttlsStep Going() const { return {}; }
  StarttlsStep Ask(std::string command);
  // Once a command was sent, what is kOther is kGarbled.
  StarttlsStep End(StarttlsEnd end, std::string_view line, std::string goodbye = "");

 private:
  StarttlsGoal goal_;
  std::string buffer_;
  size_t received_ = 0;
  int lines_ = 0;  // of this reply
  bool asked_ = false;
};

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_LINE_TALK_H_
