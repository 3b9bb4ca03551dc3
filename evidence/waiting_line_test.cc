#include "evidence/waiting_line.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>

namespace tom {
namespace {

using std::chrono::milliseconds;

constexpr WaitingPace kQuick{milliseconds(1), milliseconds(1)};
constexpr int kPatienceMs = 20'000;

struct Descriptors {
  int read = -1;
  int write = -1;
  ~Descriptors() {
    close(read);
    close(write);
  }
};

// What is there to read once something is; empty after `patience`.
std::string ReadSome(int fd, int patience) {
  struct pollfd ready {
    fd, POLLIN, 0
  };
  if (poll(&ready, 1, patience) != 1) return "";
  std::string text(4096, '\0');
  const ssize_t got = read(fd, text.data(), text.size());
  text.resize(got < 0 ? 0 : static_cast<size_t>(got));
  return text;
}

TEST(WaitingLine, SaysWhatAndForHowLongAndIsGoneAtTheEnd) {
  Descriptors terminal;
  ASSERT_EQ(openpty(&terminal.read, &terminal.write, nullptr, nullptr, nullptr), 0);
  std::string shown;
  {
    const WaitingLine line("verifying", terminal.write, kQuick);
    shown = ReadSome(terminal.read, kPatienceMs);
  }
  EXPECT_NE(shown.find("\rverifying ... 0 s"), std::string::npos) << shown;
  while (true) {
    const std::string more = ReadSome(terminal.read, 100);
    if (more.empty()) break;
    shown += more;
  }
  EXPECT_TRUE(shown.ends_with("\r\x1b[K")) << shown;
}

TEST(WaitingLine, SaysNothingOfWhatIsSoonDone) {
  Descriptors terminal;
  ASSERT_EQ(openpty(&terminal.read, &terminal.write, nullptr, nullptr, nullptr), 0);
  { const WaitingLine line("verifying", terminal.write, {milliseconds(600'000), milliseconds(1)}); }
  EXPECT_EQ(ReadSome(terminal.read, 50), "");
}

TEST(WaitingLine, SaysNothingToAFile) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Descriptors pipe{ends[0], ends[1]};
  {
    const WaitingLine line("verifying", pipe.write, kQuick);
    std::this_thread::sleep_for(milliseconds(50));
  }
  EXPECT_EQ(ReadSome(pipe.read, 0), "");
}

}  // namespace
}  // namespace tom
