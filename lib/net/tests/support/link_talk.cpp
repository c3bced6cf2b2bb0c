#include "link_talk.hpp"

#include <algorithm>

#include "run_loop.hpp"
#include "stream_pair.hpp"

namespace httvps::net::testing {

std::size_t sending::operator()(base::byte_span space) {
  const auto limit = step == 0 ? space.size() : std::min(step, space.size());
  const auto count = std::min(left.size(), limit);
  base::copy_bytes(space, left.first(count));
  left = left.subspan(count);
  ++calls;
  return count;
}

task<link_pair> connect_links(const test_certificate* certificate) {
  HTTVPS_CO_TRY(tls_pair streams, co_await connect_tls_pair(certificate));
  const websocket_link_options near = {.role = websocket_role::client};
  const websocket_link_options far = {.role = websocket_role::server};
  link_pair made = {.client = websocket_link(std::move(streams.client), {}, near),
                    .server = websocket_link(std::move(streams.server), {}, far)};
  co_return std::move(made);
}

task<> send_everything(websocket_link* link, base::byte_view bytes, std::size_t step) {
  sending source = {.left = bytes, .step = step};
  while (true) {
    HTTVPS_CO_TRY(const send_state state, link->send(source));
    if (state == send_state::drained) {
      co_return base::result<>();
    }
    if (state == send_state::blocked) {
      HTTVPS_CO_CHECK(co_await link->wait_writable(soon()));
      if (source.left.empty() && !link->has_backlog()) {
        co_return base::result<>();
      }
    } else {
      HTTVPS_CO_CHECK(co_await yield_to_others());
    }
  }
}

task<> receive_up_to(websocket_link* link, base::byte_vector* into, std::size_t wanted) {
  auto sink = [into](base::byte_view piece) { base::append(*into, piece); };
  while (into->size() < wanted) {
    HTTVPS_CO_CHECK(co_await link->wait_readable(soon()));
    HTTVPS_CO_TRY(const link_state state, link->receive(sink));
    if (state == link_state::closed) {
      co_return base::fail(errc::connection_closed);
    }
  }
  co_return base::result<>();
}

task<> keep(task<> work, base::result<>* outcome) {
  *outcome = co_await std::move(work);
  co_return base::result<>();
}

}
