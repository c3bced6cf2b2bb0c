#include "attempt_desk.hpp"

#include "address_group.hpp"

namespace httvps::backend::api {
namespace {

base::counter counter_of(base::metric_registry& metrics, const attempt_metric& named,
                         std::string result) {
  return metrics.add_counter(
      {.name = named.name, .help = named.help, .labels = {{"result", std::move(result)}}});
}

}

attempt_desk::attempt_desk(rate_gate addresses, rate_gate subjects, base::metric_registry& metrics,
                           const attempt_metric& named)
    : addresses_(std::move(addresses)),
      subjects_(std::move(subjects)),
      succeeded_(counter_of(metrics, named, named.success)),
      refused_(counter_of(metrics, named, "refused")),
      throttled_(counter_of(metrics, named, "throttled")) {}

answer<void> attempt_desk::admit(const std::string& address, std::string_view subject) {
  const auto group = address_group(address);
  auto tried = addresses_.admit(group);
  if (tried) {
    tried = subjects_.admit(subject);
    if (!tried) {
      addresses_.give_back(group);
    }
  }
  if (!tried) {
    throttled_.add();
    return std::unexpected(std::move(tried).error());
  }
  return {};
}

void attempt_desk::note_refusal() {
  refused_.add();
}

void attempt_desk::note_success(const std::string& address, std::string_view subject) {
  succeeded_.add();
  addresses_.give_back(address_group(address));
  subjects_.give_back(subject);
}

}
