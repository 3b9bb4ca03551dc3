#include "checks/parse/json_tree.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "evidence/status_text.h"

namespace tom {
namespace {

// Takes nlohmann's events, so that depth and size are bounded before memory is spent.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit TreeBuilder(const JsonTreeLimits& limits) : limits_(limits) {}

  bool null() override { return Put({}) != nullptr; }
  bool boolean(bool value) override {
    JsonNode node;
    node.kind = JsonNode::Kind::kBool;
    node.boolean = value;
    return Put(std::move(node)) != nullptr;
  }
  bool number_integer(number_integer_t value) override {
    JsonNode node;
    node.kind = JsonNode::Kind::kInteger;
    node.integer = value;
    return Put(std::move(node)) != nullptr;
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return number_integer(static_cast<int64_t>(value));
    }
    return number_float(0, std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& written) override {
    return Put(TextNode(JsonNode::Kind::kReal, written)) != nullptr;
  }
  bool string(string_t& value) override {
    return Put(TextNode(JsonNode::Kind::kString, std::move(value))) != nullptr;
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Open(JsonNode::Kind::kObject); }
  bool start_array(std::size_t) override { return Open(JsonNode::Kind::kArray); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    if (open_.back()->members.count(name) != 0) {
      status_ = BadData("the key \"" + name.substr(0, 40) + "\" stands twice");
      return false;
    }
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override {
    status_ = BadData("not JSON at byte " + std::to_string(position));
    return false;
  }

  absl::Status status() const { return status_; }
  JsonNode Take() { return std::move(root_); }

 private:
  static JsonNode TextNode(JsonNode::Kind kind, std::string text) {
    JsonNode node;
    node.kind = kind;
    node.text = std::move(text);
    return node;
  }

  // Where the node now stands; null beyond a limit.
  JsonNode* Put(JsonNode node) {
    if (++nodes_ > limits_.max_nodes) {
      status_ = absl::ResourceExhaustedError("JSON of too many values");
      return nullptr;
    }
    if (open_.empty()) return &(root_ = std::move(node));
    JsonNode& top = *open_.back();
    if (top.IsArray()) return &top.items.emplace_back(std::move(node));
    return &(top.members[key_] = std::move(node));
  }

  // Pointers in open_ stay good: a container grows only while it is the last of them.
  bool Open(JsonNode::Kind kind) {
    if (open_.size() >= limits_.max_depth) {
      status_ = absl::ResourceExhaustedError("JSON nested too deep");
      return false;
    }
    JsonNode node;
    node.kind = kind;
    JsonNode* placed = Put(std::move(node));
    if (placed != nullptr) open_.push_back(placed);
    return placed != nullptr;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  const JsonTreeLimits& limits_;
  JsonNode root_;
  std::vector<JsonNode*> open_;
  std::string key_;
  size_t nodes_ = 0;
  absl::Status status_;
};

}  // namespace

const JsonNode* JsonNode::Find(std::string_view name) const {
  const auto found = members.find(name);
  return found == members.end() ? nullptr : &found->second;
}

std::string_view JsonNode::Text(std::string_view name) const {
  const JsonNode* found = Find(name);
  return found != nullptr && found->IsString() ? std::string_view(found->text) : "";
}

absl::StatusOr<JsonNode> ParseJsonTree(std::string_view bytes, const JsonTreeLimits& limits) {
  if (bytes.size() > limits.max_bytes)
    return absl::ResourceExhaustedError("JSON of too many bytes");
  // nlohmann's reader takes a NUL for the end and would leave the rest unread.
  if (bytes.find('\0') != std::string_view::npos) return BadData("not JSON: holds a NUL");
  TreeBuilder builder(limits);
  try {
    if (nlohmann::json::sax_parse(bytes.begin(), bytes.end(), &builder)) return builder.Take();
  } catch (const nlohmann::json::exception& error) {
    return BadData(std::string("not JSON: ") + error.what());
  }
  return builder.status().ok() ? BadData("not JSON") : builder.status();
}

}  // namespace tom
