#include "httvps/identity/key_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "deployment.hpp"
#include "httvps/identity/errc.hpp"
#include "temporary_folder.hpp"

namespace httvps::identity {
namespace {

namespace fs = std::filesystem;

class KeyFile : public testing::Test {
 protected:
  std::string path() const { return (folder_ / "key").string(); }
  void write(std::string_view text) const {
    std::ofstream(path()) << text;
    fs::permissions(path(), fs::perms::owner_read | fs::perms::owner_write);
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  const temporary_folder home_;
  const fs::path folder_ = home_.path();
};

TEST_F(KeyFile, StoredSigningKeyComesBackAndOnlyItsOwnerMayReadIt) {
  const auto key = numbered_key(1);
  ASSERT_TRUE(store_signing_key(path(), key).has_value());
  struct stat facts{};
  ASSERT_EQ(::stat(path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  EXPECT_EQ(load_signing_key(path())->public_part(), key.public_part());
  EXPECT_EQ(files(), 1U);
}

TEST_F(KeyFile, StoredBoxKeyComesBack) {
  base::seeded_random random(1);
  const auto key = box_key::generate(random);
  ASSERT_TRUE(store_box_key(path(), key).has_value());
  EXPECT_EQ(load_box_key(path())->public_part(), key.public_part());
}

TEST_F(KeyFile, IsReplacedAsAWholeWhenAskedTo) {
  for (const auto* text : {"first", "second"}) {
    ASSERT_TRUE(replace_secret_file(path(), base::secret_bytes::from_text(text)).has_value());
    EXPECT_EQ(load_secret_file(path())->reveal_text(), text);
    EXPECT_EQ(files(), 1U);
  }
}

TEST_F(KeyFile, NeverOverwritesAFile) {
  ASSERT_TRUE(store_signing_key(path(), numbered_key(1)).has_value());
  EXPECT_EQ(store_signing_key(path(), numbered_key(2)).error(), errc::key_file_exists);
  EXPECT_EQ(load_signing_key(path())->public_part(), numbered_key(1).public_part());
  EXPECT_EQ(files(), 1U);
}

TEST_F(KeyFile, RefusesAFileThatOthersMayTouch) {
  ASSERT_TRUE(store_signing_key(path(), numbered_key(1)).has_value());
  for (const auto loose : {fs::perms::group_read, fs::perms::others_read, fs::perms::group_write,
                           fs::perms::others_exec}) {
    fs::permissions(path(), fs::perms::owner_read | loose);
    EXPECT_EQ(load_signing_key(path()).error(), errc::key_file_exposed);
  }
  fs::permissions(path(), fs::perms::owner_read);
  EXPECT_TRUE(load_signing_key(path()).has_value());
}

TEST_F(KeyFile, RefusesAKeyOfAnotherKind) {
  base::seeded_random random(1);
  ASSERT_TRUE(store_box_key(path(), box_key::generate(random)).has_value());
  EXPECT_EQ(load_signing_key(path()).error(), errc::key_file_invalid);
}

TEST_F(KeyFile, RefusesDamagedFiles) {
  for (const std::string& text :
       {std::string(), std::string("httvps-ed25519 "), std::string("httvps-ed25519 AAAA\n"),
        std::string("garbage"), "httvps-ed25519 " + std::string(secret_file_limit, 'A')}) {
    write(text);
    EXPECT_EQ(load_signing_key(path()).error(), errc::key_file_invalid) << text;
  }
}

TEST_F(KeyFile, RefusesWhatIsNotAFile) {
  EXPECT_EQ(load_secret_file(folder_.string()).error(), errc::key_file_invalid);
  EXPECT_EQ(load_signing_key(path()).error(), errc::key_file_missing);
}

TEST_F(KeyFile, NamesTheSystemErrorOfAFolderThatIsMissing) {
  EXPECT_EQ(store_signing_key((folder_ / "no" / "key").string(), numbered_key(1)).error(),
            errc::key_file_missing);
}

TEST_F(KeyFile, CreatesAKeyOnceAndLoadsItAfterwards) {
  base::seeded_random random(7);
  const auto first = load_or_create_signing_key(path(), random);
  const auto second = load_or_create_signing_key(path(), random);
  EXPECT_EQ(first->public_part(), second->public_part());
}

TEST_F(KeyFile, CreatesABoxKeyOnceAndLoadsItAfterwards) {
  base::seeded_random random(7);
  const auto first = load_or_create_box_key(path(), random);
  const auto second = load_or_create_box_key(path(), random);
  EXPECT_EQ(first->public_part(), second->public_part());
}

TEST_F(KeyFile, DoesNotReplaceADamagedKeyByANewOne) {
  write("garbage");
  base::seeded_random random(7);
  EXPECT_EQ(load_or_create_signing_key(path(), random).error(), errc::key_file_invalid);
}

}
}
