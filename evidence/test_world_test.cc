#include "evidence/test_world.h"

#include "evidence/merkle.h"
#include "evidence/report_numbers.h"
#include "evidence/status_text.h"

namespace tom::test {
namespace {

TestPki& SharedPki() {
  static auto& pki = *new TestPki();
  return pki;
}

TestPki::Identity Shared(Purpose purpose, const std::string& name) {
  static auto& known = *new std::map<std::string, TestPki::Identity>();
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  return known[name] = SharedPki().IssueFor(purpose, name);
}

Check SmallCheck(const std::string& id, const std::string& measure, const std::string& interval) {
  Check check;
  check.id = id;
  check.measure = measure;
  check.title = id;
  check.severity = "high";
  check.interval = interval;
  check.runs_on = "host";
  check.query = "SELECT 1";
  check.when_empty = "unknown";
  return check;
}

LeafBody LeafOf(LeafKind kind, const Digest& digest, UnixSeconds at,
                const std::optional<std::string>& host) {
  LeafBody body;
  body.kind = kind;
  body.digest = digest;
  body.received_at = at;
  body.host = host;
  body.salt = RandomId();
  return body;
}

}  // namespace

std::string FakeStamp(UnixSeconds time, const std::string& note) {
  return FormatUtc(time) + Sha256(*NoteText(note)).Hex();
}

absl::StatusOr<TimeStamp> FakeVerify(std::string_view token, const Digest& imprint) {
  if (token.size() != 84 || token.substr(20) != imprint.Hex()) return BadData("stamps other bytes");
  TOM_ASSIGN_OR_RETURN(const UnixSeconds time, ParseUtc(token.substr(0, 20)));
  return TimeStamp{time, "CN=test"};
}

Catalogue SmallCatalogue(int64_t version) {
  Catalogue catalogue;
  catalogue.version = version;
  Check tls = SmallCheck("tls", "in-transit", "1h");
  tls.parameters["minimum"] = {"TLSv1.2", "tls_version", "higher", ""};
  catalogue.checks["tls"] = tls;
  catalogue.checks["disk"] = SmallCheck("disk", "at-rest", "24h");
  for (const char* id : {"in-transit", "at-rest", "scope-completeness"}) {
    catalogue.measures[id] = {id, "t", "s", {}};
  }
  return ParseCatalogue(EncodeCatalogue(catalogue)).value();
}

Profile SmallProfile(const std::string& minimum) {
  Profile profile;
  profile.id = "small-dpa";
  profile.title = "Agreement";
  profile.version = "1";
  profile.effective_from = kStart - 1000 * kDay;
  profile.time_zone = "UTC";
  Clause clause{"1", "p", "", {}, "promised", "measured", {}};
  clause.measures["in-transit"]["minimum"] = minimum;
  clause.measures["at-rest"] = {};
  clause.measures["scope-completeness"] = {};
  profile.clauses = {clause};
  profile.thresholds.remedy_seconds = {{"high", 2 * kDay}};
  return ProfileFromJson(ProfileToJson(profile), "profile").value();
}

Host::Host(World& world, std::string host_id, std::string system_id)
    : id(std::move(host_id)), system(std::move(system_id)), world_(&world) {
  key = PrivateKey::Generate(KeyKind::kP256).value();
  chain_ = Sha256(id).Hex().substr(0, 16);
}

void Host::Set(const std::string& check, const std::string& subject, Verdict verdict) {
  rows_[{check, subject}].verdict = verdict;
}

void Host::Remove(const std::string& check, const std::string& subject) {
  rows_.erase({check, subject});
}

void Host::SetContext(const Catalogue& catalogue, const Digest& published, const Profile& profile) {
  context_ = Context();
  context_.agent_version = "0.1.0";
  context_.catalogue_version = catalogue.version;
  context_.catalogue = published;
  context_.os = "test";
  for (const auto& [check_id, check] : catalogue.checks) {
    context_.groups[check.interval].push_back(check_id);
    check_digests_[check_id] = check.digest;
    ParamsPiece piece;
    piece.check = check_id;
    piece.values = ProfileValues(check, profile);
    piece.params = ParamsDigest(piece.values);
    piece.profiles = {profile.id};
    params_[check_id] = piece.params;
    context_.pieces.push_back({"params", world_->Blob(EncodeParamsPiece(piece)), params_scope});
  }
  if (!configuration.empty()) {
    const Json text = Json::Object{{"text", configuration}};
    context_.pieces.push_back({"configuration", world_->Blob(Canonical(text)), scope});
  }
  std::sort(context_.pieces.begin(), context_.pieces.end(), [](const auto& a, const auto& b) {
    return std::tie(a.kind, a.digest) < std::tie(b.kind, b.digest);
  });
  context_digest_ = world_->Blob(EncodeContext(context_));
}

Head Host::HeadOf(const std::string& check, const std::string& subject, Wanted& wanted,
                  UnixSeconds observed) {
  const Digest& params = params_[check];
  Head head;
  head.check = check;
  head.check_digest = check_digests_[check];
  head.params = params;
  head.subject_id = SubjectId(salt_key_, check, params, subject);
  head.scope = scopes.contains(subject) ? scopes.at(subject) : scope;
  head.verdict = wanted.verdict;
  const std::string seen(VerdictName(wanted.verdict));
  Body body{subject, reasons.contains(subject) ? reasons.at(subject) : seen, Json(), ""};
  body = SaltBody(body, salt_key_, check, params);
  const std::string bytes = Canonical(BodyToJson(body));
  head.body = Sha256(bytes);
  bodies[head.body] = bytes;
  const auto standing = standing_.find(KeyOf(head));
  const bool same = standing != standing_.end() && standing->second.verdict == wanted.verdict;
  head.since = same ? standing->second.since : observed;
  return head;
}

void Host::Look(std::vector<std::string> groups, std::optional<UnixSeconds> observed) {
  const bool all = !branch_ || seq_ == 0 || branch_->context != context_digest_;
  if (groups.empty() || all) {
    groups.clear();
    for (const auto& [interval, checks] : context_.groups) groups.push_back(interval);
  }
  Report report;
  report.ledger = kOrigin;
  report.host = id;
  report.chain = chain_;
  report.seq = seq_;
  if (branch_ && seq_ > 0) report.prev = branch_->tip;
  if (seq_ == 0) report.continues = continues_;
  report.observed_at = observed.value_or(world_->now);
  report.duration_ms = 10;
  report.context = context_digest_;
  report.anchor = world_->anchor();
  std::map<RowKey, Head> next = LookAt(groups, report);
  KeepOthers(groups, all, report, next);
  if (bend) bend(report);
  standing_ = std::move(next);
  Log(report);
}

// The rows of the groups, and their states.
std::map<RowKey, Head> Host::LookAt(const std::vector<std::string>& groups, Report& report) {
  std::map<RowKey, Head> next;
  for (const std::string& interval : groups) {
    std::vector<Digest> digests;
    for (const std::string& check : context_.groups.at(interval)) {
      for (auto& [row, wanted] : rows_) {
        if (row.first != check) continue;
        Head head = HeadOf(check, row.second, wanted, report.observed_at);
        digests.push_back(HeadDigest(head));
        next[KeyOf(head)] = head;
      }
    }
    report.groups[interval] = GroupState(digests);
  }
  return next;
}

// Rows of groups not looked at stand as they did; the report names what changed and what was
// removed.
void Host::KeepOthers(const std::vector<std::string>& groups, bool all, Report& report,
                      std::map<RowKey, Head>& next) {
  std::set<std::string> looked_at;
  for (const auto& interval : groups) {
    for (const auto& check : context_.groups[interval]) looked_at.insert(check);
  }
  for (const auto& [row, head] : standing_) {
    if (!all && !looked_at.contains(row.check)) {
      next[row] = head;
    } else if (seq_ > 0 && (!next.contains(row) || next[row] != head)) {
      report.removed.push_back(HeadDigest(head));
    }
  }
  for (const auto& [row, head] : next) {
    const auto old = standing_.find(row);
    if (seq_ > 0 && old != standing_.end() && old->second == head) continue;
    report.changed.push_back(HeadDigest(head));
    all_heads[HeadDigest(head)] = head;
  }
  std::sort(report.removed.begin(), report.removed.end());
  std::sort(report.changed.begin(), report.changed.end());
}

void Host::Log(const Report& report) {
  Entry entry;
  entry.report = report;
  entry.logged.payload = EncodeReport(report);
  const Envelope envelope = SignEnvelope(entry.logged.payload, *key).value();
  entry.logged.signature = envelope.signature;
  entry.logged.keyid = envelope.keyid;
  entry.logged.digest = envelope.StatementDigest();
  LeafBody body = LeafOf(LeafKind::kReport, entry.logged.digest, world_->now, id);
  body.chain = chain_;
  body.seq = seq_;
  entry.logged.index = world_->Append(body);
  if (seq_ == 0) {
    runs.push_back({chain_, std::nullopt, {}});
  } else if (runs.empty() || forked_) {
    runs.push_back({chain_, report.prev, {}});
  }
  forked_ = false;
  runs.back().entries.push_back(entry);
  Branch branch = branch_.value_or(Branch());
  branch.tip = entry.logged.digest;
  branch.context = context_digest_;
  branch_ = branch;
  ++seq_;
}

void Host::NewChain(std::vector<Digest> tips) {
  continues_ = tips.empty() ? std::vector<Digest>{tip()} : std::move(tips);
  std::sort(continues_.begin(), continues_.end());
  chain_ = RandomId().substr(0, 16);
  seq_ = 0;
}

void Host::HandOver() {
  PrivateKey next = PrivateKey::Generate(KeyKind::kP256).value();
  Handover handover;
  handover.common = world_->Common();
  handover.host = id;
  handover.old_spki = key->public_key().spki();
  handover.new_spki = next.public_key().spki();
  handover.last_digest = tip();
  Logged logged;
  logged.payload = EncodeKindStatement(Kind::kHandover, ToPredicate(handover));
  const Envelope envelope = SignEnvelope(logged.payload, *key).value();
  logged.signature = envelope.signature;
  logged.keyid = envelope.keyid;
  logged.digest = envelope.StatementDigest();
  logged.index = world_->Append(LeafOf(LeafKind::kHandover, logged.digest, world_->now, id));
  handovers.push_back(logged);
  key = next;
}

World::World()
    : pki(SharedPki()),
      op(Shared(Purpose::kOperator, "operator")),
      publisher(Shared(Purpose::kPublisher, "publisher")),
      log_key(PrivateKey::Generate(KeyKind::kEd25519).value()) {
  Blob(op.der);
  Blob(publisher.der);
}

Digest World::Blob(const std::string& bytes) {
  const Digest digest = Sha256(bytes);
  blobs_[digest] = bytes;
  return digest;
}

StatementCommon World::Common(const TestPki::Identity* signer) {
  StatementCommon common{kOrigin, std::nullopt, RandomId()};
  if (signer != nullptr) common.signer = Sha256(signer->der);
  return common;
}

size_t World::Append(LeafBody body) {
  leaves_.push_back(std::move(body));
  return leaves_.size() - 1;
}

Digest World::Scope(Kind kind, Json predicate, const TestPki::Identity& signer) {
  const std::string payload = EncodeKindStatement(kind, predicate);
  const PrivateKey key =
      kind == Kind::kTick ? log_key : PrivateKey::FromPem(signer.key_pem).value();
  const Envelope envelope = SignEnvelope(payload, key).value();
  LeafBody body = LeafOf(kind == Kind::kCatalogue ? LeafKind::kCatalogue : LeafKind::kScope,
                         envelope.StatementDigest(), now, std::nullopt);
  if (kind != Kind::kCatalogue) {
    body.scope_prev = scope_prev_;
    scope_prev_ = LeafBodyDigest(body);
  }
  const size_t index = Append(body);
  scope_.push_back({{payload, envelope.signature, envelope.keyid, index, body.digest},
                    kind == Kind::kCatalogue});
  return body.digest;
}

Digest World::Authorise(const std::string& systems, int64_t uses, UnixSeconds expires) {
  EnrolmentAuthorisation value;
  value.common = Common(&op);
  value.token = Sha256("token");
  value.systems = systems;
  value.controllers = controllers;
  value.kind = "host";
  value.uses = uses;
  value.expires = std::min(expires, now + 3000 * kDay);
  return Scope(Kind::kEnrolmentAuthorisation, ToPredicate(value), op);
}

Digest World::Enrol(Host& host, const Digest& authorisation) {
  Enrolment value;
  value.common = Common();
  value.authorisation = authorisation;
  value.host = host.id;
  value.system = host.system;
  value.spki = host.key->public_key().spki();
  TestPki::Identity own;
  own.key_pem = host.key->ToPem();
  return Scope(Kind::kEnrolment, ToPredicate(value), own);
}

Digest World::ListSystems(const std::vector<std::string>& systems, UnixSeconds since) {
  Inventory value;
  value.common = Common(&op);
  value.source = "test";
  value.drawn_at = now;
  value.drawn_by = "operator";
  for (const std::string& id : systems) {
    const InventoryBody body{
        "name of " + id, "web", "owner", "site", true, true, Sha256(id).Hex().substr(0, 32)};
    value.systems.push_back(
        {id, "host", {"shared"}, since, std::nullopt, Blob(Canonical(InventoryBodyToJson(body)))});
  }
  return Scope(Kind::kInventory, ToPredicate(value), op);
}

Digest World::PutProfile(const Profile& profile) {
  ProfileStatement value;
  value.common = Common(&op);
  value.profile = profile.id;
  value.digest = Blob(Canonical(ProfileToJson(profile)));
  return Scope(Kind::kProfile, ToPredicate(value), op);
}

Digest World::Publish(const Catalogue& catalogue) {
  CatalogueStatement statement;
  statement.common = Common(&publisher);
  statement.version = catalogue.version;
  statement.expires = now + 1000 * kDay;
  statement.digest = Blob(EncodeCatalogue(catalogue));
  const Digest published = Scope(Kind::kCatalogue, ToPredicate(statement), publisher);
  CatalogueVersion version;
  version.common = Common(&op);
  version.version = catalogue.version;
  version.catalogue = published;
  Scope(Kind::kCatalogueVersion, ToPredicate(version), op);
  return published;
}

namespace {

merkle::HashReader ReaderOf(const std::vector<LeafBody>& leaves) {
  return
      [&leaves](const std::vector<merkle::NodeId>& nodes) -> absl::StatusOr<std::vector<Digest>> {
        const std::function<Digest(int, uint64_t)> node = [&](int level, uint64_t index) -> Digest {
          if (level == 0) return merkle::LeafHash(LeafData(LeafBodyDigest(leaves.at(index))));
          return merkle::NodeHash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1));
        };
        std::vector<Digest> hashes;
        for (const merkle::NodeId& id : nodes) hashes.push_back(node(id.level, id.index));
        return hashes;
      };
}

}  // namespace

