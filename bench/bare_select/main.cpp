#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <memory>
#include <thread>

#include "httvps/net/blocking_pool.hpp"
#include "httvps/net/http_server.hpp"

namespace httvps::bench {
namespace {

using net::asio::awaitable;

constexpr std::size_t threads = 4;
constexpr std::string_view path = "/devices/";

class prepared_select {
 public:
  explicit prepared_select(const std::string& address)
      : session_(soci::postgresql, address),
        statement_((session_.prepare << "SELECT state FROM devices WHERE id = :id", soci::use(id_),
                    soci::into(state_))) {}

  std::string run(std::string_view id) {
    id_ = id;
    return statement_.execute(true) ? state_ : std::string();
  }

 private:
  soci::session session_;
  std::string id_;
  std::string state_;
  soci::statement statement_;
};

std::string state_of(const std::string& address, std::string_view id) {
  static thread_local prepared_select select(address);
  return select.run(id);
}

std::string address_for_driver() {
  const char* given = std::getenv("BENCH_DSN");
  return given != nullptr ? given : "";
}

struct front {
  net::blocking_pool pool{{.threads = threads, .queue_limit = 4096}};
  std::string database = address_for_driver();
};

awaitable<net::http_response> answer(front* desk, net::http_request request) {
  auto work = [desk, id = request.target.substr(path.size())]() -> base::result<std::string> {
    return state_of(desk->database, id);
  };
  const auto state = co_await net::run_blocking(&desk->pool, std::move(work), net::no_deadline);
  net::http_response response{.status = state && !state->empty() ? 200 : 404};
  response.headers.add("Content-Type", "application/json");
  response.body = fmt::format("{{\"state\":\"{}\"}}", state ? *state : "");
  co_return response;
}

int serve() {
  front desk;
  net::asio::io_context context(1);
  net::asio::signal_set signals(context, SIGTERM, SIGINT);
  signals.async_wait([&context](const auto&, int) { context.stop(); });
  const auto place = net::parse_endpoint("127.0.0.1:0");
  auto server = net::http_server::open(
      context.get_executor(), {.listen = {.place = *place}},
      [&desk](net::http_request request) { return answer(&desk, std::move(request)); });
  if (!server) {
    return 1;
  }
  fmt::print("{}\n", net::to_text(server->local()));
  std::fflush(stdout);
  context.run();
  desk.pool.stop();
  return 0;
}

}
}

int main() {
  return httvps::bench::serve();
}
