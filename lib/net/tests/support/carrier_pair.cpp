#include "carrier_pair.hpp"

#include <utility>

#include "httvps/net/http2_link.hpp"
#include "link_talk.hpp"
#include "run_loop.hpp"
#include "stream_pair.hpp"

namespace httvps::net::testing {
namespace {

task<std::unique_ptr<carrier_link>> accept_first(tls_stream* stream) {
  HTTVPS_CO_CHECK(co_await stream->write_all(http2_server_settings(), soon()));
  http2_opening opening;
  base::byte_vector space(65'536);
  while (true) {
    HTTVPS_CO_TRY(const std::size_t count, co_await stream->read_some(space, soon()));
    auto input = base::byte_span(space).first(count);
    auto step = http2_opening_step{};
    while (!input.empty() && step.stage == http2_opening_stage::reading) {
      step = opening.next(input);
    }
    if (step.stage == http2_opening_stage::offered) {
      auto offer = opening.take_offer();
      base::byte_vector early(input.begin(), input.end());
      HTTVPS_CO_TRY(auto link, co_await accept_http2(std::move(*stream), std::move(offer),
                                                     std::move(early), soon()));
      co_return std::unique_ptr<carrier_link>(std::move(link));
    }
    if (step.stage == http2_opening_stage::given_up) {
      co_return base::fail(errc::http2_frame_malformed);
    }
  }
}

task<carrier_pair> connect_http2(const test_certificate* certificate) {
  HTTVPS_CO_TRY(tls_pair streams, co_await connect_tls_pair(certificate));
  http2_request request = {.host = "gateway.test", .target = "/socket"};
  HTTVPS_CO_TRY(auto client,
                co_await open_http2(std::move(streams.client), std::move(request), soon()));
  HTTVPS_CO_TRY(auto server, co_await accept_first(&streams.server));
  carrier_pair made = {.client = std::move(client), .server = std::move(server)};
  co_return std::move(made);
}

base::result<> move_some(side& one) {
  sending source = {.left = one.out, .step = one.step};
  HTTVPS_TRY(const auto sent, one.link->send(source));
  one.pauses += sent == send_state::paused ? 1 : 0;
  one.out = source.left;
  HTTVPS_TRY(const auto state,
             one.link->receive([&one](base::byte_view piece) { base::append(one.got, piece); }));
  return state == link_state::open ? base::result<>() : base::fail(errc::connection_closed);
}

bool is_done(const side& one) {
  return one.out.empty() && one.got.size() >= one.wanted && !one.link->stream().has_backlog();
}

}

task<carrier_pair> connect_carriers(const test_certificate* certificate, carrier_form form) {
  if (form == carrier_form::http2) {
    co_return co_await connect_http2(certificate);
  }
  HTTVPS_CO_TRY(link_pair links, co_await connect_links(certificate));
  carrier_pair made = {.client = std::make_unique<websocket_link>(std::move(links.client)),
                       .server = std::make_unique<websocket_link>(std::move(links.server))};
  co_return std::move(made);
}

task<> converse(side* near, side* far) {
  const auto limit = soon();
  while (!is_done(*near) || !is_done(*far)) {
    HTTVPS_CO_CHECK(move_some(*near));
    HTTVPS_CO_CHECK(move_some(*far));
    HTTVPS_CO_CHECK(co_await yield_to_others());
    if (base::real_clock().steady_now() > limit) {
      co_return base::fail(errc::timed_out);
    }
  }
  co_return base::result<>();
}

}
