#pragma once

#include <memory>
#include <string>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/net/carrier_link.hpp"
#include "httvps/wire/session.hpp"

namespace httvps::gateway {

struct greeting {
  wire::session_id session{};
  wire::creation may_create = wire::creation::forbidden;
  wire::process_epoch epoch{};
  wire::attachment attachment;
  base::byte_vector hello;
  base::byte_vector rest;
};

class greeting_reader {
 public:
  base::result<bool> feed(base::byte_view bytes);
  greeting take() { return std::move(found_); }

 private:
  base::result<void> accept(const wire::hello_frame& hello);

  wire::frame_reader reader_;
  greeting found_;
  bool complete_ = false;
};

base::byte_vector encode_refusal(wire::errc code, std::string_view sentence);
net::task<> send_refusal(std::unique_ptr<net::carrier_link> link, base::byte_vector refusal,
                         base::steady_time deadline);

}
