#pragma once

#include "gateway_double.hpp"
#include "httvps/sdk/tunnel.hpp"
#include "run_loop.hpp"
#include "service.hpp"
#include "temporary_folder.hpp"

namespace httvps::sdk::testing {

inline base::steady_time soon() {
  return net::deadline_after(std::chrono::seconds(10));
}

inline base::system_time real_now() {
  return base::real_clock().system_now();
}

inline wire::target domain(std::string name) {
  return wire::domain_target{.name = std::move(name), .port = 80};
}

struct rig {
  rig() : store(state_store::create(folder.file("state")).value()) {}

  tunnel_options options() const {
    return {.store = store,
            .account = device_account::make(issuer.device, issuer.record(), real_now()).value(),
            .backoff = {.least = std::chrono::milliseconds(20),
                        .most = std::chrono::milliseconds(100)}};
  }
  tunnel make_tunnel() { return tunnel(loop.get_executor(), options()); }

  net::testing::run_loop loop;
  temporary_folder folder;
  service issuer{.now = real_now()};
  gateway_double gateway{loop.get_executor(), issuer};
  state_store store;
};

using tunnel_script = net::asio::awaitable<void> (*)(rig*, tunnel*);

net::asio::awaitable<void> run_script(rig* with, tunnel* through, tunnel_script script);
void play(rig& with, tunnel_options options, tunnel_script script);
std::string address_where_nobody_listens(rig& with);

net::task<base::byte_vector> read_until_end(tunnel_stream* stream);
net::task<> send_and_finish(tunnel_stream* stream, base::byte_vector bytes);
net::task<bool> echoes(tunnel* through, base::byte_vector bytes);

}
