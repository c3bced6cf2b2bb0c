#include "httvps/backend/schemas/session_documents.hpp"
#include "httvps/backend/schemas/session_roll_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/failpoints.hpp"
#include "routes.hpp"
#include "typed_route.hpp"
#include "validation_views.hpp"

namespace httvps::backend::api {
namespace {

void note_validation(call& made, const services::validation_outcome& outcome) {
  if (const auto* admitted = std::get_if<services::admitted_device>(&outcome)) {
    made.notes.device_id = admitted->device.text();
    made.notes.outcome = "allowed";
    return;
  }
  made.notes.outcome = base::label_of(std::get<services::denied_device>(outcome).reason);
}

std::vector<services::told_session> sessions_in(const schemas::told_sessions& sent) {
  std::vector<services::told_session> sessions;
  sessions.reserve(sent.items.size());
  for (const auto& each : sent.items) {
    sessions.push_back({.session = each.session.value, .device = each.device_id});
  }
  return sessions;
}

services::roll_order to_roll(const schemas::session_roll_request& sent) {
  return {.epoch = sent.epoch.value,
          .roll = sent.roll.value,
          .seq = sent.seq.as<std::uint64_t>(),
          .held = sessions_in(sent.held),
          .ended = sessions_in(sent.ended)};
}

schemas::session_roll_answer view_of(const shared::roll_reply& reply) {
  schemas::session_roll_answer view{.in_step = reply.standing == shared::roll_standing::in_step,
                                    .end = {}};
  for (const auto& each : reply.to_end) {
    view.end.items.emplace_back(each);
  }
  return view;
}

services::usage_report to_report(const schemas::usage_report_request& sent) {
  services::usage_report report{
      .epoch = sent.epoch.value, .seq = sent.seq.as<std::uint64_t>(), .lines = {}};
  report.lines.reserve(sent.rows.items.size());
  for (const auto& row : sent.rows.items) {
    report.lines.push_back(
        {.session = row.n.as<std::uint64_t>(),
         .node = row.node_id,
         .counted = {.up = row.up.as<base::byte_count>(), .down = row.down.as<base::byte_count>()},
         .token = row.token ? std::optional(row.token->value) : std::nullopt,
         .is_final = row.final.value_or(false)});
  }
  return report;
}

schemas::usage_report_answer view_of(const services::usage_receipt& receipt) {
  schemas::usage_report_answer view{.acked_through = receipt.acknowledged.acked_through,
                                    .gaps = {}};
  for (const auto& gap : receipt.acknowledged.gaps) {
    view.gaps.items.push_back({.first = gap.first, .last = gap.last});
  }
  return view;
}

void count_receipt(const services::usage_receipt& receipt, session_counters& counters) {
  if (receipt.novelty == services::report_novelty::repeated) {
    counters.batches_repeated.add();
    return;
  }
  counters.batches_new.add();
  if (receipt.posted) {
    count_posted(*receipt.posted, counters);
  }
}

void count_refusal(const std::error_code& cause, session_counters& counters) {
  if (cause == services::errc::digest_mismatch) {
    counters.batches_conflicting.add();
  } else if (cause == services::errc::quarantine_full || cause == services::errc::too_many_epochs) {
    counters.batches_refused.add();
  }
}

answer<plain_body> answer_of(call& made, const base::result<services::validation_outcome>& found,
                             const validation_meter& meter) {
  meter.count(found);
  if (!found) {
    return std::unexpected(problem(found.error()));
  }
  note_validation(made, *found);
  return to_body(std::visit(
      [](const auto& one) { return answer<schemas::validate_answer>(api::view_of(one)); }, *found));
}

struct asked_validations {
  std::vector<services::validation_request> requests;
  std::vector<std::size_t> places;
};

asked_validations read_validations(const call_list& calls,
                                   std::vector<answer<plain_body>>& answers) {
  asked_validations asked;
  for (std::size_t place = 0; place < calls.size(); ++place) {
    const auto wanted =
        schemas::read_document<schemas::validate_request>(calls[place]->request.body);
    if (!wanted) {
      answers[place] = std::unexpected(problem::invalid_fields(wanted.error()));
      continue;
    }
    asked.requests.push_back({.gateway = *calls[place]->gateway, .order = to_order(*wanted)});
    asked.places.push_back(place);
  }
  return asked;
}

std::vector<answer<plain_body>> validate_all(const service_set& services, const call_list& calls,
                                             const validation_meter& meter) {
  std::vector<answer<plain_body>> answers(calls.size());
  const auto asked = read_validations(calls, answers);
  const auto found =
      services.validation.validate_together(asked.requests, services::notes_go::into_the_book);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto place = asked.places[i];
    answers[place] = answer_of(*calls[place], found[i], meter);
  }
  return answers;
}

route validate_route(const service_set& services, const session_counters& shared) {
  route one{.method = "POST",
            .pattern = "/api/v1/auth/validate-device",
            .operation = "validateDevice",
            .summary = "Whether a device may open or keep a session, and with which limits.",
            .wanted = access::gateway,
            .runs_at = work_place::together};
  one.request_schema = schema_of<schemas::validate_request>();
  declare_answer<schemas::validate_answer>(one);
  one.handle_together = [services, meter = shared.validations](const call_list& calls) {
    return validate_all(services, calls, *meter);
  };
  one.handle = [together = one.handle_together](call& made) {
    return std::move(together({&made}).front());
  };
  return one;
}

route roll_route(const service_set& services, const session_counters& shared) {
  return with_body<schemas::session_roll_request, schemas::session_roll_answer>(
      {.method = "POST",
       .pattern = "/api/v1/gateway/sessions",
       .operation = "reportSessions",
       .summary = "Sessions that a gateway opened and ended; which ones it is to end now.",
       .wanted = access::gateway},
      [services, counters = shared](call& made, const schemas::session_roll_request& sent) mutable
          -> answer<schemas::session_roll_answer> {
        HTTVPS_TRY(const auto reply, services.validation.take_roll(*made.gateway, to_roll(sent)));
        const bool in_step = reply.standing == shared::roll_standing::in_step;
        (in_step ? counters.rolls_in_step : counters.rolls_out_of_step).add();
        made.notes.outcome = in_step ? "in_step" : "out_of_step";
        return view_of(reply);
      });
}

route usage_route(const service_set& services, const session_counters& shared) {
  return with_body<schemas::usage_report_request, schemas::usage_report_answer>(
      {.method = "POST",
       .pattern = "/api/v1/usage/report",
       .operation = "reportUsage",
       .summary = "Cumulative traffic of sessions; a repeated batch is never counted twice.",
       .wanted = access::gateway,
       .further_statuses = {429}},
      [services, counters = shared](call& made, const schemas::usage_report_request& sent) mutable
          -> answer<schemas::usage_report_answer> {
        const auto receipt = services.usage.report(*made.gateway, to_report(sent));
        if (!receipt) {
          count_refusal(receipt.error(), counters);
          return std::unexpected(problem(receipt.error()));
        }
        count_receipt(*receipt, counters);
        made.notes.outcome =
            receipt->novelty == services::report_novelty::repeated ? "repeated" : "accepted";
        HTTVPS_CHECK(
            services::usage_failpoint::pass(services::usage_failpoint::before_acknowledge));
        return view_of(*receipt);
      });
}

}

