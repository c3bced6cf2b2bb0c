import ast
import io
import json
import re
import subprocess
import tokenize
from concurrent.futures import ThreadPoolExecutor

from common import project_files, relative, run_main, text_of

RAW_COMMENT = re.compile(r"^comment '.*?Loc=<(.+?):(\d+):\d+>", re.MULTILINE | re.DOTALL)
BATCH = 24
PLAIN_SUFFIXES = (".md", ".tsv", ".txt", ".pem", ".svg", ".png", ".bin", ".dict", ".csv", ".lock")
PLAIN_NAMES = ("LICENSE",)
PLAIN_FOLDERS = ("tests/fuzz/corpus/",)


def cpp_comments(paths):
    if not paths:
        return []
    command = ["clang++-19", "-cc1", "-x", "c++", "-std=c++23", "-dump-raw-tokens"]
    outcome = subprocess.run(command + [str(path) for path in paths], capture_output=True, check=False)
    text = outcome.stderr.decode(errors="replace")
    return [(found[0], int(found[1])) for found in RAW_COMMENT.findall(text)]


def all_cpp_comments(paths):
    batches = [paths[start : start + BATCH] for start in range(0, len(paths), BATCH)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        return [hit for hits in pool.map(cpp_comments, batches) for hit in hits]


def python_comments(text):
    lines = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not (token.start[0] == 1 and token.string.startswith("#!")):
            lines.append(token.start[0])
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, holders) and ast.get_docstring(node, clean=False) is not None:
            lines.append(node.body[0].lineno)
    return lines


class ShellReader:
    def __init__(self, text):
        self.text = text
        self.at = 0
        self.lines = []
        self.waiting = []

    def line(self):
        return self.text.count("\n", 0, self.at) + 1

    def starts_word(self):
        return self.at == 0 or self.text[self.at - 1] in " \t\n;|&()"

    def read(self, closing=None):
        while self.at < len(self.text):
            letter = self.text[self.at]
            if letter == closing:
                self.at += 1
                return
            self.step(letter)

    def step(self, letter):
        if letter == "\\":
            self.at += 2
        elif letter == "'":
            self.skip_past("'", self.at + 1)
        elif letter == '"':
            self.double_quoted()
        elif letter == "#" and self.starts_word():
            self.comment()
        elif self.text.startswith("<<", self.at) and not self.text.startswith("<<<", self.at):
            self.note_heredoc()
        elif letter == "\n":
            self.at += 1
            self.skip_heredocs()
        else:
            self.open_or_pass(letter)

    def open_or_pass(self, letter):
        if self.text.startswith("$(", self.at):
            self.at += 2
            self.read(")")
        elif self.text.startswith("${", self.at):
            self.skip_past("}", self.at + 2)
        elif letter == "(":
            self.at += 1
            self.read(")")
        else:
            self.at += 1

    def skip_past(self, mark, start):
        end = self.text.find(mark, start)
        self.at = len(self.text) if end < 0 else end + len(mark)

    def double_quoted(self):
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] != '"':
            if self.text[self.at] == "\\":
                self.at += 2
            elif self.text.startswith("$(", self.at):
                self.at += 2
                self.read(")")
            else:
                self.at += 1
        self.at += 1

    def comment(self):
        if not (self.at == 0 and self.text.startswith("#!")):
            self.lines.append(self.line())
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def note_heredoc(self):
        found = re.compile(r"<<-?\s*(['\"]?)(\w+)\1").match(self.text, self.at)
        if found:
            self.waiting.append(found.group(2))
        self.at = found.end() if found else self.at + 2

    def skip_heredocs(self):
        for word in self.waiting:
            end = re.compile(rf"^\t*{word}$", re.MULTILINE).search(self.text, self.at)
            self.at = end.end() if end else len(self.text)
        self.waiting = []


def shell_comments(text):
    reader = ShellReader(text)
    while reader.at < len(text):
        reader.read()
    return reader.lines


def hash_outside_quotes(line, needs_space=True):
    quote = None
    for at, letter in enumerate(line):
        if quote:
            quote = None if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "#" and (not needs_space or at == 0 or line[at - 1].isspace()):
            return True
    return False


def hash_lines(text):
    return [number for number, line in enumerate(text.splitlines(), 1) if hash_outside_quotes(line)]


def leading_hash_lines(text):
    return [number for number, line in enumerate(text.splitlines(), 1) if line.lstrip().startswith("#")]


def docker_comments(text):
    directives = re.compile(r"\s*#\s*(syntax|escape|check)=")
    lines = text.splitlines()
    return [number for number in leading_hash_lines(text) if not directives.match(lines[number - 1])]


