#include "httvps/base/draft_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "temporary_folder.hpp"

namespace httvps::base {
namespace {

namespace files = std::filesystem;

class DraftFile : public testing::Test {
 protected:
  std::string path() const { return home_.file("kept"); }
  std::size_t files_there() const {
    return static_cast<std::size_t>(
        std::distance(files::directory_iterator(home_.path()), files::directory_iterator()));
  }
  std::string content() const {
    std::ifstream from(path());
    return {std::istreambuf_iterator<char>(from), {}};
  }
  draft_file written(std::string_view text) const {
    auto made = draft_file::create(path()).value();
    EXPECT_TRUE(made.write(as_bytes(text)));
    return made;
  }

 private:
  const temporary_folder home_;
};

TEST_F(DraftFile, AppearsWholeAndForItsOwnerOnly) {
  auto draft = written("one ");
  ASSERT_TRUE(draft.write(as_bytes(std::string_view("two"))));
  EXPECT_FALSE(files::exists(path()));
  ASSERT_TRUE(draft.publish());
  EXPECT_EQ(content(), "one two");
  struct stat facts{};
  ASSERT_EQ(::stat(path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(DraftFile, PublishingNeverReplaces) {
  ASSERT_TRUE(written("first").publish());
  const auto again = written("second").publish();
  EXPECT_EQ(again.error(), std::errc::file_exists);
  EXPECT_EQ(content(), "first");
  EXPECT_EQ(files_there(), 1U);
}

TEST_F(DraftFile, ReplacingTakesThePlaceOfWhatWasThere) {
  ASSERT_TRUE(written("first").replace());
  ASSERT_TRUE(written("second").replace());
  EXPECT_EQ(content(), "second");
  EXPECT_EQ(files_there(), 1U);
}

TEST_F(DraftFile, OneThatIsGivenUpLeavesNothing) {
  {
    auto first = written("half");
    const auto moved = std::move(first);
    EXPECT_EQ(files_there(), 1U);
    EXPECT_TRUE(moved.name().starts_with(path() + "."));
  }
  EXPECT_EQ(files_there(), 0U);
}

TEST_F(DraftFile, FolderThatIsNotThereIsNamed) {
  EXPECT_EQ(draft_file::create(path() + "/below").error(), std::errc::no_such_file_or_directory);
}

}
}
