// For tests alone: a real collector, store and all, that hosts of evidence/test_world.h report to,
// under a clock and a time-stamp authority of the test's own.
#ifndef TOM_COLLECTOR_PACK_TEST_TOWN_H_
#define TOM_COLLECTOR_PACK_TEST_TOWN_H_

#include <list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "collector/ledger/anchoring.h"
#include "collector/pack/pack_export.h"
#include "collector/server/test_collector.h"
#include "evidence/checkpoint.h"
#include "evidence/limits.h"
#include "evidence/test_stamper.h"
#include "evidence/test_world.h"

namespace tom::test {

using PackFiles = std::map<std::string, std::string>;

class TestTown {
 public:
  TestTown() : collector({}, kStart, kOrigin), stamper(world.pki.IssueAuthority("town-tsa")) {
    op = Make(Purpose::kOperator);
    const std::string folder = collector.folder + "/people/";
    publisher = TestPerson{
        PrivateKey::FromPem(ReadSmallFile(folder + "publisher.key", 1 << 16).value()).value(),
        PemToDer(collector.collector->state().trust.publisher_pem).value().front()};
  }

  void PutStatement(Kind kind, const Json& predicate, const TestPerson& by,
                    std::vector<std::string> blobs = {}) {
    blobs.push_back(by.certificate);
    const auto logged = collector.collector->statements().Submit(
        SignEnvelope(EncodeKindStatement(kind, predicate), by.key).value(), std::move(blobs));
    if (!logged.ok()) throw std::runtime_error(logged.status().ToString());
    last_statement = logged->digest;
  }

  void ListSystems(const std::map<std::string, std::vector<std::string>>& controllers_of) {
    Inventory inventory;
    inventory.common = op.Common(kOrigin);
    inventory.source = "test";
    inventory.drawn_at = world.now;
    inventory.drawn_by = "operator";
    std::vector<std::string> blobs;
    for (const auto& [id, controllers] : controllers_of) {
      const InventoryBody body{"name-of-" + id,
                               "web",
                               "owner-of-" + id,
                               "site",
                               true,
                               true,
                               Sha256(id).Hex().substr(0, 32)};
      blobs.push_back(Canonical(InventoryBodyToJson(body)));
      inventory.systems.push_back(
          {id, "host", controllers, kStart - 400 * kDay, std::nullopt, Sha256(blobs.back())});
    }
    PutStatement(Kind::kInventory, ToPredicate(inventory), op, blobs);
  }

  void PutProfile(const Profile& profile) {
    const std::string bytes = Canonical(ProfileToJson(profile));
    ProfileStatement statement{op.Common(kOrigin), profile.id, Sha256(bytes)};
    PutStatement(Kind::kProfile, ToPredicate(statement), op, {bytes});
  }

  // Gives the publisher's statement.
  Digest Publish(const Catalogue& catalogue) {
    const std::string bytes = EncodeCatalogue(catalogue);
    CatalogueStatement statement{publisher.Common(kOrigin), catalogue.version,
                                 world.now + 1000 * kDay, Sha256(bytes)};
    PutStatement(Kind::kCatalogue, ToPredicate(statement), publisher, {bytes});
    const Digest published = last_statement;
    CatalogueVersion version{op.Common(kOrigin), catalogue.version, published};
    PutStatement(Kind::kCatalogueVersion, ToPredicate(version), op);
    return published;
  }

  void PutLabel(const Host& host, std::vector<std::string> controllers) {
    Label label{op.Common(kOrigin), host.id, std::move(controllers), {}};
    PutStatement(Kind::kLabel, ToPredicate(label), op);
  }

  // A host whose rows are the controllers' unless the test says otherwise; not yet with a context.
  Host& Enrol(const std::string& system, const std::vector<std::string>& controllers) {
    const std::string secret = RandomId();
    EnrolmentAuthorisation authorisation = TestAuthorisation(op, kOrigin, secret, world.now + kDay);
    authorisation.systems = system;
    authorisation.controllers = controllers;
    PutStatement(Kind::kEnrolmentAuthorisation, ToPredicate(authorisation), op);
    const auto offer = collector.collector->enrolment().Begin(secret, system);
    if (!offer.ok()) throw std::runtime_error(offer.status().ToString());
    hosts.emplace_back(world, offer->host, system);
    Host& host = hosts.back();
    host.scope = controllers;
    host.params_scope = controllers;
    const Enrolment enrolment = collector.EnrolmentFor(*offer, system, *host.key);
    const Envelope envelope =
        SignEnvelope(EncodeKindStatement(Kind::kEnrolment, ToPredicate(enrolment)), *host.key)
            .value();
    const auto grant = collector.collector->enrolment().Finish(
        secret, envelope, MakeCsr(PrivateKey::Generate(KeyKind::kP256).value()));
    if (!grant.ok()) throw std::runtime_error(grant.status().ToString());
    return host;
  }

  // A report on its way.
  struct Sending {
    std::string host;
    Envelope envelope;
    std::vector<std::string> blobs;
  };

