// For tests alone: a whole signed and stamped pack of the small installation of
// evidence/test_world.h.
#ifndef TOM_COLLECTOR_PACK_TEST_PACK_H_
#define TOM_COLLECTOR_PACK_TEST_PACK_H_

#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

#include "collector/pack/pack_export.h"
#include "collector/pack/pack_writer.h"
#include "evidence/test_stamper.h"
#include "evidence/test_world.h"
#include "evidence/test_zip.h"
#include "evidence/verify.h"

namespace tom::test {

// A story of a week with one failure on its third day, its evidence stamped by a real authority.
class PackMaker {
 public:
  PackMaker()
      : authority(story.world.pki.IssueAuthority("pack-tsa")),
        stamper(authority),
        signer(story.world.pki.IssueFor(Purpose::kPackSigner, "pack-signer")) {
    story.world.make_stamp = [this](UnixSeconds time, const std::string& note) {
      return stamper.Token(time, Sha256(NoteText(note).value()));
    };
    story.Run(kStart + 3 * kDay);
    story.host.Set("tls", "a:443", Verdict::kFail);
    story.Run(kStart + 3 * kDay + 6 * kHour);
    story.host.Set("tls", "a:443", Verdict::kPass);
    story.RunAll();
  }

  PackSettings Settings() {
    PackSettings settings;
    settings.trust = story.world.Trust();
    settings.trust.tsa_authorities = {story.world.pki.ca().der};
    settings.scratch = ::testing::TempDir();
    return settings;
  }

  std::unique_ptr<PackSpool> Payload() {
    auto spool = PackSpool::Create(::testing::TempDir()).value();
    for (const auto& [name, bytes] : Files(story.Build())) {
      if (!spool->Put(name, bytes).ok()) throw std::runtime_error(name);
    }
    const absl::Status added = AddReport(Settings(), *spool);
    if (!added.ok()) throw std::runtime_error(added.ToString());
    return spool;
  }

  StampFetcher Stamps(int64_t offset = 0) {
    return [this, offset](const Digest& imprint) -> absl::StatusOr<std::string> {
      return stamper.Token(static_cast<UnixSeconds>(std::time(nullptr)) + offset, imprint);
    };
  }

  static PackSigner SignerOf(const TestPki::Identity& identity) {
    return {identity.der, PrivateKey::FromPem(identity.key_pem).value()};
  }

  // Signs what `spool` holds into `path`.
  absl::Status Write(const PackSpool& spool, const std::string& path, const PackSigner& by,
                     const StampFetcher& stamp) {
    unlink(path.c_str());
    auto writer = PackWriter::Create(path);
    if (!writer.ok()) return writer.status();
    for (const std::string& name : spool.Names()) {
      absl::Status status = (*writer)->Begin(name);
      if (status.ok()) status = (*writer)->Append(spool.Get(name).value());
      if (status.ok()) status = (*writer)->End();
      if (!status.ok()) return status;
    }
    return (*writer)->Finish(by, stamp);
  }

  VerifyOptions Options() {
    VerifyOptions options;
    const EvidenceTrust trust = Settings().trust;
    options.ca_der = trust.ca_der;
    options.log_key = trust.log_key;
    options.publisher_der = trust.publisher_der;
    options.tsa_authorities = trust.tsa_authorities;
    options.at = static_cast<UnixSeconds>(std::time(nullptr)) + 60;
    return options;
  }

  Story story;
  TestPki::Identity authority;
  TestStamper stamper;
  TestPki::Identity signer;
};

inline std::string ReadTestFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace tom::test

#endif  // TOM_COLLECTOR_PACK_TEST_PACK_H_
