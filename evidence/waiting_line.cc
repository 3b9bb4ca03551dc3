#include "evidence/waiting_line.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tom {
namespace {

constexpr std::string_view kErase = "\r\x1b[K";  // ECMA-48 EL: to the end of the line

// A terminal that takes nothing is no reason to fail.
void Put(int fd, std::string_view text) {
  [[maybe_unused]] const ssize_t written = write(fd, text.data(), text.size());
}

}  // namespace

WaitingLine::WaitingLine(std::string what, int fd, WaitingPace pace)
    : what_(std::move(what)), fd_(fd), pace_(pace) {
  if (isatty(fd) == 1) thread_ = std::thread([this] { Show(); });
}

WaitingLine::~WaitingLine() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    over_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void WaitingLine::Show() {
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock<std::mutex> lock(mutex_);
  std::chrono::milliseconds pause = pace_.first;
  bool shown = false;
  while (!wake_.wait_for(lock, pause, [this] { return over_; })) {
    const auto passed = std::chrono::steady_clock::now() - start;
    const int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(passed).count();
    Put(fd_, absl::StrCat("\r", what_, " ... ", seconds, " s"));
    shown = true;
    pause = pace_.next;
  }
  if (shown) Put(fd_, kErase);
}

}  // namespace tom
