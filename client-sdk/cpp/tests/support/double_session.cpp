#include "double_session.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <charconv>
#include <utility>

namespace httvps::sdk::testing {
namespace {

constexpr std::string_view source_prefix = "source-";

base::byte_count number_after(std::string_view prefix, const std::string& name) {
  base::byte_count value = 0;
  std::from_chars(name.data() + prefix.size(), name.data() + name.size(), value);
  return value;
}

}

base::byte_vector pattern(std::size_t size, std::uint64_t seed) {
  base::byte_vector bytes(size);
  base::seeded_random(seed).fill(bytes);
  return bytes;
}

double_session::double_session(const net::executor& runs_on, wire::session_options options,
                               double_setting setting)
    : double_session(runs_on, std::move(options), std::move(setting),
                     std::make_shared<base::slab_pool>(64 * base::mebibyte)) {}

double_session::double_session(const net::executor& runs_on, wire::session_options options,
                               double_setting setting, std::shared_ptr<base::slab_pool> pool)
    : carried_session({.runs_on = runs_on,
                       .clock = base::real_clock(),
                       .random = base::secure_random(),
                       .pool = *pool,
                       .options = std::move(options),
                       .kept_alive = pool}),
      setting_(std::move(setting)) {}

void double_session::cut() {
  for (const auto& each : session().carriers()) {
    drop_carrier(each.number, net::errc::connection_reset);
  }
}

void double_session::go_away(std::chrono::milliseconds drain) {
  session().go_away(wire::errc::gateway_draining, drain);
  progress();
}

void double_session::publish(const told_policy& policy) {
  session().publish_policy(policy.version, policy.document);
  progress_soon();
}

void double_session::on_datagram(const wire::datagram_frame& datagram) {
  session().send_datagram(datagram, now());
  progress_soon();
}

std::size_t double_session::on_data(wire::stream_id, base::byte_view) {
  work_soon();
  return 0;
}

void double_session::work_soon() {
  if (std::exchange(work_posted_, true)) {
    return;
  }
  net::asio::post(get_executor(), [self = shared_from_this(), this] {
    work_posted_ = false;
    work_on_all();
  });
}

void double_session::work_on_all() {
  setting_.counts.unread_most = std::max(setting_.counts.unread_most, session().unread());
  for (auto& [stream, each] : streams_) {
    work(stream, each);
  }
  progress();
}

void double_session::on_event(const wire::session_event& event) {
  if (const auto* opened = std::get_if<wire::stream_opened>(&event)) {
    on_opened(*opened);
  } else if (const auto* done = std::get_if<wire::stream_finished>(&event)) {
    streams_[done->stream].finished = true;
  } else if (const auto* broken = std::get_if<wire::stream_reset>(&event)) {
    streams_.erase(broken->stream);
  } else if (std::holds_alternative<wire::session_ended>(event)) {
    over_ = true;
    streams_.clear();
  }
  work_soon();
}

void double_session::on_opened(const wire::stream_opened& opened) {
  ++setting_.counts.streams;
  auto& each = streams_[opened.stream];
  if (std::holds_alternative<wire::reserved_target>(opened.target)) {
    each.does = behaviour::control;
    return;
  }
  if (setting_.rules.reset_streams) {
    session().fail_after_data(opened.stream, *setting_.rules.reset_streams);
    return;
  }
  const auto* domain = std::get_if<wire::domain_target>(&opened.target);
  const auto name = domain != nullptr ? domain->name : std::string();
  if (name == "count") {
    each.does = behaviour::count;
  } else if (name == "stall") {
    each.does = behaviour::stall;
  } else if (name.starts_with(source_prefix)) {
    each.does = behaviour::source;
    each.to_send = number_after(source_prefix, name);
  }
}

void double_session::send_source(wire::stream_id stream, served& each) {
  while (each.to_send > 0) {
    const auto space =
        session().reserve(stream, std::min<std::size_t>(each.to_send, base::large_slab_size));
    if (space.empty()) {
      session().await_room(stream, 1);
      return;
    }
    const auto count = std::min<std::size_t>(space.size(), each.to_send);
    std::fill_n(space.begin(), count, std::uint8_t{'s'});
    session().commit(stream, count);
    each.to_send -= count;
  }
  session().finish(stream, now());
}

void double_session::answer(wire::stream_id stream, served& each) {
  const auto text =
      each.does == behaviour::control ? setting_.control(each.text) : std::to_string(each.received);
  each.answered = !text.empty();
  if (each.answered) {
    session().write(stream, base::as_bytes(text));
    session().finish(stream, now());
  }
}

bool double_session::take_in(wire::stream_id stream, served& each) {
  const auto ready = session().peek(stream);
  std::size_t taken = ready.size();
  if (each.does == behaviour::echo) {
    taken = session().write(stream, ready);
  } else if (each.does == behaviour::stall) {
    taken = 0;
  } else if (each.does == behaviour::control) {
    each.text.append(base::as_text(ready));
  }
  each.received += taken;
  session().consume(stream, taken, now());
  return taken > 0;
}

void double_session::work(wire::stream_id stream, served& each) {
  while (take_in(stream, each)) {
  }
  if (each.does == behaviour::echo && !session().peek(stream).empty()) {
    session().await_room(stream, 1);
  } else if (each.does == behaviour::echo && each.finished) {
    session().finish(stream, now());
  } else if (each.does == behaviour::source) {
    send_source(stream, each);
  } else if (!each.answered && (each.does == behaviour::control ||
                                (each.does == behaviour::count && each.finished))) {
    answer(stream, each);
  }
}

}
