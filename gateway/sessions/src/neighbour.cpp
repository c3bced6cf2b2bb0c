#include "httvps/gateway/sessions/neighbour.hpp"

#include <algorithm>
#include <utility>

#include "httvps/base/encoding.hpp"

namespace httvps::gateway {
namespace {

constexpr std::uint8_t introduction_version = 1;
constexpr std::size_t count_size = 8;
constexpr std::size_t before_device = 1 + count_size + 1;
constexpr unsigned byte_bits = 8;

base::byte_count count_in(base::byte_view bytes) {
  base::byte_count count = 0;
  for (const auto each : bytes) {
    count = count << byte_bits | each;
  }
  return count;
}

}

base::byte_vector encode_introduction(const introduction& of) {
  base::byte_vector bytes = {introduction_version};
  for (std::size_t at = count_size; at > 0; --at) {
    bytes.push_back(static_cast<std::uint8_t>(of.sent >> (at - 1) * byte_bits));
  }
  const auto device =
      base::as_bytes(of.device_id).first(std::min(of.device_id.size(), introduced_device_most));
  bytes.push_back(static_cast<std::uint8_t>(device.size()));
  base::append(bytes, device);
  return bytes;
}

base::result<base::byte_view> introduction_reader::read_head(base::byte_view bytes) {
  const auto take_until = [this, &bytes](std::size_t wanted) {
    const auto count = std::min(wanted - std::min(wanted, head_.size()), bytes.size());
    base::append(head_, bytes.first(count));
    bytes = bytes.subspan(count);
    return head_.size() >= wanted;
  };
  if (!take_until(before_device)) {
    return bytes;
  }
  if (head_.front() != introduction_version) {
    return base::fail(wire::errc::version_unsupported);
  }
  const std::size_t length = head_[before_device - 1];
  introduced_ = take_until(before_device + length);
  if (introduced_) {
    const base::byte_view head = head_;
    found_ = {.device_id = std::string(base::as_text(head.subspan(before_device, length))),
              .sent = count_in(head.subspan(1, count_size))};
  }
  return bytes;
}

base::result<bool> introduction_reader::feed(base::byte_view bytes) {
  if (!introduced_) {
    HTTVPS_TRY(bytes, read_head(bytes));
  }
  return introduced_ ? greeting_.feed(bytes) : base::result<bool>(false);
}

introduction introduction_reader::take_introduction() {
  return std::exchange(found_, {});
}

std::string socket_path(const std::string& folder, const wire::process_epoch& epoch) {
  return folder + "/" + base::to_hex(epoch) + ".sock";
}

}
