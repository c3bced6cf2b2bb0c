#include "docs_page.hpp"

namespace httvps::backend::api {
namespace {

constexpr std::string_view style = R"css(:root {
  color-scheme: light dark;
  --ink: #1b1f24;
  --quiet: #57606a;
  --paper: #ffffff;
  --panel: #f6f8fa;
  --line: #d0d7de;
  --accent: #0a58ca;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6edf3;
    --quiet: #9da7b3;
    --paper: #0d1117;
    --panel: #161b22;
    --line: #30363d;
    --accent: #79b8ff;
  }
}
:root, :root :where(*) { box-sizing: border-box; }
body {
  margin: 0 auto;
  max-width: 76rem;
  padding: 1rem;
  color: var(--ink);
  background: var(--paper);
  font: 16px/1.5 system-ui, sans-serif;
}
a { color: var(--accent); }
a:focus-visible, summary:focus-visible, input:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 2px;
}
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none; }
input { width: 100%; padding: .5rem; font: inherit; color: inherit; background: var(--panel);
  border: 1px solid var(--line); border-radius: .4rem; }
details { margin: .4rem 0; border: 1px solid var(--line); border-radius: .4rem; }
details > div { padding: 0 1rem 1rem; }
summary { padding: .5rem 1rem; cursor: pointer; overflow-wrap: anywhere; }
summary code { font-weight: 600; }
.method { display: inline-block; min-width: 4.5rem; color: var(--accent); font-weight: 700; }
.role { color: var(--quiet); }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .3rem .5rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; }
pre { padding: .75rem; overflow-x: auto; background: var(--panel); border-radius: .4rem; }
)css";

}

std::string_view docs_style() noexcept {
  return style;
}

std::string_view docs_script() noexcept {
  return R"js("use strict";
const box = document.getElementById("filter");
const operations = Array.from(document.querySelectorAll("details[data-words]"));
box.closest("p").hidden = false;
function open() {
  const target = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  if (target && target.tagName === "DETAILS") {
    target.open = true;
  }
}
box.addEventListener("input", () => {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const each of operations) {
    each.hidden = !words.every((word) => each.dataset.words.includes(word));
  }
});
addEventListener("hashchange", open);
open();
)js";
}

}
