#include "httvps/sdk/carrier_dialer.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <utility>

#include "httvps/base/clock.hpp"
#include "httvps/identity/knock.hpp"
#include "httvps/net/http2_link.hpp"
#include "httvps/net/websocket_link.hpp"
#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {
namespace {

constexpr std::uint16_t https_port = 443;
constexpr std::size_t tickets_kept = 4;
constexpr auto connect_patience = std::chrono::seconds(5);
constexpr std::string_view user_agent =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36";

std::optional<errc> common_meaning(const base::error& failure) {
  if (failure == net::errc::timed_out) {
    return errc::gateway_timed_out;
  }
  const bool cut = failure == net::errc::connection_reset ||
                   failure == net::errc::connection_closed || failure == net::errc::tls_truncated;
  return cut ? std::optional(errc::gateway_cut) : std::nullopt;
}

base::error connect_meaning(const base::error& failure) {
  if (failure == net::errc::resolve_failed) {
    return errc::gateway_unresolved;
  }
  return failure == net::errc::connect_refused ? errc::gateway_refused : errc::gateway_unreachable;
}

base::error tls_meaning(const base::error& failure) {
  if (failure == net::errc::certificate_pin_mismatch) {
    return errc::gateway_key_mismatch;
  }
  if (failure == net::errc::certificate_name_mismatch) {
    return errc::gateway_name_mismatch;
  }
  return failure == net::errc::tls_exporter_unavailable ? errc::gateway_tls_outdated
                                                        : errc::gateway_tls_failed;
}

base::error upgrade_meaning(const base::error& failure) {
  return failure == net::errc::websocket_upgrade_refused ? errc::gateway_did_not_recognise
                                                         : errc::gateway_answer_malformed;
}

bool is_local(const base::error& failure) {
  return failure == net::errc::cancelled || failure == net::errc::descriptors_exhausted ||
         failure == net::errc::tls_setup_failed || failure == net::errc::buffer_in_use;
}

base::result<std::string> build_knock(const recognition& proof,
                                      const identity::channel_binding& binding) {
  return proof.kind == recognition_kind::ticket
             ? identity::build_ticket_knock(proof.document, proof.device, binding)
             : identity::build_access_knock(proof.document, proof.device, binding);
}

std::string authority_of(const identity::gateway_entry& gateway, std::uint16_t port) {
  const auto text = net::to_text({.host = gateway.host, .port = port});
  return port == https_port ? text.substr(0, text.rfind(':')) : text;
}

std::uint16_t advertised_port(const identity::gateway_entry& gateway) {
  const auto first = gateway.addresses.empty()
                         ? base::result<net::endpoint>(net::endpoint{.port = https_port})
                         : net::parse_endpoint(gateway.addresses.front());
  return first ? first->port : https_port;
}

net::websocket_request browser_request(const identity::gateway_entry& gateway,
                                       const std::string& knock) {
  const auto authority = authority_of(gateway, advertised_port(gateway));
  net::websocket_request request = {.host = authority, .target = gateway.path};
  request.headers.add("Pragma", "no-cache");
  request.headers.add("Cache-Control", "no-cache");
  request.headers.add("User-Agent", std::string(user_agent));
  request.headers.add("Origin", "https://" + authority);
  request.headers.add("Accept-Encoding", "gzip, deflate, br, zstd");
  request.headers.add("Accept-Language", "en-US,en;q=0.9");
  request.headers.add("Cookie", gateway.cookie + "=" + knock);
  return request;
}

net::http2_request browser_connect(const identity::gateway_entry& gateway,
                                   const std::string& knock) {
  const auto authority = authority_of(gateway, advertised_port(gateway));
  net::http2_request request = {.host = authority, .target = gateway.path};
  request.headers.add("pragma", "no-cache");
  request.headers.add("cache-control", "no-cache");
  request.headers.add("user-agent", std::string(user_agent));
  request.headers.add("origin", "https://" + authority);
  request.headers.add("sec-websocket-version", "13");
  request.headers.add("accept-encoding", "gzip, deflate, br, zstd");
  request.headers.add("accept-language", "en-US,en;q=0.9");
  request.headers.add("cookie", gateway.cookie + "=" + knock);
  return request;
}

std::vector<std::string> alpn_of(carrier_kind kind) {
  return kind == carrier_kind::http2 ? std::vector<std::string>{"h2", "http/1.1"}
                                     : std::vector<std::string>{"http/1.1"};
}

net::task<std::unique_ptr<net::carrier_link>> upgrade(net::tls_stream stream,
                                                      identity::gateway_entry gateway,
                                                      std::string knock,
                                                      base::steady_time deadline) {
  if (stream.engine().alpn() == "h2") {
    auto request = browser_connect(gateway, knock);
    HTTVPS_CO_TRY(std::unique_ptr<net::carrier_link> link,
                  co_await net::open_http2(std::move(stream), std::move(request), deadline));
    co_return std::move(link);
  }
  auto request = browser_request(gateway, knock);
  HTTVPS_CO_TRY(net::websocket_link link,
                co_await net::open_websocket(std::move(stream), std::move(request), deadline));
  co_return std::make_unique<net::websocket_link>(std::move(link));
}

std::vector<net::endpoint> places_of(const dial_order& order) {
  if (order.connect_to) {
    return {*order.connect_to};
  }
  std::vector<net::endpoint> places;
  for (const auto& text : order.gateway.addresses) {
    if (auto place = net::parse_endpoint(text)) {
      places.push_back(std::move(*place));
    }
  }
  return places;
}

net::task<net::tcp_stream> connect_any(std::vector<net::endpoint> places,
                                       base::steady_time deadline) {
  base::error last = errc::gateway_unreachable;
  for (const auto& place : places) {
    const auto patience = base::real_clock().steady_now() + connect_patience;
    auto stream = co_await net::connect(place, std::min(deadline, patience));
    if (stream) {
      co_return std::move(*stream);
    }
    last = dial_error(dial_stage::connecting, stream.error());
    if (stream.error() == net::errc::cancelled) {
      break;
    }
  }
  co_return base::fail(last);
}

}

