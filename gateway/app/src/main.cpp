#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/core_dump.hpp"
#include "httvps/gateway/app/host_check.hpp"
#include "httvps/gateway/app/process.hpp"

namespace {

using namespace httvps;

constexpr int exit_usage = 2;
constexpr int exit_failed = 1;

struct command_line {
  std::string config_file;
  std::vector<std::string> overrides;
  bool describe = false;
  bool check = false;
};

void describe_options(CLI::App& app, command_line& chosen) {
  app.add_option("--config", chosen.config_file, "JSON file with settings");
  app.add_option("--set", chosen.overrides, "One setting as name=value; may be repeated");
  app.add_flag("--describe-settings", chosen.describe, "Print every setting and stop");
  app.add_flag("--check", chosen.check, "Say what the settings and this machine lack, and stop");
  app.set_version_flag("--version", "httvps-gateway 0.1.0");
}

const char* find_in_environment(const char* name) {
  const std::string_view wanted(name);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view held(*entry);
    if (held.starts_with(wanted) && held.substr(wanted.size()).starts_with('=')) {
      return *entry + wanted.size() + 1;
    }
  }
  return nullptr;
}

std::vector<base::setting_problem> gather(const command_line& chosen, base::settings& source) {
  std::vector<base::setting_problem> problems;
  if (!chosen.config_file.empty()) {
    problems = source.read_file(chosen.config_file);
  }
  source.read_environment(find_in_environment);
  for (const auto& each : chosen.overrides) {
    const auto equals = each.find('=');
    if (equals == std::string::npos) {
      problems.push_back({each, "--set wants name=value."});
      continue;
    }
    source.override_with(each.substr(0, equals), each.substr(equals + 1));
  }
  return problems;
}

int report(const std::vector<base::setting_problem>& problems) {
  for (const auto& problem : problems) {
    std::fprintf(stderr, "%s\n", problem.sentence.c_str());
  }
  return exit_usage;
}

int check(const gateway::gateway_settings& settings,
          const std::vector<base::setting_problem>& problems) {
  std::vector<gateway::finding> findings(problems.size());
  std::ranges::transform(problems, findings.begin(), [](const base::setting_problem& problem) {
    return gateway::finding{.grade = gateway::finding_grade::missing,
                            .subject = problem.name,
                            .sentence = problem.sentence};
  });
  const gateway::host_view host;
  const auto add = [&findings](std::vector<gateway::finding> more) {
    std::ranges::move(more, std::back_inserter(findings));
  };
  if (problems.empty()) {
    findings.push_back({.subject = "settings", .sentence = "are complete."});
    add(gateway::check_files(settings));
    add({gateway::check_backend(settings)});
    add(gateway::check_process(settings, host));
  }
  add(gateway::check_kernel(host));
  std::fputs(gateway::to_text(findings).c_str(), stdout);
  return gateway::is_anything_missing(findings) ? exit_failed : 0;
}

int serve(const gateway::gateway_settings& settings) {
  gateway::raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const base::log_sink::options options{.threshold = settings.log_level};
  std::unique_ptr<base::log_sink> sink;
  if (settings.log_file.empty()) {
    sink = std::make_unique<base::log_sink>(options);
  } else {
    auto opened = base::log_sink::open_file(settings.log_file, options);
    if (!opened) {
      std::fprintf(stderr, "The log file %s cannot be opened: %s\n", settings.log_file.c_str(),
                   opened.error().message().c_str());
      return exit_failed;
    }
    sink = std::move(*opened);
  }
  const auto outcome = gateway::run_gateway(settings, *sink);
  sink->flush();
  if (!outcome) {
    std::fprintf(stderr, "The gateway stopped: %s\n", outcome.error().message().c_str());
    return exit_failed;
  }
  return 0;
}

}

namespace {

int run(int argc, char** argv) {
  CLI::App app{"HTTVPS gateway: a web site to the world, a tunnel to enrolled devices"};
  command_line chosen;
  describe_options(app, chosen);
  CLI11_PARSE(app, argc, argv);
  base::settings source(gateway::gateway_properties());
  if (chosen.describe) {
    std::fputs(source.describe_markdown().c_str(), stdout);
    return 0;
  }
  auto problems = gather(chosen, source);
  auto outcome = gateway::read_settings(source);
  problems.insert(problems.end(), outcome.problems.begin(), outcome.problems.end());
  if (chosen.check) {
    return check(outcome.chosen, problems);
  }
  if (!problems.empty()) {
    return report(problems);
  }
  return serve(outcome.chosen);
}

}

int main(int argc, char** argv) {
  base::forbid_core_dumps_or_warn("httvps-gateway");
  try {
    return run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "The gateway stopped: %s\n", failure.what());
  } catch (...) {
    std::fputs("The gateway stopped for an unknown reason.\n", stderr);
  }
  return exit_failed;
}
