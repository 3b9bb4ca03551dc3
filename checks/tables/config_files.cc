#include "checks/tables/config_files.h"

#include <algorithm>

#include "checks/parse/ascii_words.h"
#include "checks/tables/env_glob.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxProblems = 20;

class TreeLoader {
 public:
  TreeLoader(ConfigFiles& files, const IncludeRules& rules) : files_(files), rules_(rules) {}

  absl::StatusOr<ConfigTree> Load(const std::string& path) {
    TOM_ASSIGN_OR_RETURN(const std::string text, files_.Read(path));
    TOM_ASSIGN_OR_RETURN(ConfigTree tree, rules_.parse(text, path));
    open_.push_back(path);
    ConfigTree whole = Expand(std::move(tree));
    open_.pop_back();
    return whole;
  }

 private:
  ConfigTree Expand(ConfigTree tree) {
    ConfigTree whole;
    for (ConfigDirective& directive : tree) {
      std::vector<std::string> paths;
      if (directive.block) {
        directive.children = Expand(std::move(directive.children));
        whole.push_back(std::move(directive));
      } else if (rules_.select(directive, files_, paths)) {
        for (const std::string& path : paths) Include(path, whole);
      } else {
        whole.push_back(std::move(directive));
      }
      if (whole.size() > kMaxConfigDirectives || total_ > kMaxConfigDirectives) {
        files_.Problem("the configuration has more than 200,000 directives");
        break;
      }
    }
    return whole;
  }

  void Include(const std::string& path, ConfigTree& whole) {
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
      return files_.Problem(path + ": includes itself");
    }
    if (open_.size() >= ConfigFiles::kMaxDepth) {
      return files_.Problem(path + ": included deeper than 16 files");
    }
    auto tree = Load(path);
    if (!tree.ok()) return files_.Problem(tree.status());
    total_ += tree->size();
    for (ConfigDirective& directive : *tree) whole.push_back(std::move(directive));
  }

  ConfigFiles& files_;
  const IncludeRules& rules_;
  std::vector<std::string> open_;
  size_t total_ = 0;
};

}  // namespace

absl::StatusOr<std::string> ConfigFiles::Read(const std::string& path) {
  if (++files_ > kMaxFiles) {
    return absl::ResourceExhaustedError("the configuration has more than 2,000 files");
  }
  TOM_ASSIGN_OR_RETURN(std::string text, env_.ReadFile(path, kMaxFileBytes));
  bytes_ += text.size();
  if (bytes_ > kMaxBytes) {
    return absl::ResourceExhaustedError("the configuration has more than 16 MiB");
  }
  if (text.find('\0') != std::string::npos) return BadData(path + ": a NUL byte");
  return text;
}

std::vector<std::string> ConfigFiles::Match(const std::string& pattern) {
  if (!HasGlobCharacters(pattern)) return {pattern};
  GlobResult found = ExpandGlob(env_, pattern);
  for (std::string& problem : found.problems) Problem(std::move(problem));
  if (found.paths.size() > kMaxFiles) {
    Problem(pattern + ": matches more than 2,000 files");
    found.paths.resize(kMaxFiles);
  }
  return std::move(found.paths);
}

bool ConfigFiles::IsDirectory(const std::string& path) {
  const auto info = env_.Stat(path);
  return info.ok() && info->kind == FileKind::kDirectory;
}

bool ConfigFiles::Exists(const std::string& path) {
  const auto info = env_.Stat(path);
  if (!info.ok() && !absl::IsNotFound(info.status())) Problem(info.status());
  return info.ok() || !absl::IsNotFound(info.status());
}

void ConfigFiles::Problem(std::string text) {
  if (problems_.size() == kMaxProblems) text = "more problems than are listed";
  if (problems_.size() > kMaxProblems) return;
  problems_.push_back(std::move(text));
}

absl::StatusOr<ConfigTree> LoadConfigTree(ConfigFiles& files, const std::string& path,
                                          const IncludeRules& rules) {
  return TreeLoader(files, rules).Load(path);
}

const ConfigDirective* LastDirective(const ConfigTree& tree, std::string_view name) {
  const auto found = std::find_if(tree.rbegin(), tree.rend(), [&](const ConfigDirective& one) {
    return !one.block && EqualsNoCase(one.name, name);
  });
  return found == tree.rend() ? nullptr : &*found;
}

std::string JoinWords(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text.append(between);
    text.append(word);
  }
  return text;
}

std::string InFolder(const std::string& folder, const std::string& path) {
  return !path.empty() && path[0] == '/' ? path : folder + "/" + path;
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

}  // namespace tom
