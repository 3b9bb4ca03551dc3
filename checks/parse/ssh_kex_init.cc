#include "checks/parse/ssh_kex_init.h"

#include <algorithm>
#include <cstdint>

#include "checks/parse/sshd_pattern.h"

namespace tom {
namespace {

constexpr size_t kMaxLine = 255;        // of the identification
constexpr size_t kMaxLinesBefore = 50;  // that a server may send before it
constexpr size_t kMaxLineBefore = 8192;
constexpr size_t kMaxPacket = 35000;
constexpr size_t kMaxNames = 200;
constexpr uint8_t kKexInit = 20;
constexpr size_t kCookie = 16;

uint32_t Number(std::string_view bytes) {
  uint32_t number = 0;
  for (size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<uint8_t>(bytes[i]);
  return number;
}

bool IsText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// A name-list off the front; false: it is none.
bool TakeNames(std::string_view& payload, std::vector<std::string>& names) {
  if (payload.size() < 4) return false;
  const size_t size = Number(payload);
  payload.remove_prefix(4);
  if (size > payload.size() || !IsText(payload.substr(0, size))) return false;
  const std::string_view list = payload.substr(0, size);
  payload.remove_prefix(size);
  if (list.empty()) return true;
  for (std::string& name : SplitSshdList(list)) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    if (names.size() >= kMaxNames) return false;
    names.push_back(std::move(name));
  }
  return true;
}

// Up to and with the identification's line. False: not SSH, or not all of it is there.
bool TakeIdentification(std::string_view& bytes, SshOffer& offer) {
  for (size_t lines = 0; lines <= kMaxLinesBefore; ++lines) {
    const size_t end = bytes.find('\n');
    if (std::min(end, bytes.size()) > kMaxLineBefore) {  // whether its end has come or not
      offer.state = SshOffer::State::kNotSsh;
      return false;
    }
    if (end == std::string_view::npos) return false;
    std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.starts_with("SSH-")) continue;
    if (line.size() > kMaxLine || !IsText(line)) break;
    offer.identification = line;
    return true;
  }
  offer.state = SshOffer::State::kNotSsh;
  return false;
}

bool TakeLists(std::string_view payload, SshOffer& offer) {
  std::vector<std::string> ignored;
  payload.remove_prefix(1 + kCookie);
  return TakeNames(payload, offer.kex) && TakeNames(payload, offer.host_keys) &&
         TakeNames(payload, offer.ciphers) && TakeNames(payload, offer.ciphers) &&
         TakeNames(payload, offer.macs) && TakeNames(payload, offer.macs) &&
         TakeNames(payload, ignored);
}

}  // namespace

SshOffer ParseSshOffer(std::string_view bytes) {
  SshOffer offer;
  if (!TakeIdentification(bytes, offer)) return offer;
  if (bytes.size() < 5) return offer;
  const size_t length = Number(bytes);
  const size_t padding = static_cast<uint8_t>(bytes[4]);
  if (length > kMaxPacket || length < 1 + kCookie + padding + 2) {
    offer.state = SshOffer::State::kNotSsh;
    return offer;
  }
  if (bytes.size() < 4 + length) return offer;
  const std::string_view payload = bytes.substr(5, length - padding - 1);
  const bool good = static_cast<uint8_t>(payload[0]) == kKexInit && TakeLists(payload, offer);
  offer.state = good ? SshOffer::State::kDone : SshOffer::State::kNotSsh;
  return offer;
}

}  // namespace tom
