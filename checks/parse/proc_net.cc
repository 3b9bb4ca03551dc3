#include "checks/parse/proc_net.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace tom {
namespace {

constexpr size_t kMaxProblems = 10;
constexpr size_t kMaxPathBytes = 4096;
constexpr int64_t kAcceptsConnections = 0x10000;  // __SO_ACCEPTCON of the kernel's linux/net.h

template <typename Number>
bool ReadNumber(std::string_view text, int base, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

// Up to `count` fields; `line` keeps the rest after the blank that ends the last.
template <size_t count>
size_t TakeFields(std::string_view& line, std::array<std::string_view, count>& fields) {
  size_t taken = 0;
  while (taken < count) {
    const size_t start = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(start);
    if (line.empty()) break;
    const size_t end = std::min(line.find(' '), line.size());
    fields[taken++] = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return taken;
}

// "0100007F:0016", or four words for IPv6.
bool ReadAddress(std::string_view text, std::string& address, int64_t& port) {
  const size_t colon = text.find(':');
  if (colon != 8 && colon != 32) return false;
  for (size_t i = 0; i < colon; i += 8) {
    uint32_t word = 0;
    if (!ReadNumber(text.substr(i, 8), 16, word)) return false;
    std::array<char, 4> bytes;
    std::memcpy(bytes.data(), &word, bytes.size());
    address.append(bytes.data(), bytes.size());
  }
  return ReadNumber(text.substr(colon + 1), 16, port) && port >= 0 && port <= 65535;
}

bool ReadInet(std::string_view line, InetSocket& socket) {
  std::array<std::string_view, 10> fields;
  return TakeFields(line, fields) == fields.size() &&
         ReadAddress(fields[1], socket.local, socket.local_port) &&
         ReadAddress(fields[2], socket.remote, socket.remote_port) &&
         ReadNumber(fields[3], 16, socket.state) && ReadNumber(fields[7], 10, socket.uid) &&
         ReadNumber(fields[9], 10, socket.inode) && socket.uid >= 0 && socket.inode >= 0;
}

bool ReadUnix(std::string_view line, UnixSocket& socket) {
  std::array<std::string_view, 7> fields;
  int64_t flags = 0;
  uint64_t pointer = 0;
  if (TakeFields(line, fields) != fields.size() || fields[0].back() != ':') return false;
  if (!ReadNumber(fields[0].substr(0, fields[0].size() - 1), 16, pointer)) return false;
  if (!ReadNumber(fields[3], 16, flags) || !ReadNumber(fields[4], 16, socket.type)) return false;
  if (!ReadNumber(fields[6], 10, socket.inode)) return false;
  socket.listening = (flags & kAcceptsConnections) != 0;
  socket.path = line.substr(0, kMaxPathBytes);
  return true;
}

// Calls `read(line, number)` for each line after the heading, until it says false.
template <typename Read>
void EachLine(std::string_view text, Read read) {
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (number > 1 && !read(line, number)) return;
  }
}

}  // namespace

InetSockets ParseInetSockets(std::string_view text) {
  InetSockets result;
  const auto add_problem = [&](size_t number, const char* problem) {
    result.problems.push_back("line " + std::to_string(number) + ": " + problem);
    return result.problems.size() < kMaxProblems;
  };
  EachLine(text, [&](std::string_view line, size_t number) {
    if (line.find_first_not_of(' ') == std::string_view::npos) return true;
    if (result.sockets.size() >= kMaxSockets) {
      add_problem(number, "more sockets than are read");
      return false;
    }
    InetSocket socket;
    if (!ReadInet(line, socket)) return add_problem(number, "not a socket");
    result.sockets.push_back(std::move(socket));
    return true;
  });
  return result;
}

std::vector<UnixSocket> ParseUnixSockets(std::string_view text) {
  std::vector<UnixSocket> sockets;
  EachLine(text, [&](std::string_view line, size_t) {
    UnixSocket socket;
    if (ReadUnix(line, socket)) {
      sockets.push_back(std::move(socket));
    } else if (!sockets.empty() && sockets.back().path.size() + line.size() < kMaxPathBytes) {
      sockets.back().path += "\n" + std::string(line);
    }
    return sockets.size() < kMaxSockets;
  });
  return sockets;
}

}  // namespace tom
