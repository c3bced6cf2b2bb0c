#pragma once

#include <boost/asio/signal_set.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "change_memory.hpp"
#include "config_watch.hpp"
#include "credential_keeper.hpp"
#include "directory.hpp"
#include "drain_duty.hpp"
#include "httvps/gateway/app/process.hpp"
#include "httvps/gateway/usage/allowance_desk.hpp"
#include "httvps/gateway/usage/usage_reporter.hpp"
#include "httvps/net/http_server.hpp"
#include "local_door.hpp"
#include "membership_desk.hpp"
#include "place_report.hpp"
#include "session_reporter.hpp"
#include "worker_usage.hpp"

namespace httvps::gateway {

class gateway_process {
 public:
  gateway_process(const gateway_settings& settings, base::log_sink& sink);

  base::result<void> run();

 private:
  base::result<void> prepare();
  void make_state_keeper();
  base::result<void> open_spool();
  base::result<void> announce_means();
  base::result<void> listen();
  void open_local_door();
  base::result<void> open_metrics();
  net::asio::awaitable<net::http_response> answer_metrics(net::http_request request);
  bool is_serving() const noexcept;
  std::string_view readiness() const noexcept;
  std::vector<worker*> all_workers() const;
  void make_membership();
  void make_duty();
  void note_refusal(const base::error& why);
  void make_reporters();
  void make_followers();
  net::task<> live();
  net::task<> follow_config(published_config config);
  void spread_credential();
  heartbeat make_heartbeat() const;
  net::task<> beat();
  net::task<> note_answer(heartbeat_answer answer);
  net::task<> note(net::task<> work);
  net::task<> note_failure(base::error failure);
  net::task<> leave_when_told();
  net::task<> hand_on_when_told();
  net::task<> hand_on();
  net::task<> hand_on(worker* each, base::steady_time until);
  net::task<> shut_down();
  net::task<> drain(worker* each);
  void end_session(std::uint64_t number);
  void hand_over(std::uint64_t number, newcomer who);
  void finish(base::result<void> outcome);

  const gateway_settings& settings_;
  base::log_sink& sink_;
  base::logger log_;
  net::asio::io_context context_{1};
  base::metric_registry registry_;
  gateway_probe probe_;
  recognition_probe recognitions_;
  base::slab_pool pool_;
  validation_cache validated_;
  grant_memory grants_;
  session_roll roll_{base::secure_random()};
  process_directory directory_;
  local_neighbours nearby_;
  net::asio::signal_set signals_;
  net::asio::signal_set upgrade_signal_;
  net::scope scope_;
  std::unique_ptr<identity::box_key> box_key_;
  std::unique_ptr<control_plane> control_;
  std::unique_ptr<allowance_desk> allowances_;
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<std::unique_ptr<worker_usage>> sources_;
  std::unique_ptr<usage_spool> spool_;
  net::blocking_pool disk_{{.threads = 1}};
  std::unique_ptr<usage_reporter> reporter_;
  std::unique_ptr<outcome_reporter> outcomes_;
  std::unique_ptr<session_reporter> sessions_;
  std::unique_ptr<config_watch> config_;
  std::unique_ptr<credential_keeper> credentials_;
  std::unique_ptr<place_reporter> placer_;
  std::unique_ptr<drain_duty> duty_;
  std::unique_ptr<net::http_server> metrics_;
  std::unique_ptr<local_door> local_door_;
  gateway_standing standing_{log_};
  std::unique_ptr<state_keeper> state_;
  std::unique_ptr<membership_desk> membership_;
  net::endpoint public_place_;
  gateway_place place_;
  wire::process_epoch epoch_{};
  base::steady_time started_ = base::real_clock().steady_now();
  change_memory terms_;
  std::string last_error_;
  base::result<void> outcome_;
  bool ready_ = false;
  bool leaving_ = false;
  bool handing_on_ = false;
};

}
