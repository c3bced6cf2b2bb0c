#include "httvps/net/task.hpp"

#include <gtest/gtest.h>

#include <boost/asio/this_coro.hpp>
#include <memory>
#include <thread>

#include "httvps/net/blocking_pool.hpp"
#include "httvps/net/event.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/net/with_deadline.hpp"
#include "run_loop.hpp"

namespace httvps::net {
namespace {

using testing::run_loop;
using testing::soon;

base::steady_time already() {
  return deadline_after(-std::chrono::seconds(1));
}

task<> wait_for(event* signal, base::result<>* outcome, base::steady_time deadline) {
  *outcome = co_await signal->wait(deadline);
  co_return *outcome;
}

asio::awaitable<void> notify_wakes_the_waiter(executor runs_on) {
  event signal(runs_on);
  scope background(runs_on);
  base::result<> outcome = base::fail(errc::socket_failure);
  EXPECT_TRUE(background.spawn(wait_for(&signal, &outcome, no_deadline)));
  EXPECT_EQ(background.size(), 1U);
  signal.notify();
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_TRUE(outcome);
  EXPECT_FALSE(signal.is_notified());
}

TEST(Event, NotifyWakesTheWaiter) {
  run_loop loop;
  loop.run(notify_wakes_the_waiter(loop.get_executor()));
}

asio::awaitable<void> notify_before_wait_is_kept(executor runs_on) {
  event signal(runs_on);
  signal.notify();
  signal.notify();
  EXPECT_TRUE(co_await signal.wait(no_deadline));
  EXPECT_EQ((co_await signal.wait(already())).error(), errc::timed_out);
}

TEST(Event, NotificationsBeforeTheWaitAreKeptAsOne) {
  run_loop loop;
  loop.run(notify_before_wait_is_kept(loop.get_executor()));
}

asio::awaitable<void> second_waiter_is_refused(executor runs_on) {
  event signal(runs_on);
  scope background(runs_on);
  base::result<> first;
  EXPECT_TRUE(background.spawn(wait_for(&signal, &first, no_deadline)));
  EXPECT_TRUE(co_await yield_to_others());
  EXPECT_EQ((co_await signal.wait(no_deadline)).error(), errc::already_waiting);
  signal.notify();
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_TRUE(first);
}

TEST(Event, ASecondWaiterIsRefused) {
  run_loop loop;
  loop.run(second_waiter_is_refused(loop.get_executor()));
}

asio::awaitable<void> cancel_ends_all_members(executor runs_on) {
  event first(runs_on);
  event second(runs_on);
  scope background(runs_on);
  base::result<> first_outcome;
  base::result<> second_outcome;
  EXPECT_TRUE(background.spawn(wait_for(&first, &first_outcome, no_deadline)));
  EXPECT_TRUE(background.spawn(wait_for(&second, &second_outcome, no_deadline)));
  EXPECT_TRUE(co_await yield_to_others());
  background.cancel();
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_EQ(first_outcome.error(), errc::cancelled);
  EXPECT_EQ(second_outcome.error(), errc::cancelled);
  EXPECT_EQ(background.size(), 0U);
  EXPECT_EQ(background.failures(), 0U);
  EXPECT_EQ(background.spawn(wait_for(&first, &first_outcome, no_deadline)).error(),
            errc::scope_closed);
}

TEST(Scope, CancelEndsAllMembersAndNoneMayFollow) {
  run_loop loop;
  loop.run(cancel_ends_all_members(loop.get_executor()));
}

task<> wait_twice(event* signal, int* reached) {
  static_cast<void>(co_await signal->wait(no_deadline));
  ++*reached;
  static_cast<void>(co_await signal->wait(no_deadline));
  ++*reached;
  co_return base::result<>();
}

asio::awaitable<void> cancelled_work_ends_at_its_next_await(executor runs_on) {
  event signal(runs_on);
  scope background(runs_on);
  int reached = 0;
  EXPECT_TRUE(background.spawn(wait_twice(&signal, &reached)));
  EXPECT_TRUE(co_await yield_to_others());
  background.cancel();
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_EQ(reached, 1);
  EXPECT_EQ(background.failures(), 0U);
}

TEST(Scope, CancelledWorkEndsAtItsNextAwait) {
  run_loop loop;
  loop.run(cancelled_work_ends_at_its_next_await(loop.get_executor()));
}

asio::awaitable<void> join_has_a_deadline(executor runs_on) {
  event signal(runs_on);
  scope background(runs_on);
  base::result<> outcome;
  EXPECT_TRUE(background.spawn(wait_for(&signal, &outcome, no_deadline)));
  EXPECT_EQ((co_await background.join(already())).error(), errc::timed_out);
  background.cancel();
  EXPECT_TRUE(co_await background.join(soon()));
}

TEST(Scope, JoinHasADeadline) {
  run_loop loop;
  loop.run(join_has_a_deadline(loop.get_executor()));
}

task<std::unique_ptr<int>> wait_and_answer(event* signal) {
  HTTVPS_CO_CHECK(co_await signal->wait(no_deadline));
  co_return std::make_unique<int>(7);
}

asio::awaitable<void> deadline_cuts_off_work(executor runs_on) {
  event signal(runs_on);
  auto late = co_await with_deadline(wait_and_answer(&signal), already());
  EXPECT_EQ(late.error(), errc::timed_out);
  signal.notify();
  auto answered = co_await with_deadline(wait_and_answer(&signal), soon());
  EXPECT_TRUE(answered);
  EXPECT_EQ(answered ? **answered : 0, 7);
}

TEST(WithDeadline, CutsOffWorkThatIsLateAndPassesOnItsValue) {
  run_loop loop;
  loop.run(deadline_cuts_off_work(loop.get_executor()));
}

task<> wait_under_deadline(event* signal, base::error* outcome) {
  const auto answered = co_await with_deadline(wait_and_answer(signal), soon());
  *outcome = answered ? base::error() : answered.error();
  co_return base::result<>();
}

asio::awaitable<void> cancellation_reaches_through_a_deadline(executor runs_on) {
  event signal(runs_on);
  scope background(runs_on);
  base::error outcome;
  EXPECT_TRUE(background.spawn(wait_under_deadline(&signal, &outcome)));
  EXPECT_TRUE(co_await yield_to_others());
  background.cancel();
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_EQ(outcome, errc::cancelled);
}

TEST(WithDeadline, CancellationOfTheOwnerReachesTheWork) {
  run_loop loop;
  loop.run(cancellation_reaches_through_a_deadline(loop.get_executor()));
}

asio::awaitable<void> work_runs_on_another_thread(blocking_pool* pool) {
  const auto here = std::this_thread::get_id();
  auto work = [here]() -> base::result<bool> { return std::this_thread::get_id() != here; };
  const auto elsewhere = co_await run_blocking(pool, std::move(work), soon());
  EXPECT_EQ(elsewhere, true);
  EXPECT_EQ(std::this_thread::get_id(), here);
}

TEST(BlockingPool, WorkRunsOnAnotherThreadAndTheAnswerComesBack) {
  run_loop loop;
  blocking_pool pool({.threads = 1});
  loop.run(work_runs_on_another_thread(&pool));
}

struct gate {
  std::atomic<bool> entered = false;
  std::atomic<bool> open = false;
  void pass() {
    entered = true;
    entered.notify_all();
    open.wait(false);
  }
  void release() {
    open = true;
    open.notify_all();
  }
};

asio::awaitable<void> full_queue_refuses(blocking_pool* pool) {
  const auto held = std::make_shared<gate>();
  EXPECT_TRUE(pool->submit([held] { held->pass(); }));
  held->entered.wait(false);
  EXPECT_TRUE(pool->submit([] {}));
  auto work = [] { return base::result<int>(1); };
  const auto refused = co_await run_blocking(pool, std::move(work), soon());
  EXPECT_EQ(refused.error(), errc::pool_full);
  held->release();
}

TEST(BlockingPool, AFullQueueRefusesWork) {
  run_loop loop;
  blocking_pool pool({.threads = 1, .queue_limit = 1});
  loop.run(full_queue_refuses(&pool));
}

asio::awaitable<void> late_work_is_dropped(blocking_pool* pool, std::atomic<bool>* ran) {
  const auto held = std::make_shared<gate>();
  EXPECT_TRUE(pool->submit([held] { held->pass(); }));
  held->entered.wait(false);
  auto work = [ran] {
    *ran = true;
    return base::result<int>(1);
  };
  const auto late = co_await run_blocking(pool, std::move(work), already());
  EXPECT_EQ(late.error(), errc::timed_out);
  held->release();
  pool->stop();
  EXPECT_EQ(pool->submit([] {}).error(), errc::pool_stopped);
}

TEST(BlockingPool, WorkThatIsLateIsNeverRun) {
  run_loop loop;
  blocking_pool pool({.threads = 1});
  std::atomic<bool> ran = false;
  loop.run(late_work_is_dropped(&pool, &ran));
  EXPECT_FALSE(ran);
}

}
}
