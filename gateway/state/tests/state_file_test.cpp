#include "httvps/gateway/state/state_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "httvps/gateway/state/errc.hpp"
#include "sample_state.hpp"
#include "temporary_folder.hpp"

namespace httvps::gateway {
namespace {

namespace files = std::filesystem;

const auto own_secret = base::secret_bytes::from_text("the secret of a gateway");

struct StateFile : ::testing::Test {
  state_file file(const std::string& gateway_id = "gw_one",
                  const base::secret_bytes& secret = own_secret) const {
    return state_file::open({.folder = folder, .gateway_id = gateway_id}, secret).value();
  }
  std::string path() const { return folder + "/state.sealed"; }
  std::string mark() const { return folder + "/state.mark"; }

  static void write(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }
  static base::result<std::size_t> keep(state_file& in, std::uint64_t revocations = 9) {
    auto state = testing::make_state();
    auto config = *state.config;
    config.revocation_version = revocations;
    state.config = std::make_shared<const published_config>(std::move(config));
    return in.store(state, base::secure_random());
  }
  base::error refusal() const {
    const auto loaded = file().load();
    return loaded ? base::error() : loaded.error();
  }

  const temporary_folder home;
  const std::string& folder = home.path();
};

TEST_F(StateFile, ComesBackAsItWasKeptInAPrivateFile) {
  auto kept = file();
  const auto size = keep(kept);
  ASSERT_TRUE(size);
  EXPECT_EQ(files::file_size(path()), *size);
  const auto loaded = file().load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(*loaded->config, *testing::make_state().config);
  EXPECT_EQ(loaded->devices.size(), 3U);
  for (const auto& each : files::directory_iterator(folder)) {
    EXPECT_EQ(each.status().permissions(), files::perms::owner_read | files::perms::owner_write)
        << each.path();
  }
}

TEST_F(StateFile, ShowsNothingOfItsContent) {
  auto kept = file();
  ASSERT_TRUE(keep(kept));
  const auto bytes = content_of(path());
  for (const std::string secret : {"ss://", "secret-key", "dev_0", "node_1", "sub_"}) {
    EXPECT_EQ(bytes.find(secret), std::string::npos) << secret;
  }
}

TEST_F(StateFile, MissingOneIsNamed) {
  EXPECT_EQ(refusal(), state_errc::state_missing);
}

TEST_F(StateFile, ChangedByteAnywhereIsRefused) {
  auto kept = file();
  ASSERT_TRUE(keep(kept));
  const auto whole = content_of(path());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    write(path(), changed);
    EXPECT_TRUE(refusal()) << at;
  }
  write(path(), whole);
  EXPECT_FALSE(refusal());
}

TEST_F(StateFile, CutOneIsRefused) {
  auto kept = file();
  ASSERT_TRUE(keep(kept));
  const auto whole = content_of(path());
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{9}}) {
    write(path(), whole.substr(0, size));
    EXPECT_EQ(refusal(), state_errc::state_of_another_format) << size;
  }
  for (const std::size_t size : {std::size_t{12}, std::size_t{20}, whole.size() - 1}) {
    write(path(), whole.substr(0, size));
    EXPECT_EQ(refusal(), state_errc::state_damaged) << size;
  }
}

TEST_F(StateFile, OfAnotherGatewayIsForeign) {
  auto other = file("gw_two");
  ASSERT_TRUE(keep(other));
  EXPECT_EQ(refusal(), state_errc::state_foreign);
}

TEST_F(StateFile, RenamedToAnotherGatewayDoesNotOpen) {
  auto other = file("gw_two");
  ASSERT_TRUE(keep(other));
  auto bytes = content_of(path());
  bytes.replace(bytes.find("gw_two"), 6, "gw_one");
  write(path(), bytes);
  EXPECT_EQ(refusal(), state_errc::state_damaged);
}

TEST_F(StateFile, SealedUnderAnotherKeyDoesNotOpen) {
  auto other = file("gw_one", base::secret_bytes::from_text("another secret"));
  ASSERT_TRUE(keep(other));
  EXPECT_EQ(refusal(), state_errc::state_damaged);
}

