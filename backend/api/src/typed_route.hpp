#pragma once

#include <charconv>
#include <functional>
#include <optional>
#include <utility>

#include "entity_tags.hpp"
#include "httvps/backend/schemas/document.hpp"
#include "page_stamp.hpp"
#include "route.hpp"

namespace httvps::backend::api {

inline constexpr std::string_view json_type = "application/json";

template <typename Field>
inline constexpr bool is_number_field = false;
template <schemas::number_range Range>
inline constexpr bool is_number_field<schemas::whole<Range>> = true;
template <typename Field>
inline constexpr bool is_number_field<std::optional<Field>> = is_number_field<Field>;

template <typename Field>
schemas::json_value query_value(const std::string& text) {
  if constexpr (is_number_field<Field>) {
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec == std::errc() && read.ptr == end) {
      return number;
    }
  }
  return schemas::to_json_text(text);
}

template <schemas::DescribedDocument Query>
answer<Query> read_query(const query_values& values) {
  schemas::json_object object;
  for (const auto& [name, text] : values) {
    object[name] = schemas::to_json_text(text);
  }
  using members = typename schemas::codec<Query>::members;
  boost::mp11::mp_for_each<members>([&](auto member) {
    using field = std::remove_cvref_t<decltype(std::declval<Query&>().*member.pointer)>;
    if (const auto found = values.find(std::string_view(member.name)); found != values.end()) {
      object[member.name] = query_value<field>(found->second);
    }
  });
  auto query = schemas::from_json<Query>(object);
  if (!query) {
    return std::unexpected(problem::invalid_fields(std::move(query).error()));
  }
  return *std::move(query);
}

template <typename Document>
struct tagged {
  Document document;
  services::entity_tag tag;
};

template <typename Answer>
struct answer_kind {
  using document = Answer;
  static constexpr bool is_tagged = false;
};
template <typename Document>
struct answer_kind<tagged<Document>> {
  using document = Document;
  static constexpr bool is_tagged = true;
};

template <typename Document>
schema_writer schema_of() {
  return [](schemas::component_set& components) {
    return schemas::codec<Document>::schema(components);
  };
}

inline constexpr int created = 201;

inline tag_rule usual_rule(const route& one) noexcept {
  if (one.method == "GET") {
    return tag_rule::shown;
  }
  return one.success == created ? tag_rule::created : tag_rule::accepted;
}

template <typename Answer>
void declare_answer(route& one) {
  one.answer_schema = schema_of<typename answer_kind<Answer>::document>();
  if (answer_kind<Answer>::is_tagged && one.tags == tag_rule::none) {
    one.tags = usual_rule(one);
  }
}

template <typename Document>
answer<plain_body> to_body(answer<Document> made) {
  if (!made) {
    return std::unexpected(std::move(made).error());
  }
  return plain_body{.content_type = std::string(json_type), .text = schemas::write_document(*made)};
}

template <typename Document>
answer<plain_body> to_body(answer<tagged<Document>> made) {
  if (!made) {
    return std::unexpected(std::move(made).error());
  }
  plain_body body{.content_type = std::string(json_type),
                  .text = schemas::write_document(made->document)};
  body.headers.add("ETag", entity_tag_header(made->tag, body.text));
  return body;
}

template <typename Body, typename Document>
route with_body(route one, std::function<answer<Document>(call&, const Body&)> handle) {
  one.request_schema = schema_of<Body>();
  declare_answer<Document>(one);
  one.handle = [handle = std::move(handle)](call& made) -> answer<plain_body> {
    const auto body = schemas::read_document<Body>(made.request.body);
    if (!body) {
      return std::unexpected(problem::invalid_fields(body.error()));
    }
    return to_body(handle(made, *body));
  };
  return one;
}

template <typename Body, typename Document>
route with_patch(route one, std::function<answer<Document>(call&, const Body&)> handle) {
  one.method = "PATCH";
  auto made = with_body<Body, Document>(std::move(one), std::move(handle));
  made.handle = [apply = std::move(made.handle)](call& asked) -> answer<plain_body> {
    HTTVPS_CHECK(require_patch_type(asked.request));
    return apply(asked);
  };
  return made;
}

template <typename Query, typename Document>
concept PagedList = requires(Query query, Document list) {
  query.page_token;
  list.next_page_token;
};

template <typename Query, typename Document>
route with_query(route one, std::function<answer<Document>(call&, const Query&)> handle) {
  one.query_schema = schema_of<Query>();
  one.answer_schema = schema_of<Document>();
  one.handle = [handle = std::move(handle)](call& made) -> answer<plain_body> {
    auto query = read_query<Query>(made.query);
    if (!query) {
      return std::unexpected(query.error());
    }
    if constexpr (PagedList<Query, Document>) {
      const page_stamp stamp(made);
      HTTVPS_CHECK(stamp.take_from(query->page_token));
      auto list = handle(made, *query);
      if (list) {
        stamp.put_on(list->next_page_token);
      }
      return to_body(std::move(list));
    } else {
      return to_body(handle(made, *query));
    }
  };
  return one;
}

inline plain_body nothing_new() {
  return {.content_type = {}, .text = {}, .status = not_modified};
}

template <typename Document>
route without_body(route one, std::function<answer<Document>(call&)> handle) {
  declare_answer<Document>(one);
  one.handle = [handle = std::move(handle)](call& made) { return to_body(handle(made)); };
  return one;
}

inline route removal(route one, std::function<answer<void>(call&)> handle) {
  one.method = "DELETE";
  one.success = no_content;
  one.tags = one.tags == tag_rule::none ? tag_rule::accepted : one.tags;
  one.handle = [handle = std::move(handle)](call& made) -> answer<plain_body> {
    HTTVPS_CHECK(handle(made));
    return plain_body{};
  };
  return one;
}

}
