#pragma once

#include "cursor.hpp"
#include "httvps/wire/frame.hpp"

namespace httvps::wire {

base::result<frame> decode_hello(cursor in);
base::result<frame> decode_welcome(cursor in);
base::result<frame> decode_refuse(cursor in);
base::result<frame> decode_challenge(cursor in);

}
