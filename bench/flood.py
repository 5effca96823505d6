#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/flood.py [--quick] [KIND[:RUN]]..., bench/flood.py siege|siege-wrong: floods of strangers against a whole exchange on loopback, and what honest callers notice.

An exchange with shipped settings runs on core 1, the load on core 0: 100 calls with media, 10 new calls a second from networks
outside the forged prefix (half of them known, half never seen), 5 from inside it, for 10 s (--quick: 2 s); and the flood, which goes on
until each call is up or was repeated for up to 8 s. RUN is 1 for plain sends, 60
for segmented ones. A socket that takes less than is offered is flooded once more, with nearly what it was measured to take: then
nothing may be lost. Exits with 1 if a bar is missed; with --smoke, only if strangers got more than they sent or calls did not go on at all."""
import json
import os
import pathlib
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get('TG_BUILD', ROOT / 'build'))
DAEMON, CONSOLE, LOAD = BUILD / 'src/daemon/tollgated', BUILD / 'src/tools/tollgate', BUILD / 'bench/tg-flood'
CORE_LOAD, CORE_OURS = 0, 1
OPENINGS = ['new-plain', 'new-empty', 'new-wrong', 'reg-plain', 'reg-empty', 'reg-wrong']
DOOR, SWITCH, RELAY = OPENINGS + ['poke'], ['vnak', 'lagrq'], ['mini', 'trunk']
KINDS = DOOR + ['garbage'] + SWITCH + RELAY
PLAIN, SEGMENTED = 1, 60
OF_THE_RATE = 0.95   # of what a socket was measured to take: what is offered in the second run
BARS = {
    'media': 'floods of openings: established media delivered, at least 99.9 %, plain and segmented',
    'outside': 'floods of openings: new calls from outside of the forged network, 100 %, plain and segmented',
    'setup': 'floods of openings: their set-up, plain: median under 5 ms, 99 % under 250 ms',
    'inside': 'floods of openings: new calls from inside of the forged network, at least 99 %',
    'others': 'other floods, up to what the flooded socket was measured to take: all of these',
    'apart': 'other floods, above that: media for a flood of the switch, and new calls for one of the relay, as if there were none',
    'octets': 'strangers get no more octets than they send, and no answer longer than its request',
    'lines': 'log lines, at most 20 a second',
}

IAX = '''[general]
bindaddr=127.0.0.1:{port}

[account](!)
type=user
context=calls
secret=a-bench-calls-with-this
disallow=all
allow=ulaw
[steady](account)
[office](account)
[traveller](account)
'''
EXTENSIONS = '''[calls]
exten => 600,1,Answer()
 same => n,Echo()
'''
RAISED = [word[2:] for word in sys.argv[1:] if word.startswith('--') and '=' in word]   # --threads=2: other than shipped ones


class Exchange:
    """One tollgated on core 1, ready when made."""

    def __init__(self, raised=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='tg-flood-', dir='/tmp'))
        self.state = self.folder / 'state'
        (self.folder / 'config').mkdir()
        self.state.mkdir()
        self.port = self.free_port()
        self.write('iax.conf', IAX.format(port=self.port))
        self.write('extensions.conf', EXTENSIONS)
        if raised:
            self.write('tollgate.conf', '\n'.join(['[general]', *raised, '']))
        self.start()

    @staticmethod
    def free_port():
        while True:
            port = random.randrange(20001, 32000)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                try:
                    probe.bind(('127.0.0.1', port))
                    return port
                except OSError:
                    continue

    def write(self, name, text):
        path = self.folder / 'config' / name
        path.write_text(text, encoding='utf-8')
        path.chmod(0o600)

    def start(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, open(self.folder / 'log', 'ab') as log:
            ready.bind(str(self.folder / 'notify'))
            (self.folder / 'notify').chmod(0o666)
            ready.settimeout(20)
            self.process = subprocess.Popen(
                [DAEMON, '--config', self.folder / 'config', '--state', self.state, '--foreground'],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, 'NOTIFY_SOCKET': str(self.folder / 'notify')},
                preexec_fn=lambda: os.sched_setaffinity(0, {CORE_OURS}))
            while b'READY=1' not in ready.recv(4096):
                pass

    def console(self, command):
        return subprocess.run([CONSOLE, '--state', self.state, '-x', command], capture_output=True, text=True, timeout=20,
                              check=True).stdout

    def counters(self):
        rows = (line.rsplit(None, 1) for line in self.console('iax2 show stats').splitlines())
        return {row[0].strip(): int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}

    def processes(self):
        """All of ours: the parent and its children."""
        children = pathlib.Path(f'/proc/{self.process.pid}/task/{self.process.pid}/children').read_text(encoding='ascii')
        return [self.process.pid, *map(int, children.split())]

    def memory_kib(self):
        return sum(int(re.search(r'^VmRSS:\s+(\d+)', pathlib.Path(f'/proc/{pid}/status').read_text(encoding='ascii'), re.M)[1])
                   for pid in self.processes())

    def cpu_s(self):
        """Of all of ours, user and system."""
        ticks = 0
        for pid in self.processes():
            fields = pathlib.Path(f'/proc/{pid}/stat').read_text(encoding='ascii').rsplit(')', 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf('SC_CLK_TCK')

    def log_lines(self):
        return (self.folder / 'log').read_bytes().count(b'\n')

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        if '--keep' not in sys.argv:
            shutil.rmtree(self.folder, ignore_errors=True)


def core_times(core):
    """Idle, stolen and all ticks of a core so far."""
    line = next(line for line in pathlib.Path('/proc/stat').read_text(encoding='ascii').splitlines() if line.startswith(f'cpu{core} '))
    ticks = list(map(int, line.split()[1:9]))
    return ticks[3] + ticks[4], ticks[7], sum(ticks)


def line_of(load, seconds):
    """The load's next line; it has so many seconds for it."""
    if not select.select([load.stdout], [], [], seconds)[0]:
        raise TimeoutError('the load says nothing')
    return load.stdout.readline().strip()


