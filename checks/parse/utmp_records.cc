#include "checks/parse/utmp_records.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "evidence/digest.h"

namespace tom {
namespace {

// Offsets of struct utmp in glibc's bits/utmp.h where __WORDSIZE_TIME64_COMPAT32 holds.
constexpr size_t kPid = 4;
constexpr size_t kLine = 8;
constexpr size_t kUser = 44;
constexpr size_t kHost = 76;
constexpr size_t kTime = 340;

template <typename Number>
Number At(std::string_view record, size_t offset) {
  Number number;
  std::memcpy(&number, record.data() + offset, sizeof(number));  // the machine's own byte order
  return number;
}

std::string Text(std::string_view field) {
  std::string text(field.substr(0, std::min(field.find('\0'), field.size())));
  if (!IsUtf8(text)) {
    for (char& byte : text) {
      if ((byte & 0x80) != 0) byte = '?';
    }
  }
  return text;
}

}  // namespace

UtmpRecords ParseUtmp(std::string_view bytes) {
  UtmpRecords parsed;
  parsed.whole = bytes.size() % kUtmpRecordBytes == 0;
  parsed.records.reserve(bytes.size() / kUtmpRecordBytes);
  for (; bytes.size() >= kUtmpRecordBytes; bytes.remove_prefix(kUtmpRecordBytes)) {
    const std::string_view record = bytes.substr(0, kUtmpRecordBytes);
    parsed.records.push_back({.type = At<int16_t>(record, 0),
                              .pid = At<int32_t>(record, kPid),
                              .line = Text(record.substr(kLine, 32)),
                              .user = Text(record.substr(kUser, 32)),
                              .host = Text(record.substr(kHost, 256)),
                              .time = At<uint32_t>(record, kTime)});
  }
  return parsed;
}

std::string_view UtmpTypeName(int64_t type) {
  constexpr std::string_view kNames[] = {"empty",         "run-level",    "boot-time",
                                         "new-time",      "old-time",     "init-process",
                                         "login-process", "user-process", "dead-process"};
  const bool known = type >= 0 && static_cast<size_t>(type) < std::size(kNames);
  return known ? kNames[type] : "unknown";
}

}  // namespace tom
