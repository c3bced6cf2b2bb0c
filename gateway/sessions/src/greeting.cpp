#include "httvps/gateway/sessions/greeting.hpp"

#include <algorithm>

#include "httvps/wire/frame_encoder.hpp"

namespace httvps::gateway {
namespace {

constexpr std::uint16_t normal_closure = 1000;
constexpr std::uint64_t seconds_until_the_backend_may_be_back = 5;

std::uint64_t patience_for(wire::errc code) noexcept {
  const bool waits =
      code == wire::errc::backend_unavailable || code == wire::errc::usage_backlog_full;
  return waits ? seconds_until_the_backend_may_be_back : 0;
}

}

base::result<bool> greeting_reader::feed(base::byte_view bytes) {
  if (!complete_) {
    const auto fed = bytes;
    HTTVPS_TRY(const auto next, reader_.next(bytes));
    base::append(found_.hello, fed.first(fed.size() - bytes.size()));
    if (!next) {
      return false;
    }
    const auto* hello = std::get_if<wire::hello_frame>(&*next);
    if (hello == nullptr) {
      return base::fail(wire::errc::protocol_violation);
    }
    HTTVPS_CHECK(accept(*hello));
    complete_ = true;
  }
  base::append(found_.rest, bytes);
  return true;
}

base::result<void> greeting_reader::accept(const wire::hello_frame& hello) {
  if (hello.version != wire::protocol_version) {
    return base::fail(wire::errc::version_unsupported);
  }
  if (hello.proof != wire::proof_kind::channel) {
    return base::fail(wire::errc::frame_not_negotiated);
  }
  found_.session = hello.session;
  found_.may_create = hello.may_create;
  found_.epoch = hello.epoch;
  found_.attachment = wire::attachment_of(hello);
  return {};
}

base::byte_vector encode_refusal(wire::errc code, std::string_view sentence) {
  base::byte_vector bytes(wire::frame_head_most + wire::sentence_most + 32);
  wire::frame_writer writer(bytes);
  const auto shown = sentence.substr(0, std::min(sentence.size(), wire::sentence_most));
  const wire::refuse_frame refusal{
      .code = wire::to_wire(code), .retry_after_seconds = patience_for(code), .sentence = shown};
  writer.put(refusal);
  bytes.resize(writer.written());
  return bytes;
}

net::task<> send_refusal(std::unique_ptr<net::carrier_link> link, base::byte_vector refusal,
                         base::steady_time deadline) {
  base::byte_view rest = refusal;
  HTTVPS_CO_CHECK(link->send([&rest](base::byte_span space) {
    const auto count = std::min(space.size(), rest.size());
    base::copy_bytes(space, rest.first(count));
    rest = rest.subspan(count);
    return count;
  }));
  co_return co_await link->close(normal_closure, deadline);
}

}
