// The list `vulnerability_feeds` of the configuration.
#include "agent/config_reader.h"

namespace tom {
namespace {

// Part of no path: a codename.
bool IsCodename(const std::string& text) {
  for (const char c : text) {
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') return false;
  }
  return !text.empty();
}

void CheckFeed(YamlFields& fields, const DeclaredVulnerabilityFeed& feed) {
  if (feed.kind != "debsecan" && feed.kind != "oval") {
    fields.Fail("kind", "expected one of debsecan, oval");
  }
  if (feed.path.empty()) fields.Fail("path", "missing");
  if (feed.kind == "debsecan" && feed.release.empty()) {
    fields.Fail("release", "missing: debsecan's data does not say for which release it was made");
  }
  if (!feed.release.empty() && !IsCodename(feed.release)) {
    fields.Fail("release", "expected a codename such as bookworm");
  }
  if (feed.max_age_seconds <= 0 ||
      feed.max_age_seconds > DeclaredVulnerabilityFeed::kMaxAgeSeconds) {
    fields.Fail("max_age", "expected at most 14d");
  }
}

}  // namespace

void ReadVulnerabilityFeeds(YamlFields& top, Declared& declared) {
  const YamlNode* list = top.Sequence("vulnerability_feeds");
  if (list == nullptr) return;
  for (const YamlNode& item : list->items) {
    YamlFields fields(item, top.file(), top.Path("vulnerability_feeds"));
    DeclaredVulnerabilityFeed feed;
    feed.kind = fields.Text("kind");
    feed.path = PathOr(fields, "path");
    feed.release = fields.TextOr("release", "");
    feed.max_age_seconds = fields.DurationSecondsOr("max_age", feed.max_age_seconds);
    if (fields.ok()) CheckFeed(fields, feed);
    for (const DeclaredVulnerabilityFeed& other : declared.vulnerability_feeds) {
      if (fields.ok() && other.path == feed.path) fields.Fail("path", "stands in two feeds");
    }
    declared.vulnerability_feeds.push_back(std::move(feed));
    top.Keep(fields.Finish());
  }
}

}  // namespace tom
