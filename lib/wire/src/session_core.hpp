#pragma once

#include <array>
#include <unordered_map>
#include <vector>

#include "acknowledger.hpp"
#include "carrier_state.hpp"
#include "datagram_queue.hpp"
#include "gone_answers.hpp"
#include "httvps/wire/session.hpp"
#include "id_intervals.hpp"
#include "ring.hpp"
#include "stream.hpp"
#include "waiting_line.hpp"

namespace httvps::wire {

struct stream_hash {
  std::uint64_t seed = 0;
  std::size_t operator()(stream_id id) const noexcept {
    const auto mixed = (static_cast<std::uint64_t>(id) ^ seed) * 0x9e3779b97f4a7c15U;
    return static_cast<std::size_t>(mixed ^ (mixed >> 32U));
  }
};

class session::core {
 public:
  core(session_options options, base::slab_pool& pool, base::random_source& random);

  base::result<void> attach(attachment how, base::steady_time now);
  void detach(carrier_number carrier, base::steady_time now);
  void retire(carrier_number carrier, byte_count bytes_sent, base::steady_time now);
  std::vector<carrier_facts> carriers() const;
  base::result<void> receive(carrier_number carrier, byte_view bytes, data_sink& sink,
                             base::steady_time now);
  bool has_output(carrier_number carrier, base::steady_time now) const;
  void set_pace(carrier_number carrier, byte_count ten_milliseconds) noexcept;
  bool awaits_answer(carrier_number carrier) const noexcept;
  void note_taken(carrier_number carrier, base::steady_time now) noexcept;
  std::size_t produce(carrier_number carrier, byte_span out, base::steady_time now);
  std::optional<base::steady_time> deadline() const;
  void tick(base::steady_time now);
  std::optional<session_event> poll_event();

  base::result<stream_id> open(wire::target where, byte_view payload, base::steady_time now);
  std::size_t open_room() const noexcept;
  std::size_t send_room(stream_id id) const;
  void await_room(stream_id id, std::size_t wanted);
  byte_span reserve(stream_id id, std::size_t wanted);
  void commit(stream_id id, std::size_t count);
  std::size_t write(stream_id id, byte_view bytes);
  void finish(stream_id id, base::steady_time now);
  void fail_after_data(stream_id id, errc code);
  void reset(stream_id id, errc code);
  void stop(stream_id id, errc code, base::steady_time now);
  bool send_datagram(const datagram_frame& datagram, base::steady_time now);
  byte_view peek(stream_id id) const;
  void consume(stream_id id, std::size_t count, base::steady_time now);

  void notify(errc code, std::string sentence);
  void publish_policy(std::uint64_t version, std::string document);
  void use_keepalive(keepalive_range range) noexcept;
  void go_away(errc code, std::chrono::milliseconds drain, std::vector<std::string> gateways);
  void end(errc code);

  bool ended() const noexcept { return ended_; }
  bool established() const noexcept { return established_; }
  std::size_t open_streams() const noexcept { return streams_.size(); }
  byte_count unacknowledged() const noexcept { return unacknowledged_; }
  byte_count awaiting_repeat() const noexcept;
  byte_count unread() const noexcept { return unread_; }
  std::optional<base::duration> round_trip() const noexcept { return round_trip_; }
  const session_counters& counters() const noexcept { return counters_; }
  const datagram_drops& dropped_datagrams() const noexcept { return datagrams_.drops(); }
  session_credit credit() const noexcept;
  const session_id& id() const noexcept { return options_.id; }

 private:
  struct receive_call {
    carrier_state& carrier;
    data_sink& sink;
    base::steady_time now;
  };

  carrier_state* find_carrier(carrier_number number) const noexcept;
  bool take_carrier_number(carrier_number number);
  base::result<void> apply_peer_state(const receive_state& state, base::steady_time now);
  void schedule_keepalive(carrier_state& carrier, base::steady_time now);
  void retire_beyond_cap(const carrier_state& fresh, base::steady_time now);
  base::result<void> shed_useless_carrier(base::steady_time now);
  base::result<void> apply_greeting(const attachment& how, base::steady_time now);
  carrier_number best_carrier() const noexcept;
  bool any_usable() const noexcept;
  const carrier_state* speaker() const noexcept;
  void pin(stream& each, carrier_number carrier);
  void pin_waiting_streams();
  void leave_carrier(carrier_number carrier);
  void take_in_use(carrier_state& carrier, base::steady_time now);
  void settle_loss(carrier_number lost);
  void settle_losses(base::steady_time until);
  byte_count unanswered_on(carrier_number carrier) const noexcept;
  void remember_loss(carrier_number lost, base::steady_time settle_at);
  void stand_alone(base::steady_time now);
  void repeat_since(base::steady_time moment, base::steady_time now);
  void forget_proved_losses() noexcept;
  void restart(base::steady_time now);
  void drop_all_carriers(base::steady_time now);
  std::size_t lose_touched_streams();
  bool may_open_again(const stream& each) const noexcept;
  void open_again(stream& each, base::steady_time now);
  void forget_peer_state() noexcept;
  base::steady_time proved_horizon(const carrier_state* except) const noexcept;

