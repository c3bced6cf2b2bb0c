#pragma once

#include <string>
#include <string_view>

#include "httvps/backend/storage/byte_stream.hpp"

namespace httvps::backend::storage {

enum class record_kind : std::uint8_t { head = 'h', table = 't', row = 'r', manifest = 'm' };

struct snapshot_record {
  record_kind kind = record_kind::head;
  std::string content;
};

class record_writer {
 public:
  explicit record_writer(byte_sink& to) noexcept : to_(to) {}

  base::result<> write(record_kind kind, std::string_view content);

 private:
  byte_sink& to_;
};

class record_reader {
 public:
  explicit record_reader(byte_source& from) noexcept : from_(from) {}

  base::result<snapshot_record> next();
  base::result<> require_end();

 private:
  base::result<> fill(base::byte_span room);

  byte_source& from_;
};

}
