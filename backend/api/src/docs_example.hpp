#pragma once

#include <boost/json/object.hpp>

namespace httvps::backend::api {

class docs_examples {
 public:
  explicit docs_examples(const boost::json::object& schemas) : schemas_(schemas) {}

  boost::json::value of(const boost::json::value& schema) const { return made(schema, 0); }

 private:
  boost::json::value made(const boost::json::value& schema, int depth) const;
  boost::json::value of_object(const boost::json::object& schema, int depth) const;

  const boost::json::object& schemas_;
};

}
