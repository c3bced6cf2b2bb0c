#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "commands/commands.hpp"
#include "device/device_report.hpp"
#include "errc.hpp"
#include "status/questions.hpp"
#include "status/status_socket.hpp"

namespace httvps::cli {
namespace {

constexpr auto running_patience = std::chrono::seconds(25);
constexpr auto alone_patience = std::chrono::seconds(30);

std::unexpected<sdk::control_problem> failed(const base::error& code) {
  return std::unexpected(sdk::control_problem{.code = code, .sentence = {}});
}

struct prepared_question {
  sdk::state_store store;
  std::optional<net::endpoint> connect_to;
};

base::result<prepared_question> prepare(const device_command& command) {
  const auto& question = command.question;
  const bool revokes = question.kind == sdk::question_kind::revocation;
  if (revokes && !sdk::is_device_id(question.device_id)) {
    return base::fail(errc::device_id_invalid);
  }
  HTTVPS_TRY(auto connect_to, place_of(command.connect_to));
  HTTVPS_TRY(auto folder, state_folder_of(command.state));
  HTTVPS_TRY(auto store, sdk::state_store::open(std::move(folder)));
  HTTVPS_TRY(const auto record, store.load_record());
  const bool own = revokes && question.device_id == record.device_id;
  if (own && command.ending == own_ending::unconfirmed) {
    return base::fail(errc::own_device_unconfirmed);
  }
  return prepared_question{.store = std::move(store), .connect_to = std::move(connect_to)};
}

net::asio::awaitable<void> ask_into(sdk::lone_question wanted, told_answer* answer) {
  *answer = co_await sdk::ask_alone(std::move(wanted), net::deadline_after(alone_patience));
}

told_answer ask_without_client(const device_command& command, const prepared_question& wanted) {
  auto account = sdk::device_account::load(wanted.store, base::real_clock().system_now());
  if (!account) {
    return failed(account.error());
  }
  sdk::lone_question alone{.account = std::move(*account),
                           .question = command.question,
                           .connect_to = wanted.connect_to};
  told_answer answer;
  net::asio::io_context context(1);
  net::asio::co_spawn(context, ask_into(std::move(alone), &answer),
                      [](const std::exception_ptr& thrown) {
                        if (thrown) {
                          std::rethrow_exception(thrown);
                        }
                      });
  context.run();
  return answer;
}

told_answer ask(const device_command& command) {
  const auto wanted = prepare(command);
  if (!wanted) {
    return failed(wanted.error());
  }
  const auto path = status_socket_path(wanted->store.folder(), environment);
  const auto told = ask_running(path, line_of(command.question), running_patience);
  if (told) {
    return unwrap_answer(*told);
  }
  const bool nobody =
      told.error() == errc::not_running || told.error() == errc::status_path_too_long;
  return nobody ? ask_without_client(command, *wanted) : failed(told.error());
}

}

exit_code run(const device_command& command) {
  const auto answer = ask(command);
  if (!answer) {
    return complain(answer.error().code, answer.error().sentence);
  }
  if (command.form == output_form::json) {
    say(*answer);
    return exit_code::done;
  }
  auto lines = describe_answer(command.question.kind, *answer);
  if (!lines) {
    return complain(lines.error());
  }
  lines->pop_back();
  say(*lines);
  return exit_code::done;
}

}
