#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/descriptor.hpp"
#include "common/http_head.hpp"
#include "httvps/base/error.hpp"
#include "loadgen/proxy_handshake.hpp"
#include "loadgen/tally.hpp"

namespace httvps::bench {

enum class session_stage {
  connecting,
  handshaking,
  uploading,
  reading_head,
  reading_body,
  complete
};

struct session_plan {
  proxy_kind proxy = proxy_kind::none;
  endpoint entry{};
  endpoint target{};
  std::string request;
  base::byte_count upload = 0;
  base::byte_count expected = 0;
  int upload_file = -1;
  base::byte_count upload_file_size = 0;
};

using moment = std::chrono::steady_clock::time_point;

class session {
 public:
  explicit session(const session_plan& plan);

  base::result<void> open(moment now);
  base::result<void> advance(moment now);

  session_stage stage() const noexcept { return stage_; }
  int socket() const noexcept { return socket_.get(); }
  std::uint32_t wanted_events() const noexcept;
  session_result timing() const noexcept;
  const traffic& moved() const noexcept { return moved_; }

 private:
  base::result<void> begin_handshake();
  base::result<void> read_handshake();
  base::result<void> send_request();
  base::result<void> send_upload();
  base::result<void> read_head(moment now);
  base::result<void> start_body(const http_head& head);
  base::result<void> read_body(moment now);
  base::result<void> read_upload_answer();
  base::result<void> check_complete(moment now);
  base::result<void> send_all(std::string_view bytes);

  const session_plan* plan_;
  descriptor socket_;
  session_stage stage_ = session_stage::connecting;
  proxy_handshake handshake_;
  head_reader head_;
  std::string answer_;
  base::byte_count left_ = 0;
  base::byte_count upload_left_ = 0;
  moment started_{};
  moment first_byte_{};
  moment finished_{};
  traffic moved_;
};

}
