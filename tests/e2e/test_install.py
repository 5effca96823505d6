# SPDX-License-Identifier: Apache-2.0
"""What `ninja install` puts into a system: programs, manual pages, and a library that others can build on."""
import os
import shutil
import subprocess

import pytest

import rig

EXAMPLE = '''
#include <iax/endpoint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *zeroed(size_t size)
{
	void *mem = aligned_alloc(64, size);

	return mem != NULL ? memset(mem, 0, size) : NULL;
}

/* Two endpoints in memory of ours: one pokes the other, by hand from block to block. */
int main(void)
{
	const struct tg_addr here = tg_addr_ipv4((const uint8_t[]){ 127, 0, 0, 1 }, 4569);
	const struct tg_addr there = tg_addr_ipv4((const uint8_t[]){ 127, 0, 0, 2 }, 4569);
	struct iax_config config = iax_config_default();
	struct iax_endpoint *a, *b;
	struct iax_datagram out;
	struct iax_event event;
	struct iax_leg_id leg;

	config.with_door = true;
	const size_t size = (iax_endpoint_size(&config) + 63) & ~(size_t)63;

	a = iax_endpoint_init(zeroed(size), &config, 0);
	b = iax_endpoint_init(zeroed(size), &config, 0);
	if (iax_poke_open(a, there, here, 1000, 1, 0, &leg) != IAX_OK || !iax_endpoint_next_datagram(a, &out, 0)) {
		return 1;
	}
	const struct iax_datagram poke = { .remote = out.local, .local = out.remote, .bytes = out.bytes };

	iax_endpoint_receive(b, &poke, IAX_UNPROVEN, 1000);
	if (!iax_endpoint_next_datagram(b, &out, 1000)) {
		return 2;
	}
	const struct iax_datagram pong = { .remote = out.local, .local = out.remote, .bytes = out.bytes };

	iax_endpoint_receive(a, &pong, IAX_UNPROVEN, 2000);
	while (iax_endpoint_next_event(a, &event)) {
		if (event.kind == IAX_EV_POKED) {
			printf("poked in %u us\\n", (unsigned)event.rtt_us);
			free(a);
			free(b);
			return 0;
		}
	}
	return 3;
}
'''


@pytest.fixture(scope='module')
def installed(tmp_path_factory):
    """The root of an installation, and its prefix in there."""
    if rig.SANITIZED:
        pytest.skip('a sanitized library is not installed')
    root = str(tmp_path_factory.mktemp('root'))
    meson = '/usr/bin/meson' if os.path.exists('/usr/bin/meson') else 'meson'
    subprocess.run([meson, 'install', '-C', rig.BUILD, '--no-rebuild', '--quiet', '--destdir', root], check=True, timeout=60,
                   stdout=subprocess.DEVNULL)
    return root, os.path.join(root, 'usr', 'local')


def test_programs_and_pages_are_there(installed):
    _, prefix = installed
    for path in ('sbin/tollgated', 'bin/tollgate', 'share/man/man8/tollgated.8', 'share/man/man1/tollgate.1',
                 'share/man/man1/tollgate-audit.1', 'share/man/man1/tollgate-call.1', 'share/man/man5/tollgate.conf.5',
                 'share/bash-completion/completions/tollgate', 'share/bash-completion/completions/tollgated',
                 'lib/systemd/system/tollgated.service'):
        assert os.path.exists(os.path.join(prefix, path)), path
    assert subprocess.run([os.path.join(prefix, 'sbin/tollgated'), '--version'], timeout=20, check=False).returncode == 0


@pytest.mark.parametrize('how', [[], ['--static']])
def test_the_library_can_be_built_on(installed, tmp_path, how):
    root, prefix = installed
    if not shutil.which('pkg-config'):
        pytest.skip('pkg-config is not installed')
    folder = next(path for path, _, names in os.walk(prefix) if 'tollgate-iax.pc' in names)
    flags = subprocess.run(['pkg-config', '--cflags', '--libs', *how, 'tollgate-iax'], check=True, capture_output=True, text=True,
                           env={**os.environ, 'PKG_CONFIG_PATH': folder, 'PKG_CONFIG_SYSROOT_DIR': root}).stdout.split()
    if how:
        flags = ['-l:libtollgate-iax.a' if flag == '-ltollgate-iax' else flag.removeprefix(root)
                 if flag.startswith(f'-L{root}/usr/lib') else flag for flag in flags]
    source, binary = tmp_path / 'example.c', tmp_path / 'example'
    source.write_text(EXAMPLE)
    subprocess.run(['cc', '-std=c17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', str(source), '-o', str(binary), *flags],
                   check=True, timeout=60)
    library = os.path.dirname(next(os.path.join(path, name) for path, _, names in os.walk(prefix) for name in names
                                   if name == 'libtollgate-iax.so'))
    done = subprocess.run([str(binary)], capture_output=True, text=True, timeout=20, check=False,
                          env={'LD_LIBRARY_PATH': '' if how else library})
    assert (done.returncode, done.stdout) == (0, 'poked in 2000 us\n'), done.stderr
