#include <algorithm>
#include <chrono>
#include <map>
#include <vector>

#include "frame_support.hpp"
#include "httvps/base/random.hpp"
#include "httvps/wire/session.hpp"
#include "httvps/wire/varint.hpp"
#include "wire_fuzz_input.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

const target somewhere = domain_target{"example.com", 443};

session_limits narrow_limits() {
  session_limits limits;
  limits.streams = 24;
  limits.replay = 500'000;
  limits.unread = 400'000;
  limits.detached_for = 60s;
  return limits;
}

class rig final : public data_sink {
 public:
  rig(role side, fuzz_input& input)
      : input_(input), side_(side), session_({.role = side, .limits = limits_}, pool_, random_) {}

  void on_datagram(const datagram_frame&) override {}
  std::size_t on_data(stream_id stream, byte_view payload) override {
    require(!payload.empty());
    if (appetite_ == 0) {
      session_.reset(stream, errc::cancelled);
    }
    return appetite_ < 128 ? payload.size() * appetite_ / 128 : payload.size();
  }

  void connect();
  void raw();
  void structured();
  void check();

 private:
  void hear(byte_view bytes);
  void hear_on(carrier_number carrier, byte_view bytes);
  void drain();
  void local_call(std::uint8_t choice);
  void change_carriers(std::uint8_t choice);
  void drain_one(carrier_number carrier, frame_reader& outputs);
  carrier_number some_carrier();
  void peer_carrier_frame(frame_writer& out);
  void pass_time();
  stream_id some_stream() { return stream_id{1 + 2 * input_.below(20)}; }
  byte_count some_offset();
  void peer_frame(std::uint8_t choice, frame_writer& out);
  void peer_stream_frame(std::uint8_t choice, frame_writer& out);
  void peer_list_frame(std::uint8_t choice, frame_writer& out);