def run(kind, segments, seconds, per_s=0):
    """One flood. @return what the load and the exchange counted."""
    exchange, load = Exchange(RAISED), None
    try:
        load = subprocess.Popen([LOAD, str(exchange.port), kind, str(segments), str(seconds), str(per_s)], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, {CORE_LOAD}))
        if line_of(load, 20) != 'ready':
            raise RuntimeError('the calls before the flood did not come up')
        before = (exchange.counters(), exchange.memory_kib(), exchange.log_lines(), exchange.cpu_s(), core_times(CORE_OURS))
        load.stdin.write('go\n')
        load.stdin.flush()
        result = json.loads(line_of(load, seconds + 25))
        core = [now - then for now, then in zip(core_times(CORE_OURS), before[4])]
        after = exchange.counters()
        result['counters'] = {name: after[name] - before[0].get(name, 0) for name in after}
        result['memory_kib'] = (before[1], exchange.memory_kib())
        result['lines_per_s'] = (exchange.log_lines() - before[2]) / result['seconds']
        result['cpu'] = (exchange.cpu_s() - before[3]) / result['seconds']
        result['idle'], result['stolen'] = percent(core[0], core[2]), percent(core[1], core[2])
        return result
    finally:
        if load is not None:
            load.kill()
            load.wait(10)
        exchange.close()


class Verdicts:
    """What was checked: rows of bar, flood and whether it held."""

    def __init__(self):
        self.rows = []

    def check(self, bar, flood, name, value, good, wanted):
        print(f'    {"PASS" if good else "FAIL"}  {name}: {value} (wanted: {wanted})')
        self.rows.append((bar, flood, name, good))

    def note(self, name, value, why):
        print(f'    ----  {name}: {value} ({why})')

    def missed(self, bar=None):
        return [f'{flood} ({name})' for which, flood, name, good in self.rows if not good and bar in (None, which)]

    def floods(self):
        return len({flood for _, flood, _, _ in self.rows})

    def summary(self):
        print(f'\n{self.floods()} floods; the bars:')
        for bar, text in BARS.items():
            count, missed = sum(row[0] == bar for row in self.rows), self.missed(bar)
            word = 'not run' if count == 0 else 'MISSED' if missed else 'HOLDS'
            print(f'  {word:7}  {text}{f" ({count} checks)" if count else ""}{": " if missed else ""}{", ".join(missed)}')
        wrong = len(self.missed())
        print(f'{"every bar that was run holds" if wrong == 0 else f"{wrong} checks failed"}; token answers and drops: ./dev bench token pong forged')


def percent(part, whole):
    return 100.0 if whole == 0 else 100.0 * part / whole


