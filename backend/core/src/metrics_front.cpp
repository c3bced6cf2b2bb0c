#include "metrics_front.hpp"

namespace httvps::backend::core {
namespace {

using net::asio::awaitable;

constexpr std::size_t most_connections = 64;
constexpr std::size_t most_waiting = 8;
constexpr std::chrono::seconds longest_exposition{10};

net::http_response text_answer(int status, std::string text) {
  net::http_response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; version=0.0.4");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.body = std::move(text);
  return response;
}

awaitable<net::http_response> expose(net::blocking_pool* pool,
                                     const base::metric_registry* metrics) {
  auto work = [metrics]() -> base::result<std::string> { return metrics->expose(); };
  const auto until = net::deadline_after(longest_exposition);
  auto text = co_await net::run_blocking(pool, std::move(work), until);
  co_return text ? text_answer(200, *std::move(text)) : text_answer(503, "busy\n");
}

awaitable<net::http_response> answer(net::blocking_pool* pool, const base::metric_registry* metrics,
                                     net::http_request request) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads) {
    co_return text_answer(405, "only GET\n");
  }
  if (request.target == "/metrics") {
    co_return co_await expose(pool, metrics);
  }
  co_return request.target == "/healthz" ? text_answer(200, "ok\n")
                                         : text_answer(404, "not found\n");
}

}

metrics_front::metrics_front(const base::metric_registry& metrics)
    : metrics_(metrics), pool_({.threads = 1, .queue_limit = most_waiting}) {}

metrics_front::~metrics_front() {
  pool_.stop();
}

base::result<std::unique_ptr<metrics_front>> metrics_front::open(
    const net::executor& runs_on, const std::string& listen, const base::metric_registry& metrics) {
  HTTVPS_TRY(const auto place, net::parse_endpoint(listen));
  std::unique_ptr<metrics_front> made(new metrics_front(metrics));
  HTTVPS_TRY(auto server,
             net::http_server::open(
                 runs_on, {.listen = {.place = place}, .max_connections = most_connections},
                 [front = made.get()](net::http_request request) {
                   return answer(&front->pool_, &front->metrics_, std::move(request));
                 }));
  made->server_ = std::make_unique<net::http_server>(std::move(server));
  return made;
}

std::string metrics_front::address() const {
  return net::to_text(server_->local());
}

net::task<> metrics_front::stop(base::steady_time deadline) {
  return server_->stop(deadline);
}

}
