#include "status/status_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "errc.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/net/with_deadline.hpp"
#include "httvps/sdk/control_client.hpp"

namespace httvps::cli {
namespace {

namespace asio = boost::asio;
using unix_socket = asio::local::stream_protocol;

constexpr std::size_t answer_limit = sdk::control_answer_limit + 16 * 1024;
constexpr std::size_t askers_limit = 16;
constexpr auto transfer_patience = std::chrono::seconds(2);
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

std::uint64_t fingerprint(std::string_view text) {
  std::uint64_t mixed = 0xcbf29ce484222325U;
  for (const char letter : text) {
    mixed = (mixed ^ static_cast<std::uint8_t>(letter)) * 0x100000001b3U;
  }
  return mixed;
}

base::result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return base::fail(errc::status_path_too_long);
  }
  path.copy(address.sun_path, path.size());
  return address;
}

base::result<int> connect_to(const std::string& path) {
  HTTVPS_TRY(const auto address, address_of(path));
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    return base::fail(net::fold_errno(errno));
  }
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(descriptor);
    return base::fail(errc::not_running);
  }
  return descriptor;
}

bool is_answered(const std::string& path) {
  const auto descriptor = connect_to(path);
  if (descriptor) {
    ::close(*descriptor);
  }
  return descriptor.has_value();
}

base::result<unix_socket::acceptor> listen_at(const net::executor& runs_on,
                                              const std::string& path) {
  HTTVPS_CHECK(address_of(path));
  if (is_answered(path)) {
    return base::fail(errc::already_running);
  }
  ::unlink(path.c_str());
  unix_socket::acceptor acceptor(runs_on);
  boost::system::error_code failure;
  acceptor.open(unix_socket(), failure);
  if (!failure && ::fchmod(acceptor.native_handle(), S_IRUSR | S_IWUSR) != 0) {
    return base::fail(net::fold_errno(errno));
  }
  if (!failure) {
    acceptor.bind(unix_socket::endpoint(path), failure);
  }
  if (!failure && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) {
    return base::fail(net::fold_errno(errno));
  }
  if (!failure) {
    acceptor.listen(static_cast<int>(askers_limit), failure);
  }
  if (failure) {
    return base::fail(net::fold_error(failure));
  }
  return acceptor;
}

net::task<> send_all(std::shared_ptr<unix_socket::socket> asker, std::string text) {
  const auto [failure, count] = co_await asio::async_write(*asker, asio::buffer(text), as_values);
  if (failure) {
    co_return base::fail(net::fold_error(failure));
  }
  co_return base::result<>();
}

net::task<std::string> read_question(std::shared_ptr<unix_socket::socket> asker) {
  std::string line;
  base::byte_array<question_limit> space;
  while (line.find('\n') == std::string::npos && line.size() <= question_limit) {
    const auto [failure, count] = co_await asker->async_read_some(asio::buffer(space), as_values);
    if (failure) {
      co_return base::fail(net::fold_error(failure));
    }
    line += base::as_text(base::byte_view(space).first(count));
  }
  co_return line.substr(0, line.find('\n'));
}

net::task<> answer(std::shared_ptr<unix_socket::socket> asker, status_answerer answerer) {
  auto reading = read_question(asker);
  HTTVPS_CO_TRY(
      std::string question,
      co_await net::with_deadline(std::move(reading), net::deadline_after(transfer_patience)));
  auto text = co_await answerer(std::move(question));
  text += '\n';
  auto sending = send_all(std::move(asker), std::move(text));
  co_return co_await net::with_deadline(std::move(sending), net::deadline_after(transfer_patience));
}

int milliseconds_until(base::steady_time deadline) {
  const auto left = deadline - base::real_clock().steady_now();
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::max<std::int64_t>(whole, 0));
}

base::result<> send_question(int descriptor, const std::string& question) {
  const auto line = question + "\n";
  const auto sent = ::send(descriptor, line.data(), line.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(line.size())) {
    return base::fail(errc::not_running);
  }
  return {};
}

base::result<std::string> read_all(int descriptor, base::steady_time deadline) {
  std::string text;
  base::byte_array<4096> space;
  while (text.size() < answer_limit) {
    pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, milliseconds_until(deadline)) <= 0) {
      return base::fail(net::errc::timed_out);
    }
    const auto got = ::read(descriptor, space.data(), space.size());
    if (got < 0) {
      return base::fail(net::fold_errno(errno));
    }
    if (got == 0) {
      return text;
    }
    text += base::as_text(base::byte_view(space).first(static_cast<std::size_t>(got)));
  }
  return base::fail(errc::status_malformed);
}

}

std::string status_socket_path(const std::string& state_folder,
                               const sdk::environment_reader& read) {
  const char* runtime = read("XDG_RUNTIME_DIR");
  if (runtime == nullptr || runtime[0] != '/') {
    return state_folder + "/status.sock";
  }
  std::error_code failure;
  const auto whole = std::filesystem::weakly_canonical(state_folder, failure).string();
  base::byte_array<8> name{};
  const auto mixed = fingerprint(failure ? state_folder : whole);
  for (std::size_t at = 0; at < name.size(); ++at) {
    name[at] = static_cast<std::uint8_t>(mixed >> 8U * at);
  }
  return std::string(runtime) + "/httvps/" + base::to_hex(name) + ".sock";
}

struct status_server::state {
  state(const net::executor& runs_on, unix_socket::acceptor opened)
      : acceptor(std::move(opened)), tasks(runs_on) {}

  static net::task<> accept(std::shared_ptr<state> self) {
    while (true) {
      auto [failure, asker] = co_await self->acceptor.async_accept(as_values);
      if (failure) {
        co_return base::fail(net::fold_error(failure));
      }
      if (self->tasks.size() <= askers_limit) {
        auto held = std::make_shared<unix_socket::socket>(std::move(asker));
        HTTVPS_CO_CHECK(self->tasks.spawn(answer(std::move(held), self->answerer)));
      }
    }
  }

  unix_socket::acceptor acceptor;
  net::scope tasks;
  std::string path;
  status_answerer answerer;
};

base::result<status_server> status_server::open(const net::executor& runs_on, std::string path,
                                                status_answerer answerer) {
  std::error_code ignored;
  const auto folder = std::filesystem::path(path).parent_path();
  if (std::filesystem::create_directory(folder, ignored)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ignored);
  }
  HTTVPS_TRY(auto acceptor, listen_at(runs_on, path));
  auto shared = std::make_shared<state>(runs_on, std::move(acceptor));
  shared->path = std::move(path);
  shared->answerer = std::move(answerer);
  HTTVPS_CHECK(shared->tasks.spawn(state::accept(shared)));
  return status_server(std::move(shared));
}

status_server::status_server(std::shared_ptr<state> shared) noexcept : state_(std::move(shared)) {}
status_server::status_server(status_server&&) noexcept = default;
status_server& status_server::operator=(status_server&&) noexcept = default;
status_server::~status_server() = default;

net::task<> status_server::stop(base::steady_time deadline) {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  ::unlink(state_->path.c_str());
  state_->tasks.cancel();
  return state_->tasks.join(deadline);
}

base::result<std::string> ask_running(const std::string& path, const std::string& question,
                                      std::chrono::milliseconds patience) {
  const auto deadline = net::deadline_after(patience);
  HTTVPS_TRY(const int descriptor, connect_to(path));
  const base::scope_exit closed([descriptor] { ::close(descriptor); });
  HTTVPS_CHECK(send_question(descriptor, question));
  return read_all(descriptor, deadline);
}

}
