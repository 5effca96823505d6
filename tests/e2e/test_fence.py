# SPDX-License-Identifier: Apache-2.0
"""Bans in the packet filter: tollgated with an engine that bans as it is told, in network namespaces of its own."""
import os
import re
import signal
import socket
import subprocess
import time

import pytest

import frames
import netns
import rig
import sites
from obedient import IAX, Daemon
from test_daemon_start import NET_ADMIN, has_rights, status_of

pytestmark = [pytest.mark.alone, pytest.mark.skipif(netns.why_not() is not None, reason=str(netns.why_not()))]

CLIENT, OTHER = '10.77.1.1', '10.77.1.2'
LONG_MS = 600000


class Fenced(Daemon):
    """Runs in the server's namespace. before: words in front of the command line, inside of it."""

    def __init__(self, cable, host=netns.Cable.HOST4, before=(), **more):
        super().__init__(IAX, host=host, port=more.pop('port', 24569), **more)
        self.cable, self.before = cable, before
        self.control = netns.Cable.socket_in(cable.server, host)
        self.control.settimeout(2 * rig.SLOWER)

    def command_line(self, *more):
        return ['ip', 'netns', 'exec', self.cable.server, *self.before, *super().command_line(*more)]

    def tell_engine(self, order, answers=False, seconds=2):
        self.control.settimeout(seconds * rig.SLOWER)
        self.control.sendto(order.encode(), (self.host, self.port))
        return self.control.recv(4096).decode() if answers else None

    def ban(self, address, bits, for_ms=LONG_MS, in_kernel=1):
        self.tell_engine(f'fence {address} {bits} {for_ms} {in_kernel}')

    def allow(self, address, bits, for_ms=LONG_MS):
        self.tell_engine(f'fence {address} {bits} {for_ms} 0 1')

    def cease(self):
        """The fence reads nothing until it is to resume."""
        os.kill(self.processes()['fence'], signal.SIGSTOP)

    def resume(self):
        os.kill(self.processes()['fence'], signal.SIGCONT)

    def table(self):
        found = re.search(r'fence\.on table="([^"]+)"', self.log())
        assert found, self.log()
        return found.group(1)

    def close(self):
        try:
            super().close()
        finally:
            self.control.close()


@pytest.fixture(name='cable')
def cable_fixture():
    made = netns.Cable()
    yield made
    made.close()


@pytest.fixture(name='fenced')
def fenced_fixture(cable):
    made = []

    def make(start=True, **more):
        made.append(Fenced(cable, **more))
        return made[-1].start() if start else made[-1]

    yield make
    for one in made:
        one.close()


class Client:
    """A caller with an address of its own."""

    def __init__(self, cable, host):
        self.cable, self.host = cable, host
        if host != '10.77.255.254':
            cable.add_clients([host])
        self.socket = cable.socket_in(cable.client, host)

    def is_answered(self, one, seconds=0.15):
        self.socket.settimeout(seconds * rig.SLOWER)
        self.socket.sendto(b'ping', (one.host, one.port))
        try:
            return self.socket.recv(100) == b'pong'
        except TimeoutError:
            return False

    def wait(self, one, answered, seconds=3):
        rig.wait_for(lambda: self.is_answered(one) == answered, seconds,
                     f'{self.host} is {"answered" if answered else "dropped"}:\n{self.cable.rules()[:3000]}\n{one.log()}')

    def reaches(self, server, host, port):
        """Another port of the same machine."""
        self.socket.sendto(b'hello', (host, port))
        server.settimeout(2)
        try:
            return server.recvfrom(100)[1][0] == self.host
        except TimeoutError:
            return False


