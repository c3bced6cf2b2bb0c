#pragma once

#include <map>
#include <string>

namespace httvps::backend::test_support {

using table_contents = std::map<std::string, std::string>;

table_contents stored_contents();
table_contents expect_no_trace(const table_contents& before, const std::string& who);

}
