#include "httvps/backend/api/problem.hpp"

#include <gtest/gtest.h>

#include <set>

#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::api {
namespace {

using services::errc;

TEST(Problem, EveryServiceErrorHasAStatusOfItsOwnUnlessItIsTheServersFault) {
  const std::set<std::string_view> faults = {
      "storage_failed",      "secret_unreadable", "signing_failed",       "root_key_mismatch",
      "password_not_hashed", "audit_broken",      "audit_tip_unreadable", "key_ring_invalid",
      "key_ring_missing",    "key_name_taken",    "key_name_unknown"};
  for (const auto& entry : services::service_errors().entries()) {
    const problem found(std::error_code(entry.value, services::service_errors()));
    EXPECT_EQ(found.status == 500, faults.contains(entry.label)) << entry.label;
    EXPECT_EQ(found.code, entry.label);
  }
}

TEST(Problem, ServerFaultsDoNotExplainThemselvesToStrangers) {
  EXPECT_EQ(problem(errc::storage_failed).detail,
            "The server failed to answer. The log has the request id.");
  EXPECT_EQ(problem(std::make_error_code(std::errc::io_error)).status, 500);
}

TEST(Problem, FullAndBusyHaveTheirStatusAndAHintToRetry) {
  EXPECT_EQ(problem(errc::storage_full).status, 507);
  const auto busy = to_response(problem(errc::storage_busy), {.instance = "/a", .request_id = "r"});
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.headers.find("Retry-After"), "1");
}

TEST(Problem, IsWrittenAsRfc9457) {
  const auto response =
      to_response(problem(errc::token_expired), {.instance = "/a", .request_id = "r"});
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.headers.find("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.headers.find("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(response.body,
            R"({"type":"urn:httvps:problem:token_expired","title":"Token expired","status":401,)"
            R"("detail":"The access token has expired. Renew it.","instance":"/a",)"
            R"("code":"token_expired","request_id":"r","errors":[]})");
}

TEST(Problem, UnreadableBodyIsABadRequestAndABadFieldIsNot) {
  EXPECT_EQ(problem::invalid_fields({{"", "not_json", "x"}}).status, 400);
  EXPECT_EQ(problem::invalid_fields({{"/a", "required", "x"}}).status, 422);
}

}
}
