#include "http2_browser.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace httvps::gateway::testing {

std::vector<answer_frame> browser::talk(http2_site& site, std::size_t step) {
  base::byte_vector output;
  base::byte_span left(sent_);
  while (!left.empty()) {
    auto chunk = left.first(std::min(step, left.size()));
    left = left.subspan(chunk.size());
    do {
      site.feed(chunk);
      largest_ = std::max(largest_, output_of(site, output));
    } while (!chunk.empty());
  }
  while (output_of(site, output) > 0) {
  }
  sent_.clear();
  return frames_of(output);
}

std::optional<net::http_fields> browser::fields_of(const answer_frame& frame) {
  auto bytes = frame.payload;
  const auto done = reader_.take(frame.head, {.payload = bytes, .starts = true, .ends = true});
  return done ? std::optional(reader_.take_fields()) : std::nullopt;
}

std::size_t browser::output_of(http2_site& site, base::byte_vector& into) {
  const auto fresh = site.take_output();
  base::append(into, fresh);
  return fresh.size();
}

std::vector<answer_frame> browser::frames_of(base::byte_vector bytes) {
  net::http2_frame_reader reader(net::http2_default_frame);
  std::vector<answer_frame> frames;
  base::byte_span input(bytes);
  while (!input.empty()) {
    const auto piece = reader.next(input);
    frames.push_back(
        {.head = reader.head(), .payload = {(*piece)->payload.begin(), (*piece)->payload.end()}});
  }
  return frames;
}

net::http_fields request(std::string method, std::string path) {
  return {{":method", std::move(method)},
          {":scheme", "https"},
          {":path", std::move(path)},
          {":authority", "localhost"}};
}

std::vector<answer_frame> of_streams(const std::vector<answer_frame>& frames) {
  std::vector<answer_frame> found;
  std::ranges::copy_if(frames, std::back_inserter(found),
                       [](const answer_frame& frame) { return frame.head.stream != 0; });
  return found;
}

std::vector<std::string> summary_of(browser& client, const std::vector<answer_frame>& frames) {
  std::vector<std::string> lines;
  for (const auto& frame : frames) {
    const auto stream = std::to_string(frame.head.stream);
    if (frame.head.type == http2_type::headers) {
      lines.push_back(stream + " " + std::string(*client.fields_of(frame)->find(":status")));
    } else if (frame.head.type == http2_type::data) {
      lines.push_back(stream + " data " + std::to_string(frame.payload.size()));
    } else if (frame.head.type == http2_type::rst_stream) {
      lines.push_back(stream + " reset " + std::to_string(frame.payload.back()));
    } else if (frame.head.type == http2_type::goaway) {
      lines.push_back("goaway " + std::to_string(frame.payload.back()));
    }
  }
  return lines;
}

const base::manual_clock& clock_of_tests() {
  static const base::manual_clock clock;
  return clock;
}

std::vector<std::string> lines_after(const net::http_fields& fields, std::uint8_t flags) {
  http2_site site(clock_of_tests());
  browser client;
  client.ask(fields, 1, flags);
  const auto frames = client.talk(site);
  return summary_of(client, frames);
}

}
