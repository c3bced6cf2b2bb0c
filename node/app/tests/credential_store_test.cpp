#include "../src/credential_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "httvps/node/app/errc.hpp"
#include "temporary_folder.hpp"

namespace httvps::node {
namespace {

base::secret_bytes secret(std::string_view text) {
  return base::secret_bytes::from_text(text);
}

class CredentialStore : public testing::Test {
 protected:
  CredentialStore() { give("given"); }

  void give(const std::string& text) const {
    std::ofstream(dir_ + "/given") << text << "\n";
    ::chmod((dir_ + "/given").c_str(), 0600);
  }
  std::string chosen() const { return std::string(store().choose().value().reveal_text()); }
  std::string after(std::string_view refused) const {
    return std::string(store().next_after(secret(refused)).value().reveal_text());
  }
  credential_store store() const { return {dir_ + "/given", dir_}; }

  const temporary_folder home_;
  const std::string& dir_ = home_.path();
};

TEST_F(CredentialStore, BeginsWithTheOneThatWasGiven) {
  EXPECT_EQ(chosen(), "given");
  EXPECT_EQ(after("given"), "given");
}

TEST_F(CredentialStore, RenewedOneIsChosenAfterwardsAndIsPrivate) {
  ASSERT_TRUE(store().keep(secret("second"), secret("given")));
  EXPECT_EQ(chosen(), "second");
  ASSERT_TRUE(store().keep(secret("third"), secret("second")));
  EXPECT_EQ(chosen(), "third");
  struct stat facts{};
  ASSERT_EQ(::stat((dir_ + "/credential.json").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(CredentialStore, RefusedOneIsFollowedByTheOthersInTurn) {
  ASSERT_TRUE(store().keep(secret("third"), secret("second")));
  EXPECT_EQ(after("third"), "second");
  EXPECT_EQ(after("second"), "given");
  EXPECT_EQ(after("given"), "third");
  EXPECT_EQ(after("never known"), "third");
}

TEST_F(CredentialStore, OneThatIsGivenAnewComesFirst) {
  ASSERT_TRUE(store().keep(secret("second"), secret("given")));
  give("fresh");
  EXPECT_EQ(chosen(), "fresh");
  EXPECT_EQ(after("second"), "given");
  ASSERT_TRUE(store().keep(secret("third"), secret("fresh")));
  EXPECT_EQ(chosen(), "third");
}

TEST_F(CredentialStore, LivesWithoutTheGivenFileOnceItWasRenewed) {
  ASSERT_TRUE(store().keep(secret("second"), secret("given")));
  std::filesystem::remove(dir_ + "/given");
  EXPECT_EQ(chosen(), "second");
  std::filesystem::remove(dir_ + "/credential.json");
  EXPECT_EQ(store().choose().error(), app_errc::file_missing);
}

TEST_F(CredentialStore, DamagedRecordCountsAsNone) {
  for (const auto* text : {"", "{", "[]", R"({"credential":""})", R"({"credential":7})"}) {
    std::ofstream(dir_ + "/credential.json") << text;
    ::chmod((dir_ + "/credential.json").c_str(), 0600);
    EXPECT_EQ(chosen(), "given") << text;
  }
}

}
}
