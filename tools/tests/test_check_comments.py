import unittest

from sample_tree import SampleTreeTest

import check_comments

CLEAN = {
    "a.cpp": 'const char* a = "// no";\nauto b = R"x(/* no */ // no)x";\nint c = 1\'000;\n',
    "b.py": '#!/usr/bin/env python3\nvalue = "# no"\n',
    "c.sh": "#!/bin/sh\nprintf '# no' \"$#\" ${value#prefix} a#b <<END\n# no\nEND\n",
    "CMakeLists.txt": 'set(a "# no")\nset(b [[# no]])\n',
    "d.yaml": "a: 'x # no'\nb: |\n  # no\nc: d#e\n",
    "e.sql": "select '-- no', '/* no */';\n",
    "Makefile": "all:\n\t@printf '# no'\n",
    ".env.example": "KEY=value\n",
    "f.json": '{"a": "// no"}\n',
    "Dockerfile": "# syntax=docker/dockerfile:1\nFROM debian:12\n",
    "g.toml": 'a = "# no"\n',
}
DIRTY = {
    "a.cpp": "int a;  // yes\n",
    "b.hpp": "int a; /* yes\n yes */ int b;\n",
    "lint.cpp": "int a;  // NO" + "LINT\n",
    "c.py": "value = 1  # yes\n",
    "d.py": 'def f():\n    """yes"""\n',
    "e.sh": "#!/bin/sh\ntrue # yes\n",
    "f.sh": '#!/bin/sh\ncat <<END\nx\nEND\necho "$(\n# yes\ntrue)"\n',
    "CMakeLists.txt": "set(a b) # yes\n",
    "g.cmake": "#[[ yes ]]\n",
    "h.yaml": "a: b # yes\n",
    "i.yml": "a: |\n  text\n# yes\n",
    "j.sql": "select 1; -- yes\n",
    "k.sql": "select /* yes */ 1;\n",
    "Makefile": "all:\n\ttrue # yes\n",
    ".env.example": "# yes\n",
    "l.json": '{"a": 1} // yes\n',
    "Dockerfile": "FROM debian:12\n# yes\n",
    "m.toml": "a = 1 # yes\n",
    "n.html": "<p><!-- yes --></p>\n",
    "o.css": "p { /* yes */ }\n",
    "p.unknown": "anything\n",
}


class CheckCommentsTest(SampleTreeTest):
    def test_clean_files_pass(self):
        for name, text in CLEAN.items():
            self.write(name, text)
        self.assertEqual(check_comments.find_problems(self.root), [])

    def test_each_kind_of_comment_is_found(self):
        for name, text in DIRTY.items():
            with self.subTest(name=name):
                path = self.write(name, text)
                self.assert_names(check_comments.find_problems(self.root), name)
                path.unlink()

    def test_place_is_the_line_of_the_comment(self):
        self.write("a.cpp", "int a;\n\nint b;  // yes\n")
        self.assertEqual(check_comments.find_problems(self.root), ["a.cpp:3: comment"])


if __name__ == "__main__":
    unittest.main()
