#include "session.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "temporary_folder.hpp"

namespace httvps::ctl {
namespace {

class CtlProfile : public ::testing::Test {
 protected:
  std::string file() const { return home.file("httvps/ctl.json"); }

  const temporary_folder home;
};

net::http_response problem(int status, std::string body) {
  return {.status = status, .body = std::move(body)};
}

TEST_F(CtlProfile, KeepsProfilesByNameInAPrivateFile) {
  ASSERT_TRUE(save_profile(file(), "a", {.server = "https://a", .ca_file = "c", .token = {}}));
  ASSERT_TRUE(save_profile(
      file(), "b",
      {.server = "https://b", .ca_file = {}, .token = base::secret_bytes::from_text("htv_x")}));
  EXPECT_EQ(load_profile(file(), "a")->server, "https://a");
  EXPECT_EQ(load_profile(file(), "b")->token.reveal_text(), "htv_x");
  struct stat facts{};
  ASSERT_EQ(::stat(file().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(CtlProfile, IsRefusedWhenOthersMayReadIt) {
  ASSERT_TRUE(save_profile(file(), "a", {.server = "https://a", .ca_file = {}, .token = {}}));
  ASSERT_EQ(::chmod(file().c_str(), 0640), 0);
  const auto loaded = load_profile(file(), "a");
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().text.find("chmod 600"), std::string::npos);
}

TEST_F(CtlProfile, PlaceFollowsTheEnvironment) {
  const auto path = profile_path([](const char* name) -> const char* {
    return std::string_view(name) == "HOME" ? "/home/x" : nullptr;
  });
  EXPECT_EQ(path.value(), "/home/x/.config/httvps/ctl.json");
  EXPECT_FALSE(profile_path([](const char*) -> const char* { return nullptr; }));
}

TEST(CtlServer, PlainHttpNeedsLoopbackOrAWord) {
  const auto code = [](std::string server, plain_http plain) {
    const auto opened = api_client::open(
        {.server = std::move(server), .ca_file = {}, .plain = plain}, base::secret_bytes());
    return opened ? exit_code::done : opened.error().code;
  };
  EXPECT_EQ(code("http://127.0.0.1:80", plain_http::loopback_only), exit_code::done);
  EXPECT_EQ(code("http://[::1]:80", plain_http::loopback_only), exit_code::done);
  EXPECT_EQ(code("http://192.0.2.1", plain_http::loopback_only), exit_code::wrong_usage);
  EXPECT_EQ(code("http://127.0.0.1.example", plain_http::loopback_only), exit_code::wrong_usage);
  EXPECT_EQ(code("http://192.0.2.1", plain_http::anywhere), exit_code::done);
  EXPECT_EQ(code("ftp://x", plain_http::anywhere), exit_code::wrong_usage);
}

TEST(CtlProblem, TellsSentenceCodePointersRequestIdAndWhatToDo) {
  const auto told = describe_problem(
      problem(422,
              R"({"detail":"Bad.","code":"invalid_request","request_id":"r1","errors":[
      {"pointer":"/name","detail":"Too short.","code":"too_short"}]})"));
  EXPECT_EQ(told.code, exit_code::failed);
  EXPECT_EQ(told.text,
            "Bad. (invalid_request)\n  /name: Too short. (too_short)\n  request id: r1\n"
            "  next: The command with --help shows the bounds.");
}

TEST(CtlProblem, NotFoundHasItsOwnExitCodeAndANonJsonAnswerIsNamed) {
  EXPECT_EQ(describe_problem(problem(404, R"({"code":"user_not_found"})")).code,
            exit_code::not_found);
  EXPECT_EQ(describe_problem(problem(404, "<html>")).code, exit_code::failed);
  EXPECT_EQ(describe_problem(problem(502, "<html>")).text, "The server answered 502.");
}

}
}
