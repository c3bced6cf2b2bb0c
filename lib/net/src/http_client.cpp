#include "httvps/net/http_client.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <charconv>
#include <deque>
#include <utility>
#include <vector>

#include "httvps/base/scope_exit.hpp"
#include "httvps/net/event.hpp"
#include "httvps/net/http_parser.hpp"
#include "httvps/net/tls_stream.hpp"

namespace httvps::net {
namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

bool is_idempotent(const std::string& method) noexcept {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
         method == "OPTIONS";
}

bool is_stale(const base::error& failure) noexcept {
  return failure == errc::connection_closed || failure == errc::connection_reset ||
         failure == errc::tls_truncated;
}

std::uint16_t default_port(http_scheme scheme) noexcept {
  return scheme == http_scheme::https ? https_port : http_port;
}

std::string host_field(const http_origin& origin) {
  if (origin.place.port != default_port(origin.scheme)) {
    return to_text(origin.place);
  }
  const bool bracketed = origin.place.host.find(':') != std::string::npos;
  return bracketed ? "[" + origin.place.host + "]" : origin.place.host;
}

struct connection {
  std::unique_ptr<byte_stream> stream;
  base::steady_time idle_since;
};

bool is_usable(connection& kept, base::duration idle_limit) {
  base::byte_array<1> probe;
  const auto fresh = base::real_clock().steady_now() - kept.idle_since < idle_limit;
  const auto read = kept.stream->try_read(probe);
  return fresh && !read && read.error() == errc::would_block;
}

struct exchange_outcome {
  base::result<http_response> answer;
  bool received_anything = false;
  bool reusable = false;
};

}

struct http_client::state {
  explicit state(const executor& chosen_executor, http_client_options options)
      : runs_on(chosen_executor), chosen(std::move(options)) {}

  std::optional<connection> take_idle() {
    while (!idle.empty()) {
      connection kept = std::move(idle.back());
      idle.pop_back();
      if (is_usable(kept, chosen.idle_limit)) {
        return kept;
      }
    }
    return std::nullopt;
  }

  void give_back_slot() {
    --busy;
    if (!waiting.empty()) {
      waiting.front()->notify();
      waiting.pop_front();
    }
  }

  static task<> take_slot(std::shared_ptr<state> self, base::steady_time deadline);
  static task<connection> open(std::shared_ptr<state> self, base::steady_time deadline);
  static task<std::unique_ptr<byte_stream>> secure(std::shared_ptr<state> self, tcp_stream socket,
                                                   base::steady_time deadline);
  static task<http_response> call(std::shared_ptr<state> self, http_request request,
                                  base::steady_time deadline);
  static asio::awaitable<exchange_outcome> exchange(connection* used, const http_request* request,
                                                    http_parser_options limits,
                                                    base::steady_time deadline);

  executor runs_on;
  http_client_options chosen;
  std::vector<connection> idle;
  std::deque<std::shared_ptr<event>> waiting;
  std::size_t busy = 0;
  tls_ticket ticket;
};

task<> http_client::state::take_slot(std::shared_ptr<state> self, base::steady_time deadline) {
  while (self->busy >= self->chosen.max_connections) {
    if (self->waiting.size() >= self->chosen.max_waiting) {
      co_return base::fail(errc::pool_full);
    }
    const auto turn = std::make_shared<event>(self->runs_on);
    self->waiting.push_back(turn);
    const base::scope_exit leave([raw = self.get(), turn] { std::erase(raw->waiting, turn); });
    HTTVPS_CO_CHECK(co_await turn->wait(deadline));
  }
  ++self->busy;
  co_return base::result<>();
}

task<std::unique_ptr<byte_stream>> http_client::state::secure(std::shared_ptr<state> self,
                                                              tcp_stream socket,
                                                              base::steady_time deadline) {
  tls_target target = {.server_name = self->chosen.origin.place.host, .ticket = self->ticket};
  HTTVPS_CO_TRY(tls_engine engine, tls_engine::make_client(*self->chosen.tls, std::move(target)));
  auto stream = std::make_unique<tls_stream>(std::move(socket), std::move(engine));
  HTTVPS_CO_CHECK(co_await stream->handshake(deadline));
  co_return std::move(stream);
}

