# SPDX-License-Identifier: Apache-2.0
"""Fixtures for the end-to-end tests. TG_BUILD names the build folder (default: build)."""
import signal

import pytest

import rig

LIMIT_S = 60


def pytest_configure(config):
    config.addinivalue_line('markers', 'essential: also run with the sanitized build')
    config.addinivalue_line('markers', 'alone: measures time or load, so nothing else runs beside it')
    config.addinivalue_line('markers', 'limit(seconds): how long this test may take (default 60)')


@pytest.fixture(autouse=True)
def time_limit(request):
    """No test hangs: an alarm ends it."""
    mark = request.node.get_closest_marker('limit')
    seconds = (mark.args[0] if mark else LIMIT_S) * (2 if rig.SANITIZED else 1)

    def ring(*_):
        raise AssertionError(f'the test took longer than {seconds} s')

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def exchange():
    """Makes and starts exchanges: exchange(iax, extensions, ...). Stops them all, and fails if one does not end well."""
    made = []

    def make(iax, extensions='', start=True, **more):
        made.append(rig.Exchange(iax, extensions, **more))
        return made[-1].start() if start else made[-1]

    yield make
    errors = []
    for one in made:
        try:
            one.close()
        except AssertionError as error:
            errors.append(error)
    if errors:
        raise errors[0]


@pytest.fixture
def phone():
    """Starts phones that run beside the test: phone(uri, option..., secret=...)."""
    made = []

    def make(uri, *options, secret=None):
        made.append(rig.Phone(uri, *options, secret=secret))
        return made[-1]

    yield make
    for one in made:
        one.close()
