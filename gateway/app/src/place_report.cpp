#include "place_report.hpp"

#include <algorithm>
#include <utility>

#include "httvps/base/encoding.hpp"
#include "httvps/net/tls_context.hpp"

namespace httvps::gateway {
namespace {

bool is_final(const base::error& failure) {
  return failure == control_errc::backend_refused;
}

}

base::result<gateway_place> place_of(const gateway_settings& settings, const net::endpoint& bound) {
  HTTVPS_TRY(const auto present, net::spki_digest_of_certificate_file(settings.certificate_file));
  gateway_place place{.region = settings.region,
                      .host = settings.public_host,
                      .addresses = settings.public_addresses,
                      .pins = {base::to_base64url(present)}};
  if (place.addresses.empty()) {
    place.addresses.push_back(net::to_text(bound));
  }
  if (settings.next_key_file.empty()) {
    return place;
  }
  HTTVPS_TRY(const auto next, net::spki_digest_of_key_file(settings.next_key_file));
  if (next != present) {
    place.pins.push_back(base::to_base64url(next));
  }
  return place;
}

net::task<> place_reporter::run() {
  auto pause = parts_.pause_least;
  while (!stopped_) {
    auto place = parts_.place;
    const auto told = co_await parts_.control.report_place(std::move(place));
    if (told) {
      parts_.log.info("place_told", {{"host", parts_.place.host},
                                     {"pins", std::uint64_t{parts_.place.pins.size()}}});
      co_return told;
    }
    parts_.log.warn("place_not_told", {{"outcome", told.error()}});
    if (is_final(told.error())) {
      co_return told;
    }
    HTTVPS_CO_CHECK(co_await net::sleep_until(base::real_clock().steady_now() + pause));
    pause = std::min(pause * 2, parts_.pause_most);
  }
  co_return base::result<>();
}

}
