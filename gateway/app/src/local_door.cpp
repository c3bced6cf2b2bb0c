#include "local_door.hpp"

#include <unistd.h>

#include <filesystem>
#include <utility>

#include "httvps/base/clock.hpp"

namespace httvps::gateway {
namespace {

namespace fs = std::filesystem;

constexpr auto close_limit = std::chrono::seconds(2);
constexpr auto pause_when_exhausted = std::chrono::milliseconds(100);

net::local_place place_at(std::string path) {
  return {.path = std::move(path), .user = ::geteuid()};
}

base::steady_time in(base::duration span) {
  return base::real_clock().steady_now() + span;
}

}

base::result<std::unique_ptr<net::carrier_link>> local_neighbours::reach(
    const net::executor& runs_on, const wire::process_epoch& epoch) {
  HTTVPS_TRY(auto socket, net::connect_local(runs_on, place_at(socket_path(folder_, epoch))));
  return std::make_unique<net::local_link>(std::move(socket));
}

local_door::local_door(const net::executor& runs_on, local_door_parts parts)
    : runs_on_(runs_on), parts_(std::move(parts)), visits_(runs_on) {}

base::result<> local_door::prepare_folder() const {
  std::error_code failure;
  fs::create_directories(parts_.folder, failure);
  if (!failure) {
    fs::permissions(parts_.folder, fs::perms::owner_all, failure);
  }
  return failure ? base::result<>(base::fail(base::errc::io_failure)) : base::result<>();
}

void local_door::sweep() const {
  std::error_code failure;
  for (const auto& each : fs::directory_iterator(parts_.folder, failure)) {
    if (each.path().extension() != ".sock") {
      continue;
    }
    const auto answered = net::connect_local(runs_on_, place_at(each.path().string()));
    if (!answered && answered.error() == net::errc::connect_refused) {
      fs::remove(each.path(), failure);
    }
  }
}

base::result<> local_door::open() {
  HTTVPS_CHECK(prepare_folder());
  sweep();
  HTTVPS_TRY(auto opened, net::local_listener::open(
                              runs_on_, place_at(socket_path(parts_.folder, parts_.epoch))));
  listener_ = std::move(opened);
  return {};
}

void local_door::close() noexcept {
  if (listener_) {
    listener_->close();
  }
}

net::task<> local_door::run() {
  while (listener_) {
    auto accepted = co_await listener_->accept();
    if (accepted && visits_.size() < parts_.arriving_most) {
      static_cast<void>(visits_.spawn(serve(std::move(*accepted))));
    } else if (!accepted && accepted.error() == net::errc::cancelled) {
      co_return base::fail(accepted.error());
    } else if (!accepted) {
      parts_.log.warn("visitor_not_taken", {{"outcome", accepted.error()}});
      co_await net::sleep_until(in(pause_when_exhausted));
    }
  }
  co_return base::result<>();
}

net::task<introduction_reader> local_door::read_introduction(net::carrier_link* link) {
  introduction_reader reader;
  const auto deadline = in(parts_.introduction_limit);
  base::result<bool> complete = false;
  while (complete && !*complete) {
    HTTVPS_CO_CHECK(co_await link->wait_readable(deadline));
    HTTVPS_CO_TRY(const auto state, link->receive([&reader, &complete](base::byte_view payload) {
      if (complete) {
        complete = reader.feed(payload);
      }
    }));
    if (complete && !*complete && state == net::link_state::closed) {
      co_return base::fail(net::errc::connection_closed);
    }
  }
  if (!complete) {
    co_return base::fail(complete.error());
  }
  co_return std::move(reader);
}

net::task<> local_door::serve(net::tcp_stream socket) {
  auto link = std::make_unique<net::local_link>(std::move(socket));
  auto read = co_await read_introduction(link.get());
  if (!read) {
    parts_.log.warn("introduction_failed", {{"outcome", read.error()}});
    link->stream().socket().close_now();
    co_return base::fail(read.error());
  }
  auto who = read->take_introduction();
  auto hello = read->take_greeting();
  link->stream().note_sent_elsewhere(who.sent);
  co_return co_await place(std::move(link), std::move(who), std::move(hello));
}

net::task<> local_door::place(arrived_link link, introduction who, greeting hello) {
  hello.may_create = wire::creation::forbidden;
  session_claim claimed{.device_id = who.device_id, .id = hello.session};
  const auto owner = co_await parts_.directory.claim(std::move(claimed));
  if (!owner) {
    const auto gone = wire::errc::session_gone;
    auto refusal = encode_refusal(gone, wire::make_error_code(gone).message());
    co_return co_await send_refusal(std::move(link), std::move(refusal), in(close_limit));
  }
  parts_.probe.carriers_taken_in.add();
  device_carrier device;
  device.claims.device_id = std::move(who.device_id);
  newcomer arrived{.carrier = {.link = std::move(link), .lease = nullptr},
                   .place = nullptr,
                   .who = std::move(device),
                   .hello = std::move(hello)};
  parts_.directory.hand_over(*owner, std::move(arrived));
  co_return base::result<>();
}

}