task<connection> http_client::state::open(std::shared_ptr<state> self, base::steady_time deadline) {
  const auto place = self->chosen.connect_to.value_or(self->chosen.origin.place);
  HTTVPS_CO_TRY(tcp_stream socket, co_await connect(place, deadline));
  connection made;
  if (self->chosen.origin.scheme == http_scheme::https) {
    HTTVPS_CO_TRY(made.stream, co_await secure(self, std::move(socket), deadline));
  } else {
    made.stream = std::make_unique<tcp_stream>(std::move(socket));
  }
  co_return std::move(made);
}

asio::awaitable<exchange_outcome> http_client::state::exchange(connection* used,
                                                               const http_request* request,
                                                               http_parser_options limits,
                                                               base::steady_time deadline) {
  exchange_outcome outcome;
  http_response_parser parser(std::move(limits));
  const auto text = serialise(*request);
  base::byte_vector space(read_size);
  base::result<> step = co_await used->stream->write_all(base::as_bytes(text), deadline);
  while (step && !parser.is_done()) {
    const auto got = co_await used->stream->read_some(space, deadline);
    if (!got && got.error() == errc::connection_closed && parser.is_head_done()) {
      step = parser.finish();
      break;
    }
    step = got ? parser.feed(base::byte_view(space).first(*got))
               : base::result<>(base::fail(got.error()));
  }
  outcome.received_anything = parser.has_started();
  if (!step) {
    outcome.answer = base::fail(step.error());
    co_return outcome;
  }
  outcome.reusable = parser.keeps_alive() && parser.take_rest().empty();
  outcome.answer = parser.take();
  co_return outcome;
}

task<http_response> http_client::state::call(std::shared_ptr<state> self, http_request request,
                                             base::steady_time deadline) {
  HTTVPS_CO_CHECK(co_await take_slot(self, deadline));
  const base::scope_exit leave([raw = self.get()] { raw->give_back_slot(); });
  auto kept = self->take_idle();
  bool may_retry = kept.has_value() && is_idempotent(request.method);
  while (true) {
    if (!kept) {
      HTTVPS_CO_TRY(kept, co_await open(self, deadline));
    }
    http_parser_options limits = {.body_limit = self->chosen.body_limit,
                                  .request_method = request.method};
    auto outcome = co_await exchange(&*kept, &request, std::move(limits), deadline);
    if (!outcome.answer && !outcome.received_anything && is_stale(outcome.answer.error()) &&
        std::exchange(may_retry, false)) {
      kept.reset();
      continue;
    }
    if (outcome.reusable) {
      kept->idle_since = base::real_clock().steady_now();
      self->idle.push_back(*std::move(kept));
    }
    co_return std::move(outcome.answer);
  }
}

base::result<http_origin> parse_origin(std::string_view url) {
  http_origin origin;
  constexpr std::string_view plain = "http://";
  constexpr std::string_view secure = "https://";
  if (url.starts_with(secure)) {
    origin.scheme = http_scheme::https;
    url.remove_prefix(secure.size());
  } else if (url.starts_with(plain)) {
    url.remove_prefix(plain.size());
  } else {
    return base::fail(errc::address_invalid);
  }
  const auto slash = std::min(url.find('/'), url.size());
  origin.base_path = url.substr(slash);
  while (origin.base_path.ends_with('/')) {
    origin.base_path.pop_back();
  }
  std::string authority(url.substr(0, slash));
  const bool has_port =
      authority.ends_with(']') ? false : authority.rfind(':') != std::string::npos;
  if (!has_port) {
    authority += ":" + std::to_string(default_port(origin.scheme));
  }
  HTTVPS_TRY(origin.place, parse_endpoint(authority));
  return origin;
}

http_client::http_client(std::shared_ptr<state> shared) noexcept : state_(std::move(shared)) {}
http_client::http_client(http_client&&) noexcept = default;
http_client& http_client::operator=(http_client&&) noexcept = default;
http_client::~http_client() = default;

base::result<http_client> http_client::make(const executor& runs_on, http_client_options chosen) {
  if (chosen.origin.scheme == http_scheme::https && !chosen.tls) {
    HTTVPS_TRY(chosen.tls, tls_context::make_client({}));
  }
  return http_client(std::make_shared<state>(runs_on, std::move(chosen)));
}

task<http_response> http_client::call(http_request request, base::steady_time deadline) {
  request.target = state_->chosen.origin.base_path + request.target;
  if (!request.headers.find("Host")) {
    request.headers.add("Host", host_field(state_->chosen.origin));
  }
  return state::call(state_, std::move(request), deadline);
}

std::size_t http_client::open_connections() const noexcept {
  return state_->busy + state_->idle.size();
}

}
