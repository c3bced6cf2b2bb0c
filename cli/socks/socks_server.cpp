#include "socks/socks_server.hpp"

#include <utility>

#include "errc.hpp"
#include "httvps/base/scope_exit.hpp"
#include "socks/socks_connection.hpp"

namespace httvps::cli {
namespace {

constexpr auto accept_pause = std::chrono::milliseconds(50);

net::task<> serve_counted(std::shared_ptr<socks_service> service, net::tcp_stream application) {
  ++service->counts->open_connections;
  const base::scope_exit left([raw = service.get()] { --raw->counts->open_connections; });
  const auto connection = std::make_shared<socks_connection>(std::move(application), service);
  co_return co_await socks_connection::serve(connection);
}

}

struct socks_server::state {
  state(net::tcp_listener opened, const net::executor& runs_on, socks_options chosen,
        sdk::tunnel& through)
      : listener(std::move(opened)), tasks(runs_on) {
    service = std::make_shared<socks_service>(
        socks_service{.chosen = std::move(chosen), .through = through, .tasks = tasks, .log = {}});
  }

  static net::task<> accept(std::shared_ptr<state> self) {
    while (true) {
      auto application = co_await self->listener.accept();
      if (!application && application.error() == net::errc::descriptors_exhausted) {
        HTTVPS_CO_CHECK(co_await net::sleep_until(net::deadline_after(accept_pause)));
        continue;
      }
      if (!application) {
        co_return base::fail(application.error());
      }
      self->admit(std::move(*application));
    }
  }

  void admit(net::tcp_stream application) {
    ++service->counts->accepted;
    if (service->counts->open_connections >= service->chosen.connections) {
      ++service->counts->refused_connections;
      application.close_now();
      return;
    }
    static_cast<void>(tasks.spawn(serve_counted(service, std::move(application))));
  }

  net::tcp_listener listener;
  net::scope tasks;
  std::shared_ptr<socks_service> service;
};

base::result<socks_server> socks_server::open(const net::executor& runs_on, socks_options chosen,
                                              sdk::tunnel& through, const base::logger& log) {
  if (!net::is_loopback(chosen.place.host) && chosen.from_elsewhere == remote_use::refused) {
    return base::fail(errc::bind_not_loopback);
  }
  HTTVPS_TRY(auto listener, net::tcp_listener::open(runs_on, {.place = chosen.place}));
  auto shared = std::make_shared<state>(std::move(listener), runs_on, std::move(chosen), through);
  shared->service->log = log;
  HTTVPS_CHECK(shared->tasks.spawn(state::accept(shared)));
  return socks_server(std::move(shared));
}

socks_server::socks_server(std::shared_ptr<state> shared) noexcept : state_(std::move(shared)) {}
socks_server::socks_server(socks_server&&) noexcept = default;
socks_server& socks_server::operator=(socks_server&&) noexcept = default;
socks_server::~socks_server() = default;

net::endpoint socks_server::local() const {
  return state_->listener.local();
}

socks_counts socks_server::counts() const {
  return *state_->service->counts;
}

net::task<> socks_server::stop(base::steady_time deadline) {
  state_->listener.close();
  state_->tasks.cancel();
  return state_->tasks.join(deadline);
}

}