def yaml_comments(text):
    lines, block_indent = [], None
    for number, line in enumerate(text.splitlines(), 1):
        indent = len(line) - len(line.lstrip())
        if block_indent is not None:
            if not line.strip() or indent > block_indent:
                continue
            block_indent = None
        if hash_outside_quotes(line):
            lines.append(number)
        if re.search(r"(^|[:\s-])[|>][+-]?\d?\s*$", line):
            block_indent = indent
    return lines


def makefile_comments(text):
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("\t"):
            if shell_comments(line.lstrip("\t@-").replace("$$", "$")):
                lines.append(number)
        elif re.search(r"(?<!\\)#", line):
            lines.append(number)
    return lines


CMAKE_TOKEN = re.compile(
    r'(?P<bracket_comment>#\[(?P<a>=*)\[.*?\](?P=a)\])'
    r"|(?P<line_comment>#[^\n]*)"
    r'|(?P<bracket>\[(?P<b>=*)\[.*?\](?P=b)\])'
    r'|(?P<quoted>"(?:\\.|[^"\\])*")'
    r"|(?P<escaped>\\.)",
    re.DOTALL,
)
SQL_TOKEN = re.compile(
    r"(?P<line_comment>--[^\n]*)|(?P<bracket_comment>/\*.*?\*/)|(?P<quoted>'(?:''|[^'])*'|\"[^\"]*\")",
    re.DOTALL,
)
CSS_TOKEN = re.compile(r"(?P<bracket_comment>/\*.*?\*/)|(?P<quoted>'[^'\n]*'|\"[^\"\n]*\")", re.DOTALL)
HTML_TOKEN = re.compile(r"(?P<bracket_comment><!--.*?-->)", re.DOTALL)


def token_comments(pattern):
    def find(text):
        return [
            text.count("\n", 0, found.start()) + 1
            for found in pattern.finditer(text)
            if found.lastgroup and found.group().startswith(("#", "--", "/*", "<!--"))
        ]

    return find


def json_comments(text):
    try:
        json.loads(text)
        return []
    except json.JSONDecodeError as failure:
        return [failure.lineno]


BY_NAME = {
    "Makefile": makefile_comments,
    "CMakeLists.txt": token_comments(CMAKE_TOKEN),
    ".gitignore": leading_hash_lines,
    ".gitattributes": leading_hash_lines,
    ".dockerignore": leading_hash_lines,
    ".env.example": leading_hash_lines,
    ".clang-format": yaml_comments,
    ".clang-tidy": yaml_comments,
    "Dockerfile": docker_comments,
}
BY_SUFFIX = {
    ".py": python_comments,
    ".sh": shell_comments,
    ".cmake": token_comments(CMAKE_TOKEN),
    ".yml": yaml_comments,
    ".yaml": yaml_comments,
    ".sql": token_comments(SQL_TOKEN),
    ".json": json_comments,
    ".toml": hash_lines,
    ".conf": hash_lines,
    ".service": hash_lines,
    ".cnf": hash_lines,
    ".css": token_comments(CSS_TOKEN),
    ".html": token_comments(HTML_TOKEN),
}


def finder_for(path, text):
    if path.name in BY_NAME:
        return BY_NAME[path.name]
    if path.suffix in BY_SUFFIX:
        return BY_SUFFIX[path.suffix]
    first = text.split("\n", 1)[0]
    if first.startswith("#!"):
        return python_comments if "python" in first else shell_comments
    return None


def is_plain(root, path):
    name = relative(root, path)
    return path.suffix in PLAIN_SUFFIXES or path.name in PLAIN_NAMES or name.startswith(PLAIN_FOLDERS)


def other_problems(root, path):
    text = text_of(path)
    if text is None:
        return [f"{relative(root, path)}: not UTF-8 and not of a known kind"]
    finder = finder_for(path, text)
    if finder is None:
        return [f"{relative(root, path)}: check_comments does not know this kind of file"]
    return [f"{relative(root, path)}:{line}: comment" for line in finder(text)]


def find_problems(root):
    files = project_files(root)
    cpp = [path for path in files if path.suffix in (".cpp", ".hpp", ".c", ".h")]
    problems = []
    for name, line in all_cpp_comments(cpp):
        problems.append(f"{name.removeprefix(str(root) + '/')}:{line}: comment")
    for path in files:
        known_plain = path.name not in BY_NAME and is_plain(root, path)
        if path not in cpp and not known_plain:
            problems += other_problems(root, path)
    return problems


if __name__ == "__main__":
    run_main(find_problems)