struct carrier_dialer::state {
  struct known_gateway {
    std::vector<identity::spki_pin> pins;
    net::tls_context context;
    std::vector<net::tls_ticket> tickets;

    net::tls_ticket take_newest() {
      if (tickets.empty()) {
        return {};
      }
      auto newest = std::move(tickets.back());
      tickets.pop_back();
      return newest;
    }

    void keep(std::vector<net::tls_ticket> fresh) {
      std::ranges::move(fresh, std::back_inserter(tickets));
      const auto over = tickets.size() - std::min(tickets.size(), tickets_kept);
      tickets.erase(tickets.begin(), tickets.begin() + static_cast<std::ptrdiff_t>(over));
    }
  };

  base::result<known_gateway*> know(const identity::gateway_entry& gateway) {
    const auto found = known.find(gateway.id);
    if (found != known.end() && found->second.pins == gateway.pins) {
      return &found->second;
    }
    if (gateway.pins.empty()) {
      return base::fail(errc::gateway_key_mismatch);
    }
    HTTVPS_TRY(auto context, net::tls_context::make_client({.pins = gateway.pins}));
    auto [place, fresh] = known.insert_or_assign(
        gateway.id,
        known_gateway{.pins = gateway.pins, .context = std::move(context), .tickets = {}});
    return &place->second;
  }

  base::result<net::tls_engine> engine_for(const dial_order& order) {
    HTTVPS_TRY(auto* remembered, know(order.gateway));
    auto ticket =
        order.tickets == ticket_use::resume ? remembered->take_newest() : net::tls_ticket();
    return net::tls_engine::make_client(remembered->context, {.server_name = order.gateway.host,
                                                              .ticket = std::move(ticket),
                                                              .alpn = alpn_of(order.kind)});
  }

  static net::task<std::unique_ptr<net::carrier_link>> dial(std::shared_ptr<state> self,
                                                            dial_order order,
                                                            base::steady_time deadline);

  void remember(const std::string& gateway_id, net::carrier_link& carrier) {
    const auto found = known.find(gateway_id);
    if (auto* tls = carrier.tls(); tls != nullptr && found != known.end()) {
      found->second.keep(tls->take_tickets());
    }
  }

  std::map<std::string, known_gateway> known;
};

base::error dial_error(dial_stage stage, const base::error& failure) noexcept {
  if (failure.category() != net::net_errors() || is_local(failure)) {
    return failure;
  }
  if (const auto common = common_meaning(failure)) {
    return *common;
  }
  switch (stage) {
    case dial_stage::connecting:
      return connect_meaning(failure);
    case dial_stage::securing:
      return tls_meaning(failure);
    case dial_stage::upgrading:
      return upgrade_meaning(failure);
  }
  return failure;
}

net::task<std::unique_ptr<net::carrier_link>> carrier_dialer::state::dial(
    std::shared_ptr<state> self, dial_order order, base::steady_time deadline) {
  HTTVPS_CO_TRY(net::tcp_stream socket, co_await connect_any(places_of(order), deadline));
  socket.tune(net::carrier_tuning);
  HTTVPS_CO_TRY(net::tls_engine engine, self->engine_for(order));
  net::tls_stream stream(std::move(socket), std::move(engine));
  if (const auto secured = co_await stream.handshake(deadline); !secured) {
    co_return base::fail(dial_error(dial_stage::securing, secured.error()));
  }
  const auto exporter = stream.engine().channel_binding();
  if (!exporter) {
    co_return base::fail(dial_error(dial_stage::securing, exporter.error()));
  }
  const identity::channel_binding binding{.gateway_id = order.gateway.id, .exporter = *exporter};
  HTTVPS_CO_TRY(const std::string knock, build_knock(order.proof, binding));
  auto carrier = co_await upgrade(std::move(stream), order.gateway, knock, deadline);
  if (!carrier) {
    co_return base::fail(dial_error(dial_stage::upgrading, carrier.error()));
  }
  self->remember(order.gateway.id, **carrier);
  co_return std::move(*carrier);
}

carrier_dialer::carrier_dialer() : state_(std::make_shared<state>()) {}
carrier_dialer::carrier_dialer(carrier_dialer&&) noexcept = default;
carrier_dialer& carrier_dialer::operator=(carrier_dialer&&) noexcept = default;
carrier_dialer::~carrier_dialer() = default;

net::task<std::unique_ptr<net::carrier_link>> carrier_dialer::dial(dial_order order,
                                                                   base::steady_time deadline) {
  return state::dial(state_, std::move(order), deadline);
}

void carrier_dialer::remember(const std::string& gateway_id, net::carrier_link& carrier) {
  state_->remember(gateway_id, carrier);
}

}
