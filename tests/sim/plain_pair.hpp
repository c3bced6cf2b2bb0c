#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "httvps/wire/session.hpp"
#include "pipe.hpp"
#include "timeline.hpp"

namespace httvps::sim {

class plain_side final : public wire::data_sink {
 public:
  plain_side(wire::role role, timeline& time, std::uint64_t seed);

  std::size_t on_data(wire::stream_id stream, wire::byte_view payload) override;
  void on_datagram(const wire::datagram_frame&) override {}
  void add(wire::carrier_number number, pipe& out) { outs_[number] = &out; }
  void take(wire::carrier_number number, wire::byte_view bytes);
  void pump();
  void send(wire::stream_id stream, byte_count count);

  wire::session& session() noexcept { return session_; }
  std::set<wire::stream_id> stalled;
  std::map<wire::stream_id, base::steady_time> finished_at;
  std::vector<wire::stream_id> opened;

 private:
  void poll_events();
  void push(wire::stream_id stream);
  void arm();

  timeline& time_;
  base::seeded_random random_;
  base::slab_pool pool_{256 * base::mebibyte};
  wire::session session_;
  std::map<wire::carrier_number, pipe*> outs_;
  std::map<wire::stream_id, byte_count> left_;
  std::map<wire::carrier_number, wire::frame_reader> greeting_;
  std::optional<base::steady_time> armed_;
  wire::role role_;
};

class plain_pair {
 public:
  plain_pair(std::size_t carriers, path_quality path);

  void run_until(base::steady_time end);

  timeline time;
  plain_side client;
  plain_side gateway;

 private:
  base::seeded_random random_{7};
  std::vector<std::unique_ptr<pipe>> pipes_;
};

}
