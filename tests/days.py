"""On which days a test has its turn: so that no day costs more than tests/run may take.

A cycle of eight days runs every test of every build.  What a test declares as its `priority` is
about how many seconds of a processor it takes; what a build takes is measured here.
"""

CYCLE = 8
# Seconds of processor time that a day's builds and tests are expected to take at most.  They may take
# eighteen minutes, 1080 s: some are left for what a test takes beyond what it declares.
BUDGET = 980
# What the builds take of it, from nothing: the plain one, and with a sanitizer what the tests of the
# lab need, or those of the strategies.
PLAIN_S, LAB_S, STRATEGIES_S = 325, 120, 45


def days_of(test, sanitized, most):
    """The sets of days of which a test is given one, so that it takes `most` seconds a day on average.

    One that tries another part of the entries each time is as dear as it is, and so is a cheap one.
    """
    if test.sanitized:
        # What the lab needs is most of a build: it has one day of four with one sanitizer, which is
        # another one with the other, and each of its tests has one of two such days.
        of_lab = 2 * sanitized.index(test.build)
        return [range(first, CYCLE, test.least_period) for first in range(test.least_period)
                if (first % 4 == of_lab) == test.of_lab]
    period = test.least_period
    while period < CYCLE and test.declared > most * period and not test.takes_part:
        period *= 2
    return [range(first, CYCLE, period) for first in range(period)]


def built(tests):
    """What the builds of these tests cost on each day."""
    builds = {test.build: test.sanitized for test in tests}
    sanitized = [build for build in builds if builds[build]]
    load = [float(PLAIN_S * (len(builds) - len(sanitized)))] * CYCLE
    for i in range(len(sanitized)):
        for day in range(CYCLE):
            load[day] += LAB_S if day % 4 == 2 * i else STRATEGIES_S
    return load


def dealt_with(tests, most):
    """The days of each test, and what each day costs: the dearest first, each to the cheapest days."""
    sanitized = list(dict.fromkeys(t.build for t in tests if t.sanitized))
    load, days, by_name = built(tests), {}, {}
    for test in sorted(tests, key=lambda t: (-t.expected, -t.timeout, t.name, t.build)):
        elsewhere = by_name.setdefault(test.name, set()) if test.sanitized else set()
        free = [some for some in days_of(test, sanitized, most) if not elsewhere & set(some)]
        days[test] = min(free, key=lambda some: sum(load[day] for day in some))
        elsewhere |= set(days[test])
        for day in days[test]:
            load[day] += test.expected
    return days, load


def dealt(tests):
    """The same, where expensive tests have no more turns than the budget of a day allows."""
    for most in sorted({t.declared / period for t in tests for period in (1, 2, 4, 8)}, reverse=True):
        days, load = dealt_with(tests, most)
        if max(load) <= BUDGET:
            break
    return days, load


def of_today(tests, turn):
    """Those of the tests that are run on this turn; each knows how often it has one."""
    days, _ = dealt(tests)
    for test in tests:
        test.period = CYCLE // len(days[test])
    return [test for test in tests if turn % CYCLE in days[test]]