@pytest.mark.essential
def test_a_banned_address_is_dropped_on_our_port_alone(cable, fenced):
    one = fenced()
    bad, good = Client(cable, CLIENT), Client(cable, OTHER)
    other_port = cable.socket_in(cable.server, one.host, 25000)
    assert bad.is_answered(one) and good.is_answered(one)
    one.wait_fact('works', 1)
    one.ban(CLIENT, 32)
    bad.wait(one, False)   # the very flow that was answered before
    assert good.is_answered(one)
    assert bad.reaches(other_port, one.host, 25000)
    assert re.search(r'@ban4 counter packets [1-9]', cable.rules())
    one.ban(CLIENT, 32, in_kernel=0)
    bad.wait(one, True)
    one.ban(CLIENT, 32)
    bad.wait(one, False)
    one.ban(CLIENT, 32, for_ms=-1)   # one that ended
    bad.wait(one, True)
    one.ban(CLIENT, 32, for_ms=0)    # until it is taken back
    bad.wait(one, False)


def test_a_network_is_dropped_whole(cable, fenced):
    one = fenced()
    inside, outside = Client(cable, '10.77.8.200'), Client(cable, '10.77.9.1')
    for base, bits in (('10.77.8.0', 24), ('10.77.8.128', 25), ('10.77.8.0', 24)):
        one.ban(base, bits)
        inside.wait(one, False)
        assert outside.is_answered(one)
        one.ban(base, bits, in_kernel=0)
        inside.wait(one, True)


def test_who_is_allowed_is_heard_inside_a_banned_network(cable, fenced):
    one = fenced()
    allowed, inside = Client(cable, '10.77.8.7'), Client(cable, '10.77.8.200')
    for base, bits in (('10.77.8.0', 24), ('10.77.8.0', 23), ('10.77.8.0', 21)):
        one.ban(base, bits)
        inside.wait(one, False)
        assert not allowed.is_answered(one)
        one.allow('10.77.8.7', 32)
        allowed.wait(one, True)
        assert not inside.is_answered(one)
        one.allow('10.77.8.7', 32, for_ms=-1)
        allowed.wait(one, False)
        one.allow('10.77.8.128', 25)   # the half with the other
        inside.wait(one, True)
        assert not allowed.is_answered(one)
        one.ban('10.77.8.200', 32)     # the narrowest decides
        one.ban(base, bits, in_kernel=0)
        allowed.wait(one, True)
        one.allow('10.77.8.128', 25, for_ms=-1)
        one.ban('10.77.8.200', 32, in_kernel=0)
        inside.wait(one, True)


def test_an_allowance_opens_nothing_that_others_have_closed(cable, fenced):
    one = fenced()
    client = Client(cable, CLIENT)
    one.allow(CLIENT, 32)
    client.wait(one, True)
    cable.nft('-f', '-', text='add table inet filter\n'
              'add chain inet filter input { type filter hook input priority 0; policy accept; }\n'
              f'add rule inet filter input udp dport {one.port} drop\n')
    assert not client.is_answered(one)


@pytest.mark.parametrize('base, bits', [('fd77:0:1:1::5', 128), ('fd77:0:1:1::', 64), ('fd77:0:1::', 56)])
def test_who_is_allowed_inside_an_ipv6_network(cable, fenced, base, bits):
    one = fenced(host=cable.HOST6)
    good, bad = Client(cable, 'fd77:0:1:1::5'), Client(cable, 'fd77:0:1:100::6')
    one.ban('fd77:0:1::', 48)
    bad.wait(one, False)
    assert not good.is_answered(one)
    one.allow(base, bits)
    good.wait(one, True)
    assert not bad.is_answered(one)
    one.kill('fence')   # the next one gets both
    one.wait_fact('fence', 2)
    one.wait_fact('works', 1)
    bad.wait(one, False)
    good.wait(one, True)


def poke_is_answered(client, one):
    client.socket.settimeout(0.3 * rig.SLOWER)
    client.socket.sendto(frames.full(77, frames.POKE), (one.host, one.port))
    try:
        return frames.Answer(client.socket.recv(4096)).subclass == frames.PONG
    except TimeoutError:
        return False


def dropped(cable):
    return sum(int(count) for count in re.findall(r'counter packets (\d+)', cable.rules()))


