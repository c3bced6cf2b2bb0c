#include "idle_sessions/holder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "httvps/net/event.hpp"
#include "httvps/sdk/tunnel_stream.hpp"
#include "loadgen/tally.hpp"

namespace httvps::bench {
namespace {

constexpr base::byte_count memory = base::gibibyte;
constexpr auto fetch_patience = std::chrono::seconds(15);
constexpr std::size_t fetch_read_size = 16384;

double milliseconds_since(base::steady_time moment) {
  const auto span = base::real_clock().steady_now() - moment;
  return std::chrono::duration<double, std::milli>(span).count();
}

wire::target target_of(const net::endpoint& place) {
  boost::system::error_code failure;
  const auto address = boost::asio::ip::make_address(place.host, failure);
  if (failure) {
    return wire::domain_target{.name = place.host, .port = place.port};
  }
  if (address.is_v4()) {
    return wire::ipv4_target{.address = address.to_v4().to_bytes(), .port = place.port};
  }
  return wire::ipv6_target{.address = address.to_v6().to_bytes(), .port = place.port};
}

}

class held_session final : private sdk::session_watcher, private sdk::stream_handler {
 public:
  explicit held_session(const net::executor& runs_on) : changed_(runs_on) {}

  sdk::session_watcher* watcher() noexcept { return this; }

  void hold(std::shared_ptr<sdk::session_link> link) { link_ = std::move(link); }

  net::task<> established(base::steady_time deadline) {
    while (!link_->is_established()) {
      if (link_->is_closed()) {
        co_return base::fail(reason_);
      }
      HTTVPS_CO_CHECK(co_await changed_.wait(deadline));
    }
    co_return base::result<>();
  }

  base::result<> open_stream(const net::endpoint& target) {
    HTTVPS_TRY(auto port, link_->open(target_of(target), *this));
    ports_.push_back(std::move(port));
    return {};
  }

  const std::shared_ptr<sdk::session_link>& link() const noexcept { return link_; }
  bool is_up() const noexcept { return link_ && link_->is_established(); }
  std::size_t open_streams() const { return link_ ? link_->facts().open_streams : 0; }

  net::task<> close(base::steady_time deadline) {
    ports_.clear();
    co_return co_await link_->close(deadline);
  }

 private:
  void on_session_event(const wire::session_event&) override { changed_.notify(); }
  void on_carrier_ended(const carriage::carrier_end&) override { changed_.notify(); }
  void on_carrier_closed(wire::carrier_number) override {}
  void on_session_closed(const base::error& reason) override {
    reason_ = reason;
    changed_.notify();
  }
  std::size_t on_data(base::byte_view bytes) override { return bytes.size(); }
  void on_change(const sdk::stream_change&) override {}

