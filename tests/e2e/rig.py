# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests start: exchanges, calls, other people's programs. All of it on loopback, bounded in time, and
ended by its process id."""
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get('TG_BUILD', os.path.join(ROOT, 'build')))
SANITIZED = os.path.basename(BUILD).endswith('asan')
SLOWER = 4 if SANITIZED else 1   # a sanitizer costs time, and so do two cores that others use
FIRST_PORT, LAST_PORT = map(int, os.environ.get('TG_PORTS', '20001-27999').split('-'))
SANITIZER_TROUBLE = re.compile(r'AddressSanitizer|LeakSanitizer|runtime error:|SUMMARY: \w+Sanitizer')


def program(name):
    for path in (os.path.join(BUILD, 'bin', name),
                 os.path.join(BUILD, 'src', 'daemon' if name == 'tollgated' else 'tools', name)):
        if os.access(path, os.X_OK):
            return path
    raise FileNotFoundError(f'{name} is not built in {BUILD}: run ./dev build')


def environment(**more):
    keep = {name: os.environ[name] for name in ('PATH', 'LANG', 'TERM') if name in os.environ}
    keep.update(ASAN_OPTIONS='detect_stack_use_after_return=1:abort_on_error=0:exitcode=99',
                UBSAN_OPTIONS='print_stacktrace=1:halt_on_error=1', LC_ALL='C.UTF-8')
    keep.update(more)
    return keep


def free_port(*hosts):
    """A UDP port above 20000 that is free at all these addresses. Tests that run at once are given ports of their own."""
    for _ in range(200):
        port = random.randint(FIRST_PORT, LAST_PORT)
        try:
            for host in hosts or ('127.0.0.1',):
                with socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.bind((host, port))
            return port
        except OSError:
            continue
    raise OSError('no free port found')


def wait_for(what, seconds, description, every=0.05):
    """What `what()` gives once it is true; an AssertionError if that takes too long."""
    end = time.monotonic() + seconds * SLOWER
    while True:
        value = what()
        if value:
            return value
        assert time.monotonic() < end, f'waited {seconds * SLOWER} s in vain: {description}'
        time.sleep(every)


def end_process(process, seconds=10):
    """SIGTERM, then SIGKILL; never leaves a process behind. True if the first was enough."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds * SLOWER)
        return True
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
        return False


def may_mount():
    """Whether a process of ours may have mounts of its own: not in every container, not even for root."""
    try:
        return subprocess.run(['unshare', '--mount', 'true'], stderr=subprocess.DEVNULL, timeout=10, check=False).returncode == 0
    except FileNotFoundError:
        return False


class Exchange:
    """One tollgated with its own folders. Used in a with statement, or by the fixture `exchange`."""

    def __init__(self, iax, extensions='', host='127.0.0.1', port=None, folder=None, more_files=None):
        self.folder = folder or tempfile.mkdtemp(prefix='tg-e2e-', dir='/tmp')
        self.own_folder = folder is None
        self.config = os.path.join(self.folder, 'config')
        self.state = os.path.join(self.folder, 'state')
        self.log_path = os.path.join(self.folder, 'log')
        self.host, self.port = host, port or free_port(host)
        self.process = None
        os.makedirs(self.config, exist_ok=True)
        os.makedirs(self.state, exist_ok=True)
        self.write('iax.conf', iax)
        self.write('extensions.conf', extensions)
        for name, text in (more_files or {}).items():
            self.write(name, text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def write(self, name, text):
        """A configuration file; {host} and {port} become ours."""
        path = os.path.join(self.config, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text.replace('{host}', self.host).replace('{port}', str(self.port)))
        os.chmod(path, 0o600)

    def command_line(self, *more):
        return [program('tollgated'), '--config', self.config, '--state', self.state, *more]

    def start(self, seconds=20):
        """Start and wait until it says that it is ready, as it would to systemd."""
        notify = os.path.join(self.folder, 'notify')
        if os.path.exists(notify):
            os.unlink(notify)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, open(self.log_path, 'ab') as log:
            ready.bind(notify)
            os.chmod(notify, 0o666)
            ready.settimeout(0.2)
            self.process = subprocess.Popen(self.command_line('--foreground'), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=environment(NOTIFY_SOCKET=notify))
            end = time.monotonic() + seconds * SLOWER
            while time.monotonic() < end:
                try:
                    if b'READY=1' in ready.recv(4096):
                        return self
                except TimeoutError:
                    pass
                assert self.process.poll() is None, f'tollgated ended at once:\n{self.log()}'
        self.process.kill()
        raise AssertionError(f'tollgated was not ready in time:\n{self.log()}')

    def stop(self, seconds=10):
        if self.process is None:
            return
        well = end_process(self.process, seconds)
        code, self.process = self.process.returncode, None
        assert well, f'tollgated did not end on SIGTERM:\n{self.log()}'
        assert code == 0, f'tollgated ended with {code}:\n{self.log()}'

    def close(self):
        """Stop, look for what a sanitizer found, and remove the folders."""
        try:
            self.stop()
            trouble = SANITIZER_TROUBLE.search(self.log())
            assert not trouble, self.log()
        finally:
            if self.process is not None:
                self.process.kill()
            if self.own_folder:
                shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        try:
            with open(self.log_path, encoding='utf-8', errors='replace') as file:
                return file.read()
        except FileNotFoundError:
            return ''

    def console(self, command, check=True):
        """What the console answers."""
        done = subprocess.run([program('tollgate'), '--state', self.state, '-x', command], capture_output=True, text=True,
                              timeout=20 * SLOWER, env=environment(), check=False)
        assert not check or done.returncode == 0, \
            f'"{command}" ended with {done.returncode}:\n{done.stdout}{done.stderr}\n{self.log()}'
        return done.stdout

    def processes(self):
        """{name: pid} as the console tells."""
        found = {}
        for line in self.console('core show processes').splitlines():
            words = line.split()
            if len(words) >= 2 and words[1].isdigit():
                found[words[0]] = int(words[1])
        return found

    def uri(self, user='', number=''):
        host = f'[{self.host}]' if ':' in self.host else self.host
        return f'iax2:{user + "@" if user else ""}{host}:{self.port}{"/" + number if number else ""}'


class Phone:
    """One `tollgate call`, running."""

    def __init__(self, uri, *options, secret=None):
        more = {} if secret is None else {'TOLLGATE_SECRET': secret}
        self.process = subprocess.Popen(
            [program('tollgate'), 'call', *([uri] if uri else []), '--json', *map(str, options)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(**more))
        self.code = None
        self.report = {}
        self.text = ''

    def wait(self, seconds=60):
        try:
            out, err = self.process.communicate(timeout=seconds * SLOWER)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            raise AssertionError(f'the call did not end:\n{out}\n{err}') from None
        self.code, self.text = self.process.returncode, out + err
        assert not SANITIZER_TROUBLE.search(self.text), self.text
        for line in out.splitlines():
            if line.startswith('{'):
                self.report = json.loads(line)
        return self

    def close(self):
        if self.process.poll() is None:
            end_process(self.process, 5)
        self.process.stdout.close()
        self.process.stderr.close()


def call(uri, *options, secret=None, seconds=60):
    """Place a call and wait for its end."""
    phone = Phone(uri, *options, secret=secret)
    try:
        return phone.wait(seconds)
    finally:
        phone.close()
