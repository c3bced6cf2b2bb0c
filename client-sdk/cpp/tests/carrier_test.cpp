#include <gtest/gtest.h>

#include "httvps/sdk/carrier_dialer.hpp"
#include "httvps/sdk/enrolment.hpp"
#include "httvps/sdk/errc.hpp"
#include "rig.hpp"

namespace httvps::sdk {
namespace {

using net::asio::awaitable;
using testing::rig;
using testing::soon;

dial_order order_of(const rig& with) {
  return {.gateway = with.issuer.gateways.front(),
          .proof = {.kind = recognition_kind::access_token,
                    .document = with.issuer.token(),
                    .device = with.issuer.device}};
}

awaitable<void> dial_once(rig* with, carrier_dialer* dialer, dial_order order,
                          base::error* outcome) {
  auto carrier = co_await dialer->dial(std::move(order), soon());
  *outcome = carrier ? base::error() : carrier.error();
  if (carrier) {
    dialer->remember(with->issuer.gateways.front().id, **carrier);
    (*carrier)->stream().socket().close_now();
  }
}

base::error outcome_of(rig& with, const dial_order& order) {
  carrier_dialer dialer;
  base::error outcome;
  with.loop.run(dial_once(&with, &dialer, order, &outcome));
  return outcome;
}

TEST(CarrierDialer, KnocksAsABrowserWouldOpenAWebSocket) {
  rig with;
  EXPECT_EQ(outcome_of(with, order_of(with)), base::error());
  EXPECT_EQ(with.gateway.counts().recognised, 1U);
  const auto& head = with.gateway.last_upgrade();
  const auto authority = "gateway.test:" + std::to_string(with.gateway.place().port);
  EXPECT_EQ(head.target, "/assets/app-3f9a");
  EXPECT_EQ(head.headers.find("Host"), authority);
  EXPECT_EQ(head.headers.find("Origin"), "https://" + authority);
  EXPECT_TRUE(head.headers.find("User-Agent")->contains("Chrome/"));
  EXPECT_TRUE(head.headers.find("Accept-Language"));
  EXPECT_TRUE(head.headers.find("Cookie")->starts_with("sid_7c1e=v4.public."));
}

TEST(CarrierDialer, KnockOfAnotherDeviceIsAnsweredByTheWebSite) {
  rig with;
  auto order = order_of(with);
  order.proof.device = testing::numbered_key(77);
  EXPECT_EQ(outcome_of(with, order), errc::gateway_did_not_recognise);
}

TEST(CarrierDialer, AnswerOtherThanSwitchingMeansNotRecognised) {
  rig with;
  with.gateway.rules().recognise = testing::recognition_rule::nobody;
  EXPECT_EQ(outcome_of(with, order_of(with)), errc::gateway_did_not_recognise);
}

TEST(CarrierDialer, ServerWithAnotherKeyIsNotSpokenTo) {
  rig with;
  auto order = order_of(with);
  order.gateway.pins = {identity::spki_pin{}};
  EXPECT_EQ(outcome_of(with, order), errc::gateway_key_mismatch);
  EXPECT_EQ(with.gateway.counts().recognised, 0U);
}

TEST(CarrierDialer, WithoutPinsNothingIsTrusted) {
  rig with;
  auto order = order_of(with);
  order.gateway.pins.clear();
  EXPECT_EQ(outcome_of(with, order), errc::gateway_key_mismatch);
}

TEST(CarrierDialer, ChangedPinsHoldFromTheNextCarrierOn) {
  rig with;
  carrier_dialer dialer;
  base::error outcome;
  auto order = order_of(with);
  with.loop.run(dial_once(&with, &dialer, order, &outcome));
  EXPECT_EQ(outcome, base::error());
  order.gateway.pins = {identity::spki_pin{}};
  with.loop.run(dial_once(&with, &dialer, order, &outcome));
  EXPECT_EQ(outcome, errc::gateway_key_mismatch);
}

TEST(CarrierDialer, CertificateForAnotherNameIsRefused) {
  rig with;
  auto order = order_of(with);
  order.gateway.host = "other.test";
  EXPECT_EQ(outcome_of(with, order), errc::gateway_name_mismatch);
}

TEST(CarrierDialer, ConnectsToTheGivenPlaceInsteadOfTheConfiguredOne) {
  rig with;
  auto order = order_of(with);
  order.gateway.addresses = {"192.0.2.1:443"};
  order.connect_to = with.gateway.place();
  EXPECT_EQ(outcome_of(with, order), base::error());
}

TEST(CarrierDialer, TriesTheNextAddressWhenOneRefuses) {
  rig with;
  const auto closed = net::tcp_listener::open(with.loop.get_executor(),
                                              {.place = {.host = "127.0.0.1", .port = 0}});
  auto order = order_of(with);
  auto unused = closed->local();
  {
    auto listener = *closed;
    listener.close();
  }
  order.gateway.addresses = {net::to_text(unused), net::to_text(with.gateway.place())};
  EXPECT_EQ(outcome_of(with, order), base::error());
  order.gateway.addresses = {net::to_text(unused)};
  EXPECT_EQ(outcome_of(with, order), errc::gateway_refused);
}

awaitable<void> read_a_little(rig* with, carrier_dialer* dialer, ticket_use tickets) {
  auto order = order_of(*with);
  order.tickets = tickets;
  auto carrier = co_await dialer->dial(std::move(order), soon());
  EXPECT_TRUE(carrier);
  const auto state = (*carrier)->receive([](base::byte_view) {});
  EXPECT_TRUE(state);
  dialer->remember("gw_one", **carrier);
  (*carrier)->stream().socket().close_now();
}

awaitable<void> cut_at_once(rig* with, carrier_dialer* dialer, base::error* outcome) {
  auto order = order_of(*with);
  auto carrier = co_await dialer->dial(std::move(order), soon());
  *outcome = carrier ? base::error() : carrier.error();
  if (carrier) {
    (*carrier)->stream().socket().close_now();
  }
}

TEST(CarrierDialer, SecondCarrierResumesTheTlsSession) {
  rig with;
  carrier_dialer dialer;
  with.loop.run(read_a_little(&with, &dialer, ticket_use::resume));
  with.loop.run(read_a_little(&with, &dialer, ticket_use::resume));
  EXPECT_EQ(with.gateway.counts().resumed, 1U);
  EXPECT_EQ(with.gateway.counts().recognised, 2U);
}

TEST(CarrierDialer, EachTicketOfACarrierResumesOneFurtherCarrier) {
  rig with;
  carrier_dialer dialer;
  with.loop.run(read_a_little(&with, &dialer, ticket_use::resume));
  base::error outcome;
  for (int next = 0; next < 2; ++next) {
    with.loop.run(cut_at_once(&with, &dialer, &outcome));
    EXPECT_EQ(outcome, base::error());
  }
  EXPECT_EQ(with.gateway.counts().resumed, 2U);
}

TEST(CarrierDialer, GatewayThatSpeaksOnlyHttp1IsSpokenToInHttp1) {
  rig with;
  auto order = order_of(with);
  order.kind = carrier_kind::http2;
  EXPECT_EQ(outcome_of(with, order), base::error());
  EXPECT_EQ(with.gateway.last_upgrade().method, "GET");
}

TEST(CarrierDialer, TicketsAreLeftAloneWhenTheOrderSaysSo) {
  rig with;
  carrier_dialer dialer;
  with.loop.run(read_a_little(&with, &dialer, ticket_use::resume));
  with.loop.run(read_a_little(&with, &dialer, ticket_use::ignore));
  EXPECT_EQ(with.gateway.counts().resumed, 0U);
}

using enrolment_outcome = std::expected<device_account, control_problem>;

awaitable<void> enrol(const rig* with, enrolment_order order,
                      std::optional<enrolment_outcome>* outcome) {
  auto store = with->store;
  outcome->emplace(co_await enrol_device(std::move(store), std::move(order), soon()));
}

enrolment_outcome enrolled(rig& with, present_enrolment present = present_enrolment::keep) {
  std::optional<enrolment_outcome> outcome;
  enrolment_order order{.link = with.issuer.link(), .name = "laptop", .present = present};
  with.loop.run(enrol(&with, std::move(order), &outcome));
  return *outcome;
}

TEST(Enrolment, LinkBecomesAnAccountThatTheStateFolderKeeps) {
  rig with;
  const auto account = enrolled(with);
  ASSERT_TRUE(account) << account.error().code.message();
  EXPECT_EQ(account->record().device_id, testing::device_id);
  const auto loaded = device_account::load(with.store, testing::real_now());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->key().public_part(), account->key().public_part());
  EXPECT_EQ(loaded->record().name, "laptop");
}

TEST(Enrolment, PresentEnrolmentIsKeptUnlessReplacingWasAskedFor) {
  rig with;
  const auto first = enrolled(with);
  const auto second = enrolled(with);
  ASSERT_TRUE(first);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::already_enrolled);
  const auto third = enrolled(with, present_enrolment::replace);
  ASSERT_TRUE(third);
  EXPECT_NE(third->key().public_part(), first->key().public_part());
}

