#include "httvps/node/keys/server_metrics.hpp"

#include <gtest/gtest.h>

#include "httvps/base/random.hpp"
#include "httvps/node/keys/errc.hpp"

namespace httvps::node {
namespace {

constexpr std::string_view sample =
    "# HELP shadowsocks_data_bytes Bytes transferred by the proxy, per access key\n"
    "# TYPE shadowsocks_data_bytes counter\n"
    "shadowsocks_data_bytes{access_key=\"key_a\",dir=\"c<p\",proto=\"tcp\"} 1.0485939e+07\n"
    "shadowsocks_data_bytes{access_key=\"key_a\",dir=\"c>p\",proto=\"tcp\"} 150\n"
    "shadowsocks_data_bytes{access_key=\"key_a\",dir=\"p<t\",proto=\"tcp\"} 1.048576e+07\n"
    "shadowsocks_data_bytes{access_key=\"key_a\",dir=\"p>t\",proto=\"tcp\"} 100\n"
    "shadowsocks_data_bytes{access_key=\"key_a\",dir=\"p>t\",proto=\"udp\"} 11\n"
    "shadowsocks_data_bytes{access_key=\"\",dir=\"c>p\",proto=\"tcp\"} 50\n"
    "shadowsocks_data_bytes_per_location{asn=\"\",asorg=\"x } y\",dir=\"c>p\"} 9\n"
    "shadowsocks_keys 3\n"
    "shadowsocks_tcp_connections_opened{asn=\"\",asorg=\"\",location=\"XL\"} 7\n"
    "shadowsocks_tcp_connections_opened{asn=\"\",asorg=\"a\",location=\"ZZ\"} 2\n"
    "shadowsocks_tcp_connections_closed{access_key=\"key_a\",asn=\"\",status=\"OK\"} 4\n"
    "shadowsocks_udp_nat_entries_added 5\n"
    "shadowsocks_udp_nat_entries_removed 1\n"
    "go_goroutines not_even_a_number\n";

TEST(ServerMetrics, ReadsWhatIsKnownOfEachKey) {
  const auto read = read_server_metrics(sample);
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_EQ(read->traffic.size(), 1U);
  const key_traffic wanted{.up = 111, .down = 10485760, .wire_up = 150, .wire_down = 10485939};
  EXPECT_EQ(read->traffic.at("key_a"), wanted);
}

TEST(ServerMetrics, CountsKeysAndWhatIsOpen) {
  const auto read = read_server_metrics(sample).value();
  EXPECT_EQ(read.loaded_keys, 3U);
  EXPECT_EQ(read.active(), 9U + 5U - 4U - 1U);
  EXPECT_FALSE(read_server_metrics("").value().loaded_keys);
}

TEST(ServerMetrics, ReadsEscapedLabels) {
  const auto read = read_server_metrics(
      "shadowsocks_data_bytes{access_key=\"a\\\"b\\\\c\\nx,}\",dir=\"p>t\"} 7 1700000000\r\n");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->traffic.at("a\"b\\c\nx,}").up, 7U);
}

TEST(ServerMetrics, RefusesWhatItCannotRead) {
  for (const auto* text :
       {"shadowsocks_keys", "shadowsocks_keys x", "shadowsocks_keys NaN", "shadowsocks_keys +Inf",
        "shadowsocks_keys -1", "shadowsocks_keys{a=\"b\" 1", "shadowsocks_keys{a=b} 1",
        "shadowsocks_keys{=\"b\"} 1", "shadowsocks_keys{a=\"b} 1", "shadowsocks_keys{a=\"b\\",
        "shadowsocks_keys{a=\"b\"c=\"d\"} 1",
        "shadowsocks_data_bytes{access_key=\"a\",dir=\"sideways\"} 1",
        "shadowsocks_keys{a=\"\",b=\"\",c=\"\",d=\"\",e=\"\",f=\"\",g=\"\",h=\"\",i=\"\"} 1"}) {
    const auto read = read_server_metrics(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error(), keys_errc::metrics_malformed) << text;
  }
}

TEST(ServerMetrics, HasALimitForEachLine) {
  const std::string line =
      "shadowsocks_keys{a=\"" + std::string(metrics_line_most, 'x') + "\"} 1\n";
  EXPECT_EQ(read_server_metrics(line).error(), keys_errc::metrics_too_large);
}

TEST(ServerMetrics, HasALimitForTheWholeText) {
  EXPECT_EQ(read_server_metrics(std::string(metrics_text_most + 1, '\n')).error(),
            keys_errc::metrics_too_large);
}

TEST(ServerMetrics, HasALimitForKeys) {
  std::string text;
  for (std::size_t index = 0; index <= counted_keys_most; ++index) {
    text += "shadowsocks_data_bytes{access_key=\"k" + std::to_string(index) + "\",dir=\"p>t\"} 1\n";
  }
  EXPECT_EQ(read_server_metrics(text).error(), keys_errc::metrics_too_large);
}

TEST(ServerMetrics, ValuesBeyondWholeNumbersAreCapped) {
  EXPECT_EQ(read_server_metrics("shadowsocks_keys 1e300\n").value().loaded_keys,
            9'200'000'000'000'000'000U);
}

TEST(ServerMetrics, SurvivesTextThatWasDamagedAnywhere) {
  base::seeded_random random(20261128);
  for (int round = 0; round < 20000; ++round) {
    std::string text(sample);
    for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
      const auto place = random.below(text.size());
      text[place] = static_cast<char>(random.below(256));
    }
    text.resize(random.below(text.size() + 1));
    const auto read = read_server_metrics(text);
    if (read) {
      EXPECT_LE(read->traffic.size(), 8U);
    } else {
      EXPECT_EQ(read.error(), keys_errc::metrics_malformed);
    }
  }
}

}
}
