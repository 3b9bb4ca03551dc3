#include <deque>
#include <unordered_map>

#include "checks/parse/oval_definitions.h"

namespace tom {

struct OvalTexts::Data {
  std::deque<std::string> texts;  // does not move them
  std::unordered_map<std::string_view, uint32_t> numbers;
  size_t bytes = 0;
};

OvalTexts::OvalTexts() : data_(std::make_unique<Data>()) {}
OvalTexts::~OvalTexts() = default;
OvalTexts::OvalTexts(OvalTexts&&) noexcept = default;
OvalTexts& OvalTexts::operator=(OvalTexts&&) noexcept = default;

uint32_t OvalTexts::Add(std::string_view text) {
  const auto found = data_->numbers.find(text);
  if (found != data_->numbers.end()) return found->second;
  const auto number = static_cast<uint32_t>(data_->texts.size());
  data_->texts.emplace_back(text);
  data_->numbers.emplace(data_->texts.back(), number);
  data_->bytes += text.size() + sizeof(std::string) + 48;
  return number;
}

uint32_t OvalTexts::Find(std::string_view text) const {
  const auto found = data_->numbers.find(text);
  return found == data_->numbers.end() ? kNoOval : found->second;
}

std::string_view OvalTexts::At(uint32_t number) const {
  return number < data_->texts.size() ? std::string_view(data_->texts[number]) : std::string_view();
}

size_t OvalTexts::size() const { return data_->texts.size(); }
size_t OvalTexts::bytes() const { return data_->bytes; }

}  // namespace tom
