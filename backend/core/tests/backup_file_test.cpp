#include "httvps/backend/core/backup_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "httvps/backend/storage/errc.hpp"
#include "httvps/identity/errc.hpp"
#include "sha256_stream.hpp"
#include "temporary_folder.hpp"

namespace httvps::backend::core {
namespace {

constexpr std::size_t part = identity::sealed_part_content;

base::byte_vector content_of(std::size_t size) {
  base::byte_vector content(size);
  base::seeded_random(size).fill(content);
  return content;
}

class BackupFile : public ::testing::Test {
 protected:
  std::string file(const std::string& name) const { return home.file(name); }

  void write(const std::string& path, const base::byte_vector& content) {
    const auto writer = backup_file_writer::create(path, key.public_part(), random);
    ASSERT_TRUE(writer);
    const auto half = content.size() / 2;
    ASSERT_TRUE((*writer)->write(base::byte_view(content).first(half)));
    ASSERT_TRUE((*writer)->write(base::byte_view(content).subspan(half)));
    ASSERT_TRUE((*writer)->finish());
  }

  base::result<base::byte_vector> read(const std::string& path) {
    HTTVPS_TRY(const auto reader, backup_file_reader::open(path, key));
    base::byte_vector all;
    base::byte_array<1000> room{};
    while (true) {
      HTTVPS_TRY(const auto count, reader->read(room));
      if (count == 0) {
        return all;
      }
      base::append(all, base::byte_view(room).first(count));
    }
  }

  std::string raw(const std::string& path) const {
    std::ifstream opened(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(opened), {}};
  }

  base::error error_of(const std::string& bytes) {
    std::ofstream(file("changed"), std::ios::binary | std::ios::trunc) << bytes;
    const auto outcome = read(file("changed"));
    return outcome ? base::error() : outcome.error();
  }

  const temporary_folder home;
  base::seeded_random random{5};
  identity::box_key key = identity::box_key::generate(random);
};

TEST_F(BackupFile, ComesBackAtEverySize) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, part, part + 1, 3 * part}) {
    const auto path = file(std::to_string(size));
    write(path, content_of(size));
    const auto back = read(path);
    ASSERT_TRUE(back) << size;
    EXPECT_EQ(*back, content_of(size));
  }
}

TEST_F(BackupFile, DigestIsThatOfTheFileForWriterAndReader) {
  const auto content = content_of(part + 7);
  const auto writer = backup_file_writer::create(file("made"), key.public_part(), random);
  ASSERT_TRUE((*writer)->write(content));
  const auto told = (*writer)->finish();
  ASSERT_TRUE(told);
  const auto reader = backup_file_reader::open(file("made"), key);
  ASSERT_TRUE(reader);
  base::byte_vector room(part);
  while (*(*reader)->read(room) > 0) {
  }
  EXPECT_EQ((*reader)->sha256(), *told);
  sha256_stream whole;
  whole.add(base::as_bytes(raw(file("made"))));
  EXPECT_EQ(*told, whole.finish());
}

TEST_F(BackupFile, IsPrivateWhateverTheUmask) {
  const auto before = ::umask(0);
  write(file("made"), content_of(10));
  ::umask(before);
  struct stat facts{};
  ASSERT_EQ(::stat(file("made").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(BackupFile, NeverReplacesAnother) {
  write(file("made"), content_of(10));
  EXPECT_EQ(backup_file_writer::create(file("made"), key.public_part(), random).error(),
            storage::errc::backup_file_exists);
  const auto late = backup_file_writer::create(file("late"), key.public_part(), random);
  write(file("late"), content_of(20));
  EXPECT_EQ((*late)->finish().error(), storage::errc::backup_file_exists);
  EXPECT_EQ(read(file("late")), content_of(20));
}

TEST_F(BackupFile, UnfinishedOneLeavesNothing) {
  {
    const auto writer = backup_file_writer::create(file("made"), key.public_part(), random);
    ASSERT_TRUE((*writer)->write(content_of(2 * part)));
    EXPECT_FALSE(std::filesystem::exists(file("made")));
    EXPECT_FALSE(std::filesystem::is_empty(home.path()));
  }
  EXPECT_TRUE(std::filesystem::is_empty(home.path()));
}

TEST_F(BackupFile, CutAnywhereIsRefused) {
  write(file("made"), content_of(2 * part + 9));
  const auto whole = raw(file("made"));
  for (std::size_t size = 0; size < whole.size(); size += size < 200 ? 1 : 997) {
    EXPECT_TRUE(error_of(whole.substr(0, size))) << size;
  }
  const auto first_part = identity::sealed_stream_opening + identity::sealed_part_size;
  EXPECT_EQ(error_of(whole.substr(0, first_part)), identity::errc::sealed_stream_cut);
  EXPECT_EQ(error_of(""), identity::errc::sealed_stream_cut);
  EXPECT_EQ(error_of(whole.substr(0, whole.size() - 1)), identity::errc::sealed_stream_invalid);
}

TEST_F(BackupFile, ChangedOrLongerOneIsRefused) {
  write(file("made"), content_of(part + 9));
  const auto whole = raw(file("made"));
  for (std::size_t at = 0; at < whole.size(); at += at < 200 ? 1 : 1009) {
    auto changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    EXPECT_TRUE(error_of(changed)) << at;
  }
  EXPECT_EQ(error_of(whole + "x"), identity::errc::sealed_stream_invalid);
  write(file("round"), content_of(part));
  EXPECT_EQ(error_of(raw(file("round")) + "x"), identity::errc::sealed_stream_invalid);
}

TEST_F(BackupFile, AnotherKeyAndAMissingFileAreNamed) {
  write(file("made"), content_of(10));
  const auto other = identity::box_key::generate(random);
  EXPECT_EQ(backup_file_reader::open(file("made"), other).error(),
            identity::errc::sealed_stream_foreign);
  EXPECT_EQ(backup_file_reader::open(file("none"), key).error(),
            storage::errc::backup_file_missing);
}

}
}
