#include "checks/parse/apt_config.h"

#include "checks/parse/config_lines.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

}  // namespace

// Reads one file. A statement is `name value;`, `name { … };` or a value alone within a block.
class AptConfigReader {
 public:
  AptConfigReader(std::string_view text, AptConfig& config) : text_(text), config_(config) {}

  absl::Status Read() {
    while (true) {
      TOM_RETURN_IF_ERROR(SkipBlanks());
      if (at_ >= text_.size()) break;
      TOM_RETURN_IF_ERROR(Statement());
    }
    return scopes_.empty() ? absl::OkStatus() : Bad("a block does not end");
  }

 private:
  absl::Status Bad(std::string_view what) const {
    return BadData("line " + std::to_string(line_) + ": " + std::string(what));
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void Step() {
    if (text_[at_++] == '\n') ++line_;
  }

  void SkipLine() {
    while (at_ < text_.size() && text_[at_] != '\n') Step();
  }

  std::string_view TakeLine() {
    const size_t start = at_;
    SkipLine();
    return TrimLine(text_.substr(start, at_ - start));
  }

  // Blanks, comments and directives.
  absl::Status SkipBlanks() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (kLineBlanks.find(rest[0]) != std::string_view::npos || rest[0] == '\n') {
        Step();
      } else if (rest.starts_with("//")) {
        SkipLine();
      } else if (rest.starts_with("/*")) {
        const size_t end = rest.find("*/", 2);
        if (end == std::string_view::npos) return Bad("a comment does not end");
        for (const size_t until = at_ + end + 2; at_ < until;) Step();
      } else if (rest[0] == '#') {
        TOM_RETURN_IF_ERROR(Directive());
      } else {
        break;
      }
    }
    return absl::OkStatus();
  }

  // `#clear` and `#include`; every other `#` begins a comment.
  absl::Status Directive() {
    std::string_view line = TakeLine();
    if (line.starts_with("#include")) return Bad("#include is not followed");
    if (!line.starts_with("#clear")) return absl::OkStatus();
    line.remove_prefix(6);
    const size_t end = line.find(';');
    if (end == std::string_view::npos) return Bad("#clear without ;");
    for (std::string_view rest = TrimLine(line.substr(0, end)); !rest.empty();) {
      const std::string_view name = rest.substr(0, rest.find_first_of(" \t"));
      config_.Clear(Scoped(Lower(name)));
      rest = TrimLine(rest.substr(name.size()));
    }
    return absl::OkStatus();
  }

  std::string Scoped(const std::string& name) const {
    if (scopes_.empty()) return name;
    return name.empty() ? scopes_.back() : scopes_.back() + "::" + name;
  }

  absl::Status Statement() {
    if (Peek() == '}') return Close();
    if (Peek() == ';') {
      Step();
      return absl::OkStatus();
    }
    if (Peek() == '{') return Open("");
    if (Peek() == '"') return ListValue();
    const std::string name = TakeName();
    if (Peek() == '"') return Bad("a quote within a name");
    TOM_RETURN_IF_ERROR(SkipBlanks());
    if (Peek() == '{') return Open(name);
    if (Peek() == ';' || Peek() == '}') {
      if (Peek() == ';') Step();
      return scopes_.empty() ? Bad("a name without a value") : config_.Append(Scoped(""), name);
    }
    return Assignment(Lower(name));
  }

  std::string TakeName() {
    std::string name;
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n{};\"").find(Peek()) == std::string_view::npos) {
      name += Peek();
      Step();
    }
    return name;
  }

  absl::Status Open(const std::string& name) {
    Step();
    if (scopes_.size() >= AptConfig::kMaxDepth) return Bad("blocks too deep");
    scopes_.push_back(Scoped(Lower(name)));
    return absl::OkStatus();
  }

  absl::Status Close() {
    if (scopes_.empty()) return Bad("a } without its {");
    Step();
    scopes_.pop_back();
    return absl::OkStatus();
  }

  absl::Status TakeValue(std::string& value) {
    if (Peek() == '"') {
      const size_t end = text_.find('"', at_ + 1);
      if (end == std::string_view::npos ||
          text_.substr(at_, end - at_).find('\n') != std::string_view::npos)
        return Bad("a quote does not end");
      value = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
    } else {
      while (at_ < text_.size() &&
             std::string_view(" \t\r\n{};").find(Peek()) == std::string_view::npos) {
        value += Peek();
        Step();
      }
    }
    TOM_RETURN_IF_ERROR(SkipBlanks());
    if (Peek() == '}') return absl::OkStatus();
    if (Peek() != ';') return Bad("a statement does not end with ;");
    Step();
    return absl::OkStatus();
  }

  absl::Status ListValue() {
    std::string value;
    TOM_RETURN_IF_ERROR(TakeValue(value));
    if (scopes_.empty()) return Bad("a value without a name");
    return config_.Append(scopes_.back(), std::move(value));
  }

  absl::Status Assignment(const std::string& name) {
    std::string value;
    TOM_RETURN_IF_ERROR(TakeValue(value));
    if (name == "::") return config_.Append(Scoped(""), std::move(value));
    if (name.ends_with("::"))
      return config_.Append(Scoped(name.substr(0, name.size() - 2)), std::move(value));
    return config_.Set(Scoped(name), std::move(value));
  }

  std::string_view text_;
  AptConfig& config_;
  size_t at_ = 0;
  int line_ = 1;
  std::vector<std::string> scopes_;
};

absl::Status AptConfig::Read(std::string_view text) { return AptConfigReader(text, *this).Read(); }

absl::Status AptConfig::Set(const std::string& name, std::string value) {
  if (nodes_.size() >= kMaxNodes) return BadData("more than 20,000 settings");
  nodes_[name].value = std::move(value);
  return absl::OkStatus();
}

absl::Status AptConfig::Append(const std::string& name, std::string value) {
  if (nodes_.size() >= kMaxNodes || ++values_ > kMaxNodes) {
    return BadData("more than 20,000 settings");
  }
  nodes_[name].list.push_back(std::move(value));
  return absl::OkStatus();
}

void AptConfig::Clear(std::string_view name) {
  const std::string lower = Lower(name);
  std::erase_if(nodes_, [&](const auto& one) {
    return one.first == lower || one.first.starts_with(lower + "::");
  });
}

std::string AptConfig::Value(std::string_view name, std::string_view otherwise) const {
  const auto found = nodes_.find(Lower(name));
  if (found == nodes_.end() || found->second.value.empty()) return std::string(otherwise);
  return found->second.value;
}

std::vector<std::pair<std::string, std::string>> AptConfig::All() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [name, node] : nodes_) {
    if (!node.value.empty()) all.emplace_back(name, node.value);
    for (const std::string& value : node.list) {
      if (!value.empty()) all.emplace_back(name, value);
    }
  }
  return all;
}

std::vector<std::string> AptConfig::List(std::string_view name) const {
  const std::string lower = Lower(name);
  std::vector<std::string> list;
  const auto found = nodes_.find(lower);
  if (found != nodes_.end()) list = found->second.list;
  // Named members are values of the list too.
  for (auto at = nodes_.lower_bound(lower + "::");
       at != nodes_.end() && at->first.starts_with(lower + "::"); ++at) {
    const bool direct = at->first.find("::", lower.size() + 2) == std::string::npos;
    if (direct && !at->second.value.empty()) list.push_back(at->second.value);
  }
  return list;
}

}  // namespace tom
