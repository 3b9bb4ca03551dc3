// Files of a configuration that may include others, read through Env within bounds that hold for
// the whole configuration: a hostile tree costs one problem, not the look.
#ifndef TOM_CHECKS_TABLES_CONFIG_FILES_H_
#define TOM_CHECKS_TABLES_CONFIG_FILES_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/env/env.h"
#include "checks/parse/config_tree.h"

namespace tom {

class ConfigFiles {
 public:
  static constexpr size_t kMaxFileBytes = 1 << 20;
  static constexpr size_t kMaxBytes = 16 << 20;
  static constexpr size_t kMaxFiles = 2000;
  static constexpr size_t kMaxDepth = 16;

  explicit ConfigFiles(Env& env) : env_(env) {}

  // NotFound, or what else kept it from being read: also a NUL byte and a bound.
  absl::StatusOr<std::string> Read(const std::string& path);

  // The files that a pattern stands for; what keeps it from being told is a problem.
  std::vector<std::string> Match(const std::string& pattern);

  bool IsDirectory(const std::string& path);
  // Whether there is anything; what cannot be looked at is a problem, and is there.
  bool Exists(const std::string& path);

  void Problem(std::string text);
  void Problem(const absl::Status& status) { Problem(std::string(status.message())); }
  const std::vector<std::string>& problems() const { return problems_; }
  Env& env() { return env_; }

 private:
  Env& env_;
  size_t files_ = 0;
  size_t bytes_ = 0;
  std::vector<std::string> problems_;
};

// How a server's includes are read.
struct IncludeRules {
  using Parse = absl::StatusOr<ConfigTree> (*)(std::string_view text, const std::string& path);
  // The files of an include in their order, or false when the directive includes nothing.
  using Select = std::function<bool(const ConfigDirective& directive, ConfigFiles& files,
                                    std::vector<std::string>& paths)>;
  Parse parse = nullptr;
  Select select;
};

// The tree of `path` with the files' directives in place of their includes. An error when `path`
// itself cannot be read; a loop, or a file that is not understood, is a problem of `files`.
absl::StatusOr<ConfigTree> LoadConfigTree(ConfigFiles& files, const std::string& path,
                                          const IncludeRules& rules);

// The last directive of that name (without regard to case) right in `tree`, or null.
const ConfigDirective* LastDirective(const ConfigTree& tree, std::string_view name);

// The arguments with a blank between them.
std::string JoinWords(const std::vector<std::string>& words, const char* between = " ");

// `path` behind `folder` unless it is absolute.
std::string InFolder(const std::string& folder, const std::string& path);

// The folder of a file.
std::string FolderOf(const std::string& path);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_CONFIG_FILES_H_
