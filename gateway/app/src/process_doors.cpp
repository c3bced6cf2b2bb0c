#include <utility>

#include "gateway_process.hpp"

namespace httvps::gateway {

base::result<void> gateway_process::listen() {
  HTTVPS_TRY(auto place, net::parse_endpoint(settings_.listen));
  HTTVPS_TRY(const auto tls,
             net::tls_context::make_server({.certificate_chain_file = settings_.certificate_file,
                                            .private_key_file = settings_.key_file,
                                            .alpn = {"h2", "http/1.1"}}));
  for (std::size_t index = 0; index < settings_.threads; ++index) {
    HTTVPS_TRY(auto running, shadowsocks::make_engine(settings_.aead_engine));
    worker_plan plan{.settings = settings_,
                     .index = index,
                     .pool = pool_,
                     .log = log_,
                     .probe = probe_,
                     .recognitions = recognitions_,
                     .tls = tls,
                     .directory = directory_,
                     .nearby = nearby_,
                     .allowances = *allowances_,
                     .validated = validated_,
                     .grants = grants_,
                     .box_key = *box_key_,
                     .epoch = epoch_,
                     .engine = std::move(running.engine)};
    workers_.push_back(std::make_unique<worker>(std::move(plan)));
    HTTVPS_TRY(place, workers_.back()->listen(place));
    sources_.push_back(std::make_unique<worker_usage>(*workers_.back()));
  }
  public_place_ = place;
  HTTVPS_TRY(place_, place_of(settings_, public_place_));
  make_duty();
  make_membership();
  open_local_door();
  return open_metrics();
}

void gateway_process::open_local_door() {
  local_door_parts parts{.log = log_.for_module("local_door"),
                         .probe = probe_,
                         .directory = directory_,
                         .folder = settings_.runtime_dir,
                         .epoch = epoch_};
  local_door_ = std::make_unique<local_door>(context_.get_executor(), std::move(parts));
  if (const auto opened = local_door_->open(); !opened) {
    log_.error("local_door_not_open", {{"outcome", opened.error()}});
  }
}

base::result<void> gateway_process::open_metrics() {
  registry_.add_callback_gauge(
      {"httvps_gateway_buffer_bytes", "Bytes held for unacknowledged and unread stream data."},
      [this] { return static_cast<double>(pool_.used()); });
  registry_.add_callback_gauge(
      {"httvps_gateway_log_lines_dropped", "Log lines that could not be written."},
      [this] { return static_cast<double>(sink_.dropped_lines()); });
  HTTVPS_TRY(auto place, net::parse_endpoint(settings_.metrics_listen));
  HTTVPS_TRY(auto opened,
             net::http_server::open(
                 context_.get_executor(), {.listen = {.place = place}},
                 [this](net::http_request request) { return answer_metrics(std::move(request)); }));
  metrics_ = std::make_unique<net::http_server>(std::move(opened));
  return {};
}

}
