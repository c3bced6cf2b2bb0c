#include "validation_meter.hpp"

#include <boost/mp11/algorithm.hpp>

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/schemas/session_documents.hpp"
#include "validation_views.hpp"

namespace httvps::backend::api {
namespace {

constexpr std::string_view named_failures[] = {"storage_busy", "storage_failed", "storage_full",
                                               other_code};

base::counter counter_of(base::metric_registry& metrics, std::string_view result,
                         std::string_view code) {
  return metrics.add_counter(
      {.name = "httvps_backend_validations_total",
       .help = "Answers about devices, by result and the code of a denial or failure.",
       .labels = {{"result", std::string(result)}, {"code", std::string(code)}}});
}

void add_one(base::counter counter) {
  counter.add();
}

}

validation_meter::validation_meter(base::metric_registry& metrics)
    : allowed_(counter_of(metrics, "allowed", no_code)) {
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<schemas::denial_code>>(
      [&](auto code) { denied_.emplace(code.name, counter_of(metrics, "denied", code.name)); });
  for (const auto code : named_failures) {
    failed_.emplace(code, counter_of(metrics, "failed", code));
  }
}

void validation_meter::count(const base::result<services::validation_outcome>& result) const {
  if (!result) {
    const auto named = failed_.find(base::label_of(result.error()));
    add_one((named == failed_.end() ? failed_.find(other_code) : named)->second);
    return;
  }
  const auto* denied = std::get_if<services::denied_device>(&*result);
  add_one(denied == nullptr ? allowed_ : denied_.at(models::enum_text(view_of(*denied).code)));
}

}
