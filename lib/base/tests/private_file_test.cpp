#include "httvps/base/private_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "temporary_folder.hpp"

namespace httvps::base {
namespace {

namespace files = std::filesystem;

constexpr std::size_t bound = 16;

class PrivateFile : public testing::Test {
 protected:
  std::string path() const { return home_.file("kept"); }
  std::string link() const { return home_.file("link"); }
  void write(const std::string& text) const {
    std::ofstream(path()) << text;
    ASSERT_EQ(::chmod(path().c_str(), 0600), 0);
  }
  static result<secret_bytes> read(const std::string& file,
                                   file_origin origin = file_origin::operator_or_program) {
    return read_private_file(file, {.most = bound, .origin = origin});
  }
  std::string folder() const { return home_.path(); }

 private:
  const temporary_folder home_;
};

TEST_F(PrivateFile, GivesWhatWasWritten) {
  ASSERT_TRUE(replace_private_file(path(), secret_bytes::from_text("one")));
  EXPECT_EQ(read(path())->reveal_text(), "one");
  ASSERT_TRUE(replace_private_file(path(), secret_bytes::from_text("two")));
  EXPECT_EQ(read(path(), file_origin::this_program)->reveal_text(), "two");
  struct stat facts{};
  ASSERT_EQ(::stat(path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(PrivateFile, MayBeEmptyAndAsLargeAsItsBound) {
  write("");
  EXPECT_TRUE(read(path())->empty());
  write(std::string(bound, 'x'));
  EXPECT_EQ(read(path())->size(), bound);
  write(std::string(bound + 1, 'x'));
  EXPECT_EQ(read(path()).error(), std::errc::file_too_large);
}

TEST_F(PrivateFile, IsNotReadWhenOthersMayTouchIt) {
  write("text");
  for (const mode_t loose : {0640U, 0604U, 0620U, 0601U}) {
    ASSERT_EQ(::chmod(path().c_str(), loose), 0);
    EXPECT_EQ(read(path()).error(), exposed_file) << loose;
  }
  ASSERT_EQ(::chmod(path().c_str(), 0400), 0);
  EXPECT_TRUE(read(path()));
}

TEST_F(PrivateFile, OfAnotherOwnerIsNotRead) {
  if (::geteuid() != 0) {
    EXPECT_FALSE(read("/etc/shadow"));
    return;
  }
  write("text");
  ASSERT_EQ(::chown(path().c_str(), 1, 1), 0);
  EXPECT_EQ(read(path()).error(), exposed_file);
}

TEST_F(PrivateFile, ThatThisProgramWroteIsNoLink) {
  write("text");
  files::create_symlink(path(), link());
  EXPECT_EQ(read(link())->reveal_text(), "text");
  EXPECT_EQ(read(link(), file_origin::this_program).error(),
            std::errc::too_many_symbolic_link_levels);
}

TEST_F(PrivateFile, SaysThatNothingIsThereOrThatItIsNoFile) {
  EXPECT_EQ(read(path()).error(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(read(folder()).error(), std::errc::invalid_argument);
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_EQ(read(path()).error(), std::errc::invalid_argument);
}

TEST_F(PrivateFile, FolderIsForItsOwnerOnly) {
  ASSERT_EQ(::chmod(folder().c_str(), 0700), 0);
  EXPECT_TRUE(check_private_folder(folder()));
  ASSERT_EQ(::chmod(folder().c_str(), 0750), 0);
  EXPECT_EQ(check_private_folder(folder()).error(), exposed_file);
  write("text");
  EXPECT_EQ(check_private_folder(path()).error(), std::errc::not_a_directory);
  EXPECT_EQ(check_private_folder(link()).error(), std::errc::no_such_file_or_directory);
}

}
}
