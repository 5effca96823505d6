#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps the rooms: what each folder of src/ may include, no circles, headers that stand alone, licence headers.

usage: rooms.py SOURCE_ROOT COMPILER [ARGUMENT...]

Prints TAP. Each rule is first tried on a seeded violation, so that a rule that finds nothing has proved that it could.
"""
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

# What each room may include besides itself. ARCHITECTURE.md has the same table, with the reasons.
ROOMS = {
    'base': [],
    'sys': ['base'],
    'crypt': ['base'],
    'iax': ['base', 'crypt'],
    'guard': ['base', 'crypt'],
    'model': ['base'],
    'conf': ['base', 'model'],
    'store': ['base', 'model'],
    'ipc': ['base', 'model'],
    'switch': ['base', 'model', 'iax'],
    'engine': ['base', 'sys', 'crypt', 'model', 'ipc', 'iax', 'guard', 'switch'],
    'desk': ['base', 'sys', 'model', 'ipc'],
    'daemon': ['base', 'sys', 'crypt', 'model', 'ipc', 'conf', 'store', 'switch'],
    'tools': ['base', 'sys', 'crypt', 'model', 'ipc', 'conf', 'iax', 'guard', 'switch'],
}

# The one file that starts every process of tollgated names the main functions of two other rooms.
EXCEPTIONS = {
    'daemon/main.c': ['engine/engine.h', 'desk/desk.h'],
}

# Rooms that touch no socket, clock, thread or file: bytes and time come in as arguments.
SANS_IO = ['iax', 'guard', 'switch']
NO_HEADER = re.compile(r'^(sys/(socket|epoll|timerfd|eventfd|mman|un|time)|pthread|threads|poll|fcntl|unistd)\.h$')
NO_CALL = re.compile(r'\b((clock_)?gettime(ofday)?|clock|time|usleep|nanosleep|socket|sendto|sendmsg|sendmmsg|recvfrom|'
                     r'recvmsg|recvmmsg|open|fopen|read|write|printf|fprintf|puts|pthread_\w+|rand|random|getrandom|'
                     r'crypt_seed_from_kernel|getenv)\s*\(')

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.M)
NO_CODE = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
LICENCE = re.compile(r'SPDX-License-' r'Identifier: Apache-2\.0\b')
LICENSED = ('.c', '.h', '.py', 'meson.build', 'meson_options.txt', '.sh')


def files_below(root, *folders):
    for folder in folders:
        for path, _, names in os.walk(os.path.join(root, folder)):
            for name in sorted(names):
                yield os.path.relpath(os.path.join(path, name), root)


def c_files(root):
    """{path below src/: [(is quoted, included name)]}"""
    found = {}
    src = os.path.join(root, 'src')
    for name in files_below(src, ''):
        if name.endswith(('.c', '.h')):
            with open(os.path.join(src, name), encoding='utf-8') as file:
                found[name] = [(quote == '"', what) for quote, what in INCLUDE.findall(file.read())]
    return found


def breaches_of_the_table(root):
    files = c_files(root)
    for name, includes in files.items():
        room = name.split('/')[0]
        if room not in ROOMS:
            yield f'src/{name}: the room {room}/ is not in the table'
            continue
        for quoted, what in includes:
            target = what.split('/')[0]
            if not quoted:
                if target in ROOMS and os.path.exists(os.path.join(root, 'src', what)):
                    yield f'src/{name}: <{what}> is ours: write "{what}"'
            elif what not in files:
                yield f'src/{name}: "{what}" is no file of src/ (name it from src/ on)'
            elif target != room and target not in ROOMS[room] and what not in EXCEPTIONS.get(name, []):
                yield f'src/{name}: {room}/ may not include "{what}"'


def breaches_of_sans_io(root):
    for name, includes in c_files(root).items():
        if name.split('/')[0] not in SANS_IO:
            continue
        for quoted, what in includes:
            if not quoted and NO_HEADER.match(what):
                yield f'src/{name}: <{what}> in a room without sockets, clocks, threads and files'
        with open(os.path.join(root, 'src', name), encoding='utf-8') as file:
            code = NO_CODE.sub(' ', file.read())
        for call in NO_CALL.finditer(code):
            yield f'src/{name}: calls {call.group(1)}() in a room without sockets, clocks, threads and files'


def circles(root):
    """Headers that include each other, by any number of steps; and rooms that do."""
    files = c_files(root)
    by_file = {name: [what for quoted, what in includes if quoted] for name, includes in files.items()}
    by_room = {}
    for name, includes in by_file.items():
        allowed = EXCEPTIONS.get(name, [])
        room = by_room.setdefault(name.split('/')[0], set())
        room |= {what.split('/')[0] for what in includes if what not in allowed} - {name.split('/')[0]}
    for graph in (by_file, by_room):
        done, way = set(), []

        def visit(node):
            if node in way:
                yield 'a circle of includes: ' + ' -> '.join(way[way.index(node):] + [node])
            elif node not in done:
                way.append(node)
                for other in sorted(graph.get(node, [])):
                    yield from visit(other)
                way.pop()
                done.add(node)

        for node in sorted(graph):
            yield from visit(node)


def headers_that_need_others(root, compiler):
    src = os.path.join(root, 'src')
    headers = [name for name in c_files(root) if name.endswith('.h')]

    def compile_alone(name):
        done = subprocess.run(
            compiler + ['-std=c17', '-D_GNU_SOURCE', '-DTG_VERSION="0"', '-I', src, '-fsyntax-only', '-x', 'c', '-'],
            input=f'#include "{name}"\n#include "{name}"\nextern int nothing;\n', text=True, capture_output=True,
            timeout=60)
        return None if done.returncode == 0 else f'src/{name} does not compile alone:\n{done.stderr}'

    with ThreadPoolExecutor(2) as pool:
        yield from filter(None, pool.map(compile_alone, headers))


def files_without_licence(root):
    for name in files_below(root, 'src', 'tests', 'bench'):
        if name.endswith(LICENSED) and '__pycache__' not in name:
            with open(os.path.join(root, name), encoding='utf-8') as file:
                head = file.readline() + file.readline()
            if not LICENCE.search(head):
                yield f'{name}: no licence in its first two lines'


# Rule, its name, and a tree of files that breaks it.
RULES = [
    (breaches_of_the_table, 'rooms include only what their row allows',
     {'src/iax/a.c': '#include "base/b.h"\n#include "sys/c.h"\n', 'src/base/b.h': '', 'src/sys/c.h': ''}),
    (breaches_of_the_table, 'includes name a file from src/ on',
     {'src/iax/a.c': '#include "b.h"\n', 'src/iax/b.h': ''}),
    (breaches_of_the_table, 'every folder of src/ is a room of the table',
     {'src/shed/a.c': '#include <stdio.h>\n'}),
    (breaches_of_sans_io, 'iax and switch include no socket, clock, thread or file',
     {'src/switch/a.c': '#include <sys/socket.h>\n'}),
    (breaches_of_sans_io, 'iax and switch call no socket, clock, thread or file',
     {'src/iax/a.c': '/* time() */ "time()"\nreturn time(NULL);\n'}),
    (circles, 'no circle of includes',
     {'src/base/a.h': '#include "base/b.h"\n', 'src/base/b.h': '  # include "base/a.h"\n'}),
    (circles, 'no circle of rooms',
     {'src/base/a.h': '#include "crypt/b.h"\n', 'src/base/c.h': '', 'src/crypt/b.h': '#include "base/c.h"\n'}),
    (headers_that_need_others, 'every header compiles alone, and twice',
     {'src/base/a.h': 'static inline uint8_t f(void) { return 1; }\n'}),
    (files_without_licence, 'every source file names its licence',
     {'src/base/a.c': 'int a;\n'}),
]


def seeded(tree, check):
    with tempfile.TemporaryDirectory() as root:
        for name, text in tree.items():
            os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
            with open(os.path.join(root, name), 'w', encoding='utf-8') as file:
                file.write(text)
        return list(check(root))


def main():
    root, compiler = sys.argv[1], sys.argv[2:]
    failed = False
    print(f'TAP version 13\n1..{len(RULES)}')
    for number, (rule, name, tree) in enumerate(RULES, 1):
        def check(where, rule=rule):
            return rule(where, compiler) if rule is headers_that_need_others else rule(where)

        problems = list(check(root))
        if not seeded(tree, check):
            problems.append('the rule does not find the seeded violation')
        if len(c_files(root)) < 20:
            problems.append('hardly any source file was found: wrong SOURCE_ROOT?')
        for problem in problems:
            print('# ' + problem.replace('\n', '\n# '))
        print(f'{"not ok" if problems else "ok"} {number} - {name}')
        failed = failed or bool(problems)
    return failed


if __name__ == '__main__':
    sys.exit(main())
