#include <fmt/format.h>

#include <algorithm>

#include "httvps/wire/frame_encoder.hpp"
#include "sim_host.hpp"

namespace httvps::sim {
namespace {

std::uint64_t number(wire::stream_id stream) {
  return static_cast<std::uint64_t>(stream);
}

constexpr std::size_t steps_most = 20'000;

}

void sim_host::attach(line_number line, wire::carrier_number number, pipe& out) {
  const auto done = session_.attach({.carrier = number}, what_.time.now());
  if (!done) {
    if (done.error() != wire::errc::carrier_limit) {
      what_.fail("attach failed: " + done.error().message());
    }
    what_.hang_up(line, parting::abruptly);
    return;
  }
  lanes_[line] = {.out = &out, .number = number};
  drop_if_never_ready(number);
  pump();
}

void sim_host::end_of(line_number line) {
  const auto found = lanes_.find(line);
  if (found == lanes_.end()) {
    return;
  }
  const auto number = found->second.number;
  lanes_.erase(found);
  if (number != wire::carrier_number{}) {
    session_.detach(number, what_.time.now());
  }
  keep_carriers_soon(std::chrono::seconds(3));
  pump();
}

base::result<void> sim_host::join(const wire::hello_frame& hello, lane& fresh) {
  auto how = wire::attachment_of(hello, std::move(fresh.greeting_reader));
  const bool resumes = met_client_ && session_.carriers().empty();
  HTTVPS_CHECK(session_.attach(std::move(how), what_.time.now()));
  fresh.number = hello.carrier;
  seen_.resumes += resumes ? 1 : 0;
  seen_.early_hellos += met_client_ && hello.may_create == wire::creation::permitted ? 1 : 0;
  met_client_ = true;
  return {};
}

void sim_host::refuse(line_number line, wire::errc code) {
  base::byte_vector bytes(256);
  wire::frame_writer out(bytes);
  out.put(wire::refuse_frame{.code = wire::to_wire(code), .sentence = "No."});
  bytes.resize(out.written());
  lanes_.at(line).out->push(std::move(bytes));
  lanes_.erase(line);
  ++seen_.refused_hellos;
  what_.hang_up(line, parting::gracefully);
}

void sim_host::listen(line_number line, wire::byte_view& bytes) {
  auto& fresh = lanes_.at(line);
  const auto found = fresh.greeting_reader.next(bytes);
  if (!found || !*found) {
    if (!found) {
      what_.fail("the greeting is not a frame: " + found.error().message());
    }
    return;
  }
  const auto* hello = std::get_if<wire::hello_frame>(&**found);
  if (hello == nullptr) {
    what_.fail("a carrier does not begin with its HELLO");
    return;
  }
  if (!met_client_ && hello->may_create == wire::creation::forbidden) {
    what_.fail("the first HELLO may not create the session");
  }
  const auto joined = join(*hello, fresh);
  if (joined) {
    return;
  }
  const bool allowed = joined.error() == wire::errc::carrier_number_reused ||
                       joined.error() == wire::errc::carrier_limit;
  if (!allowed) {
    what_.fail("HELLO was refused: " + joined.error().message());
  }
  refuse(line, static_cast<wire::errc>(joined.error().value()));
}

void sim_host::take_bytes(line_number line, pipe& out, wire::byte_view bytes) {
  if (session_.ended()) {
    return;
  }
  if (what_.role == wire::role::gateway && !lanes_.contains(line)) {
    lanes_[line] = {.out = &out};
  }
  const auto found = lanes_.find(line);
  if (found == lanes_.end()) {
    return;
  }
  base::append(found->second.inbox, bytes);
  read_inboxes();
  pump();
}

void sim_host::read_inboxes() {
  if (what_.time.now() < deaf_until_ || in_receive_) {
    return;
  }
  in_receive_ = true;
  std::vector<line_number> lines;
  for (const auto& [line, each] : lanes_) {
    lines.push_back(line);
  }
  for (const auto line : lines) {
    read_lane(line);
  }
  in_receive_ = false;
}

void sim_host::read_lane(line_number line) {
  const auto found = lanes_.find(line);
  const base::byte_vector held =
      found == lanes_.end() ? base::byte_vector() : std::exchange(found->second.inbox, {});
  wire::byte_view rest = held;
  const auto most = std::max(what_.plan.input_piece, held.size() / 50);
  while (!rest.empty() && !session_.ended() && lanes_.contains(line)) {
    const auto wanted = 1 + static_cast<std::size_t>(what_.random.below(most));
    const auto piece = rest.first(std::min(wanted, rest.size()));
    rest = rest.subspan(piece.size());
    read_piece(line, piece);
    poll_events();
  }
}

void sim_host::read_piece(line_number line, wire::byte_view piece) {
  if (lanes_.at(line).number == wire::carrier_number{}) {
    listen(line, piece);
  }
  const auto found = lanes_.find(line);
  if (found == lanes_.end() || found->second.number == wire::carrier_number{}) {
    return;
  }
  const auto done = session_.receive(found->second.number, piece, *this, what_.time.now());
  if (!done) {
    what_.fail("honest bytes were refused: " + done.error().message());
  }
}

void sim_host::poll_events() {
  while (const auto event = session_.poll_event()) {
    on_event(*event);
  }
}

void sim_host::on_event(const wire::session_event& event) {
  if (const auto* fresh = std::get_if<wire::stream_opened>(&event)) {
    if (std::exchange(apps_[fresh->stream].opened, true)) {
      what_.fail(fmt::format("stream {} was opened twice", number(fresh->stream)));
    }
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
  } else {
    on_carrier_event(event);
  }
}

bool sim_host::write_lane(lane& each) {
  int idle = 0;
  bool wrote = false;
  while (each.number != wire::carrier_number{} && each.out->writable() &&
         session_.has_output(each.number, what_.time.now())) {
    base::byte_vector bytes(what_.plan.output_buffer);
    bytes.resize(session_.produce(each.number, bytes, what_.time.now()));
    if (bytes.empty() && ++idle > 1) {
      what_.fail("output was promised and none came");
      return false;
    }
    if (!bytes.empty()) {
      wrote = true;
      each.out->push(std::move(bytes));
    }
  }
  return wrote;
}

void sim_host::write_out() {
  for (bool wrote = true; wrote;) {
    wrote = false;
    for (auto& [line, each] : lanes_) {
      wrote = write_lane(each) || wrote;
    }
  }
}

void sim_host::arm() {
  const auto wanted = session_.deadline();
  if (!wanted || (armed_ && *armed_ <= *wanted)) {
    return;
  }
  if (*wanted <= what_.time.now() && what_.time.steps_at_this_moment() > steps_most) {
    what_.fail("the deadline stays in the past");
    return;
  }
  armed_ = *wanted;
  what_.time.at(*wanted, [this, when = *wanted] {
    if (armed_ == when) {
      armed_.reset();
      wake();
    }
  });
}

void sim_host::wake() {
  const auto wanted = session_.deadline();
  if (wanted && *wanted <= what_.time.now()) {
    session_.tick(what_.time.now());
    pump();
  } else {
    arm();
  }
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
  if (session_.carriers().size() > what_.plan.limits.carriers + wire::retiring_carriers_most) {
    what_.fail("more carriers are attached than the cap");
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
  close_retired();
  check_bounds();
  arm();
}

}
