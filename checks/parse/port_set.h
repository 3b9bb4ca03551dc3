// Sets of port numbers as sorted intervals. Pure; not thread-safe while changed.
#ifndef TOM_CHECKS_PARSE_PORT_SET_H_
#define TOM_CHECKS_PARSE_PORT_SET_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tom {

class PortSet {
 public:
  using Interval = std::pair<int, int>;  // both ends are in it

  static PortSet All() { return PortSet({{0, 65535}}); }

  PortSet() = default;
  explicit PortSet(std::vector<Interval> intervals) : intervals_(std::move(intervals)) { Tidy(); }

  const std::vector<Interval>& intervals() const { return intervals_; }
  bool empty() const { return intervals_.empty(); }
  int size() const {
    int count = 0;
    for (const Interval& one : intervals_) count += one.second - one.first + 1;
    return count;
  }

  PortSet Union(const PortSet& other) const {
    std::vector<Interval> both = intervals_;
    both.insert(both.end(), other.intervals_.begin(), other.intervals_.end());
    return PortSet(std::move(both));
  }

  PortSet Without(const PortSet& other) const { return Intersect(other.Complement()); }

  PortSet Intersect(const PortSet& other) const {
    std::vector<Interval> common;
    auto a = intervals_.begin();
    auto b = other.intervals_.begin();
    while (a != intervals_.end() && b != other.intervals_.end()) {
      const Interval one = {std::max(a->first, b->first), std::min(a->second, b->second)};
      if (one.first <= one.second) common.push_back(one);
      (a->second < b->second ? a : b)++;
    }
    return PortSet(std::move(common));
  }

  PortSet Complement() const {
    std::vector<Interval> rest;
    int next = 0;
    for (const Interval& one : intervals_) {
      if (one.first > next) rest.emplace_back(next, one.first - 1);
      next = one.second + 1;
    }
    if (next <= 65535) rest.emplace_back(next, 65535);
    return PortSet(std::move(rest));
  }

  // "22 80-90"; empty: none.
  std::string Text() const {
    std::string text;
    for (const Interval& one : intervals_) {
      if (!text.empty()) text.append(" ");
      text.append(std::to_string(one.first));
      if (one.second != one.first) text.append("-").append(std::to_string(one.second));
    }
    return text;
  }

 private:
  void Tidy() {
    std::sort(intervals_.begin(), intervals_.end());
    std::vector<Interval> tidy;
    for (const Interval& one : intervals_) {
      if (one.first > one.second) continue;
      if (!tidy.empty() && one.first <= tidy.back().second + 1) {
        tidy.back().second = std::max(tidy.back().second, one.second);
      } else {
        tidy.push_back(one);
      }
    }
    intervals_ = std::move(tidy);
  }

  std::vector<Interval> intervals_;
};

// "22", "1024-65535", "1024:65535", or a well-known service's name; nothing: not understood.
std::optional<PortSet::Interval> PortIntervalOf(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_PORT_SET_H_
