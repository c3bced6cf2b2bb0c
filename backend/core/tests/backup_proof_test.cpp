#include "httvps/backend/core/backup_proof.hpp"

#include <gtest/gtest.h>

#include "httvps/backend/core/key_set_file.hpp"
#include "httvps/backend/storage/errc.hpp"

namespace httvps::backend::core {
namespace {

using storage::errc;

class BackupProof : public ::testing::Test {
 protected:
  static storage::snapshot_manifest content() {
    return {.head = {.program = "0.1.0", .schema = 23, .migrations = "m", .made_at = 7},
            .tables = {{.name = "users", .rows = 2, .digest = "d"}}};
  }
  static storage::snapshot_manifest signed_with(const identity::signing_key& key) {
    auto made = content();
    made.proof = signer_with(key)(made.signed_text());
    return made;
  }
  static base::error outcome(const storage::snapshot_manifest& found, const proof_wanted& wanted) {
    const auto checked = check_proof({.manifest = found, .sha256 = "00ff"}, wanted);
    return checked ? base::error() : checked.error();
  }

  base::seeded_random random{11};
  identity::signing_key root = identity::signing_key::generate(random);
  identity::signing_key stranger = identity::signing_key::generate(random);
};

TEST_F(BackupProof, RootKeyThatSignedItProvesIt) {
  EXPECT_FALSE(outcome(signed_with(root), {.root = root.public_part()}));
}

TEST_F(BackupProof, AnotherKeyOrAnotherContentIsNotAuthentic) {
  EXPECT_EQ(outcome(signed_with(stranger), {.root = root.public_part()}),
            errc::backup_not_authentic);
  auto lying = signed_with(stranger);
  lying.proof->key = root.public_part().to_base64url();
  EXPECT_EQ(outcome(lying, {.root = root.public_part()}), errc::backup_not_authentic);
  auto rows = signed_with(root);
  rows.tables[0].digest = "e";
  EXPECT_EQ(outcome(rows, {.root = root.public_part()}), errc::backup_not_authentic);
  auto older = signed_with(root);
  older.head.made_at = 6;
  EXPECT_EQ(outcome(older, {.root = root.public_part()}), errc::backup_not_authentic);
  auto garbled = signed_with(root);
  garbled.proof->signature = "x";
  EXPECT_EQ(outcome(garbled, {.root = root.public_part()}), errc::backup_not_authentic);
}

TEST_F(BackupProof, DigestProvesOneThatNobodySigned) {
  EXPECT_FALSE(outcome(content(), {.sha256 = "00ff"}));
  EXPECT_FALSE(outcome(content(), {.sha256 = "00FF"}));
  EXPECT_EQ(outcome(content(), {.sha256 = "00fe"}), errc::backup_not_authentic);
  EXPECT_EQ(outcome(signed_with(root), {.root = root.public_part(), .sha256 = "00fe"}),
            errc::backup_not_authentic);
}

TEST_F(BackupProof, WithoutEitherItIsRefusedUnlessItIsTakenSo) {
  EXPECT_EQ(outcome(content(), {}), errc::backup_unproven);
  EXPECT_EQ(outcome(content(), {.root = root.public_part()}), errc::backup_unproven);
  EXPECT_EQ(outcome(signed_with(root), {}), errc::backup_unproven);
  EXPECT_FALSE(outcome(content(), {.rule = unproven_backup::is_taken}));
  EXPECT_EQ(outcome(signed_with(stranger),
                    {.root = root.public_part(), .rule = unproven_backup::is_taken}),
            errc::backup_not_authentic);
}

TEST(KeySetFile, IsTheTextItselfOrTheMembershipOfAGateway) {
  EXPECT_EQ(key_set_text_in("v4.public.x\n"), "v4.public.x");
  EXPECT_EQ(key_set_text_in(R"({"gateway_id":"gw_1","key_set":"v4.public.x"})"), "v4.public.x");
  for (const auto* text : {"", "{", "{}", R"({"key_set":7})"}) {
    EXPECT_EQ(key_set_text_in(text), "") << text;
  }
}

}
}