  net::event changed_;
  base::error reason_;
  std::shared_ptr<sdk::session_link> link_;
  std::vector<sdk::stream_port> ports_;
};

idle_holder::idle_holder(const net::executor& runs_on, idle_options options)
    : runs_on_(runs_on),
      options_(std::move(options)),
      pool_(std::make_shared<base::slab_pool>(memory)),
      dialer_(std::make_unique<sdk::carrier_dialer>()) {}

base::result<idle_holder> idle_holder::make(const net::executor& runs_on, idle_options options) {
  idle_holder made(runs_on, std::move(options));
  for (const auto& folder : made.options_.states) {
    HTTVPS_TRY(const auto store, sdk::state_store::open(folder));
    HTTVPS_TRY(auto account, sdk::device_account::load(store, base::real_clock().system_now()));
    made.accounts_.push_back(std::move(account));
  }
  return made;
}

sdk::dial_order idle_holder::order_for(const sdk::device_account& account) const {
  return {.gateway = account.gateways().front(),
          .proof = {.kind = sdk::recognition_kind::access_token,
                    .document = std::string(account.token()),
                    .device = account.key()},
          .connect_to = options_.connect_to,
          .tickets = sdk::ticket_use::ignore,
          .kind = options_.kind};
}

net::task<base::steady_time> idle_holder::await_turn(std::size_t number) {
  if (options_.a_second == 0) {
    co_return base::real_clock().steady_now();
  }
  const auto due = began_ + std::chrono::nanoseconds(std::chrono::seconds(1)) *
                                static_cast<std::int64_t>(number) /
                                static_cast<std::int64_t>(options_.a_second);
  HTTVPS_CO_CHECK(co_await net::sleep_until(due));
  co_return due;
}

net::task<> idle_holder::open_one(std::size_t number, base::steady_time deadline) {
  HTTVPS_CO_TRY(const auto due, co_await await_turn(number));
  auto order = order_for(accounts_[number % accounts_.size()]);
  HTTVPS_CO_TRY(std::unique_ptr<net::carrier_link> carrier,
                co_await dialer_->dial(std::move(order), deadline));
  const auto session = std::make_shared<held_session>(runs_on_);
  const sdk::session_link_options chosen{.pool = pool_, .watcher = session->watcher()};
  const auto link = sdk::session_link::make(runs_on_, chosen);
  session->hold(link);
  held_.push_back(session);
  const auto greeted = base::real_clock().steady_now();
  HTTVPS_CO_CHECK(link->attach_carrier(std::move(carrier)));
  HTTVPS_CO_CHECK(co_await session->established(deadline));
  admissions_.push_back(milliseconds_since(greeted));
  arrivals_.push_back(milliseconds_since(due));
  for (std::size_t stream = 0; stream < options_.streams; ++stream) {
    HTTVPS_CO_CHECK(session->open_stream(*options_.target));
  }
  co_return base::result<>();
}

net::task<> idle_holder::open_some(base::steady_time deadline) {
  while (next_ < options_.sessions) {
    const auto opened = co_await open_one(next_++, deadline);
    if (!opened) {
      ++failed_;
      first_failure_ = first_failure_ ? first_failure_ : opened.error();
    }
  }
  co_return base::result<>();
}

net::task<> idle_holder::open_all() {
  began_ = base::real_clock().steady_now();
  const auto deadline = began_ + options_.limit;
  net::scope workers(runs_on_);
  for (std::size_t worker = 0; worker < options_.at_once; ++worker) {
    HTTVPS_CO_CHECK(workers.spawn(open_some(deadline)));
  }
  HTTVPS_CO_CHECK(co_await workers.join());
  took_ = base::real_clock().steady_now() - began_;
  std::ranges::sort(arrivals_);
  std::ranges::sort(admissions_);
  co_return base::result<>();
}

net::task<> idle_holder::fetch_on_all() {
  if (options_.fetched_path.empty()) {
    co_return base::result<>();
  }
  fetchers_ = std::make_unique<net::scope>(runs_on_);
  for (std::size_t number = 0; number < held_.size(); ++number) {
    HTTVPS_CO_CHECK(fetchers_->spawn(fetch_again_and_again(number)));
  }
  co_return base::result<>();
}

net::task<> idle_holder::stop_fetching() {
  stopping_ = true;
  if (fetchers_) {
    fetchers_->cancel();
    co_return co_await fetchers_->join(net::deadline_after(fetch_patience));
  }
  co_return base::result<>();
}

net::task<> idle_holder::fetch_again_and_again(std::size_t number) {
  const auto session = held_[number];
  const auto share = options_.fetch_pause * static_cast<std::int64_t>(number) /
                     static_cast<std::int64_t>(held_.size());
  auto due = base::real_clock().steady_now() + share;
  while (!stopping_) {
    HTTVPS_CO_CHECK(co_await net::sleep_until(due));
    const auto fetched = co_await fetch(session->link());
    if (stopping_) {
      break;
    }
    fetch_failures_ += fetched ? 0U : 1U;
    if (fetched) {
      fetches_.push_back(milliseconds_since(due));
      fetched_bytes_ += *fetched;
    }
    due = std::max(due + options_.fetch_pause, base::real_clock().steady_now());
  }
  co_return base::result<>();
}

net::task<std::size_t> idle_holder::fetch(std::shared_ptr<sdk::session_link> link) {
  const auto deadline = net::deadline_after(fetch_patience);
  const auto request = fmt::format("GET {} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n",
                                   options_.fetched_path);
  HTTVPS_CO_TRY(auto stream, sdk::tunnel_stream::open(link, target_of(*options_.target)));
  HTTVPS_CO_CHECK(co_await stream.write_all(base::as_bytes(request), deadline));
  base::byte_vector space(fetch_read_size);
  std::size_t total = 0;
  while (true) {
    const auto got = co_await stream.read_some(space, deadline);
    if (!got && got.error() == net::errc::connection_closed && total > 0) {
      co_return total;
    }
    HTTVPS_CO_CHECK(got);
    total += *got;
  }
}

net::task<> idle_holder::close_all() {
  const auto deadline = net::deadline_after(std::chrono::seconds(5));
  for (const auto& session : held_) {
    static_cast<void>(co_await session->close(deadline));
  }
  co_return base::result<>();
}

std::string idle_holder::failure_label() const {
  return first_failure_ ? std::string(base::label_of(first_failure_)) : std::string();
}

std::string idle_holder::report() {
  std::ranges::sort(fetches_);
  std::size_t up = 0;
  std::size_t streams = 0;
  for (const auto& session : held_) {
    up += session->is_up() ? 1U : 0U;
    streams += session->is_up() ? session->open_streams() : 0U;
  }
  const auto seconds = std::chrono::duration<double>(took_).count();
  return fmt::format(R"({{"mode":"idle_sessions","wanted":{},"done":{},"failed":{},"streams":{},)"
                     R"("seconds":{:.3f},"arrival_p50_ms":{:.2f},"arrival_p95_ms":{:.2f},)"
                     R"("admission_p50_ms":{:.2f},"admission_p95_ms":{:.2f},"fetches":{},)"
                     R"("fetch_failures":{},"fetched_bytes":{},"fetch_p50_ms":{:.2f},)"
                     R"("fetch_p95_ms":{:.2f},"failure":"{}"}})",
                     options_.sessions, up, failed_, streams, seconds, percentile(arrivals_, 0.5),
                     percentile(arrivals_, 0.95), percentile(admissions_, 0.5),
                     percentile(admissions_, 0.95), fetches_.size(), fetch_failures_,
                     fetched_bytes_, percentile(fetches_, 0.5), percentile(fetches_, 0.95),
                     failure_label());
}

}
