# SPDX-License-Identifier: Apache-2.0
"""200 calls at once with media for 20 s: nothing lost, nothing leaked; and whoever is not needed for a call that is up may be
killed meanwhile without any call noticing."""
import json
import os
import re
import signal
import subprocess
import time

import pytest

import rig
import sites

pytestmark = pytest.mark.alone

CALLS, SECONDS = 200, 20


def memory_kib(pid):
    """What a process has in memory, without the one mapping that all tables lie in: that one cannot grow, and becomes memory as
    tables are used for the first time."""
    sizes = []
    if os.geteuid() != 0:
        pytest.skip('only root may look at the memory of a process that hides it')
    with open(f'/proc/{pid}/smaps', encoding='utf-8') as file:
        for mapping in re.split(r'^(?=[0-9a-f]+-[0-9a-f]+ )', file.read(), flags=re.M)[1:]:
            size, resident = (int(re.search(rf'^{what}:\s+(\d+)', mapping, re.M).group(1)) for what in ('Size', 'Rss'))
            sizes.append((size, resident))
    tables, _ = max(sizes)
    assert tables > 64 * 1024, 'the tables are by far the largest mapping'
    return sum(resident for size, resident in sizes if size != tables)


def start_load(tollgate, calls, seconds):
    return subprocess.Popen(
        [rig.program('tollgate'), 'load', tollgate.uri('alice', '600'), '--calls', str(calls), '--duration', str(seconds),
         '--json'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=rig.environment(TOLLGATE_SECRET=sites.ALICE))


def finish_load(load, seconds):
    out, err = load.communicate(timeout=seconds)
    assert not rig.SANITIZER_TROUBLE.search(out + err), out + err
    lines = [line for line in out.splitlines() if line.startswith('{')]
    assert lines, out + err
    return load.returncode, json.loads(lines[-1]), out + err


@pytest.mark.essential
@pytest.mark.limit(150)
def test_two_hundred_calls_while_processes_die(exchange):
    tollgate = exchange(sites.IAX, sites.EXTENSIONS)
    before = tollgate.processes()
    load = start_load(tollgate, CALLS, SECONDS)
    try:
        rig.wait_for(lambda: f'{CALLS} active IAX channel' in tollgate.console('iax2 show channels'), 15,
                     f'{CALLS} calls are up', every=0.5)
        for victim in ('store', 'vault', 'desk'):
            os.kill(before[f'tg-{victim}'], signal.SIGKILL)
            time.sleep(1)
            after = rig.wait_for(lambda: back_again(tollgate, victim, before), 10, f'{victim} comes back', every=0.3)
            assert after['tg-engine'] == before['tg-engine']
        code, report, text = finish_load(load, SECONDS + 60)
    finally:
        rig.end_process(load, 5)
    assert code == 0, text
    assert report['answered'] == CALLS and report['failed'] == report['broken'] == 0, text
    assert report['lost'] == report['twice'] == report['foreign'] == 0, text
    assert report['sent'] >= CALLS * SECONDS * 50 * 0.97, text

    # A call after all that: the new vault still knows the secrets, the new store keeps the record.
    again = rig.call(tollgate.uri('alice', '600'), '--duration', 1, secret=sites.ALICE)
    assert again.code == 0, again.text
    rig.wait_for(lambda: records(tollgate) == CALLS + 1, 15, f'{CALLS + 1} call records, not {records(tollgate)}', every=0.5)


def back_again(tollgate, victim, before):
    """The new processes, once the victim is among them again."""
    try:
        now = tollgate.processes()
    except (AssertionError, subprocess.TimeoutExpired):
        return None   # it may be the desk itself that is not yet back
    return now if now.get(f'tg-{victim}', before[f'tg-{victim}']) != before[f'tg-{victim}'] else None


def records(tollgate):
    return len(re.findall(r'\balice\b', tollgate.console('cdr show 1000')))


@pytest.mark.limit(150)
@pytest.mark.skipif(rig.SANITIZED, reason='a sanitizer keeps freed memory, so growth says nothing')
def test_memory_does_not_grow_from_call_to_call(exchange):
    tollgate = exchange(sites.IAX, sites.EXTENSIONS)

    def round_of_calls():
        code, report, text = finish_load(start_load(tollgate, 100, 2), 60)
        assert code == 0 and report['answered'] == 100 and report['failed'] == 0, text

    round_of_calls()
    engine = tollgate.processes()['tg-engine']
    before = memory_kib(engine)
    for _ in range(3):
        round_of_calls()
    assert tollgate.processes()['tg-engine'] == engine
    assert memory_kib(engine) - before < 1024
