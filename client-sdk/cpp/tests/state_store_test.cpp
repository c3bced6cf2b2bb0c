#include "httvps/sdk/state_store.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "httvps/sdk/errc.hpp"
#include "service.hpp"
#include "temporary_folder.hpp"

namespace httvps::sdk {
namespace {

using testing::service;

const service issuer{.now = base::from_unix_seconds(1'800'000'000)};

mode_t mode_of(const std::string& path) {
  struct stat facts{};
  EXPECT_EQ(::stat(path.c_str(), &facts), 0);
  return facts.st_mode & 0777U;
}

void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path) << text;
  ::chmod(path.c_str(), 0600);
}

state_store made_in(const temporary_folder& folder) {
  return state_store::create(folder.file("state")).value();
}

TEST(StateStore, FolderIsMadeForItsOwnerAlone) {
  const temporary_folder folder;
  const auto store = state_store::create(folder.file("deep/state"));
  ASSERT_TRUE(store);
  EXPECT_EQ(mode_of(store->folder()), 0700U);
}

TEST(StateStore, RecordComesBackAndItsFileIsForItsOwnerAlone) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  EXPECT_FALSE(store.has_record());
  ASSERT_TRUE(store.save_record(issuer.record()));
  EXPECT_TRUE(store.has_record());
  EXPECT_EQ(store.load_record(), issuer.record());
  EXPECT_EQ(mode_of(store.folder() + "/enrolment.json"), 0600U);
}

TEST(StateStore, SavingReplacesTheRecordAndLeavesNoDraft) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  ASSERT_TRUE(store.save_record(issuer.record()));
  auto changed = issuer.record();
  changed.name = "desktop";
  ASSERT_TRUE(store.save_record(changed));
  EXPECT_EQ(store.load_record(), changed);
  const std::filesystem::directory_iterator files(store.folder());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST(StateStore, FailedSaveKeepsTheOldRecord) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  std::filesystem::create_directory(store.folder() + "/enrolment.json");
  EXPECT_EQ(store.save_record(issuer.record()).error(), errc::state_unwritable);
  const std::filesystem::directory_iterator files(store.folder());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST(StateStore, MissingFolderMeansNotEnrolled) {
  EXPECT_EQ(state_store::open("/nonexistent/httvps").error(), errc::not_enrolled);
}

TEST(StateStore, EmptyFolderMeansNotEnrolled) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  EXPECT_EQ(store.load_record().error(), errc::not_enrolled);
  EXPECT_EQ(store.load_key().error(), errc::not_enrolled);
}

TEST(StateStore, FolderThatOthersMayEnterIsRefused) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  ::chmod(store.folder().c_str(), 0750);
  EXPECT_EQ(state_store::open(store.folder()).error(), errc::state_exposed);
  EXPECT_EQ(state_store::create(store.folder()).error(), errc::state_exposed);
}

TEST(StateStore, FilesThatOthersMayReadAreRefused) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  base::seeded_random random(1);
  ASSERT_TRUE(store.load_or_create_pending_key(random));
  ASSERT_TRUE(store.adopt_pending(issuer.record()));
  ::chmod((store.folder() + "/enrolment.json").c_str(), 0640);
  ::chmod((store.folder() + "/device.key").c_str(), 0604);
  EXPECT_EQ(store.load_record().error(), errc::state_exposed);
  EXPECT_EQ(store.load_key().error(), errc::state_exposed);
}

TEST(StateStore, BudgetsComeBackAndTheirFileIsForItsOwnerAlone) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  EXPECT_EQ(store.load_budgets(), "");
  ASSERT_TRUE(store.save_budgets("gw_1/192.168.1 14400 1800000000\n"));
  EXPECT_EQ(store.load_budgets(), "gw_1/192.168.1 14400 1800000000\n");
  EXPECT_EQ(mode_of(store.folder() + "/budgets"), 0600U);
  ::chmod((store.folder() + "/budgets").c_str(), 0644);
  EXPECT_EQ(store.load_budgets().error(), errc::state_exposed);
}

TEST(StateStore, PendingKeyStaysTheSameUntilAdopted) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  base::seeded_random random(1);
  const auto first = store.load_or_create_pending_key(random);
  const auto again = store.load_or_create_pending_key(random);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->public_part(), again->public_part());
  ASSERT_TRUE(store.adopt_pending(issuer.record()));
  EXPECT_EQ(store.load_record(), issuer.record());
  EXPECT_EQ(store.load_key()->public_part(), first->public_part());
  EXPECT_EQ(mode_of(store.folder() + "/device.key"), 0600U);
}

