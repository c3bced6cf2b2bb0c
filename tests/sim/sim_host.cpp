#include "sim_host.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace httvps::sim {
namespace {

using namespace std::chrono_literals;

const wire::target somewhere = wire::domain_target{"example.com", 443};

std::uint64_t number(wire::stream_id stream) {
  return static_cast<std::uint64_t>(stream);
}

std::uint8_t pattern_byte(wire::role sender, wire::stream_id stream, byte_count offset) {
  const auto salt = sender == wire::role::client ? 17U : 91U;
  const auto mixed = (number(stream) * 0x9e3779b97f4a7c15U) ^ (offset * 0xc2b2ae3d27d4eb4fU) ^ salt;
  return static_cast<std::uint8_t>(mixed >> 29U);
}

void fill_pattern(wire::byte_span out, wire::role sender, wire::stream_id stream,
                  byte_count offset) {
  for (auto& byte : out) {
    byte = pattern_byte(sender, stream, offset++);
  }
}

wire::session_id fixed_id() {
  wire::session_id id{};
  id.fill(9);
  return id;
}

}

sightings& sightings::operator+=(const sightings& other) noexcept {
  resumes += other.resumes;
  refused_hellos += other.refused_hellos;
  early_hellos += other.early_hellos;
  suspicions += other.suspicions;
  retirements += other.retirements;
  slow_readers += other.slow_readers;
  return *this;
}

sim_host::sim_host(parts what)
    : what_(std::move(what)),
      own_random_(what_.random.next_u64()),
      pool_(what_.plan.memory),
      session_({.role = what_.role, .id = fixed_id(), .limits = what_.plan.limits}, pool_,
               own_random_) {}

bool sim_host::is_over(const app_stream& app) {
  const bool received = app.saw_finish || app.told_to_stop || app.saw_reset;
  const bool sent = app.ended != own_end::none || app.saw_stop || app.saw_reset;
  return (received && sent) || app.ended == own_end::reset;
}

bool sim_host::quiet() const {
  return session_.open_streams() == 0 &&
         std::ranges::all_of(apps_, [](const auto& each) { return is_over(each.second); });
}

std::string sim_host::unfinished() const {
  std::string text;
  for (const auto& [stream, app] : apps_) {
    if (!is_over(app)) {
      text += fmt::format(
          " [stream {}: written {}, left {}, received {}, ended {}, told to stop {}, saw finish "
          "{}, "
          "saw stop {}, waits {}]",
          number(stream), app.written, app.remaining, app.received, static_cast<int>(app.ended),
          app.told_to_stop, app.saw_finish, app.saw_stop.has_value(), app.awaits_room);
    }
  }
  return text;
}

void sim_host::verify(wire::stream_id stream, app_stream& app, wire::byte_view payload) {
  const auto sender = what_.role == wire::role::client ? wire::role::gateway : wire::role::client;
  for (const auto byte : payload) {
    if (byte != pattern_byte(sender, stream, app.received)) {
      what_.fail(fmt::format("stream {} has a wrong byte at {}", number(stream), app.received));
      return;
    }
    ++app.received;
  }
}

std::size_t sim_host::on_data(wire::stream_id stream, wire::byte_view payload) {
  const auto found = apps_.find(stream);
  if (found == apps_.end() && what_.role == wire::role::client) {
    what_.fail(fmt::format("data for stream {} that was never opened", number(stream)));
    return 0;
  }
  auto& app = apps_[stream];
  if (app.told_to_stop || app.ended == own_end::reset || app.saw_finish || app.saw_reset) {
    what_.fail(fmt::format("data for stream {} after its end", number(stream)));
    return 0;
  }
  if (what_.time.now() < app.stalled_until) {
    return 0;
  }
  std::size_t taken = payload.size();
  if (!closing_ && happens(what_.random, what_.plan.partial_read_percent)) {
    taken = static_cast<std::size_t>(what_.random.below(payload.size() + 1));
  }
  verify(stream, app, payload.first(taken));
  if (happens(what_.random, what_.plan.reentry_percent)) {
    reenter(stream, app);
  }
  return taken;
}

void sim_host::reenter(wire::stream_id stream, app_stream& app) {
  end_somehow(stream, app);
  open_one();
  if (const auto other = random_live(); other && *other != stream) {
    end_somehow(*other, apps_[*other]);
  }
}

std::optional<wire::stream_id> sim_host::random_live() {
  while (!live_.empty()) {
    const auto place = static_cast<std::size_t>(what_.random.below(live_.size()));
    const auto stream = live_[place];
    if (!is_over(apps_[stream])) {
      return stream;
    }
    live_[place] = live_.back();
    live_.pop_back();
  }
  return std::nullopt;
}

