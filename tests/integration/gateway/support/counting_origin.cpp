#include "gateway/support/counting_origin.hpp"

#include <array>
#include <map>
#include <utility>

namespace httvps::testing {

bool counting_origin::send(const tcp_socket& connection, base::byte_view bytes) {
  sent_ += bytes.size();
  return connection.send_all(bytes);
}

void counting_origin::serve(const tcp_socket& connection) {
  base::byte_array<16384> room;
  bool first = true;
  while (const auto count = connection.receive(room)) {
    received_ += *count;
    const bool greeted = !std::exchange(first, false) || send(connection, pattern(greeting_size));
    if (*count == 0 || !greeted || !send(connection, base::byte_view(room).first(*count))) {
      return;
    }
  }
}

usage_totals answered_totals(const backend_record& record) {
  std::map<std::uint64_t, usage_totals> sessions;
  for (const auto& delivery : answered(record)) {
    for (const auto& line : delivery.lines) {
      sessions[line.session] = {line.up, line.down};
    }
  }
  usage_totals all;
  for (const auto& [session, one] : sessions) {
    all.up += one.up;
    all.down += one.down;
  }
  return all;
}

std::vector<usage_delivery> answered(const backend_record& record) {
  auto all = record.usage;
  std::erase_if(all, [](const usage_delivery& each) { return !each.answered; });
  return all;
}

}
