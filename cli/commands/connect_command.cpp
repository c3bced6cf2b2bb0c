#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "commands/commands.hpp"
#include "errc.hpp"
#include "status/questions.hpp"
#include "status/status_report.hpp"
#include "status/status_socket.hpp"

namespace httvps::cli {
namespace {

constexpr auto stop_patience = std::chrono::seconds(3);
constexpr auto question_patience = std::chrono::seconds(20);

base::result<> write_address(const std::string& path, const std::string& address) {
  if (path.empty()) {
    return {};
  }
  const auto draft = path + ".draft";
  std::ofstream file(draft, std::ios::trunc);
  file << address << "\n";
  file.close();
  if (!file || std::rename(draft.c_str(), path.c_str()) != 0) {
    return base::fail(errc::address_file_unwritable);
  }
  return {};
}

class change_teller final : public sdk::tunnel_watcher {
 public:
  void on_tunnel_change(const sdk::tunnel_status& status) override {
    if (status.phase == sdk::tunnel_phase::connected) {
      told_.clear();
      say(fmt::format("Connected to gateway {} at {}.", status.gateway_host,
                      status.gateway_address));
      return;
    }
    if (status.phase != sdk::tunnel_phase::waiting || !status.last_failure) {
      return;
    }
    const auto line = describe_failure(status.last_failure->code, status.last_failure->sentence);
    if (line != told_) {
      told_ = line;
      say(fmt::format("Not connected: {} Trying again by itself.", line));
    }
  }

 private:
  std::string told_;
};

struct prepared_connection {
  sdk::state_store store;
  sdk::device_account account;
  net::endpoint socks;
  std::optional<net::endpoint> connect_to;
  sdk::keeper_settings carriers;
};

base::result<prepared_connection> prepare(const connect_command& command) {
  HTTVPS_TRY(auto socks, net::parse_endpoint(command.socks));
  HTTVPS_TRY(auto connect_to, place_of(command.connect_to));
  HTTVPS_TRY(const auto carriers_most, carriers_in(command.carriers_most));
  HTTVPS_CHECK(check_region(command.region));
  HTTVPS_TRY(auto folder, state_folder_of(command.state));
  HTTVPS_TRY(auto store, sdk::state_store::open(std::move(folder)));
  HTTVPS_TRY(auto account, sdk::device_account::load(store, base::real_clock().system_now()));
  account.choose_region(command.region);
  return prepared_connection{
      .store = std::move(store),
      .account = std::move(account),
      .socks = std::move(socks),
      .connect_to = std::move(connect_to),
      .carriers = {.pattern = command.carriers, .carriers_most = carriers_most}};
}

class running_client {
 public:
  running_client(const net::executor& runs_on, prepared_connection wanted, const base::logger& log)
      : runs_on_(runs_on),
        log_(log),
        folder_(wanted.store.folder()),
        device_id_(wanted.account.record().device_id),
        device_name_(wanted.account.record().name),
        socks_place_(std::move(wanted.socks)),
        tunnel_(runs_on, {.store = std::move(wanted.store),
                          .account = std::move(wanted.account),
                          .connect_to = std::move(wanted.connect_to),
                          .log = log.for_module("tunnel"),
                          .watcher = &teller_,
                          .carriers = wanted.carriers}) {}

  base::result<> start(const connect_command& command) {
    HTTVPS_TRY(auto server, socks_server::open(runs_on_,
                                               {.place = socks_place_,
                                                .from_elsewhere = command.from_elsewhere,
                                                .datagrams = &tunnel_},
                                               tunnel_, log_.for_module("socks")));
    socks_.emplace(std::move(server));
    HTTVPS_CHECK(start_status());
    const auto address = net::to_text(socks_->local());
    HTTVPS_CHECK(write_address(command.address_file, address));
    say(fmt::format("SOCKS5 is listening at {}.", address));
    tunnel_.start();
    return {};
  }

  static net::task<> stop(running_client* self) {
    const auto deadline = net::deadline_after(stop_patience);
    if (self->socks_) {
      static_cast<void>(co_await self->socks_->stop(deadline));
    }
    if (self->status_) {
      static_cast<void>(co_await self->status_->stop(deadline));
    }
    co_return co_await self->tunnel_.stop(deadline);
  }

 private:
  base::result<> start_status() {
    auto server = status_server::open(
        runs_on_, status_socket_path(folder_, environment),
        [this](std::string question) { return answer(this, std::move(question)); });
    if (server) {
      status_.emplace(std::move(*server));
      return {};
    }
    if (server.error() == errc::already_running) {
      return base::fail(server.error());
    }
    complain(server.error());
    return {};
  }

  static net::asio::awaitable<std::string> answer(running_client* self, std::string line) {
    const auto known = parse_question(line);
    if (!known) {
      co_return wrap_answer(
          std::unexpected(sdk::control_problem{.code = known.error(), .sentence = {}}));
    }
    if (std::holds_alternative<status_question>(*known)) {
      co_return self->report();
    }
    co_return wrap_answer(co_await self->tunnel_.ask(std::get<sdk::device_question>(*known),
                                                     net::deadline_after(question_patience)));
  }

  std::string report() const {
    return to_json({.tunnel = tunnel_.status(),
                    .socks = socks_->counts(),
                    .socks_address = net::to_text(socks_->local()),
                    .device_id = device_id_,
                    .device_name = device_name_,
                    .process = ::getpid()});
  }

  net::executor runs_on_;
  base::logger log_;
  std::string folder_;
  std::string device_id_;
  std::string device_name_;
  net::endpoint socks_place_;
  change_teller teller_;
  sdk::tunnel tunnel_;
  std::optional<socks_server> socks_;
  std::optional<status_server> status_;
};

net::asio::awaitable<void> live(running_client* client, const connect_command* command,
                                base::result<>* outcome) {
  net::asio::signal_set signals(co_await net::asio::this_coro::executor, SIGINT, SIGTERM);
  *outcome = client->start(*command);
  if (*outcome) {
    co_await signals.async_wait(net::asio::as_tuple(net::asio::use_awaitable));
  }
  static_cast<void>(co_await running_client::stop(client));
}

base::result<> live_until_stopped(const connect_command& command, prepared_connection wanted,
                                  base::log_sink& sink) {
  net::asio::io_context context(1);
  const base::logger log(&sink, "client");
  running_client client(context.get_executor(), std::move(wanted), log);
  base::result<> outcome;
  net::asio::co_spawn(context, live(&client, &command, &outcome),
                      [&](const std::exception_ptr& thrown) {
                        if (thrown) {
                          std::rethrow_exception(thrown);
                        }
                        context.stop();
                      });
  context.run();
  return outcome;
}

}

exit_code run(const connect_command& command) {
  const auto level = base::parse_log_level(command.log_level);
  if (!level) {
    return complain(level.error());
  }
  auto wanted = prepare(command);
  if (!wanted) {
    return complain(wanted.error());
  }
  base::log_sink sink({.threshold = *level});
  const auto outcome = live_until_stopped(command, std::move(*wanted), sink);
  if (!outcome) {
    return complain(outcome.error());
  }
  say("Stopped.");
  return exit_code::done;
}

}
