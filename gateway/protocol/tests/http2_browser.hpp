#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/gateway/protocol/http2_site.hpp"

namespace httvps::gateway::testing {

using net::http2_type;
namespace http2_flag = net::http2_flag;

struct answer_frame {
  net::http2_frame_head head;
  base::byte_vector payload;
};

class browser {
 public:
  explicit browser(std::uint32_t window = net::http2_default_window) {
    base::append(sent_, base::as_bytes(net::http2_preface));
    base::byte_vector settings;
    net::append_setting(settings, net::http2_setting::initial_window_size, window);
    net::append_frame(sent_, {.type = http2_type::settings}, settings);
  }

  void ask(const net::http_fields& fields, std::uint32_t stream,
           std::uint8_t flags = http2_flag::end_headers | http2_flag::end_stream) {
    const auto block = writer_.compress(fields);
    net::append_frame(sent_, {.type = http2_type::headers, .flags = flags, .stream = stream},
                      *block);
  }

  void send(const net::http2_frame_head& head, base::byte_view payload = {}) {
    net::append_frame(sent_, head, payload);
  }

  void send_raw(std::string_view text) {
    sent_.clear();
    base::append(sent_, base::as_bytes(text));
  }

  base::byte_vector& sent() { return sent_; }
  std::vector<answer_frame> talk(http2_site& site, std::size_t step = 100'000);
  std::size_t largest_output() const { return largest_; }
  std::optional<net::http_fields> fields_of(const answer_frame& frame);

 private:
  static std::size_t output_of(http2_site& site, base::byte_vector& into);
  static std::vector<answer_frame> frames_of(base::byte_vector bytes);

  base::byte_vector sent_;
  std::size_t largest_ = 0;
  net::http2_header_writer writer_{4096};
  net::http2_header_reader reader_{{}};
};

using lines = std::vector<std::string>;

net::http_fields request(std::string method, std::string path);
std::vector<answer_frame> of_streams(const std::vector<answer_frame>& frames);
std::vector<std::string> summary_of(browser& client, const std::vector<answer_frame>& frames);
const base::manual_clock& clock_of_tests();
std::vector<std::string> lines_after(const net::http_fields& fields,
                                     std::uint8_t flags = http2_flag::end_headers |
                                                          http2_flag::end_stream);

}
