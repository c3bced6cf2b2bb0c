#include "sink/upload.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "common/error.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::bench {
namespace {

constexpr std::size_t largest_discard = 4 * base::mebibyte;
constexpr std::size_t digest_buffer = 64 * base::kibibyte;
constexpr std::string_view digest_request = "POST /sha256 ";

base::result<std::size_t> received(ssize_t got) {
  if (got > 0) {
    return static_cast<std::size_t>(got);
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return 0U;
  }
  return base::fail(errc::closed_early);
}

}

void upload::free_digest::operator()(EVP_MD_CTX* digest) const noexcept {
  EVP_MD_CTX_free(digest);
}

upload::upload(descriptor socket) : socket_(std::move(socket)) {}

base::result<void> upload::advance() {
  return in_body_ ? read_body() : read_head();
}

base::result<void> upload::read_head() {
  std::array<char, longest_head> buffer{};
  HTTVPS_TRY(const auto got, received(::recv(socket_.get(), buffer.data(), head_.room(), 0)));
  if (got == 0) {
    return {};
  }
  HTTVPS_TRY(const auto head, head_.take({buffer.data(), got}));
  return head ? start_body(*head) : base::result<void>();
}

base::result<void> upload::start_body(const http_head& head) {
  const auto rest = head_.rest();
  if (rest.size() > head.content_length) {
    return base::fail(errc::wrong_length);
  }
  check_ = head.start_line.starts_with(digest_request) ? upload_check::digest : upload_check::count;
  if (check_ == upload_check::digest) {
    digest_.reset(EVP_MD_CTX_new());
    EVP_DigestInit_ex(digest_.get(), EVP_sha256(), nullptr);
    EVP_DigestUpdate(digest_.get(), rest.data(), rest.size());
  }
  length_ = head.content_length;
  left_ = length_ - rest.size();
  in_body_ = true;
  return finish_when_complete();
}

base::result<void> upload::read_body() {
  if (check_ == upload_check::count) {
    const auto size = std::min<base::byte_count>(left_, largest_discard);
    HTTVPS_TRY(const auto got, received(::recv(socket_.get(), nullptr, size, MSG_TRUNC)));
    left_ -= got;
    return finish_when_complete();
  }
  std::array<char, digest_buffer> buffer{};
  const auto size = std::min<base::byte_count>(left_, buffer.size());
  HTTVPS_TRY(const auto got, received(::recv(socket_.get(), buffer.data(), size, 0)));
  EVP_DigestUpdate(digest_.get(), buffer.data(), got);
  left_ -= got;
  return finish_when_complete();
}

base::result<void> upload::finish_when_complete() {
  if (left_ > 0) {
    return {};
  }
  const auto body = answer_body();
  const auto text =
      fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
  const auto sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(text.size())) {
    return base::fail(errc::send_failed);
  }
  head_.reset();
  in_body_ = false;
  return {};
}

std::string upload::answer_body() {
  if (check_ == upload_check::count) {
    return fmt::format("{}\n", length_);
  }
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  EVP_DigestFinal_ex(digest_.get(), hash.data(), &size);
  return base::to_hex(base::byte_view(hash).first(size)) + "\n";
}

}
