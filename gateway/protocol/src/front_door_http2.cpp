#include <optional>
#include <utility>

#include "http2_request.hpp"
#include "httvps/gateway/protocol/front_door.hpp"
#include "httvps/gateway/protocol/http2_site.hpp"
#include "httvps/net/http2_link.hpp"

namespace httvps::gateway {
namespace {

constexpr auto write_limit = std::chrono::seconds(30);
constexpr auto close_limit = std::chrono::seconds(2);
constexpr std::size_t read_size = 16 * 1024;

websocket_upgrade upgrade_of(const net::http_fields& fields) {
  if (!fields.find(":protocol")) {
    return websocket_upgrade::absent;
  }
  const bool well_formed =
      fields.find(":protocol") == "websocket" && fields.find(":method") == "CONNECT" &&
      fields.find(":scheme") == "https" && fields.find("sec-websocket-version") == "13";
  return well_formed ? websocket_upgrade::well_formed : websocket_upgrade::malformed;
}

}

struct front_door::http2_visit {
  net::tls_stream stream;
  http2_site site;
  net::http2_opening opening = {};
  base::byte_vector space = base::byte_vector(read_size);
  base::byte_span input = {};
  base::byte_span passed = {};
  bool decided = false;

  std::optional<net::http2_offer> look() {
    if (decided) {
      passed = std::exchange(input, {});
      return std::nullopt;
    }
    const auto step = opening.next(input);
    passed = step.passed;
    decided = step.stage != net::http2_opening_stage::reading;
    return step.stage == net::http2_opening_stage::offered ? std::optional(opening.take_offer())
                                                           : std::nullopt;
  }
};

net::task<> front_door::send_output(http2_visit* visit) {
  const auto deadline = parts_.clock.steady_now() + write_limit;
  auto& site = visit->site;
  for (auto output = site.take_output(); !output.empty(); output = site.take_output()) {
    HTTVPS_CO_CHECK(co_await visit->stream.write_all(output, deadline));
  }
  co_return base::result<>();
}

net::task<> front_door::read_input(http2_visit* visit, base::steady_time deadline) {
  const auto count = co_await visit->stream.read_some(visit->space, deadline);
  if (!count && count.error() != net::errc::timed_out) {
    co_return base::fail(count.error());
  }
  if (!count) {
    visit->site.say_goodbye();
  }
  visit->input = base::byte_span(visit->space).first(count.value_or(0));
  co_return base::result<>();
}

net::task<> front_door::serve_http2(net::tls_stream stream, visitor guest) {
  std::unique_ptr<http2_visit> visit(
      new http2_visit{.stream = std::move(stream), .site = http2_site(parts_.clock)});
  auto deadline = parts_.clock.steady_now() + parts_.head_limit;
  while (!visit->site.is_over()) {
    HTTVPS_CO_CHECK(co_await send_output(visit.get()));
    if (visit->passed.empty() && visit->input.empty()) {
      HTTVPS_CO_CHECK(co_await read_input(visit.get(), deadline));
    }
    auto offer = visit->passed.empty() ? visit->look() : std::nullopt;
    auto who = offer ? recognise(*offer, visit->stream.engine()) : recognition();
    if (!std::holds_alternative<not_ours>(who)) {
      strangers_.forget(guest.number);
      co_return co_await take_over(std::move(visit), std::move(*offer), std::move(guest),
                                   std::move(who));
    }
    const auto before = visit->site.requests();
    visit->site.feed(visit->passed);
    if (const auto answered = visit->site.requests() - before; answered > 0) {
      parts_.probe.site_requests.add(answered);
      deadline = parts_.clock.steady_now() + parts_.head_limit;
    }
  }
  HTTVPS_CO_CHECK(co_await send_output(visit.get()));
  co_return co_await visit->stream.close(parts_.clock.steady_now() + close_limit);
}

recognition front_door::recognise(const net::http2_offer& offer, const net::tls_engine& tls) const {
  const auto cookies = joined_cookies(offer.fields);
  const auto upgrade = upgrade_of(offer.fields);
  auto who = recognise(carrier_request{.path = offer.fields.find(":path").value_or(""),
                                       .cookie_header = cookies,
                                       .upgrade = upgrade},
                       tls);
  const bool ours = !std::holds_alternative<not_ours>(who);
  if (ours || upgrade != websocket_upgrade::absent) {
    (ours ? parts_.probe.recognised : parts_.probe.not_recognised).add();
    parts_.recognitions.count(who);
  }
  return who;
}

net::task<> front_door::take_over(std::unique_ptr<http2_visit> visit, net::http2_offer offer,
                                  visitor guest, recognition who) {
  HTTVPS_CO_CHECK(co_await send_output(visit.get()));
  base::byte_vector early(visit->input.begin(), visit->input.end());
  const auto deadline = parts_.clock.steady_now() + write_limit;
  HTTVPS_CO_TRY(auto link, co_await net::accept_http2(std::move(visit->stream), std::move(offer),
                                                      std::move(early), deadline));
  visit.reset();
  carrier_arrival carrier{.link = std::move(link), .lease = std::move(guest.lease)};
  co_return co_await admit(std::move(carrier), std::move(who));
}

}