void World::StampNow() {
  Tick tick;
  tick.common = Common();
  tick.size = leaves_.size() + 1;
  Scope(Kind::kTick, ToPredicate(tick), op);
  Checkpoint checkpoint;
  checkpoint.origin = kOrigin;
  checkpoint.size = leaves_.size();
  checkpoint.root = merkle::RootAt(checkpoint.size, ReaderOf(leaves_)).value();
  Stamp stamp;
  stamp.note = SignCheckpoint(checkpoint, log_key).value();
  stamp.token = make_stamp(now, stamp.note);
  if (!stamps_.empty()) {
    stamp.consistency =
        merkle::ConsistencyProof(stamps_.back().size, checkpoint.size, ReaderOf(leaves_)).value();
  }
  stamps_.push_back({checkpoint.size, stamp});
  anchor_ = Anchor{checkpoint.size, checkpoint.root, Sha256(stamp.token)};
}

void World::Run(UnixSeconds to, const std::vector<Host*>& hosts) {
  for (; now < to; now += kHour) {
    if ((now - kStart) % (8 * kHour) == 0) StampNow();
    for (Host* host : hosts) {
      const bool daily = (now - kStart) % kDay == 0;
      host->Look(daily ? std::vector<std::string>{} : std::vector<std::string>{"1h"});
    }
  }
}

