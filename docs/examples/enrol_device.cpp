#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <optional>
#include <string>

#include "httvps/identity/enrolment_link.hpp"
#include "httvps/sdk/enrolment.hpp"

namespace {

using namespace httvps;
using enrolment = std::expected<sdk::device_account, sdk::control_problem>;

void rethrow(const std::exception_ptr& thrown) {
  if (thrown) {
    std::rethrow_exception(thrown);
  }
}

int complain(const base::error& failure, const std::string& sentence = {}) {
  const auto shown = sentence.empty() ? failure.message() : sentence;
  std::cerr << base::label_of(failure) << ": " << shown << '\n';
  return 1;
}

net::asio::awaitable<void> enrol(sdk::state_store store, sdk::enrolment_order order,
                                 std::optional<enrolment>* outcome) {
  const auto deadline = net::deadline_after(std::chrono::seconds(30));
  outcome->emplace(co_await sdk::enrol_device(std::move(store), std::move(order), deadline));
}

int show(const sdk::device_account& account) {
  std::cout << "enrolled as " << account.record().device_id << '\n';
  for (const auto& gateway : account.gateways()) {
    std::cout << "gateway " << gateway.host << " at " << gateway.addresses.front() << '\n';
  }
  return 0;
}

int run(const std::string& folder) {
  std::string text;
  std::getline(std::cin, text);
  auto link = identity::parse_enrolment_link(text);
  if (!link) {
    return complain(link.error());
  }
  auto store = sdk::state_store::create(folder);
  if (!store) {
    return complain(store.error());
  }
  sdk::enrolment_order order{.link = std::move(*link), .name = "example device"};
  std::optional<enrolment> outcome;
  net::asio::io_context context(1);
  net::asio::co_spawn(context, enrol(std::move(*store), std::move(order), &outcome), rethrow);
  context.run();
  return *outcome ? show(**outcome) : complain(outcome->error().code, outcome->error().sentence);
}

}

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: example-enrol STATE_FOLDER < link\n";
    return 2;
  }
  return run(argv[1]);
}
