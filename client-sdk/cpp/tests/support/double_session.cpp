#include "double_session.hpp"

#include <algorithm>
#include <charconv>

#include "httvps/wire/frame_encoder.hpp"

namespace httvps::sdk::testing {
namespace {

constexpr std::string_view source_prefix = "source-";

base::steady_time now() {
  return base::real_clock().steady_now();
}

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

double_session::double_session(net::websocket_link carrier, double_setting setting)
    : carrier_(std::move(carrier)),
      setting_(std::move(setting)),
      tasks_(carrier_.socket().get_executor()) {}

net::task<> double_session::serve(std::shared_ptr<double_session> self) {
  HTTVPS_CO_CHECK(self->tasks_.spawn(keep_time(self)));
  base::result<> outcome;
  while (outcome && !self->over_) {
    outcome = co_await self->carrier_.wait_readable(net::no_deadline);
    if (outcome) {
      outcome = self->receive_once();
    }
  }
  self->cut();
  co_return outcome;
}

void double_session::cut() {
  over_ = true;
  carrier_.socket().reset();
  tasks_.cancel();
}

void double_session::go_away(std::chrono::milliseconds drain) {
  if (session_) {
    session_->go_away(wire::errc::gateway_draining, drain);
    flush();
  }
}

base::result<> double_session::receive_once() {
  base::result<> parsed;
  const auto state = carrier_.receive([&](base::byte_view bytes) {
    if (parsed && !session_) {
      parsed = begin(bytes);
    }
    if (parsed && session_ && !bytes.empty()) {
      parsed = session_->receive(number_, bytes, *this, now());
    }
  });
  HTTVPS_CHECK(parsed);
  HTTVPS_CHECK(state);
  drain_events();
  flush();
  return *state == net::link_state::closed ? base::fail(net::errc::connection_closed)
                                           : base::result<>();
}

base::result<> double_session::begin(base::byte_view& bytes) {
  HTTVPS_TRY(const auto first, reader_.next(bytes));
  if (!first || !setting_.rules.answers_hello) {
    bytes = {};
    return {};
  }
  const auto& hello = std::get<wire::hello_frame>(*first);
  number_ = hello.carrier;
  if (setting_.rules.refuse_sessions) {
    base::byte_vector space(256);
    wire::frame_writer writer(space);
    const auto wait = static_cast<std::uint64_t>(setting_.rules.retry_after.count());
    writer.put(wire::refuse_frame{wire::to_wire(*setting_.rules.refuse_sessions), wait,
                                  "The double refuses."});
    base::byte_view left = writer.bytes();
    HTTVPS_CHECK(carrier_.send([&](base::byte_span out) {
      const auto count = std::min(out.size(), left.size());
      base::copy_bytes(out, left.first(count));
      left = left.subspan(count);
      return count;
    }));
    return base::fail(*setting_.rules.refuse_sessions);
  }
  ++setting_.counts.sessions;
  session_.emplace(wire::session_options{.role = wire::role::gateway, .id = hello.session}, pool_,
                   base::secure_random());
  return session_->attach(
      {.carrier = number_, .reader = std::move(reader_), .peer_session_limit = hello.session_limit},
      now());
}

std::size_t double_session::on_data(wire::stream_id, base::byte_view) {
  return 0;
}

void double_session::on_opened(const wire::stream_opened& opened) {
  ++setting_.counts.streams;
  auto& each = streams_[opened.stream];
  if (std::holds_alternative<wire::reserved_target>(opened.target)) {
    each.does = behaviour::control;
    return;
  }
  if (setting_.rules.reset_streams) {
    session_->fail_after_data(opened.stream, *setting_.rules.reset_streams);
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
        session_->reserve(stream, std::min<std::size_t>(each.to_send, base::large_slab_size));
    if (space.empty()) {
      session_->await_room(stream, 1);
      return;
    }
    const auto count = std::min<std::size_t>(space.size(), each.to_send);
    std::fill_n(space.begin(), count, std::uint8_t{'s'});
    session_->commit(stream, count);
    each.to_send -= count;
  }
  session_->finish(stream, now());
}

void double_session::answer(wire::stream_id stream, served& each) {
  const auto text =
      each.does == behaviour::control ? setting_.control(each.text) : std::to_string(each.received);
  each.answered = !text.empty();
  if (each.answered) {
    session_->write(stream, base::as_bytes(text));
    session_->finish(stream, now());
  }
}

bool double_session::take_in(wire::stream_id stream, served& each) {
  const auto ready = session_->peek(stream);
  std::size_t taken = ready.size();
  if (each.does == behaviour::echo) {
    taken = session_->write(stream, ready);
  } else if (each.does == behaviour::stall) {
    taken = 0;
  } else if (each.does == behaviour::control) {
    each.text.append(base::as_text(ready));
  }
  each.received += taken;
  session_->consume(stream, taken, now());
  return taken > 0;
}

void double_session::work(wire::stream_id stream, served& each) {
  while (take_in(stream, each)) {
  }
  if (each.does == behaviour::echo && !session_->peek(stream).empty()) {
    session_->await_room(stream, 1);
  } else if (each.does == behaviour::echo && each.finished) {
    session_->finish(stream, now());
  } else if (each.does == behaviour::source) {
    send_source(stream, each);
  } else if (!each.answered && (each.does == behaviour::control ||
                                (each.does == behaviour::count && each.finished))) {
    answer(stream, each);
  }
}

void double_session::drain_events() {
  setting_.counts.unread_most =
      std::max(setting_.counts.unread_most, session_ ? session_->unread() : 0);
  while (poll_events()) {
    for (auto& [stream, each] : streams_) {
      work(stream, each);
    }
  }
  for (auto& [stream, each] : streams_) {
    work(stream, each);
  }
}

bool double_session::poll_events() {
  bool any = false;
  while (session_) {
    const auto event = session_->poll_event();
    if (!event) {
      break;
    }
    any = true;
    if (const auto* opened = std::get_if<wire::stream_opened>(&*event)) {
      on_opened(*opened);
    } else if (const auto* done = std::get_if<wire::stream_finished>(&*event)) {
      streams_[done->stream].finished = true;
    } else if (const auto* broken = std::get_if<wire::stream_reset>(&*event)) {
      streams_.erase(broken->stream);
    } else if (std::holds_alternative<wire::session_ended>(*event)) {
      over_ = true;
    }
  }
  return any;
}

void double_session::flush() {
  if (blocked_ || over_ || !session_) {
    return;
  }
  const auto sent =
      carrier_.send([&](base::byte_span out) { return session_->produce(number_, out, now()); });
  if (!sent) {
    over_ = true;
    carrier_.socket().reset();
  } else if (*sent != net::send_state::drained) {
    blocked_ = true;
    static_cast<void>(tasks_.spawn(flush_later(shared_from_this())));
  }
}

net::task<> double_session::flush_later(std::shared_ptr<double_session> self) {
  HTTVPS_CO_CHECK(co_await self->carrier_.wait_writable(net::no_deadline));
  self->blocked_ = false;
  self->drain_events();
  self->flush();
  co_return base::result<>();
}

net::task<> double_session::keep_time(std::shared_ptr<double_session> self) {
  while (!self->over_) {
    HTTVPS_CO_CHECK(co_await net::sleep_until(now() + std::chrono::milliseconds(5)));
    if (self->session_) {
      self->session_->tick(now());
      self->drain_events();
      self->flush();
    }
  }
  co_return base::result<>();
}

}