ProvenLeaf World::Prove(size_t index) const {
  ProvenLeaf leaf;
  leaf.index = index;
  leaf.body = leaves_.at(index);
  for (const Checkpointed& point : stamps_) {
    if (point.size <= index) continue;
    leaf.size = point.size;
    leaf.inclusion = merkle::InclusionProof(index, point.size, ReaderOf(leaves_)).value();
    break;
  }
  return leaf;
}

namespace {

// The last report of each run that each stamp covers: indexes into the run's entries.
template <typename Stamps>
std::set<size_t> Covered(const std::vector<Host::Entry>& entries, const Stamps& stamps) {
  std::set<size_t> covered;
  for (const auto& point : stamps) {
    std::optional<size_t> last;
    for (const Host::Entry& entry : entries) {
      if (entry.logged.index < point.size) last = entry.logged.index;
    }
    if (last) covered.insert(*last);
  }
  return covered;
}

BundleChain ChainOf(const Host::Run& run, const std::map<Digest, Branch>& branches) {
  BundleChain chain{run.chain, run.after, std::nullopt, {}};
  for (const Host::Entry& entry : run.entries) {
    BundleStatement statement;
    if (entry.report.prev && branches.contains(*entry.report.prev)) {
      statement.heartbeat = CollapseReport(entry.report, branches.at(*entry.report.prev));
    }
    if (!statement.heartbeat) statement.payload = entry.logged.payload;
    chain.statements.push_back(statement);
  }
  chain.statements.back().signature = run.entries.back().logged.signature;
  return chain;
}

void AddBranches(const Host::Run& run, std::map<Digest, Branch>& branches) {
  Branch branch;
  if (run.after && branches.contains(*run.after)) branch = branches.at(*run.after);
  for (const Host::Entry& entry : run.entries) {
    branch.ledger = entry.report.ledger;
    branch.host = entry.report.host;
    branch.chain = entry.report.chain;
    branch.seq = entry.report.seq;
    branch.tip = entry.logged.digest;
    branch.context = entry.report.context;
    branch.anchor = entry.report.anchor;
    for (const auto& [interval, state] : entry.report.groups) branch.states[interval] = state;
    branches[branch.tip] = branch;
  }
}

ScopeEntry EntryOf(const Logged& logged, const ProvenLeaf& leaf) {
  return {{logged.payload, logged.signature, logged.keyid}, leaf};
}

}  // namespace

