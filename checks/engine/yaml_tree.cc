#include "checks/engine/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>

#include "evidence/digest.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Builds the tree from yaml-cpp's events. The first problem stops the parse by an exception that
// ParseYaml catches: the parser knows no other way.
struct Refused {
  YAML::Mark mark;
  std::string problem;
};

class TreeBuilder : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    RefuseAnchor(mark, anchor);
    Place(Node(mark, YamlNode::Kind::kNull));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{mark, "aliases are not allowed"};
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Refuse(mark, tag, anchor);
    YamlNode node = Node(mark, YamlNode::Kind::kScalar);
    if (!IsUtf8(value) || value.find('\0') != std::string::npos) {
      throw Refused{mark, "not UTF-8, or with a NUL"};
    }
    node.text = value;
    node.quoted = tag == "!";
    Place(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Refuse(mark, tag, anchor);
    Open(Node(mark, YamlNode::Kind::kSequence));
  }

  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Refuse(mark, tag, anchor);
    Open(Node(mark, YamlNode::Kind::kMap));
  }

  void OnMapEnd() override { Close(); }

  YamlNode TakeRoot() { return std::move(root_); }

 private:
  // A map waits for its next key, or holds one and waits for the value.
  struct Level {
    YamlNode node;
    bool has_key = false;
    std::string key;
  };

  static YamlNode Node(const YAML::Mark& mark, YamlNode::Kind kind) {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  static void RefuseAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) throw Refused{mark, "anchors are not allowed"};
  }

  // "?" is a plain node, "!" a quoted scalar, anything else was written by hand.
  static void Refuse(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    RefuseAnchor(mark, anchor);
    if (!tag.empty() && tag != "?" && tag != "!") throw Refused{mark, "tags are not allowed"};
  }

  static YAML::Mark MarkOf(const YamlNode& node) {
    YAML::Mark mark;
    mark.line = node.line - 1;
    mark.column = node.column - 1;
    return mark;
  }

  void Open(YamlNode node) {
    if (levels_.size() >= limits::kMaxJsonDepth) {
      throw Refused{MarkOf(node), "nested deeper than 32"};
    }
    if (!levels_.empty() && levels_.back().node.IsMap() && !levels_.back().has_key) {
      throw Refused{MarkOf(node), "a key must be a text"};
    }
    levels_.push_back({.node = std::move(node), .has_key = false, .key = ""});
  }

  void Close() {
    YamlNode node = std::move(levels_.back().node);
    levels_.pop_back();
    Place(std::move(node));
  }

  void Place(YamlNode node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.IsSequence()) {
      level.node.items.push_back(std::move(node));
    } else if (level.has_key) {
      level.node.entries.push_back({std::move(level.key), std::move(node)});
      level.has_key = false;
    } else {
      TakeKey(level, node);
    }
  }

  static void TakeKey(Level& level, const YamlNode& node) {
    if (!node.IsScalar()) throw Refused{MarkOf(node), "a key must be a text"};
    if (level.node.Find(node.text) != nullptr) {
      throw Refused{MarkOf(node), "duplicate key: " + node.text};
    }
    level.key = node.text;
    level.has_key = true;
  }

  std::vector<Level> levels_;
  YamlNode root_;
};

std::string Place(std::string_view file, int line, int column) {
  return std::string(file) + ":" + std::to_string(line) + ":" + std::to_string(column) + ": ";
}

// YAML 1.2, c-printable: yaml-cpp takes a NUL at the beginning for the end of the text, drops what
// follows, and replaces what is not UTF-8.
absl::Status CheckPrintable(std::string_view text, std::string_view file) {
  int line = 1;
  int column = 1;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f) {
      return BadData(Place(file, line, column) + "a control character");
    }
    ++column;
    if (c == '\n') {
      ++line;
      column = 1;
    }
  }
  return IsUtf8(text) ? absl::OkStatus() : BadData(std::string(file) + ": not UTF-8");
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const auto& [name, node] : entries) {
    if (name == key) return &node;
  }
  return nullptr;
}

absl::Status YamlError(const YamlNode& node, std::string_view file, std::string_view path,
                       std::string_view problem) {
  std::string message = Place(file, node.line, node.column);
  if (!path.empty()) message += std::string(path) + ": ";
  return BadData(message + std::string(problem));
}

Json YamlToJson(const YamlNode& node) {
  const auto kept = [](const YamlNode& child) {
    return !child.IsNull() && !(child.IsSequence() && child.items.empty());
  };
  if (node.IsScalar()) return Json(node.text);
  if (node.IsSequence()) {
    Json::Array items;
    for (const YamlNode& item : node.items) {
      if (kept(item)) items.push_back(YamlToJson(item));
    }
    return items;
  }
  Json::Object members;
  for (const auto& [name, member] : node.entries) {
    if (kept(member)) members.emplace(name, YamlToJson(member));
  }
  return members;
}

absl::StatusOr<YamlNode> ParseYaml(std::string_view text, std::string_view file) {
  if (text.size() > kMaxYamlBytes) return BadData(std::string(file) + ": larger than 1 MiB");
  TOM_RETURN_IF_ERROR(CheckPrintable(text, file));
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder;
    if (!parser.HandleNextDocument(builder)) return YamlNode();
    TreeBuilder second;
    if (parser.HandleNextDocument(second)) {
      return BadData(std::string(file) + ": more than one document");
    }
    return builder.TakeRoot();
  } catch (const Refused& refused) {
    return BadData(Place(file, refused.mark.line + 1, refused.mark.column + 1) + refused.problem);
  } catch (const YAML::Exception& error) {
    return BadData(Place(file, error.mark.line + 1, error.mark.column + 1) + error.msg);
  } catch (const std::exception& error) {
    return BadData(std::string(file) + ": " + error.what());
  }
}

}  // namespace tom
