#include "completion.hpp"

#include <algorithm>
#include <set>

#include "host_program.hpp"
#include "local_flags.hpp"

namespace httvps::ctl {
namespace {

constexpr std::string_view bash_script = R"(_httvpsctl() {
  local IFS=$'\n'
  COMPREPLY=($(httvpsctl __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [ ${#COMPREPLY[@]} -eq 0 ]; then
    COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
  fi
}
complete -F _httvpsctl httvpsctl
)";

constexpr std::string_view zsh_script = R"zsh(#compdef httvpsctl
_httvpsctl() {
  local -a found
  found=(${(f)"$(httvpsctl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( ${#found} )); then
    compadd -a found
  else
    _files
  fi
}
compdef _httvpsctl httvpsctl
)zsh";

constexpr std::string_view fish_script = R"(function __httvpsctl
  set -l words (commandline -opc)[2..-1] (commandline -ct)
  httvpsctl __complete $words 2>/dev/null
end
complete -c httvpsctl -a '(__httvpsctl)'
)";

constexpr std::string_view global_flags[] = {"--server",        "--profile", "--ca-file",
                                             "--token-file",    "--output",  "--timeout",
                                             "--insecure-http", "--help"};
constexpr std::string_view flags_without_value[] = {
    "--insecure-http", "--help", "-h", "--all", "--version", "-f", "--replace", "--check"};
constexpr std::string_view forms[] = {"table", "json", "yaml"};
constexpr std::string_view shells[] = {"bash", "zsh", "fish"};

using candidates = std::set<std::string>;

struct typed_line {
  std::vector<std::string> plain;
  std::string waiting_flag;
};

bool stands_alone(std::string_view word) {
  return std::ranges::find(flags_without_value, word) != std::end(flags_without_value) ||
         std::ranges::any_of(local_flags(), [&](const local_flag& one) {
           return one.flag == word && one.use == flag_use::alone;
         });
}

typed_line read_line(std::span<const std::string> words) {
  typed_line line;
  for (const auto& word : words) {
    if (!line.waiting_flag.empty()) {
      line.waiting_flag.clear();
    } else if (!word.starts_with('-')) {
      line.plain.push_back(word);
    } else if (!stands_alone(word) && word.find('=') == std::string::npos) {
      line.waiting_flag = word;
    }
  }
  return line;
}

const command* chosen_command(const command_tree& tree, const typed_line& line) {
  return line.plain.size() < 2 ? nullptr : tree.find(line.plain[0], line.plain[1]);
}

bool belongs_to(const local_flag& one, const typed_line& line) {
  if (one.group.empty()) {
    return !line.plain.empty() && line.plain[0] == one.verb;
  }
  return line.plain.size() >= 2 && line.plain[0] == one.group && line.plain[1] == one.verb;
}

void add_field_flags(const std::vector<field>& fields, candidates& found) {
  for (const auto& one : fields) {
    if (one.kind != value_kind::structure) {
      found.insert("--" + one.flag + (one.is_secret() ? "-file" : ""));
    }
  }
}

candidates flags_for(const command* chosen, const typed_line& line) {
  candidates found(std::begin(global_flags), std::end(global_flags));
  for (const auto& one : local_flags()) {
    if (belongs_to(one, line)) {
      found.emplace(one.flag);
    }
  }
  if (chosen == nullptr) {
    return found;
  }
  add_field_flags(chosen->runs.query, found);
  add_field_flags(chosen->runs.body, found);
  if (chosen->runs.takes_body) {
    found.insert("--data");
  }
  if (chosen->runs.is_list) {
    found.insert("--all");
  }
  if (std::ranges::any_of(chosen->runs.body, &field::is_nullable)) {
    found.insert("--unset");
  }
  if (chosen->runs.match != match_rule::none) {
    found.insert("--if-match");
  }
  if (chosen->runs.takes_idempotency_key) {
    found.insert("--idempotency-key");
  }
  return found;
}

candidates host_flags(const host_command& on_host, const typed_line& line) {
  const auto flags = flags_of(on_host, line.plain.size() < 2 ? "" : line.plain[1]);
  return {flags.begin(), flags.end()};
}

candidates unsettable(const command& chosen) {
  candidates found;
  for (const auto& one : chosen.runs.body) {
    if (one.is_nullable) {
      found.insert(one.flag);
    }
  }
  return found;
}

candidates local_values(const typed_line& line) {
  candidates found;
  for (const auto& one : local_flags()) {
    if (one.flag == line.waiting_flag && belongs_to(one, line)) {
      found.insert(one.choices.begin(), one.choices.end());
    }
  }
  return found;
}

candidates values_of(const command* chosen, const typed_line& line) {
  const std::string_view flag = line.waiting_flag;
  if (flag == "-o" || flag == "--output") {
    return {std::begin(forms), std::end(forms)};
  }
  if (chosen == nullptr) {
    return local_values(line);
  }
  if (flag == "--unset") {
    return unsettable(*chosen);
  }
  for (const auto* fields : {&chosen->runs.query, &chosen->runs.body}) {
    for (const auto& one : *fields) {
      if (flag == "--" + one.flag) {
        return one.kind == value_kind::flag ? candidates{"true", "false"}
                                            : candidates(one.choices.begin(), one.choices.end());
      }
    }
  }
  return {};
}

candidates first_words(const command_tree& tree) {
  const auto groups = tree.groups();
  candidates found(groups.begin(), groups.end());
  for (const auto& one : host_commands()) {
    found.emplace(one.name);
  }
  for (const auto& entry : local_commands()) {
    if (entry.group.empty()) {
      found.emplace(entry.verb);
    }
  }
  return found;
}

candidates verbs_of(const command_tree& tree, std::string_view group) {
  if (group == "completion") {
    return {std::begin(shells), std::end(shells)};
  }
  candidates found;
  if (const auto* on_host = find_host_command(group)) {
    for (const auto& one : on_host->verbs) {
      found.emplace(one.name);
    }
  }
  for (const auto& one : tree.commands) {
    if (one.group == group) {
      found.insert(one.verb);
    }
  }
  for (const auto& entry : local_commands()) {
    if (!entry.group.empty() && entry.group == group) {
      found.emplace(entry.verb);
    }
  }
  return found;
}

candidates words_after(const command_tree& tree, const typed_line& line, std::string_view typed) {
  const auto* chosen = chosen_command(tree, line);
  if (!line.waiting_flag.empty()) {
    return values_of(chosen, line);
  }
  if (typed.starts_with('-')) {
    const auto* on_host = line.plain.empty() ? nullptr : find_host_command(line.plain.front());
    return on_host != nullptr ? host_flags(*on_host, line) : flags_for(chosen, line);
  }
  if (line.plain.empty()) {
    return first_words(tree);
  }
  return line.plain.size() == 1 ? verbs_of(tree, line.plain.front()) : candidates();
}

}

std::vector<std::string> complete(const command_tree& tree, std::span<const std::string> words) {
  const std::string typed = words.empty() ? std::string() : words.back();
  const auto line = read_line(words.empty() ? words : words.first(words.size() - 1));
  std::vector<std::string> fitting;
  for (const auto& one : words_after(tree, line, typed)) {
    if (one.starts_with(typed)) {
      fitting.push_back(one);
    }
  }
  return fitting;
}

outcome<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") {
    return std::string(bash_script);
  }
  if (shell == "zsh") {
    return std::string(zsh_script);
  }
  if (shell == "fish") {
    return std::string(fish_script);
  }
  return usage_error("Completion is there for bash, zsh and fish.");
}

}
