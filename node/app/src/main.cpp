#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "httvps/base/core_dump.hpp"
#include "httvps/node/app/agent.hpp"
#include "httvps/node/app/host_check.hpp"

namespace {

using namespace httvps;

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

struct command_line {
  std::string config_file;
  bool describe = false;
  bool check = false;
};

const char* find_in_environment(const char* name) {
  return std::getenv(name);
}

int report(const std::vector<base::setting_problem>& problems) {
  for (const auto& problem : problems) {
    std::fprintf(stderr, "httvps-node: %s\n", problem.sentence.c_str());
  }
  return exit_usage;
}

int check(const node::node_settings& settings) {
  const auto findings = node::check_host(settings);
  std::fputs(node::to_text(findings).c_str(), stdout);
  return node::is_anything_missing(findings) ? exit_failed : 0;
}

base::result<std::unique_ptr<base::log_sink>> open_log(const node::node_settings& settings) {
  const base::log_sink::options options{.threshold = settings.log_level};
  if (settings.log_file.empty()) {
    return std::make_unique<base::log_sink>(options);
  }
  return base::log_sink::open_file(settings.log_file, options);
}

int complain(const base::error& failure) {
  std::fprintf(stderr, "httvps-node: %s\n", failure.message().c_str());
  return exit_failed;
}

int serve(const node::node_settings& settings) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const auto sink = open_log(settings);
  if (!sink) {
    return complain(sink.error());
  }
  const auto outcome = node::run_agent(settings, **sink);
  (*sink)->flush();
  return outcome ? 0 : complain(outcome.error());
}

int run(int argc, char** argv) {
  CLI::App app{
      "HTTVPS node: keeps the access keys of an Outline server as the control plane wants"};
  command_line chosen;
  app.add_option("--config", chosen.config_file, "JSON file with settings");
  app.add_flag("--check", chosen.check, "Say what the settings and this machine lack, and stop");
  app.set_version_flag("--version", "httvps-node 0.1.0");
  app.add_subcommand("settings", "Print every setting and stop")->callback([&chosen] {
    chosen.describe = true;
  });
  CLI11_PARSE(app, argc, argv);
  base::settings source(node::node_properties());
  if (chosen.describe) {
    std::fputs(source.describe_markdown().c_str(), stdout);
    return 0;
  }
  std::vector<base::setting_problem> problems;
  if (!chosen.config_file.empty()) {
    problems = source.read_file(chosen.config_file);
  }
  source.read_environment(find_in_environment);
  const auto outcome = node::read_settings(source, node::find_places(find_in_environment));
  problems.insert(problems.end(), outcome.problems.begin(), outcome.problems.end());
  if (!problems.empty()) {
    return report(problems);
  }
  return chosen.check ? check(outcome.chosen) : serve(outcome.chosen);
}

}

int main(int argc, char** argv) {
  base::forbid_core_dumps_or_warn("httvps-node");
  try {
    return run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "httvps-node: %s\n", failure.what());
  } catch (...) {
    std::fputs("httvps-node: stopped for an unknown reason.\n", stderr);
  }
  return exit_failed;
}
