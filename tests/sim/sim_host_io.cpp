#include <fmt/format.h>

#include <algorithm>

#include "sim_host.hpp"

namespace httvps::sim {
namespace {

std::uint64_t number(wire::stream_id stream) {
  return static_cast<std::uint64_t>(stream);
}

constexpr std::size_t steps_most = 20'000;

}

void sim_host::attach(wire::carrier_number number, pipe& out) {
  if (const auto done = session_.attach({.carrier = number}, what_.time.now()); !done) {
    what_.fail("attach failed: " + done.error().message());
    return;
  }
  carrier_ = newest_ = number;
  out_ = &out;
  pump();
}

void sim_host::detach(wire::carrier_number number) {
  if (carrier_ != number) {
    return;
  }
  session_.detach(number, what_.time.now());
  carrier_ = wire::carrier_number{};
  out_ = nullptr;
  inbox_.clear();
  pump();
}

void sim_host::listen(wire::carrier_number number, pipe& out, wire::byte_view bytes) {
  if (newest_ != number) {
    newest_ = number;
    greeting_reader_ = {};
  }
  const auto found = greeting_reader_.next(bytes);
  if (!found || !*found) {
    if (!found) {
      what_.fail("the greeting is not a frame: " + found.error().message());
    }
    return;
  }
  const auto* hello = std::get_if<wire::hello_frame>(&**found);
  if (hello == nullptr || hello->carrier != number) {
    what_.fail("a carrier does not begin with its HELLO");
    return;
  }
  wire::attachment how{.carrier = number, .peer_session_limit = hello->session_limit};
  for (const auto& state : hello->streams) {
    how.peer_streams.push_back(state);
  }
  how.reader = std::move(greeting_reader_);
  if (carrier_ != wire::carrier_number{}) {
    detach(carrier_);
  }
  if (const auto done = session_.attach(std::move(how), what_.time.now()); !done) {
    what_.fail("HELLO was refused: " + done.error().message());
    return;
  }
  met_client_ = true;
  carrier_ = number;
  out_ = &out;
  hear(bytes);
}

void sim_host::take_bytes(wire::carrier_number number, pipe& out, wire::byte_view bytes) {
  if (session_.ended() || number < newest_) {
    return;
  }
  if (what_.role == wire::role::gateway && carrier_ != number) {
    listen(number, out, bytes);
  } else if (carrier_ == number) {
    hear(bytes);
  }
  pump();
}

void sim_host::hear(wire::byte_view bytes) {
  base::append(inbox_, bytes);
  read_inbox();
}

void sim_host::read_inbox() {
  if (what_.time.now() < deaf_until_ || in_receive_) {
    return;
  }
  const base::byte_vector held = std::exchange(inbox_, {});
  wire::byte_view rest = held;
  const auto most = std::max(what_.plan.input_piece, held.size() / 50);
  in_receive_ = true;
  while (!rest.empty() && !session_.ended()) {
    const auto wanted = 1 + static_cast<std::size_t>(what_.random.below(most));
    const auto piece = rest.first(std::min(wanted, rest.size()));
    const auto done = session_.receive(carrier_, piece, *this, what_.time.now());
    if (!done) {
      what_.fail("honest bytes were refused: " + done.error().message());
    }
    rest = rest.subspan(piece.size());
    poll_events();
  }
  in_receive_ = false;
}

void sim_host::poll_events() {
  while (const auto event = session_.poll_event()) {
    on_event(*event);
  }
}

void sim_host::on_event(const wire::session_event& event) {
  if (const auto* fresh = std::get_if<wire::stream_opened>(&event)) {
    apps_[fresh->stream];
    live_.push_back(fresh->stream);
  } else if (const auto* done = std::get_if<wire::stream_finished>(&event)) {
    apps_[done->stream].saw_finish = true;
  } else if (const auto* broken = std::get_if<wire::stream_reset>(&event)) {
    auto& app = apps_[broken->stream];
    const bool reset_here = app.ended == own_end::reset && what_.plan.reentry_percent == 0;
    if (app.saw_reset || reset_here) {
      what_.fail(fmt::format("stream {} was reset twice", number(broken->stream)));
    }
    app.saw_reset = broken->code;
  } else if (const auto* halted = std::get_if<wire::stream_stopped>(&event)) {
    apps_[halted->stream].saw_stop = halted->code;
  } else if (const auto* writable = std::get_if<wire::stream_writable>(&event)) {
    auto& app = apps_[writable->stream];
    app.awaits_room = false;
    push_remaining(writable->stream, app);
  } else if (const auto* ended = std::get_if<wire::session_ended>(&event)) {
    ended_with_ = ended->code;
  } else if (std::holds_alternative<wire::session_refused>(event)) {
    what_.fail("the session was refused");
  }
}

void sim_host::write_out() {
  int idle = 0;
  while (out_ != nullptr && out_->writable() && session_.has_output(carrier_, what_.time.now())) {
    base::byte_vector bytes(what_.plan.output_buffer);
    bytes.resize(session_.produce(carrier_, bytes, what_.time.now()));
    if (bytes.empty() && ++idle > 1) {
      what_.fail("output was promised and none came");
      return;
    }
    if (!bytes.empty()) {
      out_->push(std::move(bytes));
    }
  }
  if (out_ != nullptr && !out_->writable()) {
    const auto round = timer_round_;
    what_.time.after(std::chrono::milliseconds(5), [this, round] {
      if (round == timer_round_) {
        pump();
      }
    });
  }
}

void sim_host::arm() {
  const auto wanted = session_.deadline();
  const auto round = ++timer_round_;
  if (!wanted) {
    return;
  }
  if (*wanted <= what_.time.now() && what_.time.steps_at_this_moment() > steps_most) {
    what_.fail("the deadline stays in the past");
    return;
  }
  what_.time.at(*wanted, [this, round] {
    if (round == timer_round_) {
      session_.tick(what_.time.now());
      pump();
    }
  });
}

void sim_host::check_bounds() {
  if (pool_.used() > what_.plan.memory) {
    what_.fail("the pool holds more than its limit");
  }
  if (session_.unread() > what_.plan.limits.unread) {
    what_.fail("more bytes are unread than the hard limit");
  }
  if (session_.unacknowledged() > what_.plan.limits.replay) {
    what_.fail("more bytes are unacknowledged than the replay cap");
  }
  const auto credit = session_.credit();
  if (credit.sending > credit.peer_limit || credit.received > credit.granted ||
      credit.consumed > credit.received) {
    what_.fail("the session credit is inconsistent");
  }
}

void sim_host::pump() {
  if (in_receive_) {
    return;
  }
  poll_events();
  write_out();
  poll_events();
  check_bounds();
  arm();
}

}
