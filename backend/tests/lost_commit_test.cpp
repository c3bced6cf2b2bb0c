#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/deployment.hpp"

namespace httvps::backend {
namespace {

using services::errc;

enum class fault { none, before_commit, after_commit };

class faulty_store final : public services::store {
 public:
  explicit faulty_store(services::store& beneath) : beneath_(beneath) {}

  base::result<> read(const services::transaction& body) override { return beneath_.read(body); }
  base::result<> note(const services::transaction& body) override { return beneath_.note(body); }
  base::result<> note_later(const services::transaction& body) override {
    return beneath_.note_later(body);
  }
  base::result<> write(const services::transaction& body) override {
    if (next == fault::before_commit) {
      return base::fail(errc::storage_failed);
    }
    HTTVPS_CHECK(beneath_.write(body));
    return next == fault::none ? base::result<>() : base::fail(errc::storage_failed);
  }
  std::uint64_t callers_revision() const noexcept override { return beneath_.callers_revision(); }
  std::uint32_t schema_version() const noexcept override { return beneath_.schema_version(); }

  fault next = fault::none;

 private:
  services::store& beneath_;
};

class LostCommitAnswer : public testing::Test {
 protected:
  services::signing_authority another_backend() {
    return services::signing_authority::open({.storage = storage,
                                              .cipher = world.cipher,
                                              .clock = world.clock,
                                              .random = world.random},
                                             world.root)
        .value();
  }
  std::string proof() {
    return identity::build_device_proof(request, {.token = device.answer.token,
                                                  .device = device.key,
                                                  .now = world.clock.system_now()})
        .value();
  }

  test_support::deployment world;
  faulty_store storage{*world.store};
  models::user user = world.add_user();
  services::subscription_report subscription = world.subscribe(user, world.add_plan());
  models::gateway gateway = world.join().gateway;
  test_support::enrolled device = world.enrol(user, gateway);
  identity::request_to_prove request{.method = "POST", .path = "/api/v1/devices/token"};
};

TEST_F(LostCommitAnswer, DoesNotRefuseTheRetryOfTheSameAttempt) {
  const auto authority = another_backend();
  const auto header = proof();
  storage.next = fault::after_commit;
  EXPECT_EQ(authority.verify_proof(header, request, "gw_1/a").error(), errc::storage_failed);
  storage.next = fault::none;
  EXPECT_TRUE(authority.verify_proof(header, request, "gw_1/a"));
  EXPECT_TRUE(world.authority.verify_proof(header, request, "gw_1/a"));
}

TEST_F(LostCommitAnswer, OpensNoReplayToOthers) {
  const auto authority = another_backend();
  const auto header = proof();
  storage.next = fault::after_commit;
  EXPECT_EQ(authority.verify_proof(header, request, "gw_1/a").error(), errc::storage_failed);
  storage.next = fault::none;
  for (const auto* attempt : {"gw_1/b", "gw_2/a", ""}) {
    EXPECT_EQ(authority.verify_proof(header, request, attempt).error(), errc::proof_replayed);
    EXPECT_EQ(world.authority.verify_proof(header, request, attempt).error(), errc::proof_replayed);
  }
}

TEST_F(LostCommitAnswer, ProofThatWasNotMarkedIsGoodWithoutAnAttempt) {
  const auto authority = another_backend();
  const auto header = proof();
  storage.next = fault::before_commit;
  EXPECT_EQ(authority.verify_proof(header, request).error(), errc::storage_failed);
  storage.next = fault::none;
  EXPECT_TRUE(authority.verify_proof(header, request));
  EXPECT_EQ(authority.verify_proof(header, request).error(), errc::proof_replayed);
}

}
}
