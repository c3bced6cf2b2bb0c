#pragma once

#include <string>
#include <string_view>

#include "httvps/base/error.hpp"
#include "httvps/sdk/device_question.hpp"

namespace httvps::cli {

base::result<std::string> describe_answer(sdk::question_kind kind, std::string_view json);

}
