#include "httvps/gateway/protocol/builtin_site.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace httvps::gateway {
namespace {

constexpr std::string_view last_modified = "Mon, 02 Jun 2025 08:14:51 GMT";

constexpr std::string_view home_page = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Alder &amp; Reed, book binding</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><h1>Alder &amp; Reed</h1><p>Hand book binding and paper repair</p></header>
<main>
<p>We sew, case and mend books in small numbers: dissertations, family papers, registers and maps.</p>
<p>Bring the book or send three pictures of it: the spine, the boards and a loose leaf.
We answer within two working days with a price and a date.</p>
<ul>
<li>Case binding in cloth or half leather</li>
<li>Resewing on tapes, new endpapers, headbands by hand</li>
<li>Paper repair with Japanese tissue and wheat starch</li>
</ul>
<p><a href="/prices.html">Prices</a></p>
</main>
</body>
</html>
)";

constexpr std::string_view price_page = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Prices, Alder &amp; Reed</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
<h1>Prices</h1>
<table>
<tr><th>Work</th><th>From</th></tr>
<tr><td>Thesis, cloth, one copy</td><td>38</td></tr>
<tr><td>Register, half leather</td><td>120</td></tr>
<tr><td>Resewing, an octavo</td><td>95</td></tr>
</table>
<p><a href="/">Back</a></p>
</main>
</body>
</html>
)";

constexpr std::string_view style_sheet =
    "body{font:17px/1.5 Georgia,serif;max-width:42em;margin:2em auto;padding:0 1em;color:#222}\n"
    "header{border-bottom:1px solid #bbb}\ntable{border-collapse:collapse}\n"
    "td,th{padding:.3em 1em;border:1px solid #ccc;text-align:left}\n";

struct page {
  std::string_view path;
  std::string_view type;
  std::string_view body;
};

constexpr std::array pages = {
    page{"/", "text/html", home_page},
    page{"/index.html", "text/html", home_page},
    page{"/prices.html", "text/html", price_page},
    page{"/style.css", "text/css", style_sheet},
};

std::string http_date(base::system_time now) {
  const auto seconds = static_cast<std::time_t>(base::to_unix_seconds(now));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

net::http_response start_answer(int status, base::system_time now) {
  net::http_response answer;
  answer.status = status;
  answer.headers.add("Server", "nginx");
  answer.headers.add("Date", http_date(now));
  return answer;
}

struct error_text {
  std::string title;
  std::string heading;
  std::string detail = {};
};

net::http_response error_answer(int status, const error_text& text, base::system_time now) {
  auto answer = start_answer(status, now);
  answer.body = fmt::format(
      "<html>\r\n<head><title>{}</title></head>\r\n<body>\r\n<center><h1>{}</h1></center>\r\n{}"
      "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
      text.title, text.heading, text.detail);
  answer.headers.add("Content-Type", "text/html");
  answer.headers.add("Content-Length", std::to_string(answer.body.size()));
  return answer;
}

net::http_response error_page(int status, base::system_time now) {
  const auto reason = status == 405 ? std::string_view("Not Allowed") : net::reason_of(status);
  const auto title = fmt::format("{} {}", status, reason);
  auto answer = error_answer(status, {.title = title, .heading = title}, now);
  answer.reason = reason;
  return answer;
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, std::min(target.find('?'), target.size()));
}

}

net::http_response answer_from_site(const net::http_request& request, base::system_time now) {
  const auto found = std::ranges::find(pages, path_of(request.target), &page::path);
  if (found == pages.end()) {
    return error_page(404, now);
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return error_page(405, now);
  }
  auto answer = start_answer(200, now);
  answer.headers.add("Content-Type", std::string(found->type));
  answer.headers.add("Content-Length", std::to_string(found->body.size()));
  answer.headers.add("Last-Modified", std::string(last_modified));
  answer.headers.add("ETag", fmt::format("\"683d5c2b-{:x}\"", found->body.size()));
  answer.headers.add("Accept-Ranges", "bytes");
  if (request.method == "GET") {
    answer.body = found->body;
  }
  return answer;
}

net::http_response bad_request_page(base::system_time now) {
  auto answer = error_page(400, now);
  answer.headers.add("Connection", "close");
  return answer;
}

net::http_response plain_http_page(base::system_time now) {
  auto answer =
      error_answer(400,
                   {.title = "400 The plain HTTP request was sent to HTTPS port",
                    .heading = "400 Bad Request",
                    .detail = "<center>The plain HTTP request was sent to HTTPS port</center>\r\n"},
                   now);
  answer.headers.add("Connection", "close");
  return answer;
}

}