def print_run(result):
    counters = result['counters']
    taken = {name: counters.get(f'{name}.received', 0) for name in ('door', 'switch', 'relay')}
    drained = percent(sum(taken.values()), result['sent'] + result['media_sent'])
    print(f'  offered {result["sent"] / result["seconds"]:,.0f}/s, taken: ' +
          ', '.join(f'{name} {count / result["seconds"]:,.0f}/s' for name, count in taken.items()) +
          f' ({drained:.1f} %; no room for {sum(counters[f"{name}.overflowed"] for name in taken):,} in all); door answered {counters.get("door.answered", 0) / result["seconds"]:,.0f}/s, not looked at: door '
          f'{counters.get("door.shed", 0) / result["seconds"]:,.0f}/s, switch {counters.get("switch.shed", 0) / result["seconds"]:,.0f}/s')
    print(f'  to strangers: {result["bytes_in"]:,} octets in, about {result["bytes_out"]:,} out; exchange: {100 * result["cpu"]:.0f} % '
          f'of its core ({result["idle"]:.0f} % idle, {result["stolen"]:.0f} % stolen), {result["memory_kib"][0]:,} KiB before, {result["memory_kib"][1]:,} after')
    for group in ('known', 'new', 'inside'):
        row = result[group]
        print(f'  new calls, {group:7}: {row["up"]} of {row["calls"]}, median {row["median_ms"]} ms, p99 {row["p99_ms"]} ms, '
              f'longest {row["max_ms"]} ms')


def taken_a_second(result):
    """Of the flood, by all sockets."""
    count = sum(result['counters'].get(f'{name}.received', 0) for name in ('door', 'switch', 'relay')) - result['media_sent']
    return count / result['seconds']


def is_kept(result):
    """Whether the sockets had room for all that was offered."""
    return all(result['counters'][f'{name}.overflowed'] == 0 for name in ('door', 'switch', 'relay'))


def judge_calls(verdicts, bar, flood, result, is_plain):
    groups = [result[group] for group in ('known', 'new')]
    outside = percent(sum(row['up'] for row in groups), sum(row['calls'] for row in groups))
    inside = percent(result['inside']['up'], result['inside']['calls'])
    median, p99 = (max(row[name] for row in groups) for name in ('median_ms', 'p99_ms'))
    verdicts.check(bar or 'outside', flood, 'new calls outside', f'{outside:.1f} %', outside == 100, '100')
    verdicts.check(bar or 'inside', flood, 'new calls inside', f'{inside:.1f} %', inside >= 99, 'at least 99')
    if is_plain:
        verdicts.check(bar or 'setup', flood, 'median set-up', f'{median} ms', median < 5, 'under 5')
        verdicts.check(bar or 'setup', flood, 'p99 set-up', f'{p99} ms', p99 < 250, 'under 250')


def judge(verdicts, flood, kind, result, is_plain, is_within):
    """Hold one flood against the bars. @param is_within  no more was offered than the socket takes"""
    held = 'the socket that is flooded takes less than is offered: see the next'
    is_opening = kind in OPENINGS
    media = percent(result['media_back'], result['media_sent'])
    if is_within or kind in SWITCH + DOOR:
        bar = 'media' if is_opening else 'others' if is_within else 'apart'
        verdicts.check(bar, flood, 'established media', f'{media:.3f} %', media >= 99.9 and result['broken'] == 0, 'at least 99.9')
    else:
        verdicts.note('established media', f'{media:.3f} %', held)
    if is_within or kind in RELAY + DOOR:
        judge_calls(verdicts, None if is_opening else 'others' if is_within else 'apart', flood, result, is_plain)
    else:
        up = sum(result[group]['up'] for group in ('known', 'new', 'inside'))
        verdicts.note('new calls', f'{up} of {sum(result[group]["calls"] for group in ("known", "new", "inside"))}', held)
    if kind != 'guess':
        verdicts.check('octets', flood, 'octets out for octets in', f'{percent(result["bytes_out"], result["bytes_in"]):.1f} %',
                       result['bytes_out'] <= result['bytes_in'] and result['longer'] == 0, 'at most 100, and no answer longer')
    verdicts.check('lines', flood, 'log lines a second', f'{result["lines_per_s"]:.1f}', result['lines_per_s'] <= 20, 'at most 20')
    if kind == 'guess':
        print(f'  guessed {result["sent"] / result["seconds"]:,.0f}/s, {result["refused"] / result["seconds"]:,.0f}/s refused with an answer')


