#include "httvps/backend/core/settings.hpp"

#include <gtest/gtest.h>

#include <map>

namespace httvps::backend::core {
namespace {

using variables = std::map<std::string, std::string>;

settings_outcome read(const variables& given) {
  base::settings source(backend_properties());
  source.read_environment([&](const char* name) -> const char* {
    const auto found = given.find(name);
    return found == given.end() ? nullptr : found->second.c_str();
  });
  return read_settings(source);
}

variables good() {
  return {{"BACKEND_DB_DSN", "sqlite:///data/b.db"}, {"BACKEND_SECRET_KEY_FILE", "/data/key"}};
}

std::vector<std::string> problems_with(const std::string& name, const std::string& value) {
  auto given = good();
  given[name] = value;
  std::vector<std::string> names;
  for (const auto& problem : read(given).problems) {
    names.push_back(problem.name);
  }
  return names;
}

using names = std::vector<std::string>;

TEST(BackendSettings, PutKeysBesideTheDatabaseUnlessTold) {
  const auto outcome = read(good());
  EXPECT_TRUE(outcome.problems.empty());
  EXPECT_EQ(outcome.chosen.root_key_file, "/data/b.db.root-key");
  EXPECT_EQ(outcome.chosen.admin_token_file, "/data/b.db.admin-token");
  EXPECT_EQ(outcome.chosen.approval, services::join_approval::by_admin);
}

TEST(BackendSettings, CredentialsLiveThirtyDaysAndOverlapForLessThanTheyLive) {
  const auto usual = read(good()).chosen.credentials;
  EXPECT_EQ(usual.life, std::chrono::days(30));
  EXPECT_EQ(usual.overlap, std::chrono::hours(4));
  EXPECT_EQ(problems_with("BACKEND_CREDENTIAL_LIFE", "2999"),
            (names{"backend.credential_life", "backend.credential_overlap"}));
  auto given = good();
  given["BACKEND_CREDENTIAL_LIFE"] = "9000";
  given["BACKEND_CREDENTIAL_OVERLAP"] = "9000";
  ASSERT_EQ(read(given).problems.size(), 1U);
  EXPECT_EQ(read(given).problems.front().name, "backend.credential_overlap");
  given["BACKEND_CREDENTIAL_OVERLAP"] = "8999";
  EXPECT_TRUE(read(given).problems.empty());
}

TEST(BackendSettings, NeedExactlyOneSourceOfTheSecretKey) {
  EXPECT_EQ(problems_with("BACKEND_SECRET_KEY", std::string(64, 'a')), names{"backend.secret_key"});
  auto none = good();
  none.erase("BACKEND_SECRET_KEY_FILE");
  EXPECT_EQ(read(none).problems.size(), 1U);
}

TEST(BackendSettings, SecretKeyIsThirtyTwoBytesInEitherForm) {
  auto given = good();
  given.erase("BACKEND_SECRET_KEY_FILE");
  for (const auto& key : {std::string(64, 'a'), std::string(43, 'A')}) {
    given["BACKEND_SECRET_KEY"] = key;
    const auto outcome = read(given);
    EXPECT_TRUE(outcome.problems.empty()) << key;
    EXPECT_EQ(outcome.chosen.secret_key.size(), 32U);
  }
  given["BACKEND_SECRET_KEY"] = "short";
  EXPECT_EQ(read(given).problems.size(), 1U);
}

TEST(BackendSettings, NameWhatIsWrong) {
  EXPECT_EQ(problems_with("BACKEND_GATEWAY_SECRET", "short"), names{"backend.gateway_secret"});
  EXPECT_EQ(problems_with("BACKEND_DB_DSN", "mysql://x"), names{"backend.db_dsn"});
  EXPECT_EQ(problems_with("BACKEND_LISTEN", "nowhere"), names{"backend.listen"});
  EXPECT_EQ(problems_with("BACKEND_LOG_LEVEL", "loud"), names{"backend.log_level"});
  EXPECT_EQ(problems_with("BACKEND_DB_CONNECTIONS", "0"), names{"backend.db_connections"});
  EXPECT_EQ(problems_with("BACKEND_GATEWAY_AUTO_APPROVE", "perhaps"),
            names{"backend.gateway_auto_approve"});
}

TEST(BackendSettings, MetricsAreListenedForOnThisMachineAlone) {
  const auto usual = read(good());
  EXPECT_TRUE(usual.problems.empty());
  EXPECT_EQ(usual.chosen.metrics_listen, "127.0.0.1:0");
  for (const auto* near : {"127.0.0.1:9091", "[::1]:9091"}) {
    EXPECT_TRUE(problems_with("BACKEND_METRICS_LISTEN", near).empty()) << near;
  }
  for (const auto* far : {"0.0.0.0:9091", "10.0.0.7:9091", "[::]:9091", "9091", ""}) {
    EXPECT_EQ(problems_with("BACKEND_METRICS_LISTEN", far), names{"backend.metrics_listen"}) << far;
  }
}

TEST(BackendSettings, TrustedProxiesAreRangesOrNobody) {
  EXPECT_EQ(read(good()).chosen.trusted_proxies.size(), 0U);
  auto given = good();
  given["BACKEND_TRUSTED_PROXIES"] = "127.0.0.1, 10.0.0.0/8";
  EXPECT_EQ(read(given).chosen.trusted_proxies.size(), 2U);
  for (const auto* odd : {"everybody", "0.0.0.0/0", "10.0.0.0/8;fd00::/8"}) {
    EXPECT_EQ(problems_with("BACKEND_TRUSTED_PROXIES", odd), (names{"backend.trusted_proxies"}));
  }
}

}
}
