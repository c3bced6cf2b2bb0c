#include <utility>

#include "httvps/base/encoding.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/gateway/sessions/admission.hpp"
#include "httvps/gateway/sessions/carrier_relay.hpp"

namespace httvps::gateway {

std::unique_ptr<net::carrier_link> admission_desk::process_of(const newcomer& arrived) {
  const auto& environment = parts_.environment;
  const auto& epoch = arrived.hello.epoch;
  const bool elsewhere = epoch != wire::process_epoch{} && epoch != environment.epoch &&
                         arrived.who.claims.device_id.size() <= introduced_device_most;
  if (!elsewhere) {
    return nullptr;
  }
  auto process = parts_.nearby.reach(environment.runs_on, epoch);
  if (!process) {
    environment.log.info("process_not_reached",
                         {{"epoch", base::to_hex(epoch)}, {"outcome", process.error()}});
    return nullptr;
  }
  return std::move(*process);
}

net::task<> admission_desk::pass_on(newcomer arrived, std::unique_ptr<net::carrier_link> process) {
  arrived.place.reset();
  auto& probe = parts_.environment.probe;
  probe.carriers_passed_on.add();
  probe.carriers_relayed.add(1);
  const base::scope_exit done([&probe] { probe.carriers_relayed.add(-1); });
  parts_.environment.log.debug("carrier_passed_on", {{"device_id", arrived.who.claims.device_id},
                                                     {"epoch", base::to_hex(arrived.hello.epoch)}});
  auto first =
      encode_introduction({.device_id = arrived.who.claims.device_id,
                           .sent = arrived.carrier.link->stream().ciphertext_traffic().sent});
  base::append(first, arrived.hello.hello);
  base::append(first, arrived.hello.rest);
  relayed_pair between{.device = std::move(arrived.carrier.link),
                       .process = std::move(process),
                       .first = std::move(first)};
  co_return co_await relay_carrier(std::move(between));
}

}