@pytest.mark.essential
def test_the_operator_allows_one_address_of_a_network_that_he_banned(cable):
    class House(rig.Exchange):
        def command_line(self, *more):
            return ['ip', 'netns', 'exec', cable.server, *super().command_line(*more)]

    with House(sites.IAX, sites.EXTENSIONS, host=cable.HOST4, port=24571) as one:
        one.start()
        allowed, inside = Client(cable, '10.77.8.7'), Client(cable, '10.77.8.8')
        rig.wait_for(lambda: 'fence.on' in one.log(), 5, 'the fence works')

        def settles(client, answered):
            rig.wait_for(lambda: poke_is_answered(client, one) == answered, 8,
                         f'{client.host} {"heard" if answered else "not heard"}:\n{cable.rules()}')

        def look(of_allowed, of_inside):
            settles(allowed, of_allowed)
            settles(inside, of_inside)

        look(True, True)
        one.console('guard ban 10.77.8.0/24 for 1h reason test')
        look(False, False)
        rig.wait_for(lambda: not poke_is_answered(inside, one) and dropped(cable) > 0, 8, 'dropped by the kernel')
        one.console('guard allow 10.77.8.7 reason test')
        look(True, False)
        os.kill(one.processes()['tg-fence'], signal.SIGKILL)
        rig.wait_for(lambda: one.log().count('fence.on') == 2, 10, 'a new fence')
        rig.wait_for(lambda: 'allow4 {' in cable.rules() and '10.77.8.7 ' in cable.rules() and '10.77.8.0 ' in cable.rules(), 5,
                     'both are told again')
        look(True, False)
        one.console('guard unban 10.77.8.7 reason test')
        look(False, False)
        one.console('guard unban 10.77.8.0/24 reason test')
        look(True, True)


@pytest.mark.parametrize('bits, inside, outside', [
    (64, ['fd77:0:1:1::5', 'fd77:0:1:1:ffff::6'], 'fd77:0:1:2::5'),
    (56, ['fd77:0:1:100::5', 'fd77:0:1:1ff::5'], 'fd77:0:1:200::5'),
    (48, ['fd77:0:3::5', 'fd77:0:3:ffff::5'], 'fd77:0:4::5'),
])
def test_ipv6_networks(cable, fenced, bits, inside, outside):
    one = fenced(host=cable.HOST6)
    bad, good = [Client(cable, host) for host in inside], Client(cable, outside)
    assert all(client.is_answered(one) for client in bad)
    one.ban(inside[0], bits)
    for client in bad:
        client.wait(one, False)
    assert good.is_answered(one)
    one.ban(inside[0], bits, in_kernel=0)
    for client in bad:
        client.wait(one, True)


def test_the_kernel_ends_a_ban_by_itself(cable, fenced):
    one = fenced()
    short, long = Client(cable, CLIENT), Client(cable, OTHER)
    began = time.monotonic()
    one.ban(CLIENT, 32, for_ms=2000)
    one.ban(OTHER, 32, for_ms=1000)
    short.wait(one, False)
    long.wait(one, False)
    one.ban(OTHER, 32, for_ms=LONG_MS)   # a new end replaces the old one
    short.wait(one, True, 5)
    assert time.monotonic() - began > 1.5
    assert not long.is_answered(one)


def test_what_is_of_others_is_left_alone(cable, fenced):
    theirs = ['add table inet filter', 'add chain inet filter input { type filter hook input priority 0; policy accept; }',
              'add rule inet filter input udp dport 9 drop', 'add table inet tollgate',
              'add set inet tollgate ban4 { type ipv4_addr; flags timeout; }', 'add table ip tollgate-00000000',
              'add set ip tollgate-00000000 ban4 { type ipv4_addr; }', 'add element ip tollgate-00000000 ban4 { 192.0.2.1 }']
    cable.nft('-f', '-', text='\n'.join(theirs) + '\n')
    before = cable.rules()
    one = fenced()
    assert one.table() != 'tollgate'   # a name of its own for each state folder
    one.ban(CLIENT, 32)
    one.ban('2001:db8::', 48)
    Client(cable, CLIENT).wait(one, False)
    tables = cable.rules().split('\ntable ')
    assert f'inet {one.table()} ' in tables[-1]
    assert '\ntable '.join(tables[:-1]) == before.rstrip('\n')
    one.stop()
    assert cable.rules() == before


