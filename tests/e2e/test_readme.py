# SPDX-License-Identifier: Apache-2.0
"""What the documents tell people to type exists: ./dev commands, programs and their options, console commands, files, links."""
import glob
import os
import re
import subprocess

import pytest

import rig

DOCUMENTS = sorted(glob.glob(os.path.join(rig.ROOT, '*.md')) + glob.glob(os.path.join(rig.ROOT, 'docs', '*.md')))
LOCAL = [os.path.relpath(path, rig.ROOT) for path in DOCUMENTS]


def text_of(name):
    with open(os.path.join(rig.ROOT, name), encoding='utf-8') as file:
        return file.read()


def without_code(name):
    return re.sub(r'^```.*?^```|`[^`\n]*`', '', text_of(name), flags=re.M | re.S)


def shell_lines(name):
    """The lines of all blocks marked sh, without prompts and comments; continued lines are joined."""
    for block in re.findall(r'^```sh\n(.*?)^```', text_of(name), re.M | re.S):
        for line in block.replace('\\\n', ' ').splitlines():
            line = re.sub(r'(^|\s)#.*$', '', line).strip()
            if line:
                yield line


def output_of(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=rig.ROOT, env=rig.environment(),
                          check=False)
    return done.stdout + done.stderr


def test_there_is_something_to_check():
    assert 'README.md' in LOCAL and len(LOCAL) >= 5
    assert any('./dev demo' in line for line in shell_lines('README.md'))
    assert any('./dev test' in line for line in shell_lines('README.md'))


@pytest.mark.parametrize('name', LOCAL)
def test_dev_commands_exist(name):
    known = set(re.findall(r'^  (\w+)', output_of('./dev', 'help'), re.M))
    assert 'demo' in known
    for command in re.findall(r'\./dev (\w+)', text_of(name)):
        assert command in known, f'{name}: ./dev {command}'


@pytest.mark.parametrize('name', LOCAL)
def test_links_lead_somewhere(name):
    for target in re.findall(r'\]\(([^)#]+)(?:#[^)]*)?\)', without_code(name)):
        if not re.match(r'\w+:', target):
            path = os.path.join(rig.ROOT, os.path.dirname(name), target)
            assert os.path.exists(path), f'{name}: {target}'


@pytest.mark.parametrize('name', LOCAL)
def test_named_files_exist(name):
    for path in re.findall(r'`((?:src|tests|etc|docs|bench|demo)/[\w./-]*\w)`', text_of(name)):
        path = path.removesuffix('/TARGET')   # a word for any
        assert os.path.exists(os.path.join(rig.ROOT, path)), f'{name}: {path}'


@pytest.mark.parametrize('name', LOCAL)
def test_programs_have_these_options(name):
    for line in shell_lines(name):
        found = re.search(r'(?:^|[ /])(tollgated?)\b(.*)$', line)
        if not found:
            continue
        words = found.group(2).split('#')[0].split()
        command = [rig.program(found.group(1))]
        if words[:1] == ['--state'] and re.match(r'[a-z]+$', (words + ['', ''])[2]):   # in front of a sub-command
            words = words[2:]
        if found.group(1) == 'tollgate' and words and re.match(r'[a-z]+$', words[0]):
            command.append(words.pop(0))
            assert re.search(rf'^\s+(?:tollgate )?{command[1]}\b', output_of(command[0], '--help'), re.M), f'{name}: {line}'
        usage = output_of(*command, '--help')
        for option in (word for word in words if word.startswith('--')):
            assert re.search(rf'{re.escape(option.split("=")[0])}\b', usage), f'{name}: {line}: no {option}'


def console_commands(name):
    return set(re.findall(r'`((?:iax2|core|dialplan|cdr) [a-z ]+[a-z])`', text_of(name))) | \
        set(re.findall(r'-x "([^"]+)"', text_of(name)))


@pytest.fixture(scope='module')
def console():
    import sites
    with rig.Exchange(sites.IAX, sites.EXTENSIONS) as tollgate:
        yield tollgate.start()


@pytest.mark.parametrize('name', LOCAL)
def test_console_commands_exist(name, console):
    for command in sorted(console_commands(name)):
        if command.startswith(('core stop', 'core restart', 'iax2 follow')):
            assert command in console.console('core show help'), f'{name}: {command}'
            continue
        answer = console.console(command, check=False)
        assert not re.search('no such command|unknown command', answer, re.I), f'{name}: {command}: {answer}'


def configurations(name):
    """The ini blocks of a document, by the file that their first line names."""
    for file, text in re.findall(r'^```ini\n; (\S+\.conf)\n(.*?)^```', text_of(name), re.M | re.S):
        yield file, text


@pytest.mark.parametrize('name', LOCAL)
def test_configurations_load(name, tmp_path):
    blocks = list(configurations(name))
    if name == 'docs/configuration.md':
        assert len(blocks) >= 5
    for number, (file, text) in enumerate(blocks):
        folder = tmp_path / str(number)
        folder.mkdir()
        # Around each block stands what it speaks of, and no more.
        (folder / 'iax.conf').write_text('[phone]\ntype=friend\nhost=dynamic\nsecret=a-long-secret-1\ncontext=phones\n')
        (folder / 'extensions.conf').write_text('[phones]\nexten => 1,1,Answer()\n[from-branch]\nexten => 1,1,Answer()\n')
        (folder / 'our-own.conf').write_text('+4930 national DE - Berlin\n')
        peers = '[alice]\ntype=peer\nhost=dynamic\nsecret=a-long-secret-2\n[branch]\ntype=peer\nhost=192.0.2.7\n'
        if file == 'extensions.conf':
            (folder / 'iax.conf').write_text((folder / 'iax.conf').read_text() + peers)
        with open(folder / file, 'a', encoding='utf-8') as config:
            config.write(text)
        answer = subprocess.run([rig.program('tollgated'), '--config', str(folder), '--check-config'], capture_output=True,
                                text=True, timeout=20 * rig.SLOWER, env=rig.environment(), check=False)
        assert answer.returncode == 0, f'{name}: {text}\n{answer.stdout}{answer.stderr}'
        assert 'error' not in answer.stdout + answer.stderr
