#include "api_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <thread>

namespace httvps::ctl {
namespace {

constexpr std::size_t body_limit = 64 * 1024 * 1024;

constexpr std::chrono::milliseconds pauses[] = {std::chrono::milliseconds(300),
                                                std::chrono::milliseconds(1500)};
constexpr int conflict = 409;

using exchange_result = base::result<net::http_response>;

net::asio::awaitable<void> exchange(net::http_client* client, net::http_request request,
                                    base::steady_time deadline,
                                    std::optional<exchange_result>* into) {
  into->emplace(co_await client->call(std::move(request), deadline));
}

net::http_request to_request(const api_request& wanted, const base::secret_bytes& token) {
  net::http_request request{.method = wanted.method, .target = wanted.target, .body = wanted.body};
  request.headers.add("Accept", "application/json");
  request.headers.add("User-Agent", "httvpsctl/" HTTVPS_VERSION);
  if (!wanted.body.empty()) {
    request.headers.add("Content-Type", "application/json");
  }
  if (!wanted.if_match.empty()) {
    request.headers.add("If-Match", wanted.if_match);
  }
  if (!wanted.idempotency_key.empty()) {
    request.headers.add("Idempotency-Key", wanted.idempotency_key);
  }
  if (!token.empty()) {
    request.headers.add("Authorization", fmt::format("Bearer {}", token.reveal_text()));
  }
  return request;
}

bool is_worth_repeating(const exchange_result& answer) {
  if (answer) {
    return answer->status == conflict &&
           answer->body.find("idempotency_key_in_flight") != std::string::npos;
  }
  const std::error_code cuts[] = {net::errc::connection_closed, net::errc::connection_reset,
                                  net::errc::connect_refused,   net::errc::unreachable,
                                  net::errc::tls_truncated,     net::errc::http_unexpected_end};
  return std::ranges::find(cuts, answer.error()) != std::end(cuts);
}

outcome<> check_scheme(const net::http_origin& origin, plain_http plain) {
  if (origin.scheme == net::http_scheme::https || plain == plain_http::anywhere ||
      net::is_loopback(origin.place.host)) {
    return {};
  }
  return usage_error(
      "Plain http would show the token to the network. Use https, or --insecure-http when the "
      "network is private.");
}

}

outcome<api_client> api_client::open(const server_access& access, base::secret_bytes token) {
  const auto origin = net::parse_origin(access.server);
  if (!origin) {
    return usage_error(fmt::format(
        "The server \"{}\" is no address such as https://control.example or http://127.0.0.1:8080.",
        printable(access.server)));
  }
  HTTVPS_CHECK(check_scheme(*origin, access.plain));
  net::http_client_options options{.origin = *origin, .body_limit = body_limit};
  if (origin->scheme == net::http_scheme::https) {
    auto tls = net::tls_context::make_client({.authority_file = access.ca_file});
    if (!tls) {
      return failure("The authority file cannot be used.", tls.error());
    }
    options.tls = *std::move(tls);
  }
  api_client made(access.server, std::move(options), std::move(token));
  made.patience_ = access.patience;
  return made;
}

base::result<net::http_response> api_client::send_once(const api_request& wanted) {
  net::asio::io_context context(1);
  HTTVPS_TRY(auto client, net::http_client::make(context.get_executor(), options_));
  std::optional<exchange_result> answer;
  net::asio::co_spawn(
      context,
      exchange(&client, to_request(wanted, token_), net::deadline_after(patience_), &answer),
      [&context](const std::exception_ptr& thrown) {
        context.stop();
        if (thrown) {
          std::rethrow_exception(thrown);
        }
      });
  context.run();
  return *std::move(answer);
}

outcome<net::http_response> api_client::send(const api_request& wanted) {
  auto answer = send_once(wanted);
  for (const auto pause : pauses) {
    if (wanted.idempotency_key.empty() || !is_worth_repeating(answer)) {
      break;
    }
    std::this_thread::sleep_for(pause);
    answer = send_once(wanted);
  }
  if (!answer) {
    return failure(fmt::format("The server {} does not answer.", printable(server_)),
                   answer.error());
  }
  return *std::move(answer);
}

}