  std::optional<base::steady_time> suspicion_at(const carrier_state& carrier) const noexcept;
  std::optional<base::steady_time> probe_at(const carrier_state& carrier) const noexcept;
  static void expect_answer(carrier_state& carrier) noexcept;
  void tick_carrier(carrier_state& carrier, base::steady_time now);
  void suspect(carrier_state& carrier, base::steady_time now);
  void hear_report(carrier_state& named, base::steady_time now);
  void move_streams(carrier_state& from, base::steady_time now);
  void note_progress(carrier_number carrier, base::steady_time now) noexcept;

  stream* find(stream_id id) noexcept;
  const stream* find(stream_id id) const noexcept;
  base::result<stream*> expect(stream_id id);
  stream& create(stream_id id, carrier_number carrier, base::steady_time now);
  void settle(stream& each);
  void remove(stream_id id);
  void mark_ready(stream& each);

  base::result<void> handle(const frame& received, const receive_call& call);
  base::result<void> on(const pad_frame& frame, const receive_call& call);
  base::result<void> on(const hello_frame& frame, const receive_call& call);
  base::result<void> on(const welcome_frame& frame, const receive_call& call);
  base::result<void> on(const refuse_frame& frame, const receive_call& call);
  base::result<void> on(const challenge_frame& frame, const receive_call& call);
  base::result<void> on(const open_frame& frame, const receive_call& call);
  base::result<void> on(const data_frame& frame, const receive_call& call);
  base::result<void> on(const fin_frame& frame, const receive_call& call);
  base::result<void> on(const reset_frame& frame, const receive_call& call);
  base::result<void> on(const stop_frame& frame, const receive_call& call);
  base::result<void> on(const window_frame& frame, const receive_call& call);
  base::result<void> on(const ack_frame& frame, const receive_call& call);
  base::result<void> on(const datagram_frame& frame, const receive_call& call);
  base::result<void> on(const ping_frame& frame, const receive_call& call);
  base::result<void> on(const pong_frame& frame, const receive_call& call);
  base::result<void> on(const policy_frame& frame, const receive_call& call);
  base::result<void> on(const carrier_frame& frame, const receive_call& call);
  base::result<void> on(const goaway_frame& frame, const receive_call& call);
  base::result<void> on(const notice_frame& frame, const receive_call& call);

  base::result<void> admit(stream_id id, const receive_call& call, target where);
  base::result<void> accept(stream& each, const data_frame& data, const receive_call& call);
  base::result<void> accept_ahead(stream& each, const data_frame& data);
  base::result<void> deliver(stream& each, byte_view fresh, const receive_call& call);
  base::result<void> store(stream& each, byte_view rest, base::steady_time now);
  std::size_t offer(stream& each, byte_view bytes, data_sink& sink);
  void flush_buffered(stream_id id, const receive_call& call);
  base::result<void> tolerate(base::result<void> outcome, stream_id id, base::steady_time now);
  bool asks_for_freed_bytes(const stream_offset& entry,
                            const carrier_state& carrier) const noexcept;
  base::result<void> apply_ack(const stream_offset& entry, base::steady_time now);

  base::result<void> close_unopened(const reset_frame& frame, base::steady_time now);
  base::result<void> take_reset(stream& each, const reset_frame& frame, base::steady_time now);
  bool is_forgotten_by_peer(const stream& each, const reset_frame& frame) const noexcept;
  void kill(stream& each, errc code, base::steady_time now);
  void begin_ending(stream& each, send_half::ending how);
  void begin_reset(stream& each, errc code);
  void abandon(stream& each);
  void report_end(stream& each);
  void report_reset(stream& each, errc code);

  base::result<void> grow_extent(stream& each, byte_count end);
  base::result<void> grow_session_extent(byte_count grown);
  void account_consumed(stream& each, byte_count bytes, base::steady_time now);
  void discard(stream& each, base::steady_time now);
  void recount(stream& each) noexcept;
  void hurry_if_tight(const stream& each, base::steady_time now);
  void announce_windows(base::steady_time now);
  void widen_window(stream& each, base::steady_time now);
  void enforce_unread_limit(base::steady_time now);
  byte_count replay_room() const noexcept;
  byte_count shared_room() const noexcept;
  bool pool_is_starved() const noexcept;
  byte_count room_in_turn(const stream& each) const noexcept;
  void call_from_line(stream& each, byte_count room);
  void spend_turn(stream& each, byte_count bytes) noexcept;
  void stand_in_line(stream& each);
  void report_writable();
  void retry_room(base::steady_time when);

