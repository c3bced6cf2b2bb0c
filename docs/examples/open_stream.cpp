#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>

#include "httvps/net/endpoint.hpp"
#include "httvps/sdk/tunnel.hpp"

namespace {

using namespace httvps;

constexpr auto patience = std::chrono::seconds(20);

struct request {
  net::endpoint place;
  std::string path;
};

void rethrow(const std::exception_ptr& thrown) {
  if (thrown) {
    std::rethrow_exception(thrown);
  }
}

int complain(const base::error& failure) {
  std::cerr << base::label_of(failure) << ": " << failure.message() << '\n';
  return 1;
}

class phase_printer final : public sdk::tunnel_watcher {
 public:
  void on_tunnel_change(const sdk::tunnel_status& status) override {
    if (status.phase == sdk::tunnel_phase::connected) {
      std::cerr << "connected to " << status.gateway_host << '\n';
    } else if (status.last_failure) {
      std::cerr << "not connected: " << base::label_of(status.last_failure->code) << '\n';
    }
  }
};

std::string head_of(const request& wanted) {
  return "GET " + wanted.path + " HTTP/1.1\r\nHost: " + net::to_text(wanted.place) +
         "\r\nConnection: close\r\n\r\n";
}

net::task<> print_until_end(sdk::tunnel_stream* stream) {
  base::byte_vector space(64 * std::size_t{1024});
  while (true) {
    const auto count = co_await stream->read_some(space, net::deadline_after(patience));
    if (!count && count.error() == net::errc::connection_closed) {
      co_return base::result<>();
    }
    HTTVPS_CO_CHECK(count);
    std::fwrite(space.data(), 1, *count, stdout);
  }
}

net::task<> fetch(sdk::tunnel* through, request wanted) {
  HTTVPS_CO_CHECK(co_await through->ready(net::deadline_after(patience)));
  wire::domain_target where{.name = wanted.place.host, .port = wanted.place.port};
  HTTVPS_CO_TRY(auto stream, through->open_stream(std::move(where)));
  const auto head = head_of(wanted);
  HTTVPS_CO_CHECK(co_await stream.write_all(base::as_bytes(head), net::deadline_after(patience)));
  co_return co_await print_until_end(&stream);
}

net::asio::awaitable<void> live(sdk::tunnel* through, request wanted, base::result<>* outcome) {
  through->start();
  *outcome = co_await fetch(through, std::move(wanted));
  static_cast<void>(co_await through->stop(net::deadline_after(std::chrono::seconds(3))));
}

base::result<sdk::tunnel_options> prepare(const std::string& folder, sdk::tunnel_watcher& watcher) {
  HTTVPS_TRY(auto store, sdk::state_store::open(folder));
  HTTVPS_TRY(auto account, sdk::device_account::load(store, base::real_clock().system_now()));
  return sdk::tunnel_options{
      .store = std::move(store), .account = std::move(account), .watcher = &watcher};
}

int run(const std::string& folder, request wanted) {
  phase_printer printer;
  auto options = prepare(folder, printer);
  if (!options) {
    return complain(options.error());
  }
  net::asio::io_context context(1);
  sdk::tunnel through(context.get_executor(), std::move(*options));
  base::result<> outcome;
  net::asio::co_spawn(context, live(&through, std::move(wanted), &outcome), rethrow);
  context.run();
  return outcome ? 0 : complain(outcome.error());
}

}

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: example-open-stream STATE_FOLDER HOST:PORT PATH\n";
    return 2;
  }
  auto place = net::parse_endpoint(argv[2]);
  return place ? run(argv[1], {.place = std::move(*place), .path = argv[3]})
               : complain(place.error());
}
