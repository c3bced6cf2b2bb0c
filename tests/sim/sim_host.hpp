#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "httvps/wire/session.hpp"
#include "pipe.hpp"
#include "scenario.hpp"
#include "timeline.hpp"

namespace httvps::sim {

enum class own_end { none, finished, failed, reset };

struct app_stream {
  byte_count written = 0;
  byte_count received = 0;
  byte_count remaining = 0;
  own_end ended = own_end::none;
  bool opened = false;
  bool told_to_stop = false;
  bool saw_finish = false;
  bool awaits_room = false;
  std::optional<wire::errc> saw_reset;
  std::optional<wire::errc> saw_stop;
  base::steady_time stalled_until{};
};

inline constexpr auto failure_code = wire::errc::node_unreachable;
inline constexpr auto reset_code = wire::errc::cancelled;

enum class parting { gracefully, abruptly };

using line_number = std::size_t;

struct sightings {
  std::size_t resumes = 0;
  std::size_t refused_hellos = 0;
  std::size_t early_hellos = 0;
  std::size_t suspicions = 0;
  std::size_t retirements = 0;
  std::size_t slow_readers = 0;

  sightings& operator+=(const sightings& other) noexcept;
};

class sim_host final : public wire::data_sink {
 public:
  struct parts {
    wire::role role{};
    const sim::scenario& plan;
    timeline& time;
    base::random_source& random;
    std::function<void(std::string)> fail;
    std::function<void()> dial;
    std::function<void(line_number, parting)> hang_up;
  };

  explicit sim_host(parts what);

  std::size_t on_data(wire::stream_id stream, wire::byte_view payload) override;
  void on_datagram(const wire::datagram_frame&) override {}

  void attach(line_number line, wire::carrier_number number, pipe& out);
  void take_bytes(line_number line, pipe& out, wire::byte_view bytes);
  void end_of(line_number line);
  void rotate();

  void act();
  void start_closing() noexcept { closing_ = true; }
  void close_some();
  void pump();

  bool quiet() const;
  std::string unfinished() const;
  std::optional<wire::errc> ended_with() const noexcept { return ended_with_; }
  const std::map<wire::stream_id, app_stream>& apps() const noexcept { return apps_; }
  const wire::session& session() const noexcept { return session_; }
  byte_count pool_used() const noexcept { return pool_.used(); }
  bool met_client() const noexcept { return met_client_; }
  const sightings& seen() const noexcept { return seen_; }

 private:
  struct lane {
    pipe* out = nullptr;
    wire::carrier_number number{};
    wire::frame_reader greeting_reader = {};
    base::byte_vector inbox = {};
    bool closing = false;
  };

  void read_inboxes();
  void read_lane(line_number line);
  void read_piece(line_number line, wire::byte_view piece);
  void listen(line_number line, wire::byte_view& bytes);
  base::result<void> join(const wire::hello_frame& hello, lane& fresh);
  void refuse(line_number line, wire::errc code);
  void drop(line_number line, parting how);
  std::optional<line_number> line_of(wire::carrier_number number) const;
  void keep_carriers();
  void keep_carriers_soon(base::duration most);
  void drop_suspects_soon();
  void drop_suspects();
  void drop_if_never_ready(wire::carrier_number number);
  void close_retired();
  void on_carrier_event(const wire::session_event& event);
  void on_ready(wire::carrier_number number);
  bool write_lane(lane& each);
  void poll_events();
  void on_event(const wire::session_event& event);
  void write_out();
  void arm();
  void wake();
  void check_bounds();

  void act_on(wire::stream_id stream, app_stream& app);
  void end_somehow(wire::stream_id stream, app_stream& app);
  void open_one();
  void stall(wire::stream_id stream, app_stream& app);
  void push_remaining(wire::stream_id stream, app_stream& app);
  std::size_t write_some(wire::stream_id stream, app_stream& app);
  void read_some(wire::stream_id stream, app_stream& app, std::size_t most);
  void verify(wire::stream_id stream, app_stream& app, wire::byte_view payload);
  void reenter(wire::stream_id stream, app_stream& app);
  std::optional<wire::stream_id> random_live();
  static bool is_over(const app_stream& app);

  parts what_;
  base::seeded_random own_random_;
  base::slab_pool pool_;
  wire::session session_;
  std::map<wire::stream_id, app_stream> apps_;
  std::vector<wire::stream_id> live_;
  std::map<line_number, lane> lanes_;
  std::optional<wire::carrier_number> leaving_;
  sightings seen_;
  base::steady_time deaf_until_{};
  std::optional<base::steady_time> armed_;
  std::optional<wire::errc> ended_with_;
  bool met_client_ = false;
  bool keeping_ = false;
  bool closing_ = false;
  bool in_receive_ = false;
};

}
