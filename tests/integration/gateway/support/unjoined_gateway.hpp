#pragma once

#include <gtest/gtest.h>

#include "gateway/support/gateway_process.hpp"
#include "gateway/support/scripted_backend.hpp"
#include "test_certificate.hpp"

namespace httvps::testing {

struct UnjoinedGateway : ::testing::Test {
  net::testing::test_certificate certificate{"localhost"};
  deployment keys;
  scripted_backend backend{keys};

  gateway_options options() const {
    return {.environment = {{"GATEWAY_BACKEND_URL", backend.url()},
                            {"GATEWAY_TLS_CERTIFICATE", certificate.chain_file()},
                            {"GATEWAY_TLS_KEY", certificate.key_file()},
                            {"BACKEND_GATEWAY_SECRET", "join secret"}}};
  }
};

}
