#include "gate/lane.hpp"

#include <gtest/gtest.h>

namespace httvps::chaos {
namespace {

using std::chrono::milliseconds;

const base::steady_time start{std::chrono::hours(1)};

void push(lane& subject, base::byte_count size, base::duration after) {
  subject.bytes().writable(size);
  subject.push(size, start + after);
}

TEST(Lane, ReleasesBytesAtTheirTime) {
  lane subject;
  push(subject, 100, milliseconds(10));
  push(subject, 50, milliseconds(20));
  EXPECT_EQ(subject.due(start + milliseconds(9)), 0U);
  EXPECT_EQ(subject.next_release(), start + milliseconds(10));
  EXPECT_EQ(subject.due(start + milliseconds(10)), 100U);
  EXPECT_EQ(subject.due(start + milliseconds(20)), 150U);
}

TEST(Lane, KeepsTheOrderWhenALaterPieceWouldBeFaster) {
  lane subject;
  push(subject, 100, milliseconds(30));
  push(subject, 50, milliseconds(5));
  EXPECT_EQ(subject.due(start + milliseconds(29)), 0U);
  EXPECT_EQ(subject.due(start + milliseconds(30)), 150U);
}

TEST(Lane, CountsWhatItCarried) {
  lane subject;
  push(subject, 100, milliseconds(0));
  subject.due(start);
  subject.carry(60);
  EXPECT_EQ(subject.arrived(), 100U);
  EXPECT_EQ(subject.carried(), 60U);
  EXPECT_EQ(subject.held(), 40U);
  EXPECT_EQ(subject.due(start), 40U);
}

TEST(Lane, EndComesBehindTheLastByte) {
  lane subject;
  push(subject, 100, milliseconds(30));
  subject.finish(lane_end::fin, start + milliseconds(1));
  EXPECT_FALSE(subject.take_due_end(start + milliseconds(29)).has_value());
  subject.carry(subject.due(start + milliseconds(30)));
  EXPECT_EQ(subject.take_due_end(start + milliseconds(30)), lane_end::fin);
  EXPECT_FALSE(subject.take_due_end(start + milliseconds(31)).has_value());
  EXPECT_TRUE(subject.is_over());
}

TEST(Lane, HoldsTheFirstByteBackForTheHandshake) {
  lane subject;
  subject.hold_back_until(start + milliseconds(225));
  push(subject, 100, milliseconds(75));
  EXPECT_EQ(subject.next_release(), start + milliseconds(225));
}

TEST(Lane, DroppedLaneHoldsNothingAndWaitsForNothing) {
  lane subject;
  push(subject, 100, milliseconds(30));
  subject.finish(lane_end::reset, start);
  subject.drop();
  EXPECT_EQ(subject.held(), 0U);
  EXPECT_FALSE(subject.next_release().has_value());
}

}
}
