#include "checks/parse/line_talk.h"

namespace tom {

StarttlsStep LineTalk::Ask(std::string command) {
  lines_ = 0;
  asked_ = true;
  command.append("\r\n");
  return {.send = std::move(command), .end = StarttlsEnd::kGoing};
}

StarttlsStep LineTalk::End(StarttlsEnd end, std::string_view line, std::string goodbye) {
  Say(line);
  if (asked_ && end == StarttlsEnd::kOther) end = StarttlsEnd::kGarbled;
  if (!goodbye.empty()) goodbye.append("\r\n");
  return {.send = std::move(goodbye), .end = end};
}

StarttlsStep LineTalk::Receive(std::string_view bytes) {
  received_ += bytes.size();
  buffer_.append(bytes);
  size_t at = 0;
  StarttlsStep step;
  while (step.end == StarttlsEnd::kGoing && step.send.empty()) {
    const size_t end = buffer_.find('\n', at);
    const size_t size = (end == std::string::npos ? buffer_.size() : end) - at;
    if (size > kMaxTalkLine) return End(StarttlsEnd::kGarbled, "a line of more than 8 KiB");
    if (received_ > kMaxStarttlsBytes) return End(StarttlsEnd::kGarbled, "more than 64 KiB");
    if (end == std::string::npos) break;
    if (++lines_ > kMaxReplyLines) {
      return End(StarttlsEnd::kGarbled, "a reply of more than 200 lines");
    }
    std::string_view line = std::string_view(buffer_).substr(at, size);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    at = end + 1;
    step = OnLine(line);
  }
  buffer_.erase(0, at);
  if (buffer_.empty() || (step.send.empty() && step.end != StarttlsEnd::kGo)) return step;
  if (step.end == StarttlsEnd::kGo) {
    Injected();
  } else if (step.end == StarttlsEnd::kGoing) {
    return End(StarttlsEnd::kGarbled, "answered before it was asked");
  }
  return step;
}

}  // namespace tom
