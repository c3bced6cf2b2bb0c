#include "loadgen/session.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "common/endpoint.hpp"
#include "common/error.hpp"

namespace httvps::bench {
namespace {

constexpr std::size_t largest_discard = 4 * base::mebibyte;
constexpr int discards_per_turn = 8;

enum class read_outcome { some, nothing };

struct read_result {
  read_outcome outcome = read_outcome::nothing;
  std::size_t size = 0;
};

base::result<read_result> outcome_of(ssize_t got) {
  if (got > 0) {
    return read_result{.outcome = read_outcome::some, .size = static_cast<std::size_t>(got)};
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return read_result{};
  }
  return base::fail(errc::closed_early);
}

base::result<read_result> read_from(int socket, std::span<char> room) {
  return outcome_of(::recv(socket, room.data(), room.size(), 0));
}

base::result<read_result> discard_from(int socket, base::byte_count left) {
  const std::size_t size = std::min<base::byte_count>(left, largest_discard);
  return outcome_of(::recv(socket, nullptr, size, MSG_TRUNC));
}

}

session::session(const session_plan& plan)
    : plan_(&plan), handshake_(plan.proxy, plan.target), upload_left_(plan.upload) {}

base::result<void> session::open(moment now) {
  started_ = now;
  HTTVPS_TRY(socket_, start_connecting(plan_->entry));
  return {};
}

base::result<void> session::advance(moment now) {
  switch (stage_) {
    case session_stage::connecting:
      return begin_handshake();
    case session_stage::handshaking:
      return read_handshake();
    case session_stage::uploading:
      return send_upload();
    case session_stage::reading_head:
      return read_head(now);
    case session_stage::reading_body:
      return read_body(now);
    case session_stage::complete:
      break;
  }
  return base::fail(errc::closed_early);
}

std::uint32_t session::wanted_events() const noexcept {
  const bool writes = stage_ == session_stage::connecting || stage_ == session_stage::uploading;
  return writes ? EPOLLOUT : EPOLLIN;
}

session_result session::timing() const noexcept {
  return {.whole = finished_ - started_, .first_byte = first_byte_ - started_};
}

base::result<void> session::begin_handshake() {
  HTTVPS_CHECK(finish_connecting(socket_));
  if (handshake_.state() == handshake_state::done) {
    return send_request();
  }
  stage_ = session_stage::handshaking;
  return send_all(handshake_.to_send());
}

base::result<void> session::read_handshake() {
  std::array<char, longest_head> buffer{};
  HTTVPS_TRY(const auto got,
             read_from(socket_.get(), std::span(buffer).first(handshake_.wanted())));
  if (got.outcome == read_outcome::nothing) {
    return {};
  }
  HTTVPS_CHECK(handshake_.take({buffer.data(), got.size}));
  if (handshake_.state() == handshake_state::done) {
    return send_request();
  }
  return send_all(handshake_.to_send());
}

base::result<void> session::send_request() {
  HTTVPS_CHECK(send_all(plan_->request));
  moved_.tunnel_up += plan_->request.size();
  stage_ = upload_left_ > 0 ? session_stage::uploading : session_stage::reading_head;
  return {};
}

base::result<void> session::send_upload() {
  while (upload_left_ > 0) {
    const auto sent_before = plan_->upload - upload_left_;
    auto offset = static_cast<off_t>(sent_before % plan_->upload_file_size);
    const auto size =
        std::min(upload_left_, plan_->upload_file_size - static_cast<base::byte_count>(offset));
    const auto sent = ::sendfile(socket_.get(), plan_->upload_file, &offset, size);
    if (sent < 0 && errno == EAGAIN) {
      return {};
    }
    if (sent <= 0) {
      return base::fail(errc::send_failed);
    }
    upload_left_ -= static_cast<base::byte_count>(sent);
    moved_.body_up += static_cast<base::byte_count>(sent);
    moved_.tunnel_up += static_cast<base::byte_count>(sent);
  }
  stage_ = session_stage::reading_head;
  return {};
}

base::result<void> session::read_head(moment now) {
  std::array<char, longest_head> buffer{};
  HTTVPS_TRY(const auto got, read_from(socket_.get(), std::span(buffer).first(head_.room())));
  if (got.outcome == read_outcome::nothing) {
    return {};
  }
  if (moved_.tunnel_down == 0) {
    first_byte_ = now;
  }
  moved_.tunnel_down += got.size;
  HTTVPS_TRY(const auto head, head_.take({buffer.data(), got.size}));
  if (!head) {
    return {};
  }
  HTTVPS_CHECK(start_body(*head));
  return check_complete(now);
}

base::result<void> session::start_body(const http_head& head) {
  if (head.status() != 200 && head.status() != 206) {
    return base::fail(errc::unexpected_status);
  }
  const auto rest = head_.rest();
  const bool uploads = plan_->upload > 0;
  if (rest.size() > head.content_length || (!uploads && head.content_length != plan_->expected)) {
    return base::fail(errc::wrong_length);
  }
  if (uploads) {
    answer_ = rest;
  } else {
    moved_.body_down += rest.size();
  }
  left_ = head.content_length - rest.size();
  stage_ = session_stage::reading_body;
  return {};
}

base::result<void> session::read_body(moment now) {
  if (plan_->upload > 0) {
    HTTVPS_CHECK(read_upload_answer());
    return check_complete(now);
  }
  for (int turn = 0; turn < discards_per_turn && left_ > 0; ++turn) {
    HTTVPS_TRY(const auto got, discard_from(socket_.get(), left_));
    if (got.outcome == read_outcome::nothing) {
      break;
    }
    left_ -= got.size;
    moved_.body_down += got.size;
    moved_.tunnel_down += got.size;
  }
  return check_complete(now);
}

base::result<void> session::read_upload_answer() {
  std::array<char, longest_head> buffer{};
  const auto size = std::min<base::byte_count>(left_, buffer.size());
  HTTVPS_TRY(const auto got, read_from(socket_.get(), std::span(buffer).first(size)));
  answer_.append(buffer.data(), got.size);
  left_ -= got.size;
  moved_.tunnel_down += got.size;
  return {};
}

base::result<void> session::check_complete(moment now) {
  if (left_ > 0) {
    return {};
  }
  if (plan_->upload > 0 && answer_ != fmt::format("{}\n", plan_->upload)) {
    return base::fail(errc::wrong_length);
  }
  finished_ = now;
  stage_ = session_stage::complete;
  return {};
}

base::result<void> session::send_all(std::string_view bytes) {
  const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(bytes.size())) {
    return base::fail(errc::send_failed);
  }
  return {};
}

}