void sim_host::open_one() {
  if (what_.role != wire::role::client || live_.size() >= what_.plan.streams_most || closing_) {
    return;
  }
  const auto most = std::min(session_.open_room(), what_.plan.write_most);
  base::byte_vector payload(static_cast<std::size_t>(what_.random.below(most + 1)));
  const auto next = static_cast<wire::stream_id>(apps_.size() * 2 + 1);
  fill_pattern(payload, what_.role, next, 0);
  const auto opened = session_.open(somewhere, payload, what_.time.now());
  if (!opened) {
    const bool known = opened.error() == wire::errc::stream_limit ||
                       opened.error() == wire::errc::buffer_exhausted ||
                       opened.error() == wire::errc::session_gone;
    if (!known) {
      what_.fail("open failed: " + opened.error().message());
    }
    return;
  }
  if (*opened != next) {
    what_.fail(fmt::format("stream ids are not in sequence: {}", number(*opened)));
  }
  apps_[next].written = payload.size();
  live_.push_back(next);
}

std::size_t sim_host::write_some(wire::stream_id stream, app_stream& app) {
  const auto wanted = static_cast<std::size_t>(std::min<byte_count>(app.remaining, 30'000));
  if (happens(what_.random, 50)) {
    base::byte_vector bytes(wanted);
    fill_pattern(bytes, what_.role, stream, app.written);
    return session_.write(stream, bytes);
  }
  const auto space = session_.reserve(stream, wanted);
  const auto count = std::min(space.size(), wanted);
  fill_pattern(space.first(count), what_.role, stream, app.written);
  session_.commit(stream, count);
  return count;
}

void sim_host::push_remaining(wire::stream_id stream, app_stream& app) {
  while (app.remaining > 0 && !app.awaits_room && app.ended == own_end::none && !app.saw_stop &&
         !app.saw_reset) {
    const auto count = write_some(stream, app);
    app.written += count;
    app.remaining -= count;
    if (count == 0) {
      app.awaits_room = true;
      const auto wanted = std::min<byte_count>(app.remaining, 1 + what_.random.below(20'000));
      session_.await_room(stream, static_cast<std::size_t>(wanted));
    }
  }
}

void sim_host::read_some(wire::stream_id stream, app_stream& app, std::size_t most) {
  while (most > 0 && what_.time.now() >= app.stalled_until && !app.told_to_stop) {
    const auto ready = session_.peek(stream);
    const auto count = std::min(ready.size(), most);
    if (count == 0) {
      return;
    }
    verify(stream, app, ready.first(count));
    session_.consume(stream, count, what_.time.now());
    most -= count;
  }
}

void sim_host::stall(wire::stream_id, app_stream& app) {
  app.stalled_until = what_.time.now() + up_to(what_.random, 3s);
  ++seen_.slow_readers;
}

void sim_host::end_somehow(wire::stream_id stream, app_stream& app) {
  if (is_over(app)) {
    return;
  }
  const auto choice = what_.random.below(100);
  if (choice < 20) {
    app.told_to_stop = true;
    session_.stop(stream, reset_code, what_.time.now());
  } else if (choice < 40) {
    app.ended = own_end::reset;
    session_.reset(stream, reset_code);
  } else if (app.ended == own_end::none && choice < 60) {
    app.ended = app.saw_stop || app.saw_reset ? app.ended : own_end::failed;
    session_.fail_after_data(stream, failure_code);
  } else if (app.ended == own_end::none) {
    app.ended = app.saw_stop || app.saw_reset ? app.ended : own_end::finished;
    session_.finish(stream, what_.time.now());
  }
}

void sim_host::act_on(wire::stream_id stream, app_stream& app) {
  if (happens(what_.random, what_.plan.stall_percent)) {
    stall(stream, app);
  }
  if (happens(what_.random, what_.plan.ending_percent)) {
    end_somehow(stream, app);
    return;
  }
  if (happens(what_.random, 60)) {
    app.remaining += 1 + what_.random.below(what_.plan.write_most);
    push_remaining(stream, app);
  }
  read_some(stream, app, static_cast<std::size_t>(what_.random.below(100'000)));
}

void sim_host::act() {
  if (session_.ended()) {
    return;
  }
  if (happens(what_.random, 2)) {
    deaf_until_ = what_.time.now() + up_to(what_.random, 500ms);
    what_.time.at(deaf_until_, [this] {
      read_inboxes();
      pump();
    });
  }
  if (happens(what_.random, 1)) {
    session_.notify(wire::errc::quota_exceeded, "A few words.");
  }
  if (happens(what_.random, 25)) {
    open_one();
  }
  if (const auto stream = random_live()) {
    act_on(*stream, apps_[*stream]);
  }
  pump();
}

void sim_host::close_some() {
  for (auto& [stream, app] : apps_) {
    read_some(stream, app, SIZE_MAX);
    push_remaining(stream, app);
    const bool sending = app.ended == own_end::none && !app.saw_stop && !app.saw_reset;
    if (sending && app.remaining == 0) {
      app.ended = own_end::finished;
      session_.finish(stream, what_.time.now());
    }
  }
  pump();
}

}
