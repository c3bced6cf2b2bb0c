#include "httvps/sdk/stream_port.hpp"

#include <utility>

#include "httvps/sdk/session_link.hpp"

namespace httvps::sdk {

stream_port::stream_port(std::shared_ptr<session_link> link, wire::stream_id stream) noexcept
    : link_(std::move(link)), stream_(stream) {}

stream_port::stream_port(stream_port&& other) noexcept
    : link_(std::move(other.link_)), stream_(other.stream_) {}

stream_port& stream_port::operator=(stream_port&& other) noexcept {
  if (this != &other) {
    if (const auto old = std::move(link_)) {
      old->release_stream(stream_);
    }
    link_ = std::move(other.link_);
    stream_ = other.stream_;
  }
  return *this;
}

stream_port::~stream_port() {
  if (link_) {
    link_->release_stream(stream_);
  }
}

base::byte_span stream_port::reserve(std::size_t wanted) {
  return link_ ? link_->session().reserve(stream_, wanted) : base::byte_span{};
}

void stream_port::commit(std::size_t count) {
  if (link_ && count > 0) {
    link_->session().commit(stream_, count);
    link_->progress_soon();
  }
}

std::size_t stream_port::write(base::byte_view bytes) {
  const auto written = link_ ? link_->session().write(stream_, bytes) : 0;
  if (written > 0) {
    link_->progress_soon();
  }
  return written;
}

std::size_t stream_port::send_room() const {
  return link_ ? link_->session().send_room(stream_) : 0;
}

void stream_port::await_room(std::size_t wanted) {
  if (link_) {
    link_->session().await_room(stream_, wanted);
  }
}

base::byte_view stream_port::peek() const {
  return link_ ? link_->session().peek(stream_) : base::byte_view{};
}

void stream_port::consume(std::size_t count) {
  if (link_ && count > 0) {
    link_->session().consume(stream_, count, link_->now());
    link_->progress_soon();
  }
}

void stream_port::finish() {
  if (link_) {
    link_->finish_stream(stream_);
  }
}

void stream_port::stop(wire::errc code) {
  if (link_) {
    link_->stop_stream(stream_, code);
  }
}

void stream_port::reset(wire::errc code) {
  if (const auto link = std::move(link_)) {
    link->reset_stream(stream_, code);
  }
}

}
