#include "checks/tables/pam_service.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr const char* kFolders[] = {"/etc/pam.d", "/usr/lib/pam.d"};
constexpr char kOneFile[] = "/etc/pam.conf";
constexpr char kOther[] = "other";
constexpr size_t kMaxServices = 500;
constexpr size_t kMaxHandlers = 20000;
constexpr size_t kMaxIncludes = 2000;
constexpr size_t kMaxDepth = 64;  // libpam itself knows no end, and crashes

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

absl::StatusOr<PamFile> PamFiles::ReadNow(const std::string& path, bool with_service) {
  const auto text = env_.ReadFile(path, kMaxPamFileBytes);
  if (text.ok()) return ParsePamFile(*text, path, with_service);
  if (absl::IsFailedPrecondition(text.status())) {
    const auto info = env_.Stat(path);
    // fopen(3) opens a directory, and the first read of it is the end of the file.
    if (info.ok() && info->kind == FileKind::kDirectory) return PamFile{};
  }
  return text.status();
}

absl::StatusOr<const PamFile*> PamFiles::Read(const std::string& path, bool with_service) {
  auto found = read_.find(path);
  if (found == read_.end()) {
    found = read_.emplace(path, ReadNow(path, with_service)).first;
  }
  if (!found->second.ok()) return found->second.status();
  return &*found->second;
}

// One load of one service.
class PamLoad {
 public:
  PamLoad(PamFiles& files, std::string name) : files_(files), name_(std::move(name)) {}

  PamService Run() {
    if (HasFolder()) {
      FromFolders();
    } else if (out_.unknown.empty()) {
      FromOneFile();
    }
    for (const PamType type :
         {PamType::kAuth, PamType::kAccount, PamType::kSession, PamType::kPassword}) {
      std::vector<PamHandler>& own = stacks_[type];
      out_.stacks[type] = own.empty() ? std::move(other_[type]) : std::move(own);
    }
    return std::move(out_);
  }

 private:
  bool HasFolder() {
    for (const char* folder : kFolders) {
      const auto info = files_.env_.Stat(folder);
      if (info.ok() && info->kind == FileKind::kDirectory) return true;
      if (!info.ok() && !absl::IsNotFound(info.status()))
        Unknown(std::string(info.status().message()));
    }
    return false;
  }

  void Unknown(std::string why) {
    if (out_.unknown.empty()) out_.unknown = std::move(why);
  }
  void Abort(std::string why) {
    if (out_.aborted.empty()) out_.aborted = std::move(why);
  }

  // Null: there is none, or nothing is known of it.
  const PamFile* Open(const std::string& name, std::string& path) {
    if (!name.empty() && name[0] == '/') {
      path = name;
      return OpenPath(path);
    }
    for (const char* folder : kFolders) {
      path = std::string(folder) + "/" + name;
      if (const PamFile* file = OpenPath(path); file != nullptr) return file;
      if (!out_.unknown.empty()) return nullptr;
    }
    return nullptr;
  }

  const PamFile* OpenPath(const std::string& path) {
    const auto file = files_.Read(path, false);
    if (file.ok()) {
      if (std::find(out_.files.begin(), out_.files.end(), path) == out_.files.end())
        out_.files.push_back(path);
      return *file;
    }
    if (!absl::IsNotFound(file.status())) Unknown(std::string(file.status().message()));
    return nullptr;
  }

  void FromFolders() {
    bool read = false;
    for (const std::string& service : {name_, std::string(kOther)}) {
      into_ = service == kOther ? &other_ : &stacks_;
      std::string path;
      const PamFile* file = Open(service, path);
      if (file == nullptr) continue;
      read = true;
      Take(*file, path, std::nullopt, 0, 0);
      if (!out_.aborted.empty()) return;
    }
    if (!read) Abort("there is no PAM configuration for " + name_ + " nor for other");
  }

  void FromOneFile() {
    const auto file = files_.Read(kOneFile, true);
    if (absl::IsNotFound(file.status())) return Abort("there is no PAM configuration");
    if (!file.ok()) return Unknown(std::string(file.status().message()));
    out_.files.emplace_back(kOneFile);
    if (!(*file)->aborted.empty()) return Abort((*file)->aborted);
    for (const PamLine& line : (*file)->lines) {
      const std::string service = Lower(line.service);
      if (service != Lower(name_) && service != kOther) continue;
      into_ = service == kOther ? &other_ : &stacks_;
      TakeLine(line, kOneFile, std::nullopt, 0, 0);
    }
  }

