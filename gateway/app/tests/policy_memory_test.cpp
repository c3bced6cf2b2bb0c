#include "../src/policy_memory.hpp"

#include <gtest/gtest.h>

#include "httvps/base/random.hpp"
#include "httvps/identity/paseto.hpp"
#include "httvps/identity/policy.hpp"
#include "httvps/wire/limits.hpp"
#include "temporary_folder.hpp"

namespace httvps::gateway {
namespace {

const auto start = base::from_unix_seconds(1'800'000'000);

identity::signing_key numbered_key(std::uint64_t number) {
  base::seeded_random random(number);
  return identity::signing_key::generate(random);
}

class PolicyMemory : public testing::Test {
 protected:
  PolicyMemory() { reopen(); }

  void reopen() { memory.emplace(home.path(), base::logger{}); }
  membership member() const {
    const identity::key_set_claims keys{.version = 1,
                                        .not_after = start + identity::key_set_lifetime,
                                        .keys = {signer.public_part()}};
    return {.gateway_id = "gw_1",
            .credential = {},
            .path = {},
            .cookie = {},
            .root = root.public_part().to_base64url(),
            .key_set = identity::sign_document(root, keys).value()};
  }
  static std::string signed_by(const identity::signing_key& key, std::uint64_t version) {
    return identity::sign_document(key,
                                   identity::policy_claims{.version = version, .issued = start})
        .value();
  }
  static std::string padded(const identity::signing_key& key, std::uint64_t version,
                            std::size_t padding) {
    auto payload =
        identity::encode_claims(identity::policy_claims{.version = version, .issued = start})
            .value();
    payload.pop_back();
    payload += ",\"later\":\"" + std::string(padding, 'x') + "\"}";
    return identity::sign_paseto(key, {.payload = payload,
                                       .footer = "{\"kid\":\"" + key.key_id() + "\"}",
                                       .implicit_assertion = "htv1/policy"});
  }
  static std::string longest_signed_by(const identity::signing_key& key, std::uint64_t version) {
    const auto room = wire::policy_most - padded(key, version, 0).size();
    return padded(key, version, room / 4 * 3);
  }
  std::optional<published_policy> take(const std::string& document) {
    return memory->take(member(), document, start);
  }

  identity::signing_key root = numbered_key(1);
  identity::signing_key signer = numbered_key(2);
  const temporary_folder home;
  std::optional<policy_memory> memory;
};

TEST_F(PolicyMemory, TakesWhatTheKeySetProves) {
  const published_policy wanted{.version = 4, .document = signed_by(signer, 4)};
  EXPECT_EQ(take(wanted.document), wanted);
}

TEST_F(PolicyMemory, TakesNoLowerVersion) {
  ASSERT_TRUE(take(signed_by(signer, 4)));
  EXPECT_FALSE(take(signed_by(signer, 3)));
  EXPECT_TRUE(take(signed_by(signer, 5)));
}

TEST_F(PolicyMemory, BeginsAnewWithAnotherDeployment) {
  ASSERT_TRUE(take(signed_by(signer, 4)));
  memory->forget();
  EXPECT_TRUE(take(signed_by(signer, 1)));
}

TEST_F(PolicyMemory, SaysTheSameDocumentOnce) {
  ASSERT_TRUE(take(signed_by(signer, 4)));
  EXPECT_FALSE(take(signed_by(signer, 4)));
}

TEST_F(PolicyMemory, RemembersOverARestartAndTakesNoLowerVersionThen) {
  const published_policy wanted{.version = 4, .document = signed_by(signer, 4)};
  ASSERT_TRUE(take(wanted.document));
  reopen();
  EXPECT_EQ(memory->recall(member(), start), wanted);
  EXPECT_FALSE(take(signed_by(signer, 3)));
  EXPECT_FALSE(memory->recall(member(), start));
}

TEST_F(PolicyMemory, RemembersDocumentsAsLargeAsTheyMayBe) {
  const published_policy wanted{.version = 4, .document = longest_signed_by(signer, 4)};
  ASSERT_GT(wanted.document.size(), wire::policy_most - 4);
  ASSERT_LE(wanted.document.size(), wire::policy_most);
  ASSERT_TRUE(take(wanted.document));
  reopen();
  EXPECT_EQ(memory->recall(member(), start), wanted);
}

TEST_F(PolicyMemory, RecallsNothingThatItsKeySetDoesNotProve) {
  EXPECT_FALSE(memory->recall(member(), start));
  ASSERT_TRUE(take(signed_by(signer, 4)));
  reopen();
  signer = numbered_key(8);
  EXPECT_FALSE(memory->recall(member(), start));
}

TEST_F(PolicyMemory, TakesNothingThatIsNotSignedAsAPolicyByAKeyOfTheSet) {
  EXPECT_FALSE(take(""));
  EXPECT_FALSE(take("v4.public.nothing"));
  EXPECT_FALSE(take(signed_by(numbered_key(9), 4)));
  EXPECT_FALSE(take(member().key_set));
  EXPECT_TRUE(take(signed_by(signer, 1)));
}

}
}