TEST_F(StateFile, OfAnotherFormatIsNamed) {
  auto kept = file();
  ASSERT_TRUE(keep(kept));
  auto bytes = content_of(path());
  bytes[8] = 2;
  write(path(), bytes);
  EXPECT_EQ(refusal(), state_errc::state_of_another_format);
}

TEST_F(StateFile, ReadableByOthersIsExposed) {
  auto kept = file();
  ASSERT_TRUE(keep(kept));
  ASSERT_EQ(::chmod(path().c_str(), 0640), 0);
  EXPECT_EQ(refusal(), state_errc::state_exposed);
}

TEST_F(StateFile, LinkOrFolderInItsPlaceIsNotRead) {
  auto kept = file();
  ASSERT_TRUE(keep(kept));
  files::rename(path(), path() + ".away");
  files::create_symlink(path() + ".away", path());
  EXPECT_EQ(refusal(), state_errc::state_unreadable);
  files::remove(path());
  files::create_directory(path());
  EXPECT_EQ(refusal(), state_errc::state_unreadable);
}

TEST_F(StateFile, LargerThanItsLimitIsNotRead) {
  auto small =
      state_file::open({.folder = folder, .gateway_id = "gw_one", .most = 4096}, own_secret)
          .value();
  write(path(), std::string(8192, 'x'));
  ASSERT_EQ(::chmod(path().c_str(), 0600), 0);
  EXPECT_EQ(small.load().error(), state_errc::state_too_large);
}

TEST_F(StateFile, EarlierCopyPutBackIsRolledBack) {
  auto kept = file();
  ASSERT_TRUE(keep(kept));
  const auto earlier = content_of(path());
  ASSERT_TRUE(keep(kept));
  write(path(), earlier);
  EXPECT_EQ(refusal(), state_errc::state_rolled_back);
}

TEST_F(StateFile, WithoutItsMarkOrWithADamagedOneItIsRolledBack) {
  auto kept = file();
  ASSERT_TRUE(keep(kept));
  write(mark(), "none");
  EXPECT_EQ(refusal(), state_errc::state_rolled_back);
  files::remove(mark());
  EXPECT_EQ(refusal(), state_errc::state_rolled_back);
}

TEST_F(StateFile, FewerRevocationsAreNeverKeptOverMore) {
  auto kept = file();
  ASSERT_TRUE(keep(kept, 12));
  auto behind = file();
  EXPECT_EQ(keep(behind, 11).error(), state_errc::state_rolled_back);
  EXPECT_EQ(file().load()->config->revocation_version, 12U);
  EXPECT_TRUE(keep(behind, 12));
}

TEST_F(StateFile, MarkOfAnotherGatewayBindsNothing) {
  auto other = file("gw_two");
  ASSERT_TRUE(keep(other, 12));
  auto own = file();
  EXPECT_TRUE(keep(own, 3));
  EXPECT_EQ(file().load()->config->revocation_version, 3U);
}

TEST_F(StateFile, NextLifeCountsOnFromTheOneBefore) {
  auto first = file();
  ASSERT_TRUE(keep(first));
  ASSERT_TRUE(keep(first));
  auto next = file();
  ASSERT_TRUE(keep(next));
  EXPECT_EQ(file().load()->sequence, 3U);
}

TEST_F(StateFile, TwoProcessesOfOneGatewayNeverLeaveAnUnreadableOne) {
  std::vector<std::jthread> running;
  for (int process = 0; process < 4; ++process) {
    running.emplace_back([this] {
      auto own = file();
      for (int each = 0; each < 10; ++each) {
        EXPECT_TRUE(keep(own));
        EXPECT_EQ(refusal(), base::error());
      }
    });
  }
  running.clear();
  EXPECT_GE(file().load()->sequence, 40U);
}

TEST_F(StateFile, FolderThatIsGoneIsUnwritable) {
  auto kept = file();
  files::remove_all(folder);
  EXPECT_EQ(keep(kept).error(), state_errc::state_unwritable);
}

}
}