  void Take(const PamFile& file, const std::string& path, std::optional<PamType> wanted,
            size_t depth, int level) {
    for (const PamLine& line : file.lines) {
      if (!out_.aborted.empty() || !out_.unknown.empty()) return;
      TakeLine(line, path, wanted, depth, level);
    }
    if (!file.aborted.empty()) Abort(file.aborted);
  }

  void TakeLine(const PamLine& line, const std::string& path, std::optional<PamType> wanted,
                size_t depth, int level) {
    const bool at_include = line.type == PamType::kInclude;
    const bool no_type = line.type == PamType::kNone;
    if (wanted && !at_include && !no_type && line.type != *wanted) return;
    const std::optional<PamType> type = at_include ? wanted
                                        : no_type  ? wanted.value_or(PamType::kAuth)
                                                   : line.type;
    PamHandler handler{PamHandler::Kind::kModule, line, path, level, {}};
    handler.actions.fill(kPamActBad);
    const std::string control = Lower(line.control);
    const bool substack = !at_include && control == "substack";
    if (at_include || substack || control == "include")
      return Include(std::move(handler), type, depth, substack);
    std::string problem;
    if (!line.control.empty()) handler.actions = ParsePamControl(line.control, problem);
    if (no_type || line.control.empty() || line.module.empty())
      handler.kind = PamHandler::Kind::kMustFail;
    Add(std::move(handler), *type);
  }

  void Include(PamHandler handler, std::optional<PamType> type, size_t depth, bool substack) {
    const std::string name = handler.line.module;
    const int level = handler.level + (substack ? 1 : 0);
    const std::string place = handler.file + " line " + std::to_string(handler.line.number);
    if (depth >= kMaxDepth || ++includes_ > kMaxIncludes)
      return Unknown(place + ": more includes than are followed");
    if (substack) {
      PamHandler mark = handler;
      mark.kind = PamHandler::Kind::kSubstack;
      Add(std::move(mark), *type);
    }
    std::string path;
    const PamFile* file = level >= kPamMaxSubstacks || name.empty() ? nullptr : Open(name, path);
    if (file != nullptr && path.starts_with(kFolders[1]) && name[0] != '/') {
      return Unknown(place + ": " + path +
                     " counts for some versions of libpam and not for others");
    }
    if (file != nullptr) {
      Take(*file, path, type, depth + 1, level);
      if (out_.aborted.empty() || file->aborted.empty() || !type) return;
      out_.aborted.clear();  // of a file that breaks off the lines before the end count
    }
    if (!out_.unknown.empty()) return;
    if (!type) return Abort(place + ": the included file cannot be opened");
    handler.kind = PamHandler::Kind::kMustFail;
    Add(std::move(handler), *type);
  }

  void Add(PamHandler handler, PamType type) {
    if (++handlers_ > kMaxHandlers) return Unknown("more PAM lines than the bound allows");
    (*into_)[type].push_back(std::move(handler));
  }

  PamFiles& files_;
  const std::string name_;
  PamService out_;
  std::map<PamType, std::vector<PamHandler>> stacks_;
  std::map<PamType, std::vector<PamHandler>> other_;
  std::map<PamType, std::vector<PamHandler>>* into_ = nullptr;
  size_t handlers_ = 0;
  size_t includes_ = 0;
};

PamService PamFiles::Load(const std::string& name) { return PamLoad(*this, name).Run(); }

std::vector<std::string> PamServiceNames(Env& env, std::vector<std::string>& problems) {
  std::set<std::string> names;
  bool folder_there = false;
  for (const char* folder : kFolders) {
    const auto found = env.ListDirectory(folder);
    folder_there = folder_there || !absl::IsNotFound(found.status());
    if (!found.ok() && !absl::IsNotFound(found.status()))
      problems.emplace_back(found.status().message());
    if (found.ok()) names.insert(found->begin(), found->end());
  }
  if (!folder_there) {
    const auto text = env.ReadFile(kOneFile, kMaxPamFileBytes);
    if (!text.ok() && !absl::IsNotFound(text.status()))
      problems.emplace_back(text.status().message());
    const auto file = ParsePamFile(text.ok() ? *text : "", kOneFile, true);
    if (!file.ok()) problems.emplace_back(file.status().message());
    for (const PamLine& line : file.ok() ? file->lines : std::vector<PamLine>())
      names.insert(Lower(line.service));
  }
  if (names.size() > kMaxServices) {
    problems.emplace_back("more PAM services than the bound allows");
    names.erase(std::next(names.begin(), kMaxServices), names.end());
  }
  return {names.begin(), names.end()};
}

}  // namespace tom
