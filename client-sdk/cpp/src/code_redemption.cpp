#include "httvps/sdk/code_redemption.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "control_call.hpp"
#include "httvps/net/http_client.hpp"
#include "httvps/sdk/errc.hpp"
#include "json_text.hpp"

namespace httvps::sdk {
namespace {

constexpr const char* redeem_path = "/api/v1/enrolment-codes:redeem";
constexpr std::size_t code_symbols = 10;
constexpr std::size_t code_text_limit = 32;

bool is_code_symbol(char letter) noexcept {
  const bool digit = letter >= '0' && letter <= '9';
  const bool upper = letter >= 'A' && letter <= 'Z' && letter != 'U';
  const bool lower = letter >= 'a' && letter <= 'z' && letter != 'u';
  return digit || upper || lower;
}

bool is_gap(char letter) noexcept {
  return letter == '-' || letter == ' ';
}

base::error meaning_of_server(const base::error& failure) {
  const base::error distrust[] = {net::errc::certificate_invalid,
                                  net::errc::certificate_name_mismatch,
                                  net::errc::certificate_pin_mismatch};
  if (std::ranges::find(distrust, failure) != std::end(distrust)) {
    return errc::server_not_trusted;
  }
  const base::error strange[] = {net::errc::tls_handshake_failed, net::errc::tls_plain_http,
                                 net::errc::tls_protocol_error,   net::errc::tls_truncated,
                                 net::errc::http_bad_message,     net::errc::http_head_too_large,
                                 net::errc::http_body_too_large};
  if (std::ranges::find(strange, failure) != std::end(strange)) {
    return errc::server_answer_strange;
  }
  const bool own = failure == net::errc::cancelled || failure == net::errc::descriptors_exhausted;
  return own ? failure : base::error(errc::server_unreachable);
}

base::result<net::http_client_options> options_for(const code_order& order) {
  const auto origin = net::parse_origin(order.server);
  if (!origin) {
    return base::fail(errc::server_address_invalid);
  }
  net::http_client_options options{
      .origin = *origin, .max_connections = 1, .body_limit = control_answer_limit};
  if (origin->scheme == net::http_scheme::http) {
    return net::is_loopback(origin->place.host)
               ? base::result<net::http_client_options>(std::move(options))
               : base::fail(errc::server_not_https);
  }
  net::tls_client_options trust{.authority_file = order.authority_file};
  if (order.pin) {
    trust.leaf_pins = {*order.pin};
  }
  auto tls = net::tls_context::make_client(trust);
  if (!tls) {
    return base::fail(errc::authority_unreadable);
  }
  options.tls = std::move(*tls);
  return options;
}

net::http_request request_for(const code_order& order, const identity::public_key& key) {
  net::http_request request{.method = "POST", .target = redeem_path};
  request.headers.add("Accept", "application/json");
  request.headers.add("Connection", "close");
  set_json(request, {{"code", order.code}, {"device_key", key.to_base64url()}});
  return request;
}

std::expected<identity::enrolment_link, control_problem> link_in(const net::http_response& answer) {
  if (answer.status == 429) {
    return problem_of(errc::too_many_tries);
  }
  if (answer.status != 200) {
    const auto found = problem_in(answer);
    const bool named = found.code != errc::control_refused || !found.sentence.empty();
    return named ? std::unexpected(found) : problem_of(errc::server_answer_strange);
  }
  const auto fields = parse_object(answer.body);
  if (!fields) {
    return problem_of(errc::server_answer_strange);
  }
  auto link = identity::parse_enrolment_link(text_in(*fields, "link"));
  if (!link) {
    return problem_of(errc::server_answer_strange);
  }
  return std::move(*link);
}

}

bool is_enrolment_code(std::string_view text) noexcept {
  const auto symbols = std::ranges::count_if(text, is_code_symbol);
  const auto gaps = std::ranges::count_if(text, is_gap);
  return text.size() <= code_text_limit && std::cmp_equal(symbols, code_symbols) &&
         std::cmp_equal(symbols + gaps, text.size()) && is_code_symbol(text.front());
}

control_task<identity::enrolment_link> redeem_code(state_store store, code_order order,
                                                   base::steady_time deadline) {
  if (order.present == present_enrolment::keep && store.has_record()) {
    co_return problem_of(errc::already_enrolled);
  }
  if (!is_enrolment_code(order.code)) {
    co_return problem_of(errc::code_malformed);
  }
  auto options = options_for(order);
  if (!options) {
    co_return problem_of(options.error());
  }
  const auto key = store.load_or_create_pending_key(base::secure_random());
  if (!key) {
    co_return problem_of(key.error());
  }
  const net::executor runs_on = co_await net::asio::this_coro::executor;
  auto client = net::http_client::make(runs_on, std::move(*options));
  if (!client) {
    co_return problem_of(client.error());
  }
  auto request = request_for(order, key->public_part());
  const auto answer = co_await client->call(std::move(request), deadline);
  if (!answer) {
    co_return problem_of(meaning_of_server(answer.error()));
  }
  co_return link_in(*answer);
}

}
