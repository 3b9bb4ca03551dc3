// What programs of backups keep and print: catalogues, snapshots, outputs of checks, answers of
// stores.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/parse/backup_catalogues.h"
#include "checks/parse/backup_check_output.h"
#include "checks/parse/btrfs_snapshots.h"
#include "checks/parse/s3_answer.h"
#include "checks/parse/zfs_snapshots.h"

namespace tom {
namespace {

constexpr char kPgBackRest[] =
    R"([{"name":"main","cipher":"aes-256-cbc","status":{"code":0,"message":"ok"},"backup":[)"
    R"({"label":"20261122-141212F","error":false,"timestamp":{"start":1,"stop":1795356735},"info":{"size":22992550}},)"
    R"({"label":"20261122-141216I","error":true,"timestamp":{"stop":1795356737},"info":{}}]}])";

TEST(BackupCatalogues, PgBackRestsJsonIsRead) {
  const auto backups = ParsePgBackRestJson(kPgBackRest, "main");
  ASSERT_TRUE(backups.ok()) << backups.status();
  ASSERT_EQ(backups->size(), 2u);
  EXPECT_EQ((*backups)[0].time, 1795356735);
  EXPECT_EQ((*backups)[0].size_bytes, 22992550);
  EXPECT_EQ((*backups)[0].encrypted, true);
  EXPECT_FALSE((*backups)[0].faulty);
  EXPECT_TRUE((*backups)[1].faulty);
  EXPECT_TRUE(absl::IsNotFound(ParsePgBackRestJson(kPgBackRest, "other").status()));
  EXPECT_TRUE(absl::IsUnavailable(
      ParsePgBackRestJson(
          R"([{"name":"main","backup":[],"status":{"code":1,"message":"missing stanza path"}}])",
          "main")
          .status()));
  for (const char* bad : {"", "{}", "[1", R"([{"name":"main"}])",
                          R"([{"name":"main","status":{"code":0},"backup":[{"label":"x"}]}])"}) {
    EXPECT_FALSE(ParsePgBackRestJson(bad, "main").ok()) << bad;
  }
}

TEST(BackupCatalogues, PgBackRestsCatalogueIsRead) {
  const std::string head = "[backrest]\nbackrest-format=5\n\n[backup:current]\n";
  const std::string line =
      R"(20261122-141212F={"backup-archive-start":"000000010000000000000002","backup-archive-stop":"000000010000000000000003",)"
      R"("backup-error":false,"backup-info-size":9,"backup-timestamp-stop":1795356735,"db-id":1})";
  const auto backups = ParsePgBackRestCatalogue(head + line + "\n\n[db]\ndb-id=1\n");
  ASSERT_TRUE(backups.ok()) << backups.status();
  ASSERT_EQ(backups->size(), 1u);
  EXPECT_EQ((*backups)[0].last_wal, "000000010000000000000003");
  EXPECT_EQ((*backups)[0].wal_folder, "1");
  EXPECT_EQ(ParsePgBackRestCatalogue(head)->size(), 0u);
  EXPECT_FALSE(ParsePgBackRestCatalogue("Salted__xyz").ok());
  EXPECT_FALSE(ParsePgBackRestCatalogue(head + "../../etc=" + line.substr(17)).ok());
  EXPECT_FALSE(ParsePgBackRestCatalogue(head + "20261122-141212F={}").ok());
}

TEST(BackupCatalogues, BarmansListsAreRead) {
  const auto list = ParseBarmanJson(
      R"({"pg":[{"backup_id":"20261122T141247","end_time_timestamp":"1795356768","size_bytes":39907357,"status":"DONE"},)"
      R"({"backup_id":"20261123T000000","status":"FAILED"}]})",
      "pg");
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->size(), 1u);
  EXPECT_EQ((*list)[0].time, 1795356768);
  EXPECT_TRUE(absl::IsNotFound(ParseBarmanJson("{}", "pg").status()));
  EXPECT_FALSE(ParseBarmanJson("[]", "pg").ok());
  const auto one = ParseBarmanBackupInfo(
      "begin_wal=000000010000000000000007\nend_time=2026-11-22 16:12:48.627504+02:00\n"
      "end_wal=000000010000000000000007\nsize=23130141\nstatus=DONE\n");
  ASSERT_TRUE(one.ok() && one->has_value()) << one.status();
  EXPECT_EQ((*one)->time, 1795356768);
  EXPECT_EQ((*one)->encrypted, false);
  EXPECT_EQ((*one)->first_wal, "000000010000000000000007");
  EXPECT_FALSE(ParseBarmanBackupInfo("status=FAILED\n")->has_value());
  EXPECT_EQ(
      (*ParseBarmanBackupInfo("status=WAITING_FOR_WALS\nend_time=2026-11-22 14:12:48+00:00\n"))
          ->waits,
      "the logs that it needs have not come yet");
  EXPECT_FALSE(ParseBarmanBackupInfo("").ok());
  EXPECT_FALSE(ParseBarmanBackupInfo("status=DONE\nend_time=None\n").ok());
}

TEST(BackupSnapshotLists, ZfsIsRead) {
  const auto list = ParseZfsSnapshots(
      "tank/a@x\t1795356768\t42\taes-256-gcm\ntank/a/b@x\t1\t2\toff\ntank/a@y\t5\t6\t-\n",
      "tank/a");
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].encrypted, true);
  EXPECT_FALSE((*list)[1].encrypted.has_value());
  EXPECT_FALSE(ParseZfsSnapshots("cannot open 'x'\n", "x").ok());
  EXPECT_FALSE(ParseZfsSnapshots("x@a\tyesterday\t1\toff\n", "x").ok());
  EXPECT_TRUE(IsZfsDatasetName("tank/a-b_c.d:e"));
  for (const char* bad : {"", "-o", "/tank", "tank/", "tank//a", "tank@x", "9tank"}) {
    EXPECT_FALSE(IsZfsDatasetName(bad)) << bad;
  }
}

