#include "command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace httvps::ctl {
namespace {

struct group_name {
  std::string_view resource;
  std::string_view group;
  std::string_view summary;
};

constexpr group_name group_names[] = {
    {"users", "user", "People who have devices"},
    {"plans", "plan", "What a subscription gives: quota, limits, regions"},
    {"subscriptions", "sub", "Subscriptions of users to plans"},
    {"devices", "device", "Enrolled devices"},
    {"regions", "region", "Places of gateways and nodes"},
    {"nodes", "node", "Outline nodes"},
    {"gateways", "gateway", "Gateways: joining, approval, quarantine"},
    {"credentials", "credential", "Credentials of gateways and node agents"},
    {"access-keys", "key", "Access keys of gateways at nodes"},
    {"keys", "keys", "Signing keys and the ring of keys for what is encrypted at rest"},
    {"admins", "admin", "Accounts of administrators"},
    {"tokens", "token", "API tokens"},
    {"audit", "audit", "What administrators changed"},
    {"usage", "usage", "Traffic by day, device and node"},
    {"enrolment-tickets", "enrol", "Links with which devices enrol"},
    {"tickets", "enrol", "Links with which devices enrol"},
    {"settings", "settings", "Settings of the running deployment"},
    {"policy", "policy", "The shape of traffic that clients keep to"},
    {"stats", "stats", "Figures of the deployment"},
    {"metrics", "metrics", "Metrics of the server's process"},
    {"version", "version", "Which program answers"},
    {"webhooks", "webhook", "Notices to other systems"},
    {"me", "me", "Your own account"},
};

struct curated_name {
  std::string_view method;
  std::string_view path;
  std::string_view group;
  std::string_view verb;
};

constexpr curated_name curated_names[] = {
    {"POST", "/api/v1/admin/users/{id}/enrolment-links", "enrol", "link"},
    {"POST", "/api/v1/admin/users/{id}/enrolment-codes", "enrol", "code"},
    {"GET", "/api/v1/admin/devices/{id}/assignment:explain", "assign", "explain"},
    {"GET", "/api/v1/admin/usage", "usage", "show"},
    {"GET", "/api/v1/admin/regions", "region", "list"},
    {"GET", "/api/v1/admin/keys", "keys", "show"},
    {"GET", "/api/v1/admin/settings", "settings", "show"},
    {"GET", "/api/v1/admin/metrics", "metrics", "show"},
    {"GET", "/api/v1/admin/version", "version", "show"},
    {"GET", "/api/v1/admin/usage/hourly", "usage", "hourly"},
    {"GET", "/api/v1/admin/usage/monthly", "usage", "monthly"},
    {"GET", "/api/v1/admin/usage/quarantine", "usage", "quarantine"},
    {"GET", "/api/v1/admin/gateways/{id}/grants", "gateway", "grants"},
    {"POST", "/api/v1/admin/bulk/users", "user", "create-many"},
    {"PATCH", "/api/v1/admin/settings", "settings", "set"},
    {"GET", "/api/v1/admin/policy", "policy", "show"},
    {"PATCH", "/api/v1/admin/policy", "policy", "set"},
    {"POST", "/api/v1/admin/keys:rotate-signing", "keys", "rotate"},
    {"POST", "/api/v1/admin/login", "", "login"},
    {"POST", "/api/v1/admin/logout", "", "logout"},
    {"GET", "/api/v1/admin/me", "", "whoami"},
};

constexpr local_entry locals[] = {
    {local_command::login, "", "login", "Log in with a password and keep the session's token"},
    {local_command::logout, "", "logout", "End the session and forget its token"},
    {local_command::whoami, "", "whoami", "Show whose token is used"},
    {local_command::doctor, "", "doctor", "Check server, clock, database, gateways and nodes"},
    {local_command::completion, "", "completion", "Print a completion script for a shell"},
    {local_command::audit_tail, "audit", "tail", "The latest lines of the audit log, oldest first"},
    {local_command::audit_verify, "audit", "verify", "Check the chain of hashes of the audit log"},
    {local_command::usage_top, "usage", "top", "Who moved most in a span of days"},
    {local_command::commands, "", "commands", "List every command with its operation"},
};

bool is_name(std::string_view segment) noexcept {
  return segment.starts_with('{');
}

std::vector<std::string> split(std::string_view text, char mark) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = std::min(text.find(mark), text.size());
    parts.emplace_back(text.substr(0, end));
    if (end == text.size()) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

std::string group_of(std::string_view resource) {
  const auto* const known = std::ranges::find(group_names, resource, &group_name::resource);
  if (known != std::end(group_names)) {
    return std::string(known->group);
  }
  const bool is_plural = resource.size() > 1 && resource.ends_with('s');
  return std::string(is_plural ? resource.substr(0, resource.size() - 1) : resource);
}

struct path_parts {
  std::string resource;
  std::vector<std::string> inner;
  std::string action;
  bool ends_in_name = false;
};

path_parts parts_of(std::string_view path) {
  path.remove_prefix(admin_area.size());
  path_parts parts;
  const auto colon = path.rfind(':');
  if (colon != std::string_view::npos) {
    parts.action = path.substr(colon + 1);
    path = path.substr(0, colon);
  }
  const auto segments = split(path, '/');
  parts.resource = segments.front();
  parts.ends_in_name = is_name(segments.back());
  for (std::size_t at = 1; at < segments.size(); ++at) {
    if (!is_name(segments[at])) {
      parts.inner.push_back(segments[at]);
    }
  }
  return parts;
}

std::string verb_of_method(const operation& from, const path_parts& parts) {
  if (from.method == "GET") {
    return from.is_list ? "list" : "get";
  }
  if (from.method == "POST") {
    return parts.ends_in_name ? "update" : "create";
  }
  if (from.method == "PUT") {
    return "set";
  }
  return from.method == "PATCH" ? "change" : "delete";
}

std::string verb_of(const operation& from, const path_parts& parts) {
  const auto inner = fmt::format("{}", fmt::join(parts.inner, "-"));
  if (!parts.action.empty()) {
    return inner.empty() ? parts.action : parts.action + "-" + inner;
  }
  const auto verb = verb_of_method(from, parts);
  if (inner.empty()) {
    return verb;
  }
  return verb == "get" && from.path_names.empty() ? inner : verb + "-" + inner;
}

}