def flood_with(verdicts, kind, segments, seconds):
    """At most that can be; and if a socket took less than that, once more with what it takes."""
    print(f'{kind}, {"plain sends" if segments == PLAIN else f"segmented sends of {segments}"}, {seconds} s')
    result = run(kind, segments, seconds)
    print_run(result)
    is_within = is_kept(result) or kind in OPENINGS + ['guess']
    judge(verdicts, f'{kind}:{segments}', kind, result, segments == PLAIN, is_within)
    if not is_within:
        per_s = int(OF_THE_RATE * taken_a_second(result))
        print(f'{kind}, {per_s:,}/s offered: {100 * OF_THE_RATE:.0f} % of what was taken in the run before, {seconds} s')
        result = run(kind, segments, seconds, per_s)
        print_run(result)
        judge(verdicts, f'{kind}:{segments} at {per_s:,}/s', kind, result, segments == PLAIN, True)


def siege_of(kind, quick):
    """@return the most proven addresses beside which a known customer's calls succeed"""
    enough, addresses = 0, 1024
    while addresses <= (2048 if quick else 65536):
        result = run(kind, addresses, 5 if quick else 10)
        known, counters = result['known'], result['counters']
        good = percent(known['up'], known['calls']) >= 99
        print(f'  {addresses:6} addresses: {result["opened"] / result["seconds"]:,.0f} openings/s with a token, '
              f'{percent(result["left_out"], result["left_out"] + result["opened"] + result["asked"]):.0f} % not sent in time, '
              f'{result["challenged"] / result["seconds"]:,.0f} challenged/s, {result["guessed"] / result["seconds"]:,.0f} answered wrongly/s; rings full: '
              f'{counters.get("door.ring_full.strangers", 0):,} strangers, {counters.get("door.ring_full.known", 0):,} known; '
              f'exchange {100 * result["cpu"]:.0f} %\n'
              f'         customer: {known["up"]} of {known["calls"]} calls, median {known["median_ms"]} ms, longest {known["max_ms"]} ms; '
              f'never seen before: {result["new"]["up"]} of {result["new"]["calls"]}; media '
              f'{percent(result["media_back"], result["media_sent"]):.2f} %; log lines {result["lines_per_s"]:.1f}/s  {"PASS" if good else "FAIL"}')
        if not good:
            break
        enough, addresses = addresses, addresses * 2
    print(f'a known customer is served beside {enough:,} addresses{"" if addresses <= 65536 else " (the most that were tried)"}; '
          'wanted: at least 10,000')
    return enough


def siege(quick, words):
    """How many proven addresses, each inside its limits, it takes until a known customer's calls fail."""
    ways = {'siege': 'answering no challenge', 'siege-wrong': 'answering each challenge, always wrongly, to the account that the customer has'}
    print('customers and besiegers share the core of the load: how much it could not send is printed')
    least = 65536
    for kind, what in ways.items():
        if kind in words or 'siege' in words:
            print(f'{kind}: proven addresses, each opening 4 calls a second with a valid token and {what}; a known customer calls')
            least = min(least, siege_of(kind, quick))
    return 0 if least >= 10000 or quick else 1


def wanted_runs(words, quick):
    if words:
        return [(word.split(':')[0], int(word.split(':')[1]) if ':' in word else PLAIN) for word in words]
    if quick:
        return [('new-empty', PLAIN), ('mini', PLAIN)]
    return [(kind, segments) for kind in KINDS for segments in (PLAIN, SEGMENTED)] + [('guess', PLAIN)]


def main():
    quick = '--quick' in sys.argv
    words = [word for word in sys.argv[1:] if not word.startswith('--')]
    seconds = 2 if quick else 10
    if os.cpu_count() < 2:
        print('two cores are needed: one for the load, one for the exchange')
        return 77
    print(f'kernel {os.uname().release}, {os.cpu_count()} cores; exchange on core {CORE_OURS}, load on core {CORE_LOAD}; loopback, where '
          f'the sender pays for the receiver\nshipped settings; raised for this: {", ".join(RAISED) or "none"}\n'
          'callers repeat after 1, 2, 4 and 8 s without an answer, as the library does')
    if words and words[0].startswith('siege'):
        return siege(quick, words)
    verdicts = Verdicts()
    for kind, segments in wanted_runs(words, quick):
        flood_with(verdicts, kind, segments, seconds)
    verdicts.summary()
    missed = verdicts.missed('octets' if '--smoke' in sys.argv else None)  # a busy machine says nothing about the others
    return 1 if missed else 0


if __name__ == '__main__':
    sys.stdout.reconfigure(line_buffering=True)
    sys.exit(main())