Parts World::Build(UnixSeconds from, UnixSeconds to, const std::vector<Host*>& hosts) {
  Parts parts;
  parts.facts = {kOrigin, from, to, "small-dpa", std::nullopt, Json()};
  parts.blobs = blobs_;
  for (const Checkpointed& point : stamps_) parts.stamps.push_back(point.stamp);
  const uint64_t size = stamps_.empty() ? 0 : stamps_.back().size;
  for (const ScopeLeaf& leaf : scope_) {
    if (leaf.logged.index >= size) continue;
    auto& list = leaf.catalogue ? parts.scope.catalogues : parts.scope.entries;
    list.push_back(EntryOf(leaf.logged, Prove(leaf.logged.index)));
  }
  std::map<std::ptrdiff_t, std::map<size_t, BundleChain>> order;  // by bundle, then first leaf
  for (Host* host : hosts) {
    HostBundle* bundle = nullptr;
    for (HostBundle& known : parts.bundles) {
      if (known.host == host->id) bundle = &known;
    }
    if (bundle == nullptr) {
      parts.bundles.push_back({host->id, "2026-01", {}, {}, {}, {}, {}});
      bundle = &parts.bundles.back();
    }
    std::map<Digest, Branch> branches;
    for (Host* other : hosts) {
      if (other->id != host->id) continue;
      for (const Host::Run& run : other->runs) AddBranches(run, branches);
    }
    for (const auto& [digest, head] : host->all_heads) bundle->heads.push_back(head);
    for (const auto& [digest, body] : host->bodies) bundle->bodies.push_back(body);
    for (const Host::Run& run : host->runs) {
      BundleChain chain = ChainOf(run, branches);
      order[&*bundle - parts.bundles.data()].emplace(run.entries.front().logged.index, chain);
      for (const size_t index : Covered(run.entries, stamps_))
        bundle->leaves.push_back(Prove(index));
    }
    for (const Logged& handover : host->handovers) {
      if (handover.index < size)
        bundle->handovers.push_back(EntryOf(handover, Prove(handover.index)));
    }
  }
  for (const auto& [bundle, chains] : order) {
    for (const auto& [index, chain] : chains) {
      parts.bundles[static_cast<size_t>(bundle)].chains.push_back(chain);
    }
  }
  for (HostBundle& bundle : parts.bundles) {
    std::sort(bundle.leaves.begin(), bundle.leaves.end(),
              [](const auto& a, const auto& b) { return a.index < b.index; });
  }
  const JudgedEvidence judged = JudgeParts(parts, Trust(), false);
  parts.facts.numbers = ReportNumbers(judged.rollup, judged.input);
  return parts;
}