  fuzz_input& input_;
  role side_;
  session_limits limits_ = narrow_limits();
  base::slab_pool pool_{600'000};
  base::seeded_random random_{7};
  session session_;
  std::map<carrier_number, frame_reader> carriers_;
  ping_frame last_ping_{};
  std::uint64_t next_carrier_ = 1;
  base::steady_time now_{1h};
  std::size_t appetite_ = 255;
  bool alive_ = true;
};

void rig::connect() {
  const carrier_number fresh{next_carrier_++};
  if (const auto done =
          session_.attach({.carrier = fresh, .peer_session_limit = initial_session_window}, now_);
      !done) {
    require(done.error() == errc::carrier_limit || session_.ended());
    return;
  }
  carriers_[fresh] = {};
  drain();
  if (side_ == role::client && input_.byte() % 16 != 15) {
    hear_on(fresh, encode(welcome_frame{.version = protocol_version,
                                        .capabilities = all_capabilities,
                                        .session_limit = 900'000}));
  }
}

carrier_number rig::some_carrier() {
  auto place = input_.byte() % std::max<std::size_t>(carriers_.size(), 1);
  for (const auto& [number, outputs] : carriers_) {
    if (place-- == 0) {
      return number;
    }
  }
  return carrier_number{};
}

void rig::hear(byte_view bytes) {
  if (!carriers_.empty()) {
    hear_on(some_carrier(), bytes);
  }
}

void rig::hear_on(carrier_number carrier, byte_view bytes) {
  alive_ = alive_ && session_.receive(carrier, bytes, *this, now_).has_value();
  while (session_.poll_event()) {
  }
}

void rig::drain() {
  for (auto& [number, outputs] : carriers_) {
    drain_one(number, outputs);
  }
}

void rig::drain_one(carrier_number carrier, frame_reader& outputs) {
  static constexpr std::size_t sizes[] = {65536, 2048, 17000, 700};
  base::byte_vector bytes(sizes[input_.byte() % 4]);
  for (int rounds = 0; session_.has_output(carrier, now_); ++rounds) {
    require(rounds < 2000);
    const auto count = session_.produce(carrier, bytes, now_);
    require(count > 0 || !session_.has_output(carrier, now_) || bytes.size() < 2048);
    if (count == 0) {
      return;
    }
    byte_view rest = byte_view(bytes).first(count);
    while (!rest.empty()) {
      const auto found = outputs.next(rest);
      require(found.has_value());
      if (const auto* ping = *found ? std::get_if<ping_frame>(&**found) : nullptr) {
        last_ping_ = *ping;
      }
    }
    require(outputs.is_between_frames());
  }
}

void rig::check() {
  require(pool_.used() <= pool_.limit());
  require(session_.carriers().size() <= limits_.carriers + retiring_carriers_most);
  require(session_.open_streams() <= limits_.streams + refused_streams_most);
  require(session_.unread() <= limits_.unread);
  require(session_.unacknowledged() <= limits_.replay);
  const auto credit = session_.credit();
  require(credit.sending <= credit.peer_limit);
  require(credit.consumed <= credit.received && credit.received <= credit.granted);
  if (session_.ended()) {
    require(pool_.used() == 0 && session_.open_streams() == 0);
  }
}

void rig::raw() {
  while (!input_.empty() && alive_) {
    const auto control = input_.byte();
    appetite_ = control < 16 ? control * 8U : 255U;
    hear(input_.bytes(1U + input_.byte() * 8U));
    if (control % 4 == 0) {
      drain();
    }
    check();
  }
}

byte_count rig::some_offset() {
  static constexpr byte_count bases[] = {0,       0,         1000,      262'144,
                                         524'288, 1'048'576, 1U << 30U, varint_most - 70'000};
  return bases[input_.byte() % 8] + input_.below(65'536);
}

void rig::peer_stream_frame(std::uint8_t choice, frame_writer& out) {
  const auto stream = some_stream();
  const base::byte_vector payload(1 + input_.below(5000), 'x');
  switch (choice % 6) {
    case 0:
      out.put(open_frame{stream, somewhere, byte_view(payload).first(payload.size() / 2)});
      break;
    case 1:
      out.put(data_frame{stream, some_offset(), payload});
      break;
    case 2:
      out.put(data_frame{stream, input_.below(6000), payload});
      break;
    case 3:
      out.put(fin_frame{stream, some_offset()});
      break;
    case 4:
      out.put(reset_frame{stream, input_.byte() % 64U, static_cast<delivery>(input_.byte() % 2),
                          some_offset()});
      break;
    default:
      out.put(stop_frame{stream, input_.byte() % 64U});
  }
}

void rig::peer_list_frame(std::uint8_t choice, frame_writer& out) {
  std::vector<stream_offset> entries(input_.byte() % 4U);
  for (auto& each : entries) {
    each = {some_stream(), some_offset()};
  }
  if (choice % 2 == 0) {
    out.put_acks(entries);
  } else {
    out.put(window_frame{.session_limit = some_offset(), .streams = {}}, entries);
  }
}

void rig::peer_carrier_frame(frame_writer& out) {
  const auto named = input_.byte() % 4 == 0 ? carrier_number{1 + input_.below(12)} : some_carrier();
  const auto suspect = input_.byte() % 3 == 0 ? carrier_number{} : named;
  out.put(carrier_frame{.carrier = named, .suspect = suspect});
}

void rig::peer_frame(std::uint8_t choice, frame_writer& out) {
  switch (choice % 14) {
    case 12:
      peer_carrier_frame(out);
      break;
    case 13:
      out.put(pong_frame{last_ping_.opaque});
      break;
    case 8:
    case 9:
      peer_list_frame(choice / 12, out);
      break;
    case 10:
      out.put(ping_frame{});
      break;
    case 11:
      out.put(goaway_frame{.code = 20}, {});
      break;
    default:
      peer_stream_frame(choice / 8, out);
  }
}

void rig::local_call(std::uint8_t choice) {
  const auto stream = some_stream();
  switch (choice % 9) {
    case 0:
      static_cast<void>(session_.open(somewhere, input_.bytes(input_.byte()), now_));
      break;
    case 1:
      session_.write(stream, base::byte_vector(input_.below(40'000)));
      break;
    case 2:
      session_.finish(stream, now_);
      break;
    case 3:
      session_.fail_after_data(stream, errc::node_unreachable);
      break;
    case 4:
      session_.reset(stream, static_cast<errc>(1 + input_.byte() % 27));
      break;
    case 5:
      session_.stop(stream, errc::cancelled, now_);
      break;
    case 6:
      session_.consume(stream, input_.below(10'000), now_);
      break;
    case 7:
      session_.await_room(stream, input_.below(70'000));
      break;
    default:
      session_.commit(stream, session_.reserve(stream, input_.below(20'000)).size());
  }
}

void rig::change_carriers(std::uint8_t choice) {
  const auto known = some_carrier();
  switch (choice % 4) {
    case 0:
      session_.retire(known, 5, now_);
      break;
    case 1:
      connect();
      break;
    default:
      session_.detach(known, now_);
      carriers_.erase(known);
      if (choice % 4 == 2) {
        connect();
      }
  }
}

void rig::pass_time() {
  now_ += std::chrono::milliseconds(input_.below(40'000));
  session_.tick(now_);
  if (const auto next = session_.deadline()) {
    require(*next > now_);
  }
}

void rig::structured() {
  base::byte_vector bytes(8192);
  while (!input_.empty() && alive_ && !session_.ended()) {
    const auto choice = input_.byte();
    frame_writer writer(bytes);
    switch (choice % 8) {
      case 0:
        local_call(choice / 8);
        break;
      case 1:
        drain();
        break;
      case 2:
        choice < 128 ? change_carriers(choice / 8) : pass_time();
        break;
      case 3:
        appetite_ = input_.byte();
        break;
      default:
        peer_frame(input_.byte(), writer);
        hear(writer.bytes());
    }
    check();
  }
}

}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps::wire;
  fuzz_input input({data, size});
  const auto mode = input.byte();
  rig machine(mode % 2 == 0 ? role::gateway : role::client, input);
  machine.connect();
  mode % 4 < 2 ? machine.raw() : machine.structured();
  machine.check();
  return 0;
}
