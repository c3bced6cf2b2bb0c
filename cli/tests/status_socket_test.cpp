#include "status/status_socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

#include "errc.hpp"
#include "httvps/base/scope_exit.hpp"
#include "run_loop.hpp"
#include "temporary_folder.hpp"

namespace httvps::cli {
namespace {

using namespace std::chrono_literals;
using net::asio::awaitable;

awaitable<std::string> repeat(std::string question) {
  co_return "asked " + question;
}

awaitable<std::string> never(std::string question) {
  static_cast<void>(co_await net::sleep_until(net::deadline_after(1h)));
  co_return question;
}

awaitable<void> serve_until(status_server* server, const std::atomic<bool>* over) {
  while (!*over) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(5ms)));
  }
  EXPECT_TRUE(co_await server->stop(net::deadline_after(5s)));
}

template <typename Asker>
void while_served(const std::string& path, const status_answerer& answerer, Asker asker) {
  net::testing::run_loop loop;
  auto server = status_server::open(loop.get_executor(), path, answerer);
  ASSERT_TRUE(server);
  std::atomic<bool> over = false;
  std::thread outside([&] {
    asker();
    over = true;
  });
  loop.run(serve_until(&*server, &over));
  outside.join();
}

int connected_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  return descriptor;
}

struct place {
  temporary_folder folder;
  std::string path = folder.file("status.sock");
};

TEST(StatusSocket, AnswersTheQuestionThatWasAsked) {
  const place at;
  while_served(at.path, repeat, [&] {
    EXPECT_EQ(ask_running(at.path, "devices", 5s).value_or(""), "asked devices\n");
    EXPECT_EQ(ask_running(at.path, "revoke dev_1", 5s).value_or(""), "asked revoke dev_1\n");
  });
}

TEST(StatusSocket, NobodyThereIsNamed) {
  const place at;
  EXPECT_EQ(ask_running(at.path, "status", 1s).error(), errc::not_running);
  EXPECT_EQ(ask_running(std::string(200, 'a'), "status", 1s).error(), errc::status_path_too_long);
}

TEST(StatusSocket, QuestionWithoutAnEndIsCutAtItsLimit) {
  const place at;
  while_served(at.path, repeat, [&] {
    const auto answer = ask_running(at.path, std::string(4 * question_limit, 'q'), 5s);
    EXPECT_TRUE(!answer || answer->size() <= 3 * question_limit);
  });
}

TEST(StatusSocket, AskerThatSaysNothingIsPutOut) {
  const place at;
  while_served(at.path, repeat, [&] {
    const int silent = connected_to(at.path);
    const base::scope_exit closed([silent] { ::close(silent); });
    const timeval patience{.tv_sec = 8, .tv_usec = 0};
    ::setsockopt(silent, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    char byte = 0;
    EXPECT_EQ(::recv(silent, &byte, 1, 0), 0);
  });
}

TEST(StatusSocket, AskerWaitsNoLongerThanItSaid) {
  const place at;
  while_served(at.path, never, [&] {
    EXPECT_EQ(ask_running(at.path, "account", 200ms).error(), net::errc::timed_out);
  });
}

TEST(StatusSocket, AskersAreBounded) {
  const place at;
  while_served(at.path, never, [&] {
    std::vector<int> asking;
    const base::scope_exit closed([&asking] {
      for (const int each : asking) {
        ::close(each);
      }
    });
    for (int count = 0; count < 16; ++count) {
      asking.push_back(connected_to(at.path));
      EXPECT_EQ(::send(asking.back(), "account\n", 8, MSG_NOSIGNAL), 8);
    }
    std::this_thread::sleep_for(200ms);
    const auto refused = ask_running(at.path, "account", 5s);
    EXPECT_TRUE(!refused || refused->empty());
    EXPECT_FALSE(!refused && refused.error() == net::errc::timed_out);
  });
}

}
}