def test_two_daemons_have_a_table_each(cable, fenced):
    first, second = fenced(), fenced(port=24570)
    client = Client(cable, CLIENT)
    first.ban(CLIENT, 32)
    client.wait(first, False)
    assert client.is_answered(second)
    second.stop()
    assert not client.is_answered(first)
    assert first.table() in cable.rules() and second.table() not in cable.rules()


def test_a_killed_fence_is_rebuilt(cable, fenced):
    one = fenced()
    client = Client(cable, CLIENT)
    one.ban(CLIENT, 32)
    client.wait(one, False)
    one.kill('fence')
    one.wait_fact('fence', 2)
    one.wait_fact('works', 1)
    client.wait(one, False)
    one.ban(CLIENT, 32, in_kernel=0)
    client.wait(one, True)
    one.stop()
    assert cable.rules() == ''


def test_a_table_that_others_delete_comes_back(cable, fenced):
    """`nft flush ruleset` is what a reload of somebody's rules begins with."""
    one = fenced()
    client = Client(cable, CLIENT)
    one.ban(CLIENT, 32)
    client.wait(one, False)
    cable.nft('flush', 'ruleset')
    client.wait(one, True)
    client.wait(one, False, 15)   # nobody banned anything: it looks by itself
    assert one.log().count('fence.off') == 1, one.log()


def change_table(cable, one, *pairs):
    """As it is, with other words in it, and empty sets."""
    text = cable.nft('list', 'table', 'inet', one.table())
    for old, new in pairs:
        assert old in text, text
        text = text.replace(old, new)
    cable.nft('-f', '-', text=f'delete table inet {one.table()}\n{text}')


def banned(cable, one, of='ban4'):
    return set(re.findall(r'(10\.77\.\d+\.\d+)', cable.nft('list', 'set', 'inet', one.table(), of)))


def test_what_the_kernel_refuses_comes_in_when_it_can(cable, fenced):
    """A set that is full: the rest works meanwhile, and `on` is told when nothing is missing any more."""
    one = fenced()
    one.wait_fact('works', 1)
    change_table(cable, one, ('size 262144', 'size 4'))
    hosts = [f'10.77.3.{i}' for i in range(1, 7)]
    one.cease()   # so that all come in one piece
    for host in hosts[:3]:
        one.ban(host, 32)
    one.ban('10.77.4.0', 25)   # 128 elements, of which one fits
    for host in hosts[3:]:
        one.ban(host, 32)
    one.ban('10.77.5.0', 24)
    one.resume()
    one.wait_fact('works', 0)
    rig.wait_for(lambda: len(banned(cable, one)) == 4 and banned(cable, one, 'ban4_24') == {'10.77.5.0'}, 5, cable.rules())
    assert set(hosts[:3]) < banned(cable, one)
    one.tell_engine('again')   # it does not help yet
    one.ban(hosts[0], 32, in_kernel=0)   # out of a full set
    rig.wait_for(lambda: hosts[0] not in banned(cable, one), 5, cable.rules())
    assert one.facts()['works'] == 0 and one.log().count('fence.on') == 1, one.log()
    for host, bits in ((hosts[1], 32), ('10.77.4.0', 25)):
        one.ban(host, bits, in_kernel=0)
    one.wait_fact('works', 1, 30)
    assert banned(cable, one) == set(hosts[2:])
    assert banned(cable, one, 'ban4_24') == {'10.77.5.0'}
    said = re.findall(r'fence\.(?:on|off why=.*)', one.log())
    assert len(said) == 3 and 'a set is full: ban4' in said[1] and said[2] == 'fence.on', said


