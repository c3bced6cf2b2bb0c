#include <utility>

#include "httvps/net/error.hpp"
#include "httvps/net/http2_link.hpp"

namespace httvps::net {
namespace {

constexpr std::uint32_t client_table = 65'536;
constexpr std::uint32_t client_window = 6'291'456;
constexpr std::uint32_t client_header_list = 262'144;
constexpr std::uint32_t client_connection_step = 15'663'105;
constexpr std::uint8_t websocket_weight = 146;
constexpr std::uint32_t client_stream = 1;

base::byte_vector opening_of_a_browser() {
  base::byte_vector settings;
  append_setting(settings, http2_setting::header_table_size, client_table);
  append_setting(settings, http2_setting::enable_push, 0);
  append_setting(settings, http2_setting::initial_window_size, client_window);
  append_setting(settings, http2_setting::max_header_list_size, client_header_list);
  base::byte_vector opening;
  base::append(opening, base::as_bytes(http2_preface));
  append_frame(opening, {.type = http2_type::settings}, settings);
  append_window_update(opening, 0, client_connection_step);
  return opening;
}

http_fields connect_fields(http2_request request) {
  http_fields fields = {{":method", "CONNECT"},
                        {":authority", std::move(request.host)},
                        {":scheme", "https"},
                        {":path", std::move(request.target)},
                        {":protocol", "websocket"}};
  for (const auto& field : request.headers) {
    fields.add(field.name, field.value);
  }
  return fields;
}

base::result<base::byte_vector> connect_frames(http2_request request) {
  HTTVPS_TRY(const auto block, compress_headers(connect_fields(std::move(request))));
  base::byte_vector payload = {0x80, 0, 0, 0, websocket_weight};
  base::append(payload, block);
  if (payload.size() > http2_default_frame) {
    return base::fail(errc::http_head_too_large);
  }
  base::byte_vector frames;
  const std::uint8_t flags = http2_flag::end_headers | http2_flag::priority;
  append_frame(frames, {.type = http2_type::headers, .flags = flags, .stream = client_stream},
               payload);
  return frames;
}

}

task<std::unique_ptr<http2_link>> open_http2(tls_stream stream, http2_request request,
                                             base::steady_time deadline) {
  const http2_tunnel_options chosen = {
      .role = websocket_role::client,
      .stream = client_stream,
      .longest_frame = http2_default_frame,
      .stream_window = client_window,
      .connection_window = http2_default_window + std::int64_t{client_connection_step},
      .message_limit = request.message_limit};
  HTTVPS_CO_TRY(const base::byte_vector headers, connect_frames(std::move(request)));
  HTTVPS_CO_CHECK(co_await stream.write_all(opening_of_a_browser(), deadline));
  HTTVPS_CO_CHECK(co_await stream.write_all(headers, deadline));
  co_return std::make_unique<http2_link>(std::move(stream), base::byte_vector(), chosen);
}

base::byte_vector http2_server_settings() {
  base::byte_vector settings;
  append_setting(settings, http2_setting::max_concurrent_streams, http2_server_streams);
  append_setting(settings, http2_setting::initial_window_size, http2_server_window);
  append_setting(settings, http2_setting::max_frame_size, http2_largest_frame);
  base::byte_vector opening;
  append_frame(opening, {.type = http2_type::settings}, settings);
  append_window_update(opening, 0, http2_server_connection - http2_default_window);
  return opening;
}

task<std::unique_ptr<http2_link>> accept_http2(tls_stream stream, http2_offer offer,
                                               base::byte_vector early,
                                               base::steady_time deadline) {
  const http2_tunnel_options chosen = {.role = websocket_role::server,
                                       .stream = offer.stream,
                                       .peer = offer.peer,
                                       .stream_window = http2_server_window,
                                       .connection_window = http2_server_connection};
  auto link = std::make_unique<http2_link>(std::move(stream), std::move(early), chosen);
  HTTVPS_CO_CHECK(link->send_replies());
  while (link->stream().has_backlog()) {
    HTTVPS_CO_CHECK(co_await link->stream().wait_writable(deadline));
    HTTVPS_CO_CHECK(link->stream().flush());
  }
  co_return std::move(link);
}

}
