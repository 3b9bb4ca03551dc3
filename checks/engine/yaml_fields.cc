#include <algorithm>
#include <charconv>

#include "checks/engine/yaml_tree.h"
#include "evidence/status_text.h"

namespace tom {

YamlFields::YamlFields(const YamlNode& map, std::string file, std::string path)
    : map_(map), file_(std::move(file)), path_(std::move(path)) {
  if (!map_.IsMap() && !map_.IsNull()) status_ = YamlError(map_, file_, path_, "expected a map");
}

std::string YamlFields::Path(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

bool YamlFields::Has(std::string_view key) const {
  const YamlNode* node = map_.Find(key);
  return node != nullptr && !node->IsNull();
}

void YamlFields::FailAt(const YamlNode& node, std::string_view key, std::string_view problem) {
  if (status_.ok()) status_ = YamlError(node, file_, Path(key), problem);
}

void YamlFields::Fail(std::string_view key, std::string_view problem) {
  const YamlNode* node = map_.Find(key);
  FailAt(node != nullptr ? *node : map_, key, problem);
}

void YamlFields::Keep(const absl::Status& status) {
  if (status_.ok()) status_ = status;
}

const YamlNode* YamlFields::Take(std::string_view key) {
  for (const auto& [name, node] : map_.entries) {
    if (name != key) continue;
    taken_.push_back(name);
    return node.IsNull() ? nullptr : &node;
  }
  return nullptr;
}

const YamlNode* YamlFields::Scalar(std::string_view key) {
  const YamlNode* node = Take(key);
  if (node == nullptr) {
    missing_ = missing_ || status_.ok();
    Fail(key, "missing");
    return nullptr;
  }
  if (node->IsScalar()) return node;
  FailAt(*node, key, "expected a text");
  return nullptr;
}

std::string YamlFields::Text(std::string_view key) {
  const YamlNode* node = Scalar(key);
  return node != nullptr ? node->text : "";
}

std::string YamlFields::TextOr(std::string_view key, std::string_view fallback) {
  if (Has(key)) return Text(key);
  Take(key);
  return std::string(fallback);
}

int64_t YamlFields::Integer(std::string_view key, int64_t least, int64_t most) {
  const YamlNode* node = Scalar(key);
  if (node == nullptr) return 0;
  int64_t value = 0;
  const char* last = node->text.data() + node->text.size();
  const auto [end, error] = std::from_chars(node->text.data(), last, value);
  if (node->quoted || error != std::errc() || end != last || std::to_string(value) != node->text) {
    FailAt(*node, key, "expected a whole decimal number");
    return 0;
  }
  if (value < least || value > most) {
    FailAt(*node, key,
           "expected a number from " + std::to_string(least) + " to " + std::to_string(most));
    return 0;
  }
  return value;
}

int64_t YamlFields::IntegerOr(std::string_view key, int64_t fallback, int64_t least, int64_t most) {
  if (Has(key)) return Integer(key, least, most);
  Take(key);
  return fallback;
}

bool YamlFields::BooleanOr(std::string_view key, bool fallback) {
  const YamlNode* node = Take(key);
  if (node == nullptr) return fallback;
  const bool yes = node->IsScalar() && !node->quoted && node->text == "true";
  const bool no = node->IsScalar() && !node->quoted && node->text == "false";
  if (!yes && !no) FailAt(*node, key, "expected true or false");
  return yes;
}

std::string YamlFields::Duration(std::string_view key) {
  const YamlNode* node = Scalar(key);
  if (node == nullptr) return "";
  if (const auto seconds = ParseDurationSeconds(node->text); !seconds.ok()) {
    FailAt(*node, key, FromAbsl(seconds.status().message()));
  }
  return node->text;
}

int64_t YamlFields::DurationSecondsOr(std::string_view key, int64_t fallback) {
  if (Has(key)) return ParseDurationSeconds(Duration(key)).value_or(0);
  Take(key);
  return fallback;
}

std::vector<std::string> YamlFields::Texts(std::string_view key) {
  std::vector<std::string> texts;
  const YamlNode* node = Sequence(key);
  if (node == nullptr) return texts;
  for (const YamlNode& item : node->items) {
    if (!item.IsScalar()) {
      FailAt(item, key, "expected a list of texts");
      return {};
    }
    texts.push_back(item.text);
  }
  return texts;
}

const YamlNode* YamlFields::Map(std::string_view key) {
  const YamlNode* node = Take(key);
  if (node == nullptr || node->IsMap()) return node;
  FailAt(*node, key, "expected a map");
  return nullptr;
}

const YamlNode* YamlFields::Sequence(std::string_view key) {
  const YamlNode* node = Take(key);
  if (node == nullptr || node->IsSequence()) return node;
  FailAt(*node, key, "expected a list");
  return nullptr;
}

const YamlNode* YamlFields::Any(std::string_view key) { return Take(key); }

absl::Status YamlFields::Finish() {
  // A misspelt key is both missing and unknown: its own place is the better one to name.
  if (!status_.ok() && !missing_) return status_;
  for (const auto& [name, node] : map_.entries) {
    if (std::find(taken_.begin(), taken_.end(), name) == taken_.end()) {
      return YamlError(node, file_, Path(name), "unknown key");
    }
  }
  return status_;
}

}  // namespace tom