TEST(Enrolment, SpentLinkIsNamedWithTheSentenceOfTheControlPlane) {
  rig with;
  with.gateway.rules().control_status = 410;
  with.gateway.rules().control_code = "ticket_spent";
  const auto account = enrolled(with);
  ASSERT_FALSE(account);
  EXPECT_EQ(account.error().code, errc::ticket_spent);
  EXPECT_EQ(account.error().sentence, "As the test asked.");
  EXPECT_FALSE(with.store.has_record());
}

TEST(Enrolment, FailedTryIsRepeatedWithTheSameKey) {
  rig with;
  with.gateway.rules().recognise = testing::recognition_rule::nobody;
  EXPECT_EQ(enrolled(with).error().code, errc::gateway_did_not_recognise);
  const auto pending = with.store.load_or_create_pending_key(base::secure_random());
  with.gateway.rules().recognise = testing::recognition_rule::knock;
  const auto account = enrolled(with);
  ASSERT_TRUE(account && pending);
  EXPECT_EQ(account->key().public_part(), pending->public_part());
}

TEST(Enrolment, KeyThatIsKnownElsewhereIsReplacedByAFreshOne) {
  rig with;
  const auto pending = with.store.load_or_create_pending_key(base::secure_random());
  with.gateway.rules().control_status = 409;
  with.gateway.rules().control_code = "device_known_elsewhere";
  EXPECT_EQ(enrolled(with).error().code, errc::device_known_elsewhere);
  with.gateway.rules().control_status.reset();
  const auto account = enrolled(with);
  ASSERT_TRUE(account && pending);
  EXPECT_NE(account->key().public_part(), pending->public_part());
}

}
}