  void count_framing(carrier_state& carrier, byte_count bytes) noexcept;
  void count_payload(carrier_state& carrier, stream& each, byte_range range);
  void write_greeting(carrier_state& carrier, frame_writer& out, base::steady_time now);
  std::vector<receive_state> receive_states(std::size_t room, const carrier_state& carrier,
                                            base::steady_time now);
  void write_control(carrier_state& carrier, frame_writer& out, base::steady_time now);
  bool acknowledges(const carrier_state& carrier) const noexcept;
  void write_acknowledgements(carrier_state& carrier, frame_writer& out, base::steady_time now);
  void write_farewell(frame_writer& out);
  bool policy_due() const noexcept;
  void write_policy(const carrier_state& carrier, frame_writer& out, base::steady_time now);
  void forget_policy_on(const carrier_state& lost) noexcept;
  void write_reports(frame_writer& out);
  void write_last_word(carrier_state& carrier, frame_writer& out);
  void write_ping(carrier_state& carrier, frame_writer& out, base::steady_time now);
  void write_datagrams(carrier_state& carrier, frame_writer& out);
  void write_streams(carrier_state& carrier, frame_writer& out);
  bool write_turn(carrier_state& carrier, stream& each, frame_writer& out);
  bool write_open(carrier_state& carrier, stream& each, frame_writer& out);
  bool write_data(carrier_state& carrier, stream& each, frame_writer& out);
  std::size_t turn_size(const carrier_state& carrier) const noexcept;
  bool awaits_report(const stream& each) const noexcept;
  void note_if_dry(stream& each);
  std::optional<byte_range> next_bytes(const stream& each, const carrier_state& carrier,
                                       std::size_t most) const noexcept;
  resend resend_on(const carrier_state& carrier) const noexcept;
  bool write_ending(carrier_state& carrier, stream& each, frame_writer& out);
  bool wants_turn(const stream& each, const carrier_state& carrier) const noexcept;
  bool ping_due(const carrier_state& carrier, base::steady_time now) const noexcept;

  void schedule_stream_tick(base::steady_time when);
  void tick_carriers(base::steady_time now);
  void tick_streams(base::steady_time now);
  void tick_stalled(stream& each, base::steady_time now);

  session_options options_;
  base::slab_pool& pool_;
  base::pool_share share_;
  base::random_source& random_;

  static constexpr auto own_capabilities =
      static_cast<std::uint64_t>(capability::several_carriers) |
      static_cast<std::uint64_t>(capability::datagrams) |
      static_cast<std::uint64_t>(capability::policies);
  bool agreed(capability what) const noexcept {
    return (agreed_capabilities_ & static_cast<std::uint64_t>(what)) != 0;
  }

  std::uint64_t agreed_capabilities_ = own_capabilities;
  std::vector<std::shared_ptr<carrier_state>> carriers_;
  std::uint64_t highest_carrier_ = 0;
  std::uint64_t carrier_bitmap_ = 0;
  std::unordered_map<stream_id, stream, stream_hash> streams_;
  std::uint64_t removals_ = 0;
  id_intervals seen_;
  std::uint64_t next_stream_ = 1;
  acknowledger acknowledger_;
  ring<session_event> events_;
  waiting_line line_;
  std::uint64_t turn_round_ = 1;
  byte_count promised_ = 0;
  gone_answers gone_;
  ring<notice_received> notices_;
  datagram_queue datagrams_;
  std::optional<policy_received> heard_policy_;
  policy_received policy_;
  bool policy_sent_ = false;
  carrier_number policy_carrier_{};
  base::steady_time policy_sent_at_{};
  std::optional<peer_going_away> farewell_;
  bool farewell_sent_ = false;
  std::optional<peer_going_away> peer_farewell_;

  byte_count peer_session_limit_ = initial_session_window;
  byte_count session_written_ = 0;
  byte_count session_window_;
  byte_count session_granted_;
  byte_count session_highest_ = 0;
  byte_count session_consumed_ = 0;
  drain_meter session_meter_;
  byte_count unacknowledged_ = 0;
  byte_count unread_ = 0;
  byte_count held_ahead_ = 0;

  std::optional<base::duration> round_trip_;
  struct lost_carrier {
    carrier_number number{};
    std::optional<base::steady_time> settle_at;
  };
  std::vector<lost_carrier> lost_;
  std::vector<carrier_number> reports_;
  std::optional<base::steady_time> unproved_since_;
  base::steady_time last_loss_{};

  base::steady_time now_{};
  std::optional<base::steady_time> detached_since_;
  std::optional<base::steady_time> next_stream_tick_;
  std::optional<base::steady_time> retry_room_at_;
  session_counters counters_;
  bool established_ = false;
  bool ended_ = false;
};

}