std::map<std::string, std::string> Files(const Parts& parts) {
  std::map<std::string, std::string> files;
  files[std::string(kPackFactsName)] = EncodePackFacts(parts.facts);
  files[std::string(kScopeName)] = EncodeScopeChain(parts.scope);
  files[std::string(kStampsName)] = EncodeStamps(parts.stamps);
  for (const HostBundle& bundle : parts.bundles) {
    files[HostBundleName(bundle.host, bundle.month)] = EncodeHostBundle(bundle);
  }
  for (const auto& [digest, bytes] : parts.blobs) files[BlobName(digest)] = bytes;
  return files;
}

JudgedEvidence JudgeParts(const Parts& parts, const EvidenceTrust& trust, bool compare) {
  const std::map<std::string, std::string> files = Files(parts);
  std::vector<std::string> names;
  for (const auto& [name, bytes] : files) names.push_back(name);
  const PackFileReader read = [&files](const std::string& name) -> absl::StatusOr<std::string> {
    const auto found = files.find(name);
    if (found == files.end()) return absl::NotFoundError(ToAbsl(name + ": not in the pack"));
    return found->second;
  };
  return JudgePackFiles(names, read, trust, {FakeVerify, compare});
}

std::string StateOf(const JudgedEvidence& judged, std::string_view claim) {
  static constexpr std::array<const char*, 4> kNames = {"proven", "disproven", "unproven",
                                                        "disclosed"};
  for (const Claim& found : judged.claims) {
    if (found.claim != claim) continue;
    return std::string(kNames.at(static_cast<size_t>(found.state))) + ": " + found.detail;
  }
  return "absent";
}

Story::Story(const Profile& profile, const std::vector<std::string>& controllers) {
  world.controllers = controllers;
  host.scope = controllers;
  world.ListSystems({"web-1"});
  world.PutProfile(profile);
  published = world.Publish(SmallCatalogue());
  world.Enrol(host, world.Authorise("web-*"));
  host.SetContext(SmallCatalogue(), published, profile);
  host.Set("tls", "a:443", Verdict::kPass);
  host.Set("disk", "/dev/vda", Verdict::kPass);
}

const tom::MeasureResult& Measure(const JudgedEvidence& judged, std::string_view id) {
  static const auto& none = *new MeasureResult();
  for (const MeasureResult& measure : judged.rollup.measures) {
    if (measure.measure == id) return measure;
  }
  return none;
}

std::string Status(const JudgedEvidence& judged, std::string_view id) {
  return std::string(MeasureStatusName(Measure(judged, id).status));
}

}  // namespace tom::test
