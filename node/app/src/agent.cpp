#include "httvps/node/app/agent.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>

#include "agent_core.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/net/http_server.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/node/app/errc.hpp"

namespace httvps::node {
namespace {

constexpr auto leave_limit = std::chrono::seconds(10);
constexpr std::size_t epoch_bytes = 8;

key_counters fresh_counters() {
  return key_counters(base::to_hex(base::secure_random().take<epoch_bytes>()));
}

base::result<net::http_client> make_backend_client(const net::executor& runs_on,
                                                   const node_settings& settings) {
  HTTVPS_TRY(auto origin, net::parse_origin(settings.backend_url));
  net::http_client_options chosen{.origin = std::move(origin)};
  if (chosen.origin.scheme == net::http_scheme::https) {
    HTTVPS_TRY(auto tls,
               net::tls_context::make_client({.authority_file = settings.backend_authority_file}));
    chosen.tls = std::move(tls);
  }
  return net::http_client::make(runs_on, std::move(chosen));
}

base::result<void> write_address_file(const std::string& path, const net::endpoint& place) {
  if (path.empty()) {
    return {};
  }
  std::ofstream file(path + ".new", std::ios::trunc);
  file << boost::json::serialize(boost::json::object{{"metrics", net::to_text(place)}}) << '\n';
  file.close();
  std::error_code failure;
  std::filesystem::rename(path + ".new", path, failure);
  return file && !failure ? base::result<void>() : base::fail(app_errc::file_not_written);
}

class agent_process {
 public:
  agent_process(const node_settings& settings, base::log_sink& sink)
      : settings_(settings),
        sink_(sink),
        log_(&sink, "node"),
        counts_(registry_),
        signals_(context_, SIGTERM, SIGINT),
        scope_(context_.get_executor()),
        farewell_(context_.get_executor()) {}

  base::result<void> run() {
    HTTVPS_CHECK(prepare());
    HTTVPS_CHECK(open_metrics());
    core_->resume();
    static_cast<void>(scope_.spawn(core_->keep_server_running()));
    static_cast<void>(scope_.spawn(core_->roll_out()));
    static_cast<void>(scope_.spawn(core_->follow_config()));
    static_cast<void>(scope_.spawn(core_->notify_backend()));
    static_cast<void>(scope_.spawn(core_->beat()));
    static_cast<void>(scope_.spawn(core_->report_counters()));
    static_cast<void>(farewell_.spawn(leave_when_told()));
    log_.info("agent_started", {{"metrics", net::to_text(metrics_->local())}});
    context_.run();
    return {};
  }

 private:
  base::result<void> prepare() {
    const disk_state disk(settings_.state_dir);
    HTTVPS_CHECK(disk.prepare());
    HTTVPS_TRY(auto box, disk.box_key(base::secure_random()));
    HTTVPS_TRY(auto client, make_backend_client(context_.get_executor(), settings_));
    auto kept = disk.counters();
    if (!kept) {
      log_.info("counters_begin_anew", {{"outcome", kept.error()}});
    }
    agent_parts parts{.settings = settings_,
                      .log = log_,
                      .counts = counts_,
                      .disk = disk,
                      .box = std::move(box),
                      .counters = kept ? std::move(*kept) : fresh_counters(),
                      .backend = std::move(client)};
    HTTVPS_TRY(core_, agent_core::make(context_.get_executor(), std::move(parts)));
    return {};
  }

  base::result<void> open_metrics() {
    registry_.add_callback_gauge(
        {"httvps_node_revision_wanted", "Revision of the access keys that are wanted."},
        [this] { return static_cast<double>(core_->rollout().wanted().revision); });
    registry_.add_callback_gauge(
        {"httvps_node_revision_running", "Revision of the access keys that the server runs."},
        [this] { return static_cast<double>(core_->rollout().running_revision()); });
    registry_.add_callback_gauge(
        {"httvps_node_credential_expiry_seconds",
         "Time until the agent's credential expires; -1 while no end of it is known."},
        [this] { return core_->credential_seconds_left(); });
    registry_.add_callback_gauge(
        {"httvps_node_keys_wanted", "Access keys that are wanted."},
        [this] { return static_cast<double>(core_->rollout().wanted().keys.size()); });
    registry_.add_callback_gauge(
        {"httvps_node_log_lines_dropped", "Log lines that could not be written."},
        [this] { return static_cast<double>(sink_.dropped_lines()); });
    HTTVPS_TRY(auto place, net::parse_endpoint(settings_.metrics_listen));
    HTTVPS_TRY(auto opened,
               net::http_server::open(
                   context_.get_executor(), {.listen = {.place = place}, .max_connections = 64},
                   [this](net::http_request request) { return answer(std::move(request)); }));
    metrics_ = std::make_unique<net::http_server>(std::move(opened));
    return write_address_file(settings_.address_file, metrics_->local());
  }

  net::asio::awaitable<net::http_response> answer(net::http_request request) {
    net::http_response response;
    response.headers.add("Content-Type", "text/plain; version=0.0.4");
    if (request.target == "/metrics") {
      response.body = registry_.expose();
    } else if (request.target == "/healthz") {
      response.body = "ok\n";
    } else if (request.target == "/readyz") {
      const bool ready = core_->is_ready();
      response.status = ready ? 200 : 503;
      response.body = ready ? "ready\n" : "no keys are running\n";
    } else {
      response.status = 404;
    }
    co_return response;
  }

  net::task<> leave_when_told() {
    co_await signals_.async_wait(net::asio::as_tuple(net::asio::use_awaitable));
    log_.info("agent_leaving");
    static_cast<void>(co_await core_->leave(net::deadline_after(leave_limit)));
    scope_.cancel();
    co_await scope_.join(net::deadline_after(leave_limit));
    log_.info("agent_stopped");
    context_.stop();
    co_return base::result<void>();
  }

  const node_settings& settings_;
  base::log_sink& sink_;
  base::logger log_;
  base::metric_registry registry_;
  probe counts_;
  net::asio::io_context context_{1};
  std::unique_ptr<agent_core> core_;
  std::unique_ptr<net::http_server> metrics_;
  net::asio::signal_set signals_;
  net::scope scope_;
  net::scope farewell_;
};

}

base::result<void> run_agent(const node_settings& settings, base::log_sink& sink) {
  agent_process process(settings, sink);
  return process.run();
}

}