  // The host looks; its report with every blob it names. A context's blobs travel once.
  Sending Prepare(Host& host, const std::vector<std::string>& groups = {}) {
    host.Look(groups);
    const Host::Entry& entry = host.runs.back().entries.back();
    std::vector<std::string> blobs;
    for (const Digest& digest : entry.report.changed) {
      const Head& head = host.all_heads.at(digest);
      blobs.push_back(Canonical(HeadToJson(head)));
      blobs.push_back(host.bodies.at(head.body));
    }
    if (contexts_.insert(entry.report.context).second) {
      blobs.push_back(world.BytesOf(entry.report.context));
      for (const ContextPiece& piece : ParseContext(blobs.back()).value().pieces) {
        blobs.push_back(world.BytesOf(piece.digest));
      }
    }
    return {host.id, {entry.logged.payload, entry.logged.signature, entry.logged.keyid}, blobs};
  }

  // May be called from many threads, for reports of different hosts.
  void Send(const Sending& sending) {
    const auto ack =
        collector.collector->reports().Submit(sending.host, sending.envelope, sending.blobs);
    if (!ack.ok()) throw std::runtime_error(ack.status().ToString());
    if (ack->status != AckStatus::kAccepted && ack->status != AckStatus::kFork) {
      throw std::runtime_error("refused: " + ack->reason);
    }
  }

  void Look(Host& host, const std::vector<std::string>& groups = {}) {
    Send(Prepare(host, groups));
  }

  void Stamp() {
    Sequencer& sequencer = collector.collector->sequencer();
    Store& store = collector.collector->store();
    Tick tick;
    tick.common = {kOrigin, std::nullopt, RandomId()};
    LedgerHead head;
    Must(sequencer.Run([&](LedgerWriter& ledger) {
      tick.size = ledger.next_index() + 1;
      auto envelope =
          SignEnvelope(EncodeKindStatement(Kind::kTick, ToPredicate(tick)), sequencer.log_key());
      return ledger.AppendStatement(Kind::kTick, *std::move(envelope), std::nullopt).status();
    }));
    Must(store.Read([&](const StoreView& view) {
      head = view.Head().value();
      return absl::OkStatus();
    }));
    const std::string token = stamper.Token(world.now, Sha256(NoteText(head.note).value()));
    const StampRow stamp{head.size, head.root, head.note, token, world.now};
    Must(sequencer.Run([&](LedgerWriter& ledger) {
      absl::Status added = ledger.store().AddStamp(stamp);
      if (added.ok()) added = ledger.store().AddBlob(token);
      if (!added.ok()) return added;
      return AnchorLooks(ledger.store(), stamp, stamped_, limits::kDefaultAnchorMaxSeconds);
    }));
    stamped_ = stamp.size;
    world.SetAnchor({stamp.size, stamp.root, Sha256(token)});
  }

  // Every hour from now to `to` the hosts look, at the daily group once a day; a stamp every 8
  // hours.
  void Run(UnixSeconds to, const std::vector<Host*>& who) {
    for (; world.now < to; world.now += kHour) {
      collector.clock.Set(world.now);
      if ((world.now - kStart) % (8 * kHour) == 0) Stamp();
      const bool daily = (world.now - kStart) % kDay == 0;
      for (Host* host : who) {
        Look(*host, daily ? std::vector<std::string>{} : std::vector<std::string>{"1h"});
      }
    }
    collector.clock.Set(world.now);
  }

  PackSettings Settings() const {
    PackSettings settings;
    const CollectorState& state = collector.collector->state();
    settings.trust.ca_der = state.ca_certificate;
    settings.trust.log_key = LogKey{kOrigin, state.log_key.public_key()};
    settings.trust.publisher_der = publisher.certificate;
    settings.trust.tsa_authorities = {world.pki.ca().der};
    settings.scratch = ::testing::TempDir();
    return settings;
  }

  absl::StatusOr<PackFiles> Pack(const PackRequest& request) {
    PackFiles files;
    const absl::Status status =
        ExportPack(collector.collector->store(), request, Settings(),
                   [&files](const std::string& name, std::string_view bytes) {
                     files.emplace(name, bytes);
                     return absl::OkStatus();
                   });
    if (!status.ok()) return status;
    return files;
  }

  // What the verifier makes of the evidence in `files`.
  JudgedEvidence Judge(const PackFiles& files) const {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : files) names.push_back(name);
    const PackFileReader read = [&files](const std::string& name) -> absl::StatusOr<std::string> {
      const auto found = files.find(name);
      if (found == files.end()) return absl::NotFoundError("not in the pack");
      return found->second;
    };
    return JudgeEvidence(names, read, Settings().trust);
  }

  static void Must(const absl::Status& status) {
    if (!status.ok()) throw std::runtime_error(status.ToString());
  }

  World world;  // its clock and its hosts; its own ledger stays empty
  TestCollector collector;
  TestStamper stamper;
  TestPerson op{PrivateKey::Generate(KeyKind::kP256).value(), ""};
  TestPerson publisher{PrivateKey::Generate(KeyKind::kP256).value(), ""};
  std::list<Host> hosts;
  Digest last_statement;

 private:
  TestPerson Make(Purpose purpose) { return TestPerson::Make(collector.ca(), purpose, kStart); }
  std::set<Digest> contexts_;
  uint64_t stamped_ = 0;
};

}  // namespace tom::test

#endif  // TOM_COLLECTOR_PACK_TEST_TOWN_H_
