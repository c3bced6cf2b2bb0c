#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/slab.hpp"
#include "httvps/wire/errc.hpp"
#include "httvps/wire/frame_decoder.hpp"
#include "httvps/wire/limits.hpp"
#include "httvps/wire/types.hpp"

namespace httvps::wire {

struct session_established {
  std::string direct_host = {};
};

struct session_refused {
  errc code{};
  std::chrono::seconds retry_after{};
  std::string sentence;
};

struct stream_opened {
  stream_id stream{};
  wire::target target;
};

struct stream_finished {
  stream_id stream{};
};

struct stream_reset {
  stream_id stream{};
  errc code{};
};

struct stream_stopped {
  stream_id stream{};
  errc code{};
};

struct stream_closed {
  stream_id stream{};
  std::uint64_t carriers = 0;
};

struct stream_writable {
  stream_id stream{};
};

struct notice_received {
  errc code{};
  std::string sentence;
};

struct policy_received {
  std::uint64_t version = 0;
  std::string document;
};

struct peer_going_away {
  errc code{};
  std::chrono::milliseconds drain{};
  std::vector<std::string> gateways = {};
};

struct carrier_ready {
  carrier_number carrier{};
};

struct carrier_measured {
  carrier_number carrier{};
  base::duration round_trip{};
};

struct carrier_suspected {
  carrier_number carrier{};
};

struct carrier_retired {
  carrier_number carrier{};
};

struct carrier_failed {
  carrier_number carrier{};
  errc code{};
};

struct session_restarted {
  std::size_t reopened = 0;
  std::size_t lost = 0;
};

struct session_ended {
  errc code{};
};

using session_event =
    std::variant<session_established, session_refused, stream_opened, stream_finished, stream_reset,
                 stream_stopped, stream_closed, stream_writable, notice_received, policy_received,
                 peer_going_away, carrier_ready, carrier_measured, carrier_suspected,
                 carrier_retired, carrier_failed, session_restarted, session_ended>;

class data_sink {
 public:
  virtual ~data_sink() = default;
  virtual std::size_t on_data(stream_id stream, byte_view payload) = 0;
  virtual void on_datagram(const datagram_frame& datagram) = 0;
};

struct keepalive_range {
  std::chrono::milliseconds least{};
  std::chrono::milliseconds most{};
};

struct session_options {
  wire::role role = role::client;
  session_id id{};
  process_epoch epoch{};
  session_limits limits;
  std::string direct_host = {};
};

struct attachment {
  carrier_number carrier{};
  frame_reader reader = {};
  std::optional<byte_count> peer_session_limit = std::nullopt;
  std::vector<receive_state> peer_streams = {};
  byte_count down_budget = 0;
  std::uint64_t capabilities = all_capabilities;
};

attachment attachment_of(const hello_frame& hello, frame_reader reader = {});

struct carrier_facts {
  carrier_number number{};
  std::optional<base::duration> round_trip = std::nullopt;
  base::steady_time last_heard{};
  byte_count down_budget = 0;
  byte_count repeated = 0;
  std::size_t streams = 0;
  bool ready = false;
  bool suspect = false;
  bool retiring = false;
};

struct session_counters {
  byte_count payload_sent = 0;
  byte_count payload_received = 0;
  byte_count framing_sent = 0;
  std::uint64_t streams_opened = 0;
  std::uint64_t datagrams_sent = 0;
  std::uint64_t datagrams_received = 0;
};

struct datagram_drops {
  std::uint64_t full = 0;
  std::uint64_t late = 0;
  std::uint64_t detached = 0;
  std::uint64_t malformed = 0;
  std::uint64_t all() const noexcept { return full + late + detached + malformed; }
};

struct session_credit {
  byte_count sending = 0;
  byte_count peer_limit = 0;
  byte_count received = 0;
  byte_count consumed = 0;
  byte_count granted = 0;
};

class session {
 public:
  session(session_options options, base::slab_pool& pool, base::random_source& random);
  session(session&&) noexcept;
  session& operator=(session&&) noexcept;
  ~session();

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
  std::size_t send_room(stream_id stream) const;
  void await_room(stream_id stream, std::size_t wanted);
  byte_span reserve(stream_id stream, std::size_t wanted);
  void commit(stream_id stream, std::size_t count);
  std::size_t write(stream_id stream, byte_view bytes);
  void finish(stream_id stream, base::steady_time now);
  void fail_after_data(stream_id stream, errc code);
  void reset(stream_id stream, errc code);
  void stop(stream_id stream, errc code, base::steady_time now);

  bool send_datagram(const datagram_frame& datagram, base::steady_time now);

  byte_view peek(stream_id stream) const;
  void consume(stream_id stream, std::size_t count, base::steady_time now);

  void notify(errc code, std::string sentence);
  void publish_policy(std::uint64_t version, std::string document);
  void use_keepalive(keepalive_range range) noexcept;
  void go_away(errc code, std::chrono::milliseconds drain, std::vector<std::string> gateways = {});
  void end(errc code);

  bool ended() const noexcept;
  bool established() const noexcept;
  std::size_t open_streams() const noexcept;
  byte_count unacknowledged() const noexcept;
  byte_count awaiting_repeat() const noexcept;
  byte_count unread() const noexcept;
  std::optional<base::duration> round_trip() const noexcept;
  const session_counters& counters() const noexcept;
  const datagram_drops& dropped_datagrams() const noexcept;
  session_credit credit() const noexcept;
  const session_id& id() const noexcept;

 private:
  class core;
  std::unique_ptr<core> core_;
};

}
