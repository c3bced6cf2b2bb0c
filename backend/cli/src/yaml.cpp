#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "output.hpp"

namespace httvps::ctl {
namespace {

constexpr std::string_view words_of_yaml[] = {"null", "true", "false", "yes", "no",
                                              "on",   "off",  "y",     "n"};

bool is_plain_key(std::string_view key) {
  const bool is_word = !key.empty() && key.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") ==
                                           std::string_view::npos;
  return is_word && std::ranges::find(words_of_yaml, key) == std::end(words_of_yaml);
}

yaml_char_t* bytes_of(std::string& text) {
  return reinterpret_cast<yaml_char_t*>(text.data());
}

class yaml_writer {
 public:
  yaml_writer() {
    if (yaml_emitter_initialize(&emitter_) == 0) {
      throw std::bad_alloc();
    }
    yaml_emitter_set_output(&emitter_, append, &text_);
    yaml_emitter_set_unicode(&emitter_, 1);
    yaml_emitter_set_width(&emitter_, -1);
  }
  yaml_writer(const yaml_writer&) = delete;
  yaml_writer& operator=(const yaml_writer&) = delete;
  ~yaml_writer() { yaml_emitter_delete(&emitter_); }

  std::string write(const json::value& value) {
    yaml_event_t event;
    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
    emit(event);
    yaml_document_start_event_initialize(&event, nullptr, nullptr, nullptr, 1);
    emit(event);
    write_value(value);
    yaml_document_end_event_initialize(&event, 1);
    emit(event);
    yaml_stream_end_event_initialize(&event);
    emit(event);
    return std::move(text_);
  }

 private:
  static int append(void* into, unsigned char* bytes, std::size_t size) {
    static_cast<std::string*>(into)->append(reinterpret_cast<const char*>(bytes), size);
    return 1;
  }

  void emit(yaml_event_t& event) {
    if (yaml_emitter_emit(&emitter_, &event) == 0) {
      throw std::runtime_error("the answer cannot be written as YAML");
    }
  }

  void write_scalar(std::string text, yaml_scalar_style_t style) {
    yaml_event_t event;
    const bool is_plain = style == YAML_PLAIN_SCALAR_STYLE;
    yaml_scalar_event_initialize(&event, nullptr, nullptr, bytes_of(text),
                                 static_cast<int>(text.size()), is_plain ? 1 : 0, is_plain ? 0 : 1,
                                 style);
    emit(event);
  }

  void write_list(const json::array& list) {
    yaml_event_t event;
    yaml_sequence_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_SEQUENCE_STYLE);
    emit(event);
    for (const auto& item : list) {
      write_value(item);
    }
    yaml_sequence_end_event_initialize(&event);
    emit(event);
  }

  void write_object(const json::object& object) {
    yaml_event_t event;
    yaml_mapping_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_MAPPING_STYLE);
    emit(event);
    for (const auto& member : object) {
      const std::string key(member.key());
      write_scalar(key,
                   is_plain_key(key) ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
      write_value(member.value());
    }
    yaml_mapping_end_event_initialize(&event);
    emit(event);
  }

  void write_value(const json::value& value) {
    if (const auto* object = value.if_object()) {
      write_object(*object);
    } else if (const auto* list = value.if_array()) {
      write_list(*list);
    } else if (const auto* text = value.if_string()) {
      write_scalar(std::string(*text), YAML_DOUBLE_QUOTED_SCALAR_STYLE);
    } else {
      write_scalar(json::serialize(value), YAML_PLAIN_SCALAR_STYLE);
    }
  }

  yaml_emitter_t emitter_{};
  std::string text_;
};

void add_indented(const json::value& value, const std::string& indent, std::string& text);

void add_members(const json::object& object, const std::string& inner, std::string& text) {
  for (auto at = object.begin(); at != object.end(); ++at) {
    text += at == object.begin() ? "\n" : ",\n";
    text += inner + json::serialize(json::value(at->key())) + ": ";
    add_indented(at->value(), inner, text);
  }
}

void add_items(const json::array& list, const std::string& inner, std::string& text) {
  for (auto at = list.begin(); at != list.end(); ++at) {
    text += at == list.begin() ? "\n" : ",\n";
    text += inner;
    add_indented(*at, inner, text);
  }
}

void add_indented(const json::value& value, const std::string& indent, std::string& text) {
  const auto inner = indent + "  ";
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    text += '{';
    add_members(*object, inner, text);
    text += "\n" + indent + "}";
  } else if (const auto* list = value.if_array(); list != nullptr && !list->empty()) {
    text += '[';
    add_items(*list, inner, text);
    text += "\n" + indent + "]";
  } else {
    text += json::serialize(value);
  }
}

}

std::string to_yaml(const json::value& value) {
  return yaml_writer().write(value);
}

std::string to_pretty_json(const json::value& value) {
  std::string text;
  add_indented(value, "", text);
  return text;
}

std::string render(const json::value& answer, output_form form) {
  if (form == output_form::json) {
    return to_pretty_json(answer);
  }
  if (form == output_form::yaml) {
    auto text = to_yaml(answer);
    text.erase(text.find_last_not_of('\n') + 1);
    return text;
  }
  return to_table(answer);
}

}
