#include "gate/report.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace httvps::chaos {
namespace {

const base::steady_time start{std::chrono::seconds(100)};

TEST(Report, TellsStateCauseAndAgeOfAConnection) {
  connection subject{.id = 3, .began = start};
  const auto open = report_of(subject, start + std::chrono::seconds(5));
  EXPECT_EQ(open.state, "live");
  EXPECT_EQ(open.cause, "open");
  EXPECT_EQ(open.age, std::chrono::seconds(5));
  subject.now = phase::frozen;
  EXPECT_EQ(report_of(subject, start).state, "frozen");
  subject.live = false;
  subject.ended = start + std::chrono::seconds(2);
  const auto closed = report_of(subject, start + std::chrono::seconds(9));
  EXPECT_EQ(closed.state, "closed");
  EXPECT_EQ(closed.age, std::chrono::seconds(2));
}

TEST(Report, IsOneObjectWithCountersAndConnections) {
  counters counts{.total = 4, .live = 1, .most_live = 3, .refused = 2, .cut = 1, .frozen = 1};
  counts.cut_times.push_back(start);
  connection subject{.id = 9, .client_port = 40'001, .began = start};
  const base::byte_vector half_a_head = {23, 3, 3};
  subject.way(direction::down).records.note(half_a_head);
  const auto text =
      to_json({.counts = counts, .held = 77, .connections = {report_of(subject, start)}});
  const auto read = boost::json::parse(text).get_object();
  EXPECT_EQ(read.at("most_live").to_number<int>(), 3);
  EXPECT_EQ(read.at("refused").to_number<int>(), 2);
  EXPECT_EQ(read.at("held").to_number<int>(), 77);
  EXPECT_EQ(read.at("cut_times").at(0).to_number<double>(), 100.0);
  EXPECT_EQ(read.at("connections").at(0).at("id").to_number<int>(), 9);
  EXPECT_EQ(read.at("connections").at(0).at("client_port").to_number<int>(), 40'001);
  EXPECT_EQ(read.at("connections").at(0).at("down_record").at("inside").to_number<int>(), 3);
  EXPECT_EQ(read.at("connections").at(0).at("up_record").at("inside").to_number<int>(), 0);
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

}
}
