#include "checks/parse/tar_walk.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "checks/parse/plain_number.h"

namespace tom {
namespace {

constexpr size_t kMaxName = 64 << 10;  // of pax' records and long names
constexpr uint64_t kMaxSize = uint64_t{1} << 60;

bool IsZeros(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

std::string_view UpToNul(std::string_view field) {
  return field.substr(0, std::min(field.find('\0'), field.size()));
}

// Octal, or GNU's base 256.
std::optional<uint64_t> NumberIn(std::string_view field) {
  uint64_t value = 0;
  if ((static_cast<unsigned char>(field[0]) & 0x80) != 0) {
    for (const char c : field.substr(field.size() - 8)) {
      value = value << 8 | static_cast<unsigned char>(c);
    }
    return value < kMaxSize ? std::optional<uint64_t>(value) : std::nullopt;
  }
  const size_t start = std::min(field.find_first_not_of(' '), field.size());
  for (const char c : field.substr(start)) {
    if (c == ' ' || c == '\0') break;
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3 | static_cast<uint64_t>(c - '0');
  }
  return value;
}

uint64_t Blocks(uint64_t bytes) {
  return (bytes + kTarBlockBytes - 1) / kTarBlockBytes * kTarBlockBytes;
}

std::string NameIn(std::string_view block) {
  const std::string_view name = UpToNul(block.substr(0, 100));
  // GNU keeps other things where ustar has the name's beginning.
  const bool ustar = block.substr(257, 6) == std::string_view("ustar\0", 6);
  const std::string_view prefix = ustar ? UpToNul(block.substr(345, 155)) : std::string_view();
  if (prefix.empty()) return std::string(name);
  std::string whole(prefix);
  return whole.append("/").append(name);
}

}  // namespace

bool IsTarHeader(std::string_view block) {
  if (block.size() < kTarBlockBytes) return false;
  uint64_t sum = 0;
  for (size_t i = 0; i < kTarBlockBytes; ++i) {
    sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(block[i]);
  }
  const auto told = NumberIn(block.substr(148, 8));
  return told && *told == sum && *told > 0;
}

uint64_t TarWalk::TakeSkip() {
  const uint64_t skip = skip_;
  skip_ = 0;
  return skip;
}

void TarWalk::TakeBlock(std::string_view block) {
  if (state_ != State::kMembers) return;
  if (expect_ == Expect::kBody) return TakeBody(block);
  if (expect_ == Expect::kSparse) {
    if (block[504] == '\0') {
      expect_ = Expect::kHeader;
      skip_ = data_after_sparse_;
    }
    return;
  }
  if (IsZeros(block)) {
    if (++zeros_ == 2) state_ = prefixed_ ? State::kBroken : State::kEnded;
    return;
  }
  zeros_ = 0;
  if (!IsTarHeader(block)) {
    state_ = State::kBroken;
    return;
  }
  TakeHeader(block);
}

void TarWalk::TakeHeader(std::string_view block) {
  const char type = block[156];
  const auto told = NumberIn(block.substr(124, 12));
  if (!told) {
    state_ = State::kBroken;
    return;
  }
  if (type == 'x' || type == 'g' || type == 'L' || type == 'K' || type == 'X') {
    expect_ = *told > 0 ? Expect::kBody : Expect::kHeader;
    body_type_ = type;
    body_left_ = *told;
    body_.clear();
    prefixed_ = type != 'g';
    return;
  }
  if (long_name_.empty()) long_name_ = NameIn(block);
  const bool empty = (type >= '2' && type <= '6') || (type == '1' && !has_long_size_);
  const uint64_t size = has_long_size_ ? long_size_ : *told;
  // An old writer marks a folder by the slash at the end of its name.
  Announce(type, empty ? 0 : size);
  const bool more = type == 'S' && block[482] != '\0';
  data_after_sparse_ = Blocks(empty ? 0 : size);
  if (more) {
    expect_ = Expect::kSparse;
  } else {
    skip_ = data_after_sparse_;
  }
}

void TarWalk::Announce(char type, uint64_t) {
  ArchiveMember member;
  member.name = std::move(long_name_);
  long_name_.clear();
  has_long_size_ = false;
  prefixed_ = false;
  member.folder = type == '5' || type == 'D' || (!member.name.empty() && member.name.back() == '/');
  member.link = type == '2';
  const bool label = type == 'V' || type == 'M';
  if (label) return;
  ++members_;
  if (sink_) sink_(member);
}

void TarWalk::TakeBody(std::string_view block) {
  const uint64_t here = std::min<uint64_t>(body_left_, block.size());
  if (body_.size() < kMaxName) body_.append(block.substr(0, here));
  body_left_ -= here;
  if (body_left_ > 0) return;
  expect_ = Expect::kHeader;
  if (body_type_ == 'L') long_name_ = std::string(UpToNul(body_));
  if (body_type_ == 'x' || body_type_ == 'X') ReadPax();
  body_.clear();
}

// "LENGTH KEYWORD=VALUE\n", each.
void TarWalk::ReadPax() {
  std::string_view rest = body_;
  while (!rest.empty()) {
    const size_t blank = rest.find(' ');
    if (blank == std::string_view::npos) return;
    const auto length = PlainNumber(rest.substr(0, blank));
    if (!length || *length <= static_cast<int64_t>(blank) + 1 ||
        *length > static_cast<int64_t>(rest.size())) {
      return;
    }
    const auto bytes = static_cast<size_t>(*length);
    std::string_view record = rest.substr(blank + 1, bytes - blank - 2);
    rest.remove_prefix(bytes);
    const size_t equals = record.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = record.substr(0, equals);
    const std::string_view value = record.substr(equals + 1);
    if (key == "path" && long_name_.empty()) long_name_ = std::string(value);
    if (key == "GNU.sparse.name") long_name_ = std::string(value);
    if (key != "size") continue;
    const auto size = PlainNumber(value);
    has_long_size_ = size.has_value() && *size >= 0;
    if (has_long_size_) long_size_ = static_cast<uint64_t>(*size);
  }
}

void TarStream::Add(std::string_view bytes) {
  while (!bytes.empty() && walk_.state() == TarWalk::State::kMembers) {
    const size_t over = static_cast<size_t>(std::min<uint64_t>(skip_, bytes.size()));
    bytes.remove_prefix(over);
    skip_ -= over;
    if (skip_ > 0 || bytes.empty()) return;
    const size_t wanted = kTarBlockBytes - partial_.size();
    if (partial_.empty() && bytes.size() >= kTarBlockBytes) {
      walk_.TakeBlock(bytes.substr(0, kTarBlockBytes));
      bytes.remove_prefix(kTarBlockBytes);
    } else {
      partial_.append(bytes.substr(0, wanted));
      bytes.remove_prefix(std::min(wanted, bytes.size()));
      if (partial_.size() < kTarBlockBytes) return;
      walk_.TakeBlock(partial_);
      partial_.clear();
    }
    skip_ = walk_.TakeSkip();
  }
}

}  // namespace tom
