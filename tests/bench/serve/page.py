#!/usr/bin/env python3
"""The page of `contend serve` in browsers: claps, dots, the five ways, the switch.

Usage: page.py CONTEND
"""

import re

import tap
from browser import Browser
from service import Service, eventually

WAYS = ['Short polling', 'Conditional GET', 'Long polling', 'Server-sent events', 'WebSocket']


def total(browser):
    text = browser.text('#total')
    return int(text) if text.isdigit() else None


def is_on(browser, user):
    return browser.js(f"return document.querySelectorAll('#dots button')[{user}]"
                      ".classList.contains('on')")


def sights(browser):
    """What each way sees, by its name."""
    return dict(browser.js("return [...document.querySelectorAll('#ways tbody tr')]"
                           ".map(r => [r.children[0].textContent, r.children[1].textContent])"))


def page(service, user):
    return f'http://127.0.0.1:{service.port}/?user={user}'


def two_browsers_clap_and_both_see_two_more():
    """Also by every way; then one is gone, and its dot goes out."""
    with Service('--speed=10') as s, Browser() as a:
        with Browser() as b:
            a.open(page(s, 3))
            b.open(page(s, 4))
            for browser in (a, b):
                eventually('a connection', lambda: browser.text('#link').startswith('online'))
                eventually('both dots', lambda: is_on(browser, 3) and is_on(browser, 4))
                eventually('no claps', lambda: total(browser) == 0)
            a.click('#clap')
            b.click('#clap')
            for browser in (a, b):
                eventually('two more', lambda: total(browser) == 2)
                eventually('every way', lambda: sights(browser) == dict.fromkeys(WAYS, '2'))
                eventually('its answer', lambda: browser.text('#given') == '1')
            a.keep('two_claps')
            b.click('#undo')
            eventually('one less', lambda: total(a) == 1)
            assert a.text('.big') == '1 clap', a.text('.big')
            b.quiet()
        eventually('going', lambda: not is_on(a, 4))
        a.click('#dots button:nth-child(5)')
        eventually('its text', lambda: re.fullmatch(r'User 4: active \d+ (second|minute)s? ago\.',
                                                    a.text('#who')))
        eventually('the other one', lambda: is_on(a, 3))  # also if a pong of its was late
        a.quiet()


def closed_in_time(s, a):
    """Opens user 4's page in a tab, and closes it; whether the user was still seen online then."""
    first = a.driver.current_window_handle
    sockets = s.get('/stats')['sockets']
    a.driver.switch_to.new_window('tab')
    a.open(page(s, 4))
    eventually('a connection', lambda: a.text('#link').startswith('online'))
    a.driver.close()
    a.driver.switch_to.window(first)
    eventually('its end', lambda: s.get('/stats')['sockets'] <= sockets)
    user = s.get('/users/4')
    return user['online'] and user['age_ms'] <= 30000


def a_tab_that_is_closed_goes_offline_in_its_time():
    """Another one is open.  Nobody says goodbye: the user is there until the last pong is 30 s old, and then gone."""
    with Service('--speed=10') as s, Browser() as a:
        a.open(page(s, 3))
        eventually('a connection', lambda: a.text('#link').startswith('online'))
        # Where the machine is busy for all that time, it is tried again.
        eventually('being online behind its end', lambda: closed_in_time(s, a))
        eventually('its dot', lambda: is_on(a, 4) or not s.get('/users/4')['online'])
        eventually('its dot going out', lambda: not is_on(a, 4))
        user = s.get('/users/4')
        assert not user['online'] and user['age_ms'] > 30000, user
        eventually('the one that is open', lambda: is_on(a, 3))
        a.quiet()


def a_way_costs_all_its_bytes_and_no_others():
    """As the service has counted them.  Users who come and go are no part of it."""
    shown = ("return [...document.querySelectorAll('#ways tbody tr')].map(r => "
             "Number(r.children[6].textContent.replaceAll(',', '')))")
    with Service() as s, Browser() as a:
        a.open(page(s, 3))
        eventually('every way', lambda: set(sights(a).values()) == {'0'} and len(sights(a)) == len(WAYS))
        meters = a.js('return ways.map(w => w.meter)')
        least = [sum(m.values()) - m['meter'] for m in s.get(f"/meters?ids={','.join(map(str, meters))}")['meters']]
        assert all(cost > 300 for cost in least), least  # a head and an answer's
        eventually('the cost', lambda: all(is_ >= was for is_, was in zip(a.js(shown), least)))
        before = a.js('return ways[4].messages')
        for user in range(10, 30):
            s.post(f'/users/{user}/heartbeat')
        eventually('the others', lambda: all(is_on(a, user) for user in range(10, 30)))
        assert a.js('return ways[4].messages') == before
        a.quiet()