TEST(BackupSnapshotLists, BtrfsIsRead) {
  const std::string one =
      "snaps/one\n\tName: \t\t\tone\n\tParent UUID: \t\t9e0\n\tReceived UUID: \t\t-\n\tCreation "
      "time: "
      "\t\t2026-11-22 15:15:58 +0100\n\tFlags: \t\t\treadonly\n\tSnapshot(s):\n\t\t\t\tsnaps/two\n";
  const auto list = ParseBtrfsSnapshots(one + one);
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].created, 1795356958);
  EXPECT_TRUE((*list)[0].read_only);
  EXPECT_EQ(ParseBtrfsSnapshots("")->size(), 0u);
  EXPECT_FALSE(ParseBtrfsSnapshots("snaps/one\n\tName: one\n").ok());
  EXPECT_FALSE(ParseBtrfsSnapshots("\tName: one\n").ok());
  EXPECT_FALSE(ParseBtrfsSnapshots("snaps/one\n\t").ok());
  EXPECT_FALSE(ParseBtrfsSnapshots("x\n\tCreation time: 2026-11-22 15:15:58\n").ok());
}

TEST(BackupCheckOutput, SaysWhatWasReadAndWhetherItHeld) {
  struct Case {
    const char* kind;
    const char* text;
    std::optional<bool> passed;
    const char* scope;
  };
  const Case cases[] = {
      {"restic", "check all packs\nread all data\nno errors were found\n", true, "data"},
      {"restic", "check all packs\nno errors were found\n", true, "structure"},
      {"restic", "read 50.0% of data packs\nno errors were found\n", true, "subset"},
      {"restic", "pack ab: unexpected file size: got 1\nFatal: repository contains errors\n", false,
       "structure"},
      {"restic", "no errors were found\nFatal: repository contains errors\n", std::nullopt, ""},
      {"restic", "", std::nullopt, ""},
      {"borg",
       "Finished full repository check, no problems found.\nArchive consistency check complete, no "
       "problems found.\n",
       true, "data"},
      {"borg", "Archive consistency check complete, no problems found.\n", true, "structure"},
      {"borg",
       "Data integrity error: Segment entry checksum mismatch\nFinished full repository check, "
       "errors found.\n",
       false, "data"},
      {"borg", "Killed\n", std::nullopt, ""},
      {"files", "no errors were found", std::nullopt, ""},
  };
  for (const Case& c : cases) {
    const BackupCheckOutput output = ParseBackupCheckOutput(c.kind, c.text);
    EXPECT_EQ(output.passed, c.passed) << c.text;
    EXPECT_EQ(output.scope, c.scope) << c.text;
  }
}

TEST(S3Answer, ListsAreRead) {
  const std::string entry =
      "<Contents><Key>db/a%20b%2B.gz</Key><LastModified>2026-11-22T13:45:57.123Z</"
      "LastModified><Size>42</Size></Contents>";
  const auto list = ParseS3Listing(
      "<?xml version=\"1.0\"?><ListBucketResult "
      "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>true"
      "</IsTruncated><NextContinuationToken>t/1=</NextContinuationToken>" +
      entry + "</ListBucketResult>");
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->objects.size(), 1u);
  EXPECT_EQ(list->objects[0].key, "db/a b+.gz");
  EXPECT_EQ(list->objects[0].size, 42);
  EXPECT_EQ(list->objects[0].modified, 1795355157);
  EXPECT_EQ(list->next, "t/1=");
  for (const std::string& bad :
       {std::string(), std::string("<a/>"),
        std::string("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
        "<!DOCTYPE x><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>" + entry,
        std::string("<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key></"
                    "Contents></ListBucketResult>"),
        std::string("<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>%zz</Key></"
                    "Contents></ListBucketResult>")}) {
    EXPECT_FALSE(ParseS3Listing(bad).ok()) << bad;
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  EXPECT_FALSE(ParseXmlLeaves(deep).ok());
}

TEST(S3Answer, ErrorsAndCredentialsAreRead) {
  EXPECT_EQ(S3ErrorText("<Error><Code>AccessDenied</Code><Message>no</Message></Error>"),
            "AccessDenied: no");
  EXPECT_EQ(S3ErrorText("no xml"), "");
  const auto key = ParseS3Credentials(
      "# keys\n[other]\naws_access_key_id = X\n[default]\naws_access_key_id = "
      "A\naws_secret_access_key=b/c+d=\naws_session_token = t\n");
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->access_key + "|" + key->secret_key + "|" + key->session_token, "A|b/c+d=|t");
  for (const char* bad : {"", "[default]\naws_access_key_id = A\n",
                          "aws_access_key_id = A:B\naws_secret_access_key = c\n",
                          "aws_access_key_id = A\naws_secret_access_key = c d\n"}) {
    EXPECT_FALSE(ParseS3Credentials(bad).ok()) << bad;
  }
  EXPECT_EQ(S3Encode("a b/ü~", true), "a%20b/%C3%BC~");
  EXPECT_EQ(S3Encode("a/b", false), "a%2Fb");
}

}  // namespace
}  // namespace tom