TEST(StateStore, RecordThatCannotBeWrittenLeavesKeyAndRecordAsTheyWere) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  base::seeded_random random(1);
  ASSERT_TRUE(store.load_or_create_pending_key(random));
  ASSERT_TRUE(store.adopt_pending(issuer.record()));
  const auto present = store.load_key();
  const auto pending = store.load_or_create_pending_key(random);
  std::filesystem::create_directory(store.folder() + "/enrolment.json.next");
  EXPECT_EQ(store.adopt_pending(issuer.record()).error(), errc::state_unwritable);
  EXPECT_EQ(store.load_key()->public_part(), present->public_part());
  EXPECT_EQ(store.load_record(), issuer.record());
  EXPECT_EQ(store.load_or_create_pending_key(random)->public_part(), pending->public_part());
}

TEST(StateStore, AdoptionThatWasCutShortIsFinishedWhenTheFolderIsOpened) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  base::seeded_random random(1);
  ASSERT_TRUE(store.load_or_create_pending_key(random));
  ASSERT_TRUE(store.adopt_pending(issuer.record()));
  const auto record = store.folder() + "/enrolment.json";
  std::filesystem::rename(record, record + ".next");
  EXPECT_FALSE(store.has_record());
  EXPECT_EQ(state_store::open(store.folder())->load_record(), issuer.record());
  std::filesystem::rename(record, record + ".next");
  EXPECT_TRUE(state_store::create(store.folder())->has_record());
}

TEST(StateStore, RecordOfAnAdoptionThatHasNotBegunIsNotTaken) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  base::seeded_random random(1);
  ASSERT_TRUE(store.load_or_create_pending_key(random));
  write_file(store.folder() + "/enrolment.json.next", "from an earlier try");
  EXPECT_FALSE(state_store::open(store.folder())->has_record());
  ASSERT_TRUE(store.drop_pending_key());
  EXPECT_FALSE(state_store::open(store.folder())->has_record());
}

TEST(StateStore, DroppedPendingKeyIsMadeAnew) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  base::seeded_random random(1);
  const auto first = store.load_or_create_pending_key(random);
  ASSERT_TRUE(store.drop_pending_key());
  ASSERT_TRUE(store.drop_pending_key());
  const auto second = store.load_or_create_pending_key(random);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->public_part(), second->public_part());
}

TEST(StateStore, DamagedFilesAreNamedSo) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  write_file(store.folder() + "/device.key", "not a key");
  for (const auto* text : {"", "{", "[]", R"({"format":2})", R"({"format":1,"root":"x"})"}) {
    write_file(store.folder() + "/enrolment.json", text);
    EXPECT_EQ(store.load_record().error(), errc::state_damaged) << text;
  }
  EXPECT_EQ(store.load_key().error(), errc::state_damaged);
}

TEST(StateStore, RecordThatLacksADocumentIsDamaged) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  std::vector<enrolment_record> incomplete(3, issuer.record());
  incomplete[0].key_set.clear();
  incomplete[1].config.clear();
  incomplete[2].token = base::secret_bytes();
  for (const auto& record : incomplete) {
    ASSERT_TRUE(store.save_record(record));
    EXPECT_EQ(store.load_record().error(), errc::state_damaged);
  }
}

TEST(StateStore, RecordAboveTheLimitIsRefused) {
  const temporary_folder folder;
  const auto store = made_in(folder);
  write_file(store.folder() + "/enrolment.json", std::string(enrolment_record_limit + 1, ' '));
  EXPECT_EQ(store.load_record().error(), errc::state_damaged);
}

RC_GTEST_PROP(StateStore, NoiseIsNeverARecord, (const base::byte_vector& noise)) {
  const auto decoded = decode_record(base::secret_bytes(noise));
  RC_ASSERT((!decoded && decoded.error() == errc::state_damaged));
}

TEST(StateFolder, FollowsTheEnvironment) {
  const auto with = [](const char* state_home, const char* home) {
    return default_state_folder(
        [=](const char* name) { return std::string_view(name) == "HOME" ? home : state_home; });
  };
  EXPECT_EQ(with("/var/state", "/home/ann"), "/var/state/httvps");
  EXPECT_EQ(with(nullptr, "/home/ann"), "/home/ann/.local/state/httvps");
  EXPECT_EQ(with("relative", "/home/ann"), "/home/ann/.local/state/httvps");
  EXPECT_EQ(with(nullptr, nullptr).error(), errc::state_folder_unknown);
}

}
}