def strategies_are_switched_and_nothing_is_lost():
    with Service() as s, Browser() as a:
        a.open(page(s, 3))
        eventually('its own look at the post', lambda: a.text('#title') not in ('', '…'))
        for n in range(3):
            a.click('#clap')
            eventually('a clap', lambda: total(a) == n + 1)
        title = s.get('/posts/1')['title']
        offered = eventually('a choice', lambda: a.js(
            "return [...document.getElementById('presence').options].map(o => o.value)"))
        assert len(offered) > 5 and 'null' not in offered, offered
        before = s.get('/strategies')
        shown = lambda: a.js("return [...document.querySelectorAll('#strategies select')].map(s => s.value)")
        eventually('what serves', lambda: shown() == [
            before[kind] for kind in ('presence', 'claps', 'counter', 'posts', 'cache')])
        for select, kind in (('presence', 'presence'), ('claps_by', 'claps'), ('counter', 'counter'),
                             ('posts_by', 'posts'), ('cache', 'cache')):
            other = a.js(f"const s = document.getElementById('{select}');"
                         "s.selectedIndex = (s.selectedIndex + 1) % s.options.length;"
                         "s.dispatchEvent(new Event('change')); return s.value")
            eventually(f'another {kind}', lambda: s.get('/strategies')[kind] == other)
            assert other != before[kind]
        assert s.get('/posts/1/claps?reader=3') == {'post': 1, 'total': 3, 'given': 3}
        post = s.get('/posts/1')
        assert post['views'] == 3 and post['title'] == title  # the page's own look was the first
        assert s.get('/users/online?ids=2,3') == {'online': [3]}
        a.click('#clap')  # through connections that are older than the strategies
        eventually('a fourth clap', lambda: set(sights(a).values()) == {'4'})
        a.quiet()


def a_switch_that_fails_says_why():
    with Service('--presence=presence_map/mutex') as s, Browser() as a:
        s.post(f'/users/{2 ** 60}/heartbeat')  # more than packed can hold
        a.open(page(s, 3))
        choose = lambda name: a.js("const s = document.getElementById('presence'); if (!s.options.length) return false;"
                                   f"s.value = '{name}'; s.dispatchEvent(new Event('change')); return true")
        eventually('a choice', lambda: choose('packed'))
        eventually('the reason', lambda: a.text('#switched').startswith('presence was not switched to packed: '))
        eventually('what serves', lambda: a.js("return document.getElementById('presence').value") == 'mutex')
        choose('striped_mutex')
        eventually('the next one', lambda: a.text('#switched') == 'presence: striped_mutex')
        assert s.get('/strategies')['presence'] == 'striped_mutex'
        a.quiet()


def a_post_is_written_edited_deleted_and_restored():
    with Service() as s, Browser() as a:
        a.open(page(s, 3))
        eventually('the first post', lambda: a.text('#title') == s.get('/posts/1')['title'])
        assert a.text('#body') == s.get('/posts/1')['body'] and 'Counts claps' in a.text('#byline')
        listed = lambda: a.js("return [...document.querySelectorAll('#posts li')].map(l => l.value)")
        eventually('the list', lambda: listed() == [1, 2, 3, 4])
        a.click('#write')
        a.js("document.getElementById('new-title').value = '<b>Ours</b>';"
             "document.getElementById('new-body').value = 'One\\ntwo.'")
        a.click('#save')
        eventually('the new post', lambda: a.text('#title') == '<b>Ours</b>')
        eventually('its place', lambda: listed() == [1, 2, 3, 4, 5])
        assert s.get('/posts/5')['body'] == 'One\ntwo.' and a.text('#post') == '5'
        a.click('#clap')
        eventually('a clap for it', lambda: s.get('/posts/5')['total'] == 1)
        a.click('#edit')
        a.js("document.getElementById('new-title').value = 'Theirs'")
        a.click('#save')
        eventually('the edit', lambda: a.text('#title') == 'Theirs' and
                   s.get('/posts/5')['body'] == 'One\ntwo.')
        a.quiet()
        a.click('#delete')
        eventually('its absence', lambda: a.text('#post') == '1' and listed() == [1, 2, 3, 4])
        assert '30 days' in a.text('#said') and s.ask('GET', '/posts/5')[0] == 404
        a.click('#restore')
        eventually('its return', lambda: a.text('#title') == 'Theirs' and listed()[-1] == 5)
        assert s.get('/posts/5')['total'] == 1


def charts_are_drawn_and_it_fits_a_phone():
    with Service() as s, Browser() as a:
        a.open(page(s, 3))
        a.click('#friends')
        eventually('figures', lambda: a.js('return charts.rate.data.labels.length') >= 3)
        eventually('four charts', lambda: a.js("""return [...document.querySelectorAll('canvas')].filter(c =>
            c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(x => x)).length""") == 4)
        eventually('friends', lambda: int(a.text('#online')) > 1)
        a.keep('page')
        a.driver.set_window_size(500, 900)
        eventually('the post', lambda: len(a.text('#body')) > 20)
        eventually('a page as wide as the window', lambda: a.js(  # charts shrink after it
            'return document.documentElement.scrollWidth <= document.documentElement.clientWidth'))
        a.keep('phone')
        fetched = a.js("return performance.getEntriesByType('resource').map(e => e.name)")
        assert all(name.startswith(f'http://127.0.0.1:{s.port}/') for name in fetched), fetched
        a.quiet()


def main():
    cases = tap.Cases()
    for case in (two_browsers_clap_and_both_see_two_more, a_tab_that_is_closed_goes_offline_in_its_time,
                 a_way_costs_all_its_bytes_and_no_others, strategies_are_switched_and_nothing_is_lost,
                 a_switch_that_fails_says_why, a_post_is_written_edited_deleted_and_restored,
                 charts_are_drawn_and_it_fits_a_phone):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
