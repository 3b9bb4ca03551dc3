#include "checks/tables/backup_s3.h"

#include <algorithm>

#include "checks/engine/clean_text.h"
#include "checks/parse/archive_probe.h"
#include "checks/parse/http_url.h"
#include "checks/parse/s3_answer.h"
#include "checks/tables/path_reach.h"
#include "checks/tables/tls_targets.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int kMaxPages = 50;
constexpr size_t kMaxListBytes = 4 << 20;
constexpr size_t kMaxLookBytes = 1 << 20;
constexpr size_t kMaxCredentialsBytes = 64 << 10;
constexpr int64_t kResolveMs = 5000;
constexpr int64_t kTotalMs = 20000;

std::string HeaderOf(const HttpAnswer& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers) {
    if (key == name) return value;
  }
  return "";
}

bool IsBucket(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && name.find("..") == std::string_view::npos &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

bool IsRegion(std::string_view name) {
  return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string HostAndPort(const WebUrl& url) {
  const std::string host =
      url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  return host + ":" + std::to_string(url.port);
}

// One bucket of one service, and the key to it.
class S3Client {
 public:
  static absl::StatusOr<S3Client> Open(Env& env, const DeclaredBackup& backup,
                                       const Declared& declared) {
    if (env.mode() == RootMode::kDeadTree) {
      return absl::UnimplementedError("a store of objects is not asked for a dead tree");
    }
    S3Client client(env);
    TOM_RETURN_IF_ERROR(client.ReadTarget(backup, declared));
    TOM_RETURN_IF_ERROR(client.ReadKey(backup));
    TOM_RETURN_IF_ERROR(client.Resolve());
    return client;
  }

  const std::string& prefix() const { return prefix_; }
  const WebUrl& url() const { return url_; }
  const std::string& bucket() const { return bucket_; }
  const std::string& address() const { return address_; }

  // `query` in the order of its names, escaped.
  absl::StatusOr<HttpAnswer> Ask(const std::string& key, const std::string& query,
                                 size_t max_body) {
    HttpExchange exchange;
    exchange.https = url_.https;
    exchange.name = url_.host;
    exchange.target = {.host = url_.host, .address = address_, .port = url_.port};
    exchange.path_and_query = "/" + bucket_ + "/" + S3Encode(key, true);
    if (!query.empty()) exchange.path_and_query.append("?").append(query);
    exchange.ca_pem = ca_pem_;
    exchange.max_body = max_body;
    exchange.signature = signature_;
    const int64_t left = deadline_ - env_->MonotonicMs();
    if (left <= 0) return absl::DeadlineExceededError("the store takes too long to answer");
    TOM_ASSIGN_OR_RETURN(std::vector<HttpAnswer> answers,
                         env_->FetchHttp(policy_, {.total_ms = left}, {exchange}));
    if (answers.size() != 1 || !answers[0].answered) {
      return absl::UnavailableError(
          ToAbsl(HostAndPort(url_) + ": " + (answers.empty() ? "" : answers[0].error)));
    }
    return std::move(answers[0]);
  }

  // What went wrong with an answer, in the store's own words.
  absl::Status Trouble(const HttpAnswer& answer) const {
    const std::string words = CleanText(S3ErrorText(answer.body), 200);
    std::string text = HostAndPort(url_) + " answered " + std::to_string(answer.status);
    if (!words.empty()) text.append(" ").append(words);
    return answer.status == 403 || answer.status == 401 ? absl::PermissionDeniedError(ToAbsl(text))
                                                        : absl::UnavailableError(ToAbsl(text));
  }

 private:
  explicit S3Client(Env& env) : env_(&env), deadline_(env.MonotonicMs() + kTotalMs) {}

  absl::Status ReadTarget(const DeclaredBackup& backup, const Declared& declared) {
    const auto url = ParseHttpUrl(backup.endpoint);
    if (!url || url->path != "/") return BadData("endpoint: no URL of a host alone");
    url_ = *url;
    if (!url_.https && !IsLoopback(url_.host)) {
      return absl::FailedPreconditionError(
          "endpoint: a store is asked over https alone, for anybody could forge its answers");
    }
    const std::string_view place =
        std::string_view(backup.repository)
            .substr(std::min<size_t>(backup.repository.size(), std::string_view("s3://").size()));
    const size_t slash = std::min(place.find('/'), place.size());
    bucket_ = std::string(place.substr(0, slash));
    prefix_ = std::string(place.substr(std::min(slash + 1, place.size())));
    if (!IsBucket(bucket_)) return BadData("repository: no name of a bucket: " + bucket_);
    if (!IsRegion(backup.region)) return BadData("region: no name of a region");
    policy_ = PolicyOf(declared);
    policy_.declared.push_back({.host = url_.host, .address = "", .port = url_.port});
    signature_.scope = "aws:amz:" + backup.region + ":s3";
    if (backup.ca_file.empty()) return absl::OkStatus();
    TOM_ASSIGN_OR_RETURN(ca_pem_, env_->ReadFile(backup.ca_file, 1 << 20));
    return absl::OkStatus();
  }

  absl::Status ReadKey(const DeclaredBackup& backup) {
    TOM_ASSIGN_OR_RETURN(const FileInfo info, env_->Stat(backup.credentials_file));
    if (info.kind != FileKind::kRegular || (info.mode & 0077) != 0) {
      return absl::FailedPreconditionError(
          ToAbsl(backup.credentials_file + ": others may read it, it must be its owner's alone"));
    }
    TOM_ASSIGN_OR_RETURN(const std::string text,
                         env_->ReadFile(backup.credentials_file, kMaxCredentialsBytes));
    const auto key = ParseS3Credentials(text);
    if (!key.ok()) return Annotate(key.status(), backup.credentials_file);
    signature_.access_key = key->access_key;
    signature_.secret_key = key->secret_key;
    signature_.session_token = key->session_token;
    return absl::OkStatus();
  }

  absl::Status Resolve() {
    HostAddresses found = env_->ResolveHosts({url_.host}, kResolveMs);
    const auto addresses = found.find(url_.host);
    if (addresses == found.end() || !addresses->second.ok()) {
      return addresses == found.end() ? absl::UnavailableError("the store's name has no address")
                                      : addresses->second.status();
    }
    if (addresses->second->empty())
      return absl::UnavailableError("the store's name has no address");
    address_ = addresses->second->front();
    return absl::OkStatus();
  }

  Env* env_;
  int64_t deadline_;
  WebUrl url_;
  std::string bucket_;
  std::string prefix_;
  std::string address_;
  std::string ca_pem_;
  TcpPolicy policy_;
  HttpSignature signature_;
};

absl::StatusOr<std::vector<S3Object>> ListAll(S3Client& client) {
  std::vector<S3Object> all;
  std::string token;
  for (int page = 0; page < kMaxPages; ++page) {
    std::string query;
    if (!token.empty()) query = "continuation-token=" + S3Encode(token, false) + "&";
    query.append("encoding-type=url&list-type=2&prefix=").append(S3Encode(client.prefix(), false));
    TOM_ASSIGN_OR_RETURN(const HttpAnswer answer, client.Ask("", query, kMaxListBytes));
    if (answer.status != 200) return client.Trouble(answer);
    if (!answer.whole) return absl::UnavailableError("a list of objects that breaks off");
    TOM_ASSIGN_OR_RETURN(S3Listing listing, ParseS3Listing(answer.body));
    for (S3Object& object : listing.objects) {
      // What marks a folder is no copy; nor what lies elsewhere, whatever the store says.
      if (!object.key.empty() && object.key.back() == '/' && object.size == 0) continue;
      if (!object.key.starts_with(client.prefix()))
        return BadData("an object that was not asked for");
      all.push_back(std::move(object));
    }
    if (listing.next.empty()) return all;
    token = std::move(listing.next);
  }
  return absl::ResourceExhaustedError("more objects than the bound allows to list");
}

// Its own bytes first, then what the store does with them.
absl::Status LookInto(S3Client& client, const S3Object& object, BackupSnapshot& one) {
  TOM_ASSIGN_OR_RETURN(const HttpAnswer answer, client.Ask(object.key, "", kMaxLookBytes));
  if (answer.status != 200) return client.Trouble(answer);
  const bool whole =
      answer.whole && static_cast<uint64_t>(object.size) == uint64_t{answer.body.size()};
  if (answer.whole && !whole) return absl::UnavailableError("an object changed while it was read");
  const ByteSource read = [&](uint64_t offset, size_t bytes) -> absl::StatusOr<std::string> {
    return offset >= answer.body.size() ? std::string() : answer.body.substr(offset, bytes);
  };
  TOM_ASSIGN_OR_RETURN(const ArchiveProbe probe, ProbeArchive(read, answer.body.size()));
  const std::string by_store = HeaderOf(answer, "x-amz-server-side-encryption");
  one.format = probe.format;
  one.content = probe.content;
  one.encrypted = probe.encrypted;
  if (probe.encrypted != true && !by_store.empty()) {
    one.encrypted = true;
    one.format += ", encrypted by the store (" + CleanText(by_store, 40) + ")";
  }
  one.doubt = "only the beginning of an object larger than 1 MiB is read";
  if (!whole) return absl::OkStatus();
  one.complete = probe.complete;
  one.doubt = probe.doubt;
  return absl::OkStatus();
}

// How long nobody can remove it: compliance is kept by the store against every key.
void ReadLock(const HttpAnswer& lock, const HttpAnswer& versions, BackupPlace& place) {
  const auto leaves = ParseXmlLeaves(lock.body);
  const auto versioning = ParseXmlLeaves(versions.body);
  const std::string mode =
      lock.status == 200 && leaves.ok()
          ? LeafText(*leaves, "ObjectLockConfiguration/Rule/DefaultRetention/Mode")
          : "";
  const std::string kept = versions.status == 200 && versioning.ok()
                               ? LeafText(*versioning, "VersioningConfiguration/Status")
                               : "";
  if (mode == "COMPLIANCE") {
    place.deletable = false;
    place.deletable_why = "the bucket locks every new object (COMPLIANCE)";
  } else if (mode == "GOVERNANCE") {
    place.deletable_why =
        "the bucket locks new objects (GOVERNANCE), and a key may have the right to pass it by";
  } else if (kept == "Enabled") {
    place.deletable_why =
        "the bucket keeps versions, and whether this key may remove them is not known";
  } else {
    place.deletable_why =
        "no lock of the bucket is known, and whether this key may delete is not tried";
  }
}

void ReadPublicity(const HttpAnswer& policy, const HttpAnswer& access, BackupPlace& place) {
  const auto status = ParseXmlLeaves(policy.body);
  const auto grants = ParseXmlLeaves(access.body);
  const bool no_policy =
      policy.status == 404 && S3ErrorText(policy.body).starts_with("NoSuchBucketPolicy");
  const std::string is_public =
      policy.status == 200 && status.ok() ? LeafText(*status, "PolicyStatus/IsPublic") : "";
  const bool listed = access.status == 200 && grants.ok();
  const bool everybody =
      listed && std::any_of(grants->begin(), grants->end(), [](const auto& leaf) {
        return leaf.second.find("/groups/global/") != std::string::npos;
      });
  if (is_public == "true" || is_public == "TRUE" || everybody) {
    place.world_readable = true;
    place.readable_why = everybody ? "the bucket's access list names everybody"
                                   : "the bucket's policy lets everybody in";
  } else if ((no_policy || is_public == "false" || is_public == "FALSE") && listed) {
    place.world_readable = false;
    place.readable_why = "neither the bucket's policy nor its access list lets everybody in";
  } else {
    place.readable_why = "the store does not tell whom the bucket's policy or access list lets in";
  }
}

}  // namespace

absl::StatusOr<BackupContent> ExamineS3(Env& env, const DeclaredBackup& backup,
                                        const Declared& declared) {
  TOM_ASSIGN_OR_RETURN(S3Client client, S3Client::Open(env, backup, declared));
  TOM_ASSIGN_OR_RETURN(std::vector<S3Object> objects, ListAll(client));
  std::stable_sort(objects.begin(), objects.end(),
                   [](const S3Object& a, const S3Object& b) { return a.modified > b.modified; });
  BackupContent content;
  content.found = static_cast<int64_t>(objects.size());
  for (const S3Object& object : objects) {
    if (content.snapshots.size() == kMaxListedSnapshots) break;
    BackupSnapshot one;
    one.id = object.key;
    one.time = object.modified;
    one.size_bytes = object.size;
    content.snapshots.push_back(std::move(one));
  }
  if (content.snapshots.empty() || objects[0].size == 0) return content;
  BackupSnapshot& newest = content.snapshots[0];
  const absl::Status looked = LookInto(client, objects[0], newest);
  if (!looked.ok()) newest.doubt = std::string(looked.message());
  return content;
}

absl::StatusOr<BackupPlace> PlaceOfS3(Env& env, const DeclaredBackup& backup,
                                      const Declared& declared) {
  TOM_ASSIGN_OR_RETURN(S3Client client, S3Client::Open(env, backup, declared));
  BackupPlace place;
  place.place = backup.endpoint + "/" + client.bucket();
  place.location_why = "the store's address is " + client.address();
  const auto own = env.InterfaceAddresses();
  if (IsLoopback(client.address())) {
    place.off_host = false;
  } else if (own.ok()) {
    place.off_host = std::none_of(own->begin(), own->end(), [&](const InterfaceAddress& one) {
      return one.address == client.address();
    });
  }
  TOM_ASSIGN_OR_RETURN(const HttpAnswer lock, client.Ask("", "object-lock=", kMaxListBytes));
  if (lock.status == 403) return client.Trouble(lock);
  TOM_ASSIGN_OR_RETURN(const HttpAnswer versions, client.Ask("", "versioning=", kMaxListBytes));
  ReadLock(lock, versions, place);
  TOM_ASSIGN_OR_RETURN(const HttpAnswer policy, client.Ask("", "policyStatus=", kMaxListBytes));
  TOM_ASSIGN_OR_RETURN(const HttpAnswer access, client.Ask("", "acl=", kMaxListBytes));
  ReadPublicity(policy, access, place);
  return place;
}

std::vector<Touch> S3Touches(const DeclaredBackup& backup) {
  const std::string purpose = "backup " + backup.name;
  std::vector<Touch> touches;
  for (const std::string& file : {backup.credentials_file, backup.ca_file}) {
    if (!file.empty()) Append(touches, PathTouches(file, purpose));
  }
  if (const auto url = ParseHttpUrl(backup.endpoint)) {
    touches.push_back({TouchKind::kAddress, HostAndPort(*url), purpose});
  }
  touches.push_back({TouchKind::kSocket, "netlink:route", "whether a store is on this host"});
  // getaddrinfo(3), and the authorities that TLS trusts.
  Append(touches, FileTouches({"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
                               "/etc/host.conf", "/etc/gai.conf", "/etc/ssl/**", "/usr/lib/ssl/**"},
                              purpose));
  touches.push_back({TouchKind::kSocket, "/var/run/nscd/socket", purpose});
  touches.push_back({TouchKind::kSocket, "/run/systemd/resolve/*", purpose});
  touches.push_back({TouchKind::kSocket, "/run/avahi-daemon/socket", purpose});
  touches.push_back({TouchKind::kAddress, "*:53", "the name servers of /etc/resolv.conf"});
  return touches;
}

}  // namespace tom