const command* command_tree::find(std::string_view group, std::string_view verb) const {
  const auto found = std::ranges::find_if(
      commands, [&](const command& one) { return one.group == group && one.verb == verb; });
  return found == commands.end() ? nullptr : &*found;
}

const command* command_tree::find_operation(std::string_view method, std::string_view path) const {
  const auto found = std::ranges::find_if(commands, [&](const command& one) {
    return one.runs.method == method && one.runs.path == path;
  });
  return found == commands.end() ? nullptr : &*found;
}

std::vector<std::string> command_tree::groups() const {
  std::set<std::string> names;
  for (const auto& one : commands) {
    if (!one.group.empty()) {
      names.insert(one.group);
    }
  }
  for (const auto& one : locals) {
    if (!one.group.empty()) {
      names.emplace(one.group);
    }
  }
  return {names.begin(), names.end()};
}

std::vector<local_entry> local_commands() {
  return {std::begin(locals), std::end(locals)};
}

std::string summary_of_group(std::string_view group) {
  if (group == "assign") {
    return "Which node a device has, and why";
  }
  const auto* const known = std::ranges::find(group_names, group, &group_name::group);
  return known == std::end(group_names) ? fmt::format("Commands about {}", group)
                                        : std::string(known->summary);
}

command to_command(operation from) {
  for (const auto& one : curated_names) {
    if (one.method == from.method && one.path == from.path) {
      return {
          .group = std::string(one.group), .verb = std::string(one.verb), .runs = std::move(from)};
    }
  }
  const auto parts = parts_of(from.path);
  return {.group = group_of(parts.resource), .verb = verb_of(from, parts), .runs = std::move(from)};
}

outcome<command_tree> derive_commands(std::vector<operation> operations) {
  command_tree tree;
  for (auto& one : operations) {
    auto made = to_command(std::move(one));
    if (const auto* taken = tree.find(made.group, made.verb)) {
      return failure(fmt::format("{} {} and {} {} would be the same command \"{} {}\".",
                                 taken->runs.method, taken->runs.path, made.runs.method,
                                 made.runs.path, made.group, made.verb));
    }
    const bool is_local = std::ranges::any_of(locals, [&](const local_entry& entry) {
      return entry.group == made.group && entry.verb == made.verb && !made.group.empty();
    });
    if (is_local) {
      return failure(fmt::format("{} {} would hide the command \"{} {}\".", made.runs.method,
                                 made.runs.path, made.group, made.verb));
    }
    tree.commands.push_back(std::move(made));
  }
  return tree;
}

}
