#include "agent/drill/sample.h"

#include <algorithm>
#include <utility>

namespace tom {
namespace {

constexpr size_t kMaxPath = 1024;  // of 256 of them a command line has room
constexpr size_t kLinksOneIn = 4;

// "./srv//data/x/" and "/srv/data/x" alike are srv/data/x. Nothing where a part is "..".
std::optional<std::string> Plain(const std::string& path) {
  std::string plain;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") return std::nullopt;
    if (!plain.empty()) plain += "/";
    plain += part;
  }
  if (plain.empty()) return std::nullopt;
  return plain;
}

std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string Below(const std::string& folder, const std::string& name) {
  return folder == "/" ? "/" + name : folder + "/" + name;
}

}  // namespace

bool LiesIn(const std::string& path, const std::string& top) {
  return path == top || top == "/" || path.compare(0, top.size() + 1, top + "/") == 0;
}

Sampler::Sampler(SampleOptions options) : options_(std::move(options)), random_(options_.seed) {
  for (std::string& path : options_.data_paths) path = WithoutSlash(std::move(path));
  for (std::string& path : options_.copied) path = WithoutSlash(std::move(path));
  pools_.resize(options_.data_paths.size() + 1);
}

// As it is named; else, where the copy was made from within a folder, below that folder or beside
// it, if there is such a file.
void Sampler::Locate(SampleItem& item) const {
  const std::optional<std::string> plain = Plain(item.entry.path);
  if (!plain || item.entry.kind == ListedEntry::Kind::kStream) return;
  const auto place_of = [&](const std::string& path) -> std::optional<size_t> {
    std::optional<size_t> best;
    for (size_t i = 0; i < options_.data_paths.size(); ++i) {
      const std::string& top = options_.data_paths[i];
      if (LiesIn(path, top) && (!best || top.size() > options_.data_paths[*best].size())) best = i;
    }
    return best;
  };
  item.live = "/" + *plain;
  item.place = place_of(item.live);
  if (item.place || !options_.exists) return;
  for (const std::vector<std::string>* tops : {&options_.copied, &options_.data_paths}) {
    for (const std::string& top : *tops) {
      const std::string beside = Below(WithoutSlash(top.substr(0, top.rfind('/') + 1)), *plain);
      for (const std::string& path : {beside, Below(top, *plain)}) {
        const std::optional<size_t> place = place_of(path);
        const bool meant = place || LiesIn(path, top);
        if (!meant || !options_.exists(path)) continue;
        item.live = path;
        item.place = place;
        return;
      }
    }
  }
}

// Every item that was seen is equally likely to be kept (reservoir sampling, algorithm R).
void Sampler::Keep(Pool& pool, SampleItem item, size_t most) {
  ++pool.seen;
  if (pool.kept.size() < most) {
    pool.kept.push_back(std::move(item));
    return;
  }
  std::uniform_int_distribution<int64_t> any(0, pool.seen - 1);
  const auto at = static_cast<size_t>(any(random_));
  if (at < most) pool.kept[at] = std::move(item);
}

void Sampler::Add(ListedEntry entry) {
  using Kind = ListedEntry::Kind;
  if (entry.kind == Kind::kOther) return;
  ++held_;
  // The order of an archive is its entries' numbers; the others have none.
  if (entry.number == 0) entry.number = ++order_;
  const bool odd = !Plain(entry.path) || entry.path.size() > kMaxPath;
  const bool empty = entry.kind == Kind::kFile && entry.size == 0;
  const bool large = entry.kind == Kind::kFile && entry.size > options_.bytes;
  odd_ += odd ? 1 : 0;
  empty_ += !odd && empty ? 1 : 0;
  large_ += !odd && large ? 1 : 0;
  if (odd || empty || large) return;
  if (entry.kind == Kind::kLink && entry.link_target.empty()) return;
  SampleItem item{.entry = std::move(entry), .live = "", .place = std::nullopt};
  const auto files = static_cast<size_t>(options_.files);
  Locate(item);
  if (item.entry.kind == Kind::kLink) {
    if (item.place) Keep(links_, std::move(item), files / kLinksOneIn);
    return;
  }
  Pool& pool = pools_[item.place.value_or(options_.data_paths.size())];
  Keep(pool, std::move(item), files);
}

void Sampler::MoveInto(std::vector<SampleItem>& chosen, Pool& pool) {
  chosen.push_back(std::move(pool.kept.back()));
  pool.kept.pop_back();
}

std::vector<SampleItem> Sampler::Take() {
  for (Pool& pool : pools_) std::shuffle(pool.kept.begin(), pool.kept.end(), random_);
  const bool any = std::any_of(pools_.begin(), pools_.end() - 1,
                               [](const Pool& pool) { return !pool.kept.empty(); });
  if (any) pools_.back().kept.clear();
  std::vector<SampleItem> chosen;
  int64_t bytes = 0;
  for (bool more = true; more;) {
    more = false;
    for (Pool& pool : pools_) {
      if (pool.kept.empty() || chosen.size() >= static_cast<size_t>(options_.files)) continue;
      more = true;
      const int64_t size = pool.kept.back().entry.size;
      if (bytes + size > options_.bytes) {
        pool.kept.pop_back();  // a smaller one may still fit
        continue;
      }
      bytes += size;
      MoveInto(chosen, pool);
    }
  }
  while (!chosen.empty() && !links_.kept.empty()) MoveInto(chosen, links_);
  std::sort(chosen.begin(), chosen.end(), [](const SampleItem& a, const SampleItem& b) {
    return a.entry.number < b.entry.number;
  });
  return chosen;
}

}  // namespace tom