def test_a_ban_that_the_kernel_refuses_takes_no_other_along(cable, fenced):
    one = fenced()
    one.wait_fact('works', 1)
    change_table(cable, one, ('ip saddr & 255.255.255.0 == @ban4_24 counter packets 0 bytes 0 drop', ''),
                 ('set ban4_24 {\n\t\ttype ipv4_addr', 'set ban4_24 {\n\t\ttype ether_addr'))
    one.cease()
    one.ban(CLIENT, 32)
    one.ban('10.77.5.0', 24)
    one.ban(OTHER, 32)
    one.resume()
    one.wait_fact('works', 0)
    rig.wait_for(lambda: banned(cable, one) == {CLIENT, OTHER}, 5, cable.rules())
    assert 'the kernel refuses a ban' in one.log()


def test_nothing_stays_behind_a_parent_that_is_killed(cable, fenced):
    one = fenced()
    one.ban(CLIENT, 32)
    Client(cable, CLIENT).wait(one, False)
    one.process.kill()
    one.process.wait(10)
    one.process = None
    rig.wait_for(lambda: cable.rules() == '', 10, 'the table is gone')


def test_what_a_crash_of_all_left_is_replaced(cable, fenced):
    one = fenced()
    client, other = Client(cable, CLIENT), Client(cable, OTHER)
    pids = one.processes()
    one.ban(CLIENT, 32)
    client.wait(one, False)
    os.kill(pids['fence'], signal.SIGSTOP)   # it must not see the others go
    for pid in pids.values():
        os.kill(pid, signal.SIGKILL)
    one.process.wait(10)
    one.process = None
    assert CLIENT in cable.rules()
    one.start()
    assert CLIENT not in cable.rules()
    assert cable.rules().count('table inet') == 1
    one.ban(OTHER, 32)
    other.wait(one, False)
    assert client.is_answered(one)


def latency_ms(one, client):
    """From the order to the first datagram that is dropped."""
    began = time.monotonic()
    one.ban(client.host, 32)
    while True:
        sent = time.monotonic()
        if not client.is_answered(one, 0.02):
            return (sent - began) * 1000
        assert sent - began < 5, f'{client.host} is not dropped'


@pytest.mark.limit(180)
def test_fifty_thousand_fit_and_one_more_is_quick(cable, fenced):
    one = fenced()
    bystander = Client(cable, OTHER)
    began = time.monotonic()
    one.tell_engine('crowd 50000')
    one.wait_fact('crowd', 50000, 60)

    def elements():
        return cable.nft('list', 'set', 'inet', one.table(), 'ban4').count(' expires ')

    rig.wait_for(lambda: elements() == 50000, 60, f'50,000 elements: {elements()}', every=0.5)
    print(f'50,000 bans took {time.monotonic() - began:.1f} s, with looking')
    assert bystander.is_answered(one)
    clients = [Client(cable, f'10.77.2.{i}') for i in range(1, 201)]
    took = sorted(latency_ms(one, client) for client in clients)
    print(f'ban to drop with 50,000 elements: median {took[100]:.1f} ms, p99 {took[197]:.1f} ms, most {took[-1]:.1f} ms')
    assert took[197] <= 100 * rig.SLOWER, took[-10:]
    assert bystander.is_answered(one) and one.facts()['works'] == 1


def check_rights(one):
    names = one.processes()
    for name, pid in names.items():
        facts = status_of(pid)
        assert has_rights(facts, name) and facts['NoNewPrivs'] == '1', (name, facts)
        assert rig.SANITIZED or facts['Seccomp'] == ('0' if name == 'parent' else '2'), (name, facts)
    assert int(status_of(names['fence'])['CapEff'], 16) == NET_ADMIN
    assert int(status_of(names['parent'])['CapEff'], 16) == 0


def open_to_all(one, uid=None):
    for path in (one.folder, one.config, one.state, *(os.path.join(one.config, name) for name in os.listdir(one.config))):
        if uid is not None:
            os.chown(path, uid, uid)
    os.chmod(one.folder, 0o755)
    for name in os.listdir(one.config):
        os.chmod(os.path.join(one.config, name), 0o644)


