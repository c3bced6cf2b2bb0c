#include "httvps/backend/core/ring_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/errc.hpp"
#include "ring_watch.hpp"
#include "temporary_folder.hpp"

namespace httvps::backend::core {
namespace {

using services::errc;
using services::sealing_mode;

constexpr services::cell_name cell{.table = "t", .column = "c", .record = "r"};

class ring_folder {
 public:
  std::string file(const std::string& name) const { return home_.file(name); }
  void write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::filesystem::remove(file(name));
    std::ofstream(file(name)) << text;
    ::chmod(file(name).c_str(), mode);
  }

 private:
  temporary_folder home_;
};

std::string key_text(std::uint8_t fill) {
  return base::to_base64url(base::byte_vector(services::field_key_size, fill));
}

std::string ring_text(const std::string& active) {
  return R"({"active":")" + active + R"(","keys":{"a":")" + key_text(1) + R"(","b":")" +
         key_text(2) + R"("}})";
}

TEST(RingFile, KeepsWhatWasAddedAndActivatedInAPrivateFile) {
  const ring_folder folder;
  ring_file ring;
  ASSERT_TRUE(add_key(ring, "2026-11", base::secure_random()));
  ASSERT_TRUE(add_key(ring, "2026-12", base::secure_random()));
  ASSERT_TRUE(activate_key(ring, "2026-11"));
  ASSERT_TRUE(save_ring_file(folder.file("ring"), ring));
  ASSERT_TRUE(activate_key(ring, "2026-12"));
  ASSERT_TRUE(save_ring_file(folder.file("ring"), ring));
  const auto read = load_ring_file(folder.file("ring"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->active, "2026-12");
  ASSERT_EQ(read->keys.size(), 2U);
  EXPECT_EQ(read->keys[0].key, ring.keys[0].key);
  struct stat facts{};
  ASSERT_EQ(::stat(folder.file("ring").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
}

TEST(RingFile, RefusesAFileThatOthersMayRead) {
  const ring_folder folder;
  folder.write("ring", ring_text("a"), 0640);
  EXPECT_EQ(load_ring_file(folder.file("ring")).error(), identity::errc::key_file_exposed);
}

TEST(RingFile, NamesAMissingFileAndEachMalformedOne) {
  const ring_folder folder;
  EXPECT_EQ(load_ring_file(folder.file("ring")).error(), errc::key_ring_missing);
  for (const auto* text :
       {"no json", "[]", R"({"keys":{}})", R"({"active":"a","keys":[]})",
        R"({"active":"a","keys":{"a":"c2hvcnQ"}})", R"({"active":"a","keys":{"a":7}})",
        R"({"active":"a","keys":{},"more":1})"}) {
    folder.write("ring", text);
    EXPECT_EQ(load_ring_file(folder.file("ring")).error(), errc::key_ring_invalid) << text;
  }
}

TEST(RingFile, RefusesNamesThatAreTakenMalformedOrUnknown) {
  ring_file ring;
  ASSERT_TRUE(add_key(ring, "a", base::secure_random()));
  ASSERT_TRUE(activate_key(ring, "a"));
  EXPECT_EQ(add_key(ring, "a", base::secure_random()).error(), errc::key_name_taken);
  for (const auto* name : {"", "a:b", "A", "clear", "012345678901234567890123456789012"}) {
    EXPECT_EQ(add_key(ring, name, base::secure_random()).error(), errc::key_ring_invalid) << name;
  }
  EXPECT_EQ(activate_key(ring, "b").error(), errc::key_name_unknown);
}

TEST(KeyRing, SealsWithTheActiveKeyBesideTheSecretKeyOfBefore) {
  const ring_folder folder;
  backend_settings chosen;
  chosen.secret_key = base::secret_bytes(base::byte_vector(services::field_key_size, 9));
  const auto before = open_field_cipher(chosen, base::secure_random());
  ASSERT_TRUE(before);
  const auto content = base::secret_bytes::from_text("hunter2");
  const auto sealed = before->seal(cell, content, base::secure_random());
  folder.write("ring", ring_text(""));
  chosen.key_ring_file = folder.file("ring");
  const auto added = open_field_cipher(chosen, base::secure_random());
  ASSERT_TRUE(added);
  EXPECT_EQ(added->key_id(), before->key_id());
  folder.write("ring", ring_text("b"));
  const auto active = open_field_cipher(chosen, base::secure_random());
  ASSERT_TRUE(active);
  EXPECT_EQ(active->open(cell, sealed), content);
  EXPECT_TRUE(active->seal(cell, content, base::secure_random()).starts_with("enc:v1:b:"));
}

TEST(KeyRing, NeedsAnActiveKeyThatIsThere) {
  const ring_folder folder;
  backend_settings chosen;
  chosen.key_ring_file = folder.file("ring");
  for (const auto* active : {"", "c"}) {
    folder.write("ring", ring_text(active));
    EXPECT_EQ(load_key_ring(chosen).error(), errc::key_ring_invalid) << active;
  }
}

TEST(KeyRing, ModesDecideWhatClearValuesAre) {
  backend_settings chosen;
  chosen.sealing = sealing_mode::off;
  const auto off = open_field_cipher(chosen, base::secure_random());
  ASSERT_TRUE(off);
  const auto content = base::secret_bytes::from_text("hunter2");
  const auto clear = off->seal(cell, content, base::secure_random());
  EXPECT_EQ(services::key_id_in(clear), services::clear_key_id);
  EXPECT_EQ(off->open(cell, clear), content);
  chosen.secret_key = base::secret_bytes(base::byte_vector(services::field_key_size, 9));
  chosen.sealing = sealing_mode::migration;
  const auto moving = open_field_cipher(chosen, base::secure_random());
  EXPECT_EQ(moving->open(cell, clear), content);
  EXPECT_TRUE(moving->seal(cell, content, base::secure_random()).starts_with("enc:v1:"));
  chosen.sealing = sealing_mode::required;
  const auto strict = open_field_cipher(chosen, base::secure_random());
  EXPECT_EQ(strict->open(cell, clear).error(), errc::secret_unreadable);
}

TEST(RingWatch, TakesAnEditAndKeepsItsRingWhenTheFileIsBad) {
  const ring_folder folder;
  folder.write("ring", ring_text("a"));
  backend_settings chosen;
  chosen.key_ring_file = folder.file("ring");
  const auto cipher = open_field_cipher(chosen, base::secure_random());
  ASSERT_TRUE(cipher);
  base::log_sink sink({.descriptor = -1, .threshold = base::log_level::error});
  ring_watch watch(chosen, *cipher, base::logger(&sink, "keys"));
  ASSERT_TRUE(watch.look());
  EXPECT_EQ(cipher->key_id(), "a");
  folder.write("ring", ring_text("b"));
  ASSERT_TRUE(watch.look());
  EXPECT_EQ(cipher->key_id(), "b");
  folder.write("ring", "broken");
  ASSERT_TRUE(watch.look());
  EXPECT_EQ(cipher->key_id(), "b");
}

TEST(RingWatch, TakesAnEditOnceWhatWasInTheWayIsGone) {
  const ring_folder folder;
  folder.write("ring", ring_text("a"));
  folder.write("single", key_text(3) + "\n");
  backend_settings chosen;
  chosen.key_ring_file = folder.file("ring");
  chosen.secret_key_file = folder.file("single");
  const auto cipher = open_field_cipher(chosen, base::secure_random());
  ASSERT_TRUE(cipher);
  base::log_sink sink({.descriptor = -1, .threshold = base::log_level::error});
  ring_watch watch(chosen, *cipher, base::logger(&sink, "keys"));
  std::filesystem::remove(folder.file("single"));
  folder.write("ring", ring_text("b"));
  ASSERT_TRUE(watch.look());
  EXPECT_EQ(cipher->key_id(), "a");
  folder.write("single", key_text(3) + "\n");
  ASSERT_TRUE(watch.look());
  EXPECT_EQ(cipher->key_id(), "b");
}

TEST(RingFile, NamesThatCouldNotBeWrittenBackAreRefused) {
  const ring_folder folder;
  folder.write("ring", R"({"active":"a\"b","keys":{"a\"b":")" + key_text(1) + R"("}})");
  EXPECT_EQ(load_ring_file(folder.file("ring")).error(), errc::key_ring_invalid);
}

TEST(RingFile, FullFileLeavesRoomForTheSingleKey) {
  const ring_folder folder;
  ring_file ring;
  for (std::size_t i = 0; i < services::most_ring_keys; ++i) {
    ASSERT_TRUE(add_key(ring, "key-" + std::to_string(i), base::secure_random()));
  }
  ASSERT_TRUE(activate_key(ring, "key-0"));
  ASSERT_TRUE(save_ring_file(folder.file("ring"), ring));
  folder.write("single", key_text(3) + "\n");
  backend_settings chosen;
  chosen.key_ring_file = folder.file("ring");
  chosen.secret_key_file = folder.file("single");
  EXPECT_TRUE(load_key_ring(chosen));
}

}
}
