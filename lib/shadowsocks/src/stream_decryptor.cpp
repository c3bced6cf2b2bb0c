#include <algorithm>
#include <new>

#include "httvps/shadowsocks/stream.hpp"

namespace httvps::shadowsocks {

struct stream_decryptor::cursor {
  base::byte_view in;
  base::byte_span out;
  open_progress done;

  base::byte_view take(std::size_t count) noexcept {
    const auto taken = in.first(count);
    in = in.subspan(count);
    done.consumed += count;
    return taken;
  }

  base::byte_span reserve(std::size_t count) noexcept {
    const auto room = out.first(count);
    out = out.subspan(count);
    done.produced += count;
    return room;
  }
};

base::result<open_progress> stream_decryptor::open(base::byte_view in, base::byte_span out) {
  if (stage_ == stage::failed) {
    return base::fail(failure_);
  }
  cursor at{.in = in, .out = out, .done = {}};
  for (;;) {
    const auto before = at.done;
    const auto went_on = step(at);
    if (!went_on) {
      return stop(went_on.error(), before);
    }
    if (!*went_on) {
      return at.done;
    }
  }
}

base::result<open_progress> stream_decryptor::stop(base::error failure,
                                                   open_progress before) noexcept {
  stage_ = stage::failed;
  failure_ = failure;
  partial_.reset();
  if (before.produced == 0) {
    return base::fail(failure_);
  }
  return before;
}

base::result<bool> stream_decryptor::step(cursor& at) {
  switch (stage_) {
    case stage::salt:
      return take_salt(at);
    case stage::length:
      return take_length(at);
    case stage::payload:
      return take_payload(at);
    case stage::failed:
      break;
  }
  return false;
}

bool stream_decryptor::gather_header(cursor& at, std::size_t wanted) {
  const auto part = at.take(std::min(wanted - gathered_, at.in.size()));
  base::copy_bytes(base::byte_span(header_).subspan(gathered_), part);
  gathered_ = static_cast<std::uint16_t>(gathered_ + part.size());
  return gathered_ == wanted;
}

base::result<bool> stream_decryptor::take_salt(cursor& at) {
  const auto size = salt_size(key_.method());
  if (!gather_header(at, size)) {
    return false;
  }
  HTTVPS_TRY(const auto answer_salt,
             salt::from_bytes(key_.method(), base::byte_view(header_).first(size)));
  if (std::ranges::equal(answer_salt.view(), request_salt_.view())) {
    return base::fail(errc::salt_reflected);
  }
  HTTVPS_TRY(key_, derive_session_key(key_, answer_salt));
  gathered_ = 0;
  stage_ = stage::length;
  return true;
}

base::result<bool> stream_decryptor::take_length(cursor& at) {
  base::byte_view sealed;
  if (gathered_ == 0 && at.in.size() >= sealed_length_size) {
    sealed = at.take(sealed_length_size);
  } else if (gather_header(at, sealed_length_size)) {
    sealed = base::byte_view(header_).first(sealed_length_size);
  } else {
    return false;
  }
  base::byte_array<2> length;
  HTTVPS_CHECK(engine_->open({.key = key_, .counter = counter_++}, sealed, length));
  const auto size = static_cast<std::uint16_t>(length[0] << 8U | length[1]);
  if (size == 0 || size > max_chunk_payload) {
    return base::fail(size == 0 ? errc::chunk_empty : errc::chunk_too_long);
  }
  payload_size_ = size;
  gathered_ = 0;
  stage_ = stage::payload;
  return true;
}

base::result<bool> stream_decryptor::take_payload(cursor& at) {
  HTTVPS_TRY(const auto sealed, gather_payload(at));
  if (sealed.empty() || at.out.size() < payload_size_) {
    return false;
  }
  if (!partial_) {
    at.take(sealed.size());
  }
  HTTVPS_CHECK(
      engine_->open({.key = key_, .counter = counter_++}, sealed, at.reserve(payload_size_)));
  partial_.reset();
  gathered_ = 0;
  payload_size_ = 0;
  stage_ = stage::length;
  return true;
}

base::result<base::byte_view> stream_decryptor::gather_payload(cursor& at) {
  const std::size_t wanted = payload_size_ + tag_size;
  if (!partial_ && at.in.size() >= wanted) {
    return at.in.first(wanted);
  }
  if (!partial_ && !at.in.empty()) {
    partial_.reset(new (std::nothrow) std::uint8_t[wanted]);
    if (!partial_) {
      return base::fail(errc::out_of_memory);
    }
  }
  const auto part = at.take(std::min(wanted - gathered_, at.in.size()));
  base::copy_bytes(base::byte_span(partial_.get(), wanted).subspan(gathered_), part);
  gathered_ = static_cast<std::uint16_t>(gathered_ + part.size());
  return gathered_ == wanted ? base::byte_view(partial_.get(), wanted) : base::byte_view();
}

}