def check_bans(cable, one):
    client = Client(cable, CLIENT)
    one.ban(CLIENT, 32)
    client.wait(one, False)
    check_rights(one)
    one.kill('fence')   # and the next has the right again
    one.wait_fact('fence', 2)
    one.wait_fact('works', 1)
    check_rights(one)
    one.ban(CLIENT, 32, in_kernel=0)
    client.wait(one, True)


def test_started_by_root_it_has_that_right_alone(cable, fenced):
    check_bans(cable, fenced())


def test_started_by_root_for_another_user(cable, fenced):
    one = fenced(start=False, more_options=('--user', 'nobody'))
    open_to_all(one)
    one.start()
    assert status_of(one.processes()['fence'])['Uid'].split() == ['65534'] * 4
    check_bans(cable, one)


def test_started_with_the_right_alone(cable, fenced):
    """As a service manager does it: another user from the beginning, with one ambient capability."""
    one = fenced(start=False, before=('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs',
                                      '--inh-caps=-all,+net_admin', '--ambient-caps=-all,+net_admin',
                                      '--bounding-set=-all,+net_admin'))
    open_to_all(one, 65534)
    one.start()
    check_bans(cable, one)


@pytest.mark.parametrize('before, why', [
    (('setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'), 'CAP_NET_ADMIN'),
    (('unshare', '--user', '--map-root-user'), 'nft cannot make the table: .*Operation not permitted'),
    (('sh', '-c', 'for at in /usr/sbin/nft /sbin/nft; do mount --bind /dev/null $at; done; exec "$@"', 'sh'),
     'nft is not installed'),
    (('sh', '-c', 'mount --bind /bin/false /usr/sbin/nft; exec "$@"', 'sh'), 'nft cannot make the table'),
])
def test_without_it_one_notice_and_everything_else_works(cable, fenced, before, why):
    one = fenced(start=False, before=before)
    try:
        one.start()
    except AssertionError as error:
        if before[0] == 'unshare' and 'unshare' in str(error):
            pytest.skip('user namespaces cannot be made here')
        raise
    client = Client(cable, CLIENT)
    one.ban(CLIENT, 32)
    assert one.facts()['works'] == 0
    time.sleep(0.5)
    assert client.is_answered(one)   # the engine's own business now
    notices = [line for line in one.log().splitlines() if 'fence.' in line]
    assert len(notices) == 1 and 'NOTICE' in notices[0] and re.search(f'fence.off why=".*{why}', notices[0]), one.log()
    assert one.facts()['fence'] == 1   # it does not start again and again
    assert 'process.ended' not in one.log()
    assert cable.rules() == ''


def test_calls_work_without_the_right():
    class Unprivileged(rig.Exchange):
        def command_line(self, *more):
            return ['setpriv', '--bounding-set=-all', '--inh-caps=-all', *super().command_line(*more)]

    with Unprivileged(sites.IAX, sites.EXTENSIONS) as one:
        one.start()
        assert rig.call(one.uri('alice', '600'), '--duration', 1, secret=sites.ALICE).code == 0
        assert one.log().count('fence.off') == 1 and 'tg-fence' in one.processes()


def test_the_fence_holds_no_more_than_it_needs(cable, fenced):
    one = fenced()
    pid = one.processes()['fence']
    links = [os.readlink(f'/proc/{pid}/fd/{fd}') for fd in os.listdir(f'/proc/{pid}/fd')]
    assert not [link for link in links if link.startswith('/') and link not in ('/dev/null', one.log_path)], links
    with open(f'/proc/{pid}/net/netlink', encoding='ascii') as file:
        assert any(row.split()[1] == '12' for row in file if row.split()[1].isdigit())   # NETLINK_NETFILTER
    children = subprocess.run(['ps', '--ppid', str(pid), '-o', 'pid='], capture_output=True, text=True, timeout=10, check=False)
    assert children.stdout.strip() == ''
