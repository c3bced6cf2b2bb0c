#include "httvps/net/http_server.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <list>
#include <utility>

#include "http_server_parts.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/net/http_parser.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::net {
namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr auto accept_pause = std::chrono::milliseconds(50);
constexpr auto linger_time = std::chrono::seconds(2);

base::byte_span read_space() {
  static thread_local base::byte_array<read_size> space;
  return space;
}

base::error failure_of_reading(const base::error& failure, bool started) {
  if (started && failure == errc::connection_closed) {
    return errc::http_unexpected_end;
  }
  if (!started && failure == errc::timed_out) {
    return errc::connection_closed;
  }
  return failure;
}

}

struct http_server::state : std::enable_shared_from_this<http_server::state> {
  struct connection {
    explicit connection(tcp_stream accepted)
        : stream(std::move(accepted)), peer(stream.remote().host) {}
    tcp_stream stream;
    std::string peer;
    base::byte_vector rest;
    bool is_idle = true;
    bool is_first = true;
  };
  using connection_pointer = std::shared_ptr<connection>;

  struct answer {
    http_response response;
    bool keeps_alive = false;
    bool without_body = false;
  };

  state(const executor& runs_on, http_server_options options, http_handler handler,
        tcp_listener bound)
      : chosen(std::move(options)),
        handle(std::move(handler)),
        listener(std::move(bound)),
        accepting(runs_on),
        serving(runs_on) {}

  static asio::awaitable<void> accept_all(std::shared_ptr<state> self);
  static asio::awaitable<void> serve(std::shared_ptr<state> self, connection_pointer served);
  static asio::awaitable<bool> serve_one(std::shared_ptr<state> self, connection_pointer served);
  static task<http_request_parser> read_request(std::shared_ptr<state> self,
                                                connection_pointer served);
  base::duration patience_for(const connection& served, http_part part) const;
  static task<> read_part(std::shared_ptr<state> self, connection_pointer served,
                          http_request_parser* parser, http_part part);
  static asio::awaitable<http_response> run_handler(std::shared_ptr<state> self,
                                                    http_request request);
  static task<> write_answer(std::shared_ptr<state> self, connection_pointer served, answer made);
  static task<> stop(std::shared_ptr<state> self, base::steady_time deadline);

  void admit(tcp_stream stream);
  void refuse(tcp_stream& stream);
  void close_idle();

  http_server_options chosen;
  http_handler handle;
  tcp_listener listener;
  scope accepting;
  scope serving;
  std::list<connection_pointer> connections;
  http_server_counts counts;
  bool stopping = false;
};

void http_server::state::refuse(tcp_stream& stream) {
  ++counts.refused_connections;
  auto response = problem_response(503, "too_many_connections");
  response.headers.set("Retry-After", "1");
  response.headers.set("Connection", "close");
  const auto text = serialise(response);
  static_cast<void>(stream.try_write(base::as_bytes(text)));
  static_cast<void>(stream.shutdown_write());
}

void http_server::state::admit(tcp_stream stream) {
  if (connections.size() >= chosen.max_connections) {
    refuse(stream);
    return;
  }
  auto served = std::make_shared<connection>(std::move(stream));
  static_cast<void>(serving.spawn(serve(shared_from_this(), std::move(served))));
}

asio::awaitable<void> http_server::state::accept_all(std::shared_ptr<state> self) {
  while (!self->stopping) {
    auto accepted = co_await self->listener.accept();
    if (accepted) {
      self->admit(*std::move(accepted));
    } else if (!self->stopping) {
      static_cast<void>(co_await sleep_until(deadline_after(accept_pause)));
    }
  }
}

asio::awaitable<void> http_server::state::serve(std::shared_ptr<state> self,
                                                connection_pointer served) {
  const auto place = self->connections.insert(self->connections.end(), served);
  const base::scope_exit leave([raw = self.get(), place] { raw->connections.erase(place); });
  while (co_await serve_one(self, served)) {
    served->is_first = false;
  }
  static_cast<void>(co_await served->stream.close(deadline_after(linger_time)));
}

asio::awaitable<bool> http_server::state::serve_one(std::shared_ptr<state> self,
                                                    connection_pointer served) {
  auto parser = co_await read_request(self, served);
  answer made;
  if (parser) {
    made.keeps_alive = parser->keeps_alive();
    served->rest = parser->take_rest();
    auto request = parser->take();
    request.peer_address = served->peer;
    request.request_id = request_id_for(request);
    made.without_body = request.method == "HEAD";
    ++self->counts.requests;
    made.response = co_await run_handler(self, std::move(request));
  } else {
    const int status = status_for(parser.error());
    if (status == 0) {
      co_return false;
    }
    ++self->counts.bad_requests;
    made.response = problem_response(status, base::label_of(parser.error()));
  }
  made.keeps_alive = made.keeps_alive && !self->stopping;
  const bool again = made.keeps_alive;
  const auto written = co_await write_answer(self, served, std::move(made));
  co_return again&& written.has_value();
}

