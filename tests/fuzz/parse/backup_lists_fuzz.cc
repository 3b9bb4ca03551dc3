// What other programs keep and print about backups, and what stores answer: whatever the bytes,
// reading ends, and what is given is within its bounds.
#include "checks/parse/backup_catalogues.h"
#include "checks/parse/backup_check_output.h"
#include "checks/parse/btrfs_snapshots.h"
#include "checks/parse/s3_answer.h"
#include "checks/parse/zfs_snapshots.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  static_cast<void>(ParsePgBackRestJson(input, "main").ok());
  static_cast<void>(ParseBarmanJson(input, "pg").ok());
  static_cast<void>(ParseBarmanBackupInfo(input).ok());
  if (const auto backups = ParsePgBackRestCatalogue(input); backups.ok()) {
    for (const CatalogueBackup& one : *backups) {
      TOM_FUZZ_CHECK(one.label.find('/') == std::string::npos && !one.label.empty());
      TOM_FUZZ_CHECK(one.first_wal.empty() || one.first_wal.size() == 24);
    }
  }
  if (const auto list = ParseZfsSnapshots(input, "tank"); list.ok()) {
    for (const ZfsSnapshot& one : *list) TOM_FUZZ_CHECK(one.name.starts_with("tank@"));
  }
  static_cast<void>(ParseBtrfsSnapshots(input).ok());
  for (const char* kind : {"restic", "borg"}) {
    const BackupCheckOutput output = ParseBackupCheckOutput(kind, input);
    TOM_FUZZ_CHECK(output.passed.has_value() == !output.scope.empty());
  }
  if (const auto list = ParseS3Listing(input); list.ok()) {
    for (const S3Object& one : list->objects) TOM_FUZZ_CHECK(one.size >= 0 && one.modified >= 0);
  }
  static_cast<void>(S3ErrorText(input));
  if (const auto key = ParseS3Credentials(input); key.ok()) {
    TOM_FUZZ_CHECK(!key->access_key.empty() && !key->secret_key.empty());
  }
  const auto plain = PercentDecode(input);
  TOM_FUZZ_CHECK(!plain || PercentDecode(S3Encode(*plain, false)) == *plain);
}
