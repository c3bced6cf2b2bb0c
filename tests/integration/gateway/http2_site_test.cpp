#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <regex>

#include "gateway/support/gateway_world.hpp"

namespace httvps::testing {
namespace {

struct closing_pipe {
  void operator()(std::FILE* pipe) const noexcept { pclose(pipe); }
};

std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, closing_pipe> pipe(popen(command.c_str(), "r"));
  std::string text;
  std::array<char, 4096> part{};
  while (pipe) {
    const auto count = std::fread(part.data(), 1, part.size(), pipe.get());
    if (count == 0) {
      break;
    }
    text.append(part.data(), count);
  }
  return text;
}

struct Http2WebSite : ::testing::Test {
  gateway_world world;

  std::string curl(const std::string& options, const std::string& path) const {
    return output_of("curl -sk -m 20 " + options + " https://localhost:" +
                     std::to_string(world.gateway.public_port()) + path + " 2>&1");
  }

  std::string head_and_body(const std::string& version, const std::string& path) const {
    auto text = curl("-i " + version, path);
    text = std::regex_replace(text, std::regex("^HTTP/[0-9.]+ ([0-9]+)[^\r]*"), "$1");
    text = std::regex_replace(text, std::regex("\r\n(date|connection): [^\r]*", std::regex::icase),
                              "");
    const auto body = text.find("\r\n\r\n");
    for (std::size_t index = 0; index < std::min(body, text.size()); ++index) {
      text[index] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[index])));
    }
    return text;
  }
};

TEST_F(Http2WebSite, IsWhatABrowserGets) {
  EXPECT_EQ(curl("-o /dev/null -w '%{http_version} %{http_code}'", "/"), "2 200");
  EXPECT_EQ(curl("--http1.1 -o /dev/null -w '%{http_version} %{http_code}'", "/"), "1.1 200");
}

TEST_F(Http2WebSite, AnswersWithTheFieldsAndBodiesOfHttp1) {
  for (const auto* path : {"/", "/prices.html", "/style.css", "/no-such-page"}) {
    EXPECT_EQ(head_and_body("--http2", path), head_and_body("--http1.1", path));
  }
}

TEST_F(Http2WebSite, ServesManyStreamsOfOneConnection) {
  const auto port = std::to_string(world.gateway.public_port());
  const auto text = output_of("nghttp -ns -m 300 https://localhost:" + port + "/style.css 2>&1");
  const std::regex answered(" 200 ");
  const auto answers = std::distance(std::sregex_iterator(text.begin(), text.end(), answered),
                                     std::sregex_iterator());
  EXPECT_EQ(answers, 300) << text.substr(0, 2000);
}

TEST_F(Http2WebSite, RefusesOtherMethodsWithTheSamePage) {
  EXPECT_EQ(curl("--http2 -X DELETE", "/"), curl("--http1.1 -X DELETE", "/"));
  EXPECT_EQ(curl("--http2 -d x=1", "/"), curl("--http1.1 -d x=1", "/"));
}

}
}
