#include "httvps/node/app/host_check.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>

#include "credential.hpp"
#include "httvps/net/http_client.hpp"
#include "httvps/net/tcp.hpp"
#include "server_child.hpp"

namespace httvps::node {
namespace {

constexpr auto backend_patience = std::chrono::seconds(2);

finding good(std::string subject, std::string sentence) {
  return {.subject = std::move(subject), .sentence = std::move(sentence)};
}

finding missing(std::string subject, std::string sentence) {
  return {.grade = finding_grade::missing,
          .subject = std::move(subject),
          .sentence = std::move(sentence)};
}

finding check_credential(const node_settings& settings) {
  const auto credential = load_credential(settings.credential_file);
  if (credential) {
    return good("credential", fmt::format("{} holds one.", settings.credential_file));
  }
  return missing("credential",
                 fmt::format("{}: {} Put the credential that the control plane showed into it and "
                             "run chmod 600.",
                             settings.credential_file, credential.error().message()));
}

finding check_state(const node_settings& settings) {
  namespace files = std::filesystem;
  std::error_code failure;
  files::path place = files::absolute(settings.state_dir, failure);
  while (!files::exists(place, failure) && place.has_relative_path()) {
    place = place.parent_path();
  }
  if (::access(place.c_str(), R_OK | W_OK | X_OK) == 0) {
    return good("state directory", fmt::format("{} can be written.", settings.state_dir));
  }
  return missing("state directory",
                 fmt::format("{} cannot be written: install -d -m 700 -o \"$(id -un)\" {}",
                             settings.state_dir, settings.state_dir));
}

finding check_server(const node_settings& settings) {
  if (!settings.server_program.empty()) {
    return ::access(settings.server_program.c_str(), X_OK) == 0
               ? good("Outline server", fmt::format("{} can be run.", settings.server_program))
               : missing("Outline server",
                         fmt::format("{} cannot be run.", settings.server_program));
  }
  const auto process = process_of(settings.server_pid_file, settings.server_name);
  return process ? good("Outline server", fmt::format("runs as process {}.", *process))
                 : missing("Outline server", fmt::format("{}: {}", settings.server_pid_file,
                                                         process.error().message()));
}

net::task<> reach(net::endpoint place) {
  HTTVPS_CO_CHECK(co_await net::connect(std::move(place), net::deadline_after(backend_patience)));
  co_return base::result<void>();
}

finding check_backend(const node_settings& settings) {
  const auto origin = net::parse_origin(settings.backend_url);
  if (!origin) {
    return missing("control plane", "NODE_BACKEND_URL is not an http or https address.");
  }
  net::asio::io_context context(1);
  base::result<> outcome;
  net::asio::co_spawn(context, reach(origin->place),
                      [&outcome](const std::exception_ptr& thrown, base::result<> reached) {
                        outcome = thrown ? base::fail(base::errc::io_failure) : reached;
                      });
  context.run();
  return outcome ? good("control plane", fmt::format("{} answers.", net::to_text(origin->place)))
                 : missing("control plane",
                           fmt::format("{} cannot be reached: {}", net::to_text(origin->place),
                                       outcome.error().message()));
}

}

std::vector<finding> check_host(const node_settings& settings) {
  return {good("settings", "are complete."), check_credential(settings), check_state(settings),
          check_server(settings), check_backend(settings)};
}

bool is_anything_missing(const std::vector<finding>& findings) noexcept {
  return std::ranges::any_of(
      findings, [](const finding& each) { return each.grade == finding_grade::missing; });
}

std::string to_text(const std::vector<finding>& findings) {
  std::string text;
  for (const auto& each : findings) {
    const auto* mark = each.grade == finding_grade::good ? "ok" : "MISSING";
    text += fmt::format("{:<8} {}: {}\n", mark, each.subject, each.sentence);
  }
  return text;
}

}
