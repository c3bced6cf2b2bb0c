#include "exchange.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <utility>

#include "httvps/net/http_parser.hpp"
#include "httvps/net/tls_stream.hpp"

namespace httvps::outline {
namespace {

constexpr std::size_t read_size = std::size_t{16} * 1024;

base::error named(const base::error& failure) noexcept {
  switch (static_cast<net::errc>(failure.value())) {
    case net::errc::timed_out:
      return errc::timed_out;
    case net::errc::connect_refused:
    case net::errc::unreachable:
    case net::errc::resolve_failed:
    case net::errc::address_invalid:
      return errc::unreachable;
    case net::errc::certificate_pin_mismatch:
      return errc::pin_mismatch;
    case net::errc::connection_closed:
    case net::errc::connection_reset:
    case net::errc::tls_truncated:
    case net::errc::http_unexpected_end:
      return errc::closed_early;
    case net::errc::http_head_too_large:
    case net::errc::http_body_too_large:
      return errc::answer_too_large;
    case net::errc::http_bad_message:
      return errc::answer_malformed;
    default:
      return errc::tls_failed;
  }
}

base::error name_of(const base::error& failure) noexcept {
  return failure.category() == net::net_errors() ? named(failure) : errc::unreachable;
}

net::task<net::tls_stream> open(net::endpoint place, const net::tls_context* tls,
                                base::steady_time deadline) {
  HTTVPS_CO_TRY(auto socket, co_await net::connect(place, deadline));
  net::tls_target target{.server_name = std::move(place.host)};
  HTTVPS_CO_TRY(auto engine, net::tls_engine::make_client(*tls, std::move(target)));
  net::tls_stream stream(std::move(socket), std::move(engine));
  HTTVPS_CO_CHECK(co_await stream.handshake(deadline));
  co_return std::move(stream);
}

net::task<net::http_response> read_answer(net::tls_stream* stream, net::http_parser_options limits,
                                          base::steady_time deadline) {
  net::http_response_parser parser(std::move(limits));
  base::byte_vector space(read_size);
  while (!parser.is_done()) {
    const auto got = co_await stream->read_some(space, deadline);
    if (!got && got.error() == net::errc::connection_closed && parser.is_head_done()) {
      HTTVPS_CO_CHECK(parser.finish());
      break;
    }
    if (!got) {
      co_return base::fail(got.error());
    }
    HTTVPS_CO_CHECK(parser.feed(base::byte_view(space).first(*got)));
  }
  co_return parser.take();
}

}

net::task<net::http_response> exchange_once(exchange_plan plan) {
  HTTVPS_CO_TRY(auto stream, co_await open(std::move(plan.place), &plan.tls, plan.deadline));
  const auto text = base::secret_bytes::from_text(net::serialise(plan.request));
  HTTVPS_CO_CHECK(co_await stream.write_all(text.reveal(), plan.deadline));
  net::http_parser_options limits{.body_limit = plan.answer_most,
                                  .request_method = plan.request.method};
  HTTVPS_CO_TRY(auto answer, co_await read_answer(&stream, std::move(limits), plan.deadline));
  static_cast<void>(co_await stream.close(plan.deadline));
  co_return std::move(answer);
}

base::result<net::http_response> run_exchange(exchange_plan plan) {
  net::asio::io_context context(1);
  std::optional<base::result<net::http_response>> outcome;
  net::asio::co_spawn(
      context, exchange_once(std::move(plan)),
      [&outcome](const std::exception_ptr& thrown, base::result<net::http_response> answer) {
        if (!thrown) {
          outcome = std::move(answer);
        }
      });
  context.run();
  if (!outcome) {
    return base::fail(errc::unreachable);
  }
  if (!*outcome) {
    return base::fail(name_of(outcome->error()));
  }
  return std::move(*outcome);
}

}
