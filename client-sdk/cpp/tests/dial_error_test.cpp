#include <gtest/gtest.h>

#include "httvps/identity/errc.hpp"
#include "httvps/sdk/carrier_dialer.hpp"
#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {
namespace {

struct dial_case {
  dial_stage stage;
  net::errc seen;
  base::error meaning;
};

TEST(DialError, SaysWhatTheUserCanDoSomethingAbout) {
  const dial_case cases[] = {
      {dial_stage::connecting, net::errc::resolve_failed, errc::gateway_unresolved},
      {dial_stage::connecting, net::errc::connect_refused, errc::gateway_refused},
      {dial_stage::connecting, net::errc::unreachable, errc::gateway_unreachable},
      {dial_stage::connecting, net::errc::timed_out, errc::gateway_timed_out},
      {dial_stage::connecting, net::errc::connection_reset, errc::gateway_cut},
      {dial_stage::securing, net::errc::certificate_pin_mismatch, errc::gateway_key_mismatch},
      {dial_stage::securing, net::errc::certificate_name_mismatch, errc::gateway_name_mismatch},
      {dial_stage::securing, net::errc::tls_exporter_unavailable, errc::gateway_tls_outdated},
      {dial_stage::securing, net::errc::tls_handshake_failed, errc::gateway_tls_failed},
      {dial_stage::securing, net::errc::connection_reset, errc::gateway_cut},
      {dial_stage::securing, net::errc::connection_closed, errc::gateway_cut},
      {dial_stage::securing, net::errc::timed_out, errc::gateway_timed_out},
      {dial_stage::upgrading, net::errc::websocket_upgrade_refused,
       errc::gateway_did_not_recognise},
      {dial_stage::upgrading, net::errc::http_bad_message, errc::gateway_answer_malformed},
      {dial_stage::upgrading, net::errc::tls_truncated, errc::gateway_cut},
      {dial_stage::upgrading, net::errc::timed_out, errc::gateway_timed_out},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(dial_error(each.stage, each.seen), each.meaning) << base::error(each.seen).message();
  }
}

TEST(DialError, KeepsWhatIsNotTheGatewaysDoing) {
  for (const base::error own :
       {base::error(net::errc::cancelled), base::error(net::errc::descriptors_exhausted),
        base::error(identity::errc::too_long)}) {
    EXPECT_EQ(dial_error(dial_stage::connecting, own), own);
  }
}

}
}