void count_posted(const services::posted_usage& posted, session_counters& counters) {
  counters.rows_quarantined.add(posted.quarantined);
  counters.rows_went_down.add(posted.went_down);
  counters.bytes->count(posted.region, posted.added);
}

session_counters make_session_counters(base::metric_registry& metrics) {
  const auto batches = [&](std::string result) {
    return metrics.add_counter(
        {.name = "httvps_backend_usage_batches_total",
         .help = "Usage batches that were acknowledged, new or repeated, and "
                 "those refused: as another content under a known number "
                 "(conflict), or beyond what a gateway may leave here (refused).",
         .labels = {{"result", std::move(result)}}});
  };
  const auto rolls = [&](std::string result) {
    return metrics.add_counter({.name = "httvps_backend_session_rolls_total",
                                .help = "Reports of gateways about their sessions.",
                                .labels = {{"result", std::move(result)}}});
  };
  const auto rows = [&](std::string reason) {
    return metrics.add_counter({.name = "httvps_backend_usage_odd_rows_total",
                                .help = "Usage rows that were held or ignored.",
                                .labels = {{"reason", std::move(reason)}}});
  };
  return {.validations = std::make_shared<const validation_meter>(metrics),
          .validation_batches =
              metrics.add_counter({.name = "httvps_backend_validation_batches_total",
                                   .help = "Calls that validated several devices at once."}),
          .rolls_in_step = rolls("in_step"),
          .rolls_out_of_step = rolls("out_of_step"),
          .batches_new = batches("new"),
          .batches_repeated = batches("repeated"),
          .batches_conflicting = batches("conflict"),
          .batches_refused = batches("refused"),
          .rows_quarantined = rows("quarantined"),
          .rows_went_down = rows("went_down"),
          .bytes = std::make_shared<usage_meter>(metrics)};
}

void add_session_routes(route_table& table, const service_set& services,
                        const session_counters& counters) {
  table.add(validate_route(services, counters));
  add_validation_batch_routes(table, services, counters);
  table.add(roll_route(services, counters));
  table.add(usage_route(services, counters));
}

}