task<http_request_parser> http_server::state::read_request(std::shared_ptr<state> self,
                                                           connection_pointer served) {
  http_parser_options limits = {.head_limit = self->chosen.head_limit,
                                .body_limit = self->chosen.body_limit};
  http_request_parser parser(std::move(limits));
  HTTVPS_CO_CHECK(parser.feed(std::exchange(served->rest, {})));
  HTTVPS_CO_CHECK(co_await read_part(self, served, &parser, http_part::head));
  if (parser.expects_continue()) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    HTTVPS_CO_CHECK(co_await served->stream.write_all(base::as_bytes(go_on),
                                                      deadline_after(self->chosen.write_deadline)));
  }
  HTTVPS_CO_CHECK(co_await read_part(self, served, &parser, http_part::message));
  co_return std::move(parser);
}

base::duration http_server::state::patience_for(const connection& served, http_part part) const {
  if (part == http_part::message) {
    return chosen.body_deadline;
  }
  return served.is_first || !served.is_idle ? chosen.head_deadline : chosen.idle_deadline;
}

task<> http_server::state::read_part(std::shared_ptr<state> self, connection_pointer served,
                                     http_request_parser* parser, http_part part) {
  const auto& chosen = self->chosen;
  served->is_idle = part == http_part::head && !parser->has_started();
  auto deadline = deadline_after(self->patience_for(*served, part));
  while (!(part == http_part::head ? parser->is_head_done() : parser->is_done())) {
    const auto got = served->stream.try_read(read_space());
    if (!got && got.error() == errc::would_block) {
      const auto ready = co_await served->stream.wait_readable(deadline);
      if (!ready) {
        co_return base::fail(failure_of_reading(ready.error(), parser->has_started()));
      }
      continue;
    }
    if (!got) {
      co_return base::fail(failure_of_reading(got.error(), parser->has_started()));
    }
    if (std::exchange(served->is_idle, false)) {
      deadline = deadline_after(chosen.head_deadline);
    }
    HTTVPS_CO_CHECK(parser->feed(base::byte_view(read_space()).first(*got)));
  }
  co_return base::result<>();
}

asio::awaitable<http_response> http_server::state::run_handler(std::shared_ptr<state> self,
                                                               http_request request) {
  const auto id = request.request_id;
  http_response response;
  try {
    response = co_await self->handle(std::move(request));
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted) {
      throw;
    }
    ++self->counts.handler_failures;
    response = problem_response(500, "internal_error");
  } catch (const std::exception&) {
    ++self->counts.handler_failures;
    response = problem_response(500, "internal_error");
  }
  response.headers.set("X-Request-Id", id);
  co_return response;
}

task<> http_server::state::write_answer(std::shared_ptr<state> self, connection_pointer served,
                                        answer made) {
  made.response.headers.set("Date", http_date(base::real_clock().system_now()));
  made.response.headers.set("Connection", made.keeps_alive ? "keep-alive" : "close");
  const auto text = made.without_body ? serialise_head(made.response) : serialise(made.response);
  co_return co_await served->stream.write_all(base::as_bytes(text),
                                              deadline_after(self->chosen.write_deadline));
}

void http_server::state::close_idle() {
  for (const auto& served : connections) {
    if (served->is_idle) {
      served->stream.close_now();
    }
  }
}

task<> http_server::state::stop(std::shared_ptr<state> self, base::steady_time deadline) {
  self->stopping = true;
  self->listener.close();
  self->accepting.cancel();
  HTTVPS_CO_CHECK(co_await self->accepting.join());
  self->close_idle();
  const auto finished = co_await self->serving.join(deadline);
  self->serving.cancel();
  HTTVPS_CO_CHECK(co_await self->serving.join());
  co_return finished;
}

http_server::http_server(std::shared_ptr<state> shared) noexcept : state_(std::move(shared)) {}
http_server::http_server(http_server&&) noexcept = default;
http_server& http_server::operator=(http_server&&) noexcept = default;

http_server::~http_server() {
  if (state_ != nullptr) {
    state_->stopping = true;
    state_->listener.close();
  }
}

base::result<http_server> http_server::open(const executor& runs_on, http_server_options chosen,
                                            http_handler handler) {
  HTTVPS_TRY(tcp_listener listener, tcp_listener::open(runs_on, chosen.listen));
  auto shared =
      std::make_shared<state>(runs_on, std::move(chosen), std::move(handler), std::move(listener));
  HTTVPS_CHECK(shared->accepting.spawn(state::accept_all(shared)));
  return http_server(std::move(shared));
}

endpoint http_server::local() const {
  return state_->listener.local();
}

http_server_counts http_server::counts() const {
  auto counts = state_->counts;
  counts.open_connections = state_->connections.size();
  return counts;
}

task<> http_server::stop(base::steady_time deadline) {
  return state::stop(state_, deadline);
}

}
