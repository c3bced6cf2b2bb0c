import unittest

from sample_tree import SampleTreeTest

import check_layers

TABLE = (
    "place\trule\tpattern\n"
    "lib/base\tmay\thttvps/base/\n"
    "lib/wire\tmay\thttvps/base/\n"
    "lib/wire\tnever\tboost/asio\n"
    "lib/net\tmay\thttvps/base/\n"
    "gateway/app\tmay\thttvps/gateway/\n"
    "lib/base/src/clock.cpp\tonly\tsteady_clock::now\n"
    "lib/net\tonly\tasio::detached\n"
    "1\tat_most\tboost/beast\n"
)


class CheckLayersTest(SampleTreeTest):
    def setUp(self):
        super().setUp()
        self.write("tools/layers.tsv", TABLE)

    def test_allowed_directions_pass(self):
        self.write("lib/wire/src/a.cpp", '#include "httvps/base/error.hpp"\n#include "httvps/wire/a.hpp"\n')
        self.write("gateway/app/src/main.cpp", '#include "httvps/gateway/sessions/a.hpp"\n')
        self.write("lib/base/src/clock.cpp", "auto t = std::chrono::steady_clock::now();\n")
        self.write("lib/net/src/scope.cpp", "asio::co_spawn(a, b, boost::asio::detached);\n")
        self.assertEqual(check_layers.find_problems(self.root), [])

    def test_each_wrong_direction_is_found(self):
        samples = {
            "lib/base/src/a.cpp": '#include "httvps/wire/a.hpp"\n',
            "lib/wire/src/a.cpp": "#include <boost/asio/post.hpp>\n",
            "lib/wire/src/b.cpp": "auto t = std::chrono::steady_clock::now();\n",
            "lib/wire/src/c.cpp": "co_spawn(a, b, boost::asio::detached);\n",
            "elsewhere/a.cpp": "int a;\n",
            "lib/net/include/httvps/net/a.hpp": "#include <boost/beast/http.hpp>\n",
        }
        for name, text in samples.items():
            with self.subTest(name=name):
                path = self.write(name, text)
                self.assert_names(check_layers.find_problems(self.root), name)
                path.unlink()

    def test_too_many_users_of_a_heavy_header_are_found(self):
        self.write("lib/net/src/a.cpp", "#include <boost/beast/http.hpp>\n")
        self.write("lib/net/src/b.cpp", "#include <boost/beast/http.hpp>\n")
        self.assert_names(check_layers.find_problems(self.root), "included by 2 files")


if __name__ == "__main__":
    unittest.main()
