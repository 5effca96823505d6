#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs into a temporary folder and builds a program against that tree alone, by pkg-config, shared and static.

usage: test_installed.py MESON BUILD_FOLDER PROGRAM.c PREFIX COMPILER [ARGUMENT...]

Prints TAP.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile

STRICT = ['-std=c17', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-D_GNU_SOURCE']


def run(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, **more)
    if done.returncode != 0:
        raise RuntimeError('%s\n%s' % (' '.join(command), done.stdout))
    return done.stdout


def folder_with(root, name):
    for path, _, files in os.walk(root):
        if name in files:
            return path
    raise RuntimeError('%s is not installed' % name)


class Tree:
    def __init__(self, meson, build, root, prefix):
        run(*meson, 'install', '-C', build, '--no-rebuild', '--quiet', '--destdir', root)
        self.root = root
        self.include = os.path.join(root + prefix, 'include', 'tollgate')
        self.lib = os.path.dirname(folder_with(root, 'tollgate-iax.pc'))
        self.env = dict(os.environ, PKG_CONFIG_PATH=os.path.join(self.lib, 'pkgconfig'), PKG_CONFIG_SYSROOT_DIR=root,
                        LD_LIBRARY_PATH=self.lib)

    def flags(self, *options):
        return shlex.split(run('pkg-config', *options, '--cflags', '--libs', 'tollgate-iax', env=self.env))


def test_program(tree, compiler, source, static):
    program = os.path.join(tree.root, 'program')
    flags = tree.flags(*(['--static'] if static else []))
    if static:
        flags = [os.path.join(tree.lib, 'libtollgate-iax.a') if f == '-ltollgate-iax' else f for f in flags]
    run(*compiler, *STRICT, source, '-o', program, *flags)
    linked = run('ldd', program, env=tree.env)
    if ('libtollgate-iax' in linked) == static:
        raise RuntimeError('linked the wrong way:\n' + linked)
    said = run(program, env=tree.env)
    if said.count('ended: user busy') != 2:
        raise RuntimeError('the program said:\n' + said)


def test_headers(tree, compiler):
    for path, _, files in os.walk(tree.include):
        for name in files:
            run(*compiler, *STRICT, '-fsyntax-only', '-x', 'c', os.path.join(path, name), '-I', tree.include)


def test_symbols(tree):
    shared = os.path.join(tree.lib, 'libtollgate-iax.so')
    names = re.findall(r' [A-Z] (\S+)$', run('nm', '-D', '--defined-only', shared), re.M)
    odd = [n for n in names if not n.startswith(('iax_', 'tg_', 'crypt_'))]
    if odd or 'iax_endpoint_receive' not in names:
        raise RuntimeError('exported: %s' % (odd or names))


def main():
    meson, build, source, prefix, *compiler = sys.argv[1:]
    failed = 0
    with tempfile.TemporaryDirectory() as root:
        tree = Tree(shlex.split(meson), build, root, prefix)
        tests = [
            ('a program links the shared library', lambda: test_program(tree, compiler, source, False)),
            ('a program links the static library', lambda: test_program(tree, compiler, source, True)),
            ('each installed header stands alone', lambda: test_headers(tree, compiler)),
            ('no inner name is exported', lambda: test_symbols(tree)),
        ]
        print('1..%d' % len(tests))
        for number, (what, test) in enumerate(tests, 1):
            try:
                test()
                print('ok %d - %s' % (number, what))
            except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
                failed = 1
                print('not ok %d - %s' % (number, what))
                print('\n'.join('# ' + line for line in str(error).splitlines()))
    return failed


if __name__ == '__main__':
    sys.exit(main())
