// Grows a ConfigTree within its bounds. Internal to config_tree.
#ifndef TOM_CHECKS_PARSE_CONFIG_BUILDER_H_
#define TOM_CHECKS_PARSE_CONFIG_BUILDER_H_

#include <string>
#include <utility>
#include <vector>

#include "checks/parse/config_tree.h"
#include "evidence/status_text.h"

namespace tom {

class ConfigBuilder {
 public:
  explicit ConfigBuilder(std::string path) : path_(std::move(path)) {}

  absl::Status Fail(int line, std::string_view problem) const {
    return BadData(std::string(path_)
                       .append(" line ")
                       .append(std::to_string(line))
                       .append(": ")
                       .append(problem));
  }

  absl::Status Add(std::string name, std::vector<std::string> arguments, int line) {
    if (++count_ > kMaxConfigDirectives) {
      return absl::ResourceExhaustedError(ToAbsl(path_ + ": more than 200,000 directives"));
    }
    Current().push_back({std::move(name), std::move(arguments), path_, line, false, {}});
    return absl::OkStatus();
  }

  absl::Status Open(std::string name, std::vector<std::string> arguments, int line) {
    if (open_.size() >= kMaxConfigNesting) return Fail(line, "blocks are nested too deep");
    if (++count_ > kMaxConfigDirectives) {
      return absl::ResourceExhaustedError(ToAbsl(path_ + ": more than 200,000 directives"));
    }
    open_.push_back({std::move(name), std::move(arguments), path_, line, true, {}});
    return absl::OkStatus();
  }

  // The innermost block's name, or null.
  const std::string* OpenName() const { return open_.empty() ? nullptr : &open_.back().name; }

  absl::Status Close(int line) {
    if (open_.empty()) return Fail(line, "the end of a block that was not begun");
    ConfigDirective done = std::move(open_.back());
    open_.pop_back();
    Current().push_back(std::move(done));
    return absl::OkStatus();
  }

  absl::StatusOr<ConfigTree> Finish(int line) {
    if (!open_.empty()) return Fail(line, "a block that does not end: " + open_.back().name);
    return std::move(tree_);
  }

 private:
  std::vector<ConfigDirective>& Current() { return open_.empty() ? tree_ : open_.back().children; }

  std::string path_;
  ConfigTree tree_;
  std::vector<ConfigDirective> open_;
  size_t count_ = 0;
};

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_CONFIG_BUILDER_H_
