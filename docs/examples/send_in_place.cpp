#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>

#include "httvps/net/endpoint.hpp"
#include "httvps/net/event.hpp"
#include "httvps/sdk/tunnel.hpp"

namespace {

using namespace httvps;

constexpr auto patience = std::chrono::seconds(20);
constexpr std::size_t useful_room = 4096;
constexpr std::size_t most_at_once = 16 * std::size_t{1024};

struct upload_order {
  net::endpoint place;
  std::string path;
  std::uint64_t size = 0;
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

class uploader final : public sdk::stream_handler {
 public:
  explicit uploader(const net::executor& runs_on) : changed_(runs_on) {}

  static net::task<> send(uploader* self, sdk::tunnel* through, upload_order order) {
    wire::domain_target where{.name = order.place.host, .port = order.place.port};
    HTTVPS_CO_TRY(self->port_, through->open(std::move(where), *self));
    const auto head = "PUT " + order.path + " HTTP/1.1\r\nHost: " + net::to_text(order.place) +
                      "\r\nContent-Length: " + std::to_string(order.size) +
                      "\r\nConnection: close\r\n\r\n";
    static_cast<void>(self->port_.write(base::as_bytes(head)));
    while (order.size > 0 && !self->ended_) {
      order.size -= self->fill(order.size);
      HTTVPS_CO_CHECK(co_await self->wait_for_room());
    }
    while (!self->ended_) {
      HTTVPS_CO_CHECK(co_await self->changed_.wait(net::deadline_after(patience)));
    }
    co_return self->outcome_;
  }

  std::size_t on_data(base::byte_view bytes) override {
    return std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  }

  void on_change(const sdk::stream_change& change) override {
    if (change.kind == sdk::stream_change_kind::failed) {
      outcome_ = base::fail(change.reason);
    }
    ended_ = ended_ || change.kind == sdk::stream_change_kind::failed ||
             change.kind == sdk::stream_change_kind::finished;
    changed_.notify();
  }

 private:
  std::size_t fill(std::uint64_t left) {
    const auto space = port_.reserve(std::min<std::uint64_t>(left, most_at_once));
    const auto wanted = std::min<std::uint64_t>(left, space.size());
    const auto count = std::fread(space.data(), 1, wanted, stdin);
    port_.commit(count);
    if (count < wanted) {
      outcome_ = base::fail(base::errc::io_failure);
      ended_ = true;
    }
    return count;
  }

  net::task<> wait_for_room() {
    if (port_.send_room() >= useful_room) {
      return net::yield_to_others();
    }
    port_.await_room(useful_room);
    return changed_.wait(net::deadline_after(patience));
  }

  sdk::stream_port port_;
  net::event changed_;
  base::result<> outcome_;
  bool ended_ = false;
};

net::asio::awaitable<void> live(sdk::tunnel* through, upload_order order, base::result<>* outcome) {
  uploader work(co_await net::asio::this_coro::executor);
  through->start();
  *outcome = co_await uploader::send(&work, through, std::move(order));
  static_cast<void>(co_await through->stop(net::deadline_after(std::chrono::seconds(3))));
}

base::result<sdk::tunnel_options> prepare(const std::string& folder) {
  HTTVPS_TRY(auto store, sdk::state_store::open(folder));
  HTTVPS_TRY(auto account, sdk::device_account::load(store, base::real_clock().system_now()));
  return sdk::tunnel_options{.store = std::move(store), .account = std::move(account)};
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t size = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), size);
  const bool whole = failure == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(size) : std::nullopt;
}

int run(const std::string& folder, upload_order order) {
  auto options = prepare(folder);
  if (!options) {
    return complain(options.error());
  }
  net::asio::io_context context(1);
  sdk::tunnel through(context.get_executor(), std::move(*options));
  base::result<> outcome;
  net::asio::co_spawn(context, live(&through, std::move(order), &outcome), rethrow);
  context.run();
  return outcome ? 0 : complain(outcome.error());
}

}

int main(int argc, char** argv) {
  const auto size = argc == 5 ? parse_size(argv[4]) : std::nullopt;
  if (!size) {
    std::cerr << "usage: example-send-in-place STATE_FOLDER HOST:PORT PATH SIZE < file\n";
    return 2;
  }
  auto place = net::parse_endpoint(argv[2]);
  return place ? run(argv[1], {.place = std::move(*place), .path = argv[3], .size = *size})
               : complain(place.error());
}
