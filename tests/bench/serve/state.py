#!/usr/bin/env python3
"""What `contend serve --state` keeps: over an orderly end, over kill -9, and what it refuses.

Usage: state.py CONTEND
"""

import os
import signal
import tempfile
import time

import tap
from service import Service, eventually
from tool import contend, expect

SMALL = ['--post-count=5', '--readers=20']


def fill(s):
    s.post('/posts/1/claps', {'reader': 7, 'claps': 3})
    s.post('/posts/1/claps', {'reader': 8, 'claps': 50})
    s.post('/posts/4/claps', {'reader': 7, 'claps': 1})
    s.get('/posts/2')
    for user in (1, 2, 4000000):
        s.post(f'/users/{user}/heartbeat')
    assert s.ask('PUT', '/users/7/profile', {'name': 'Ada', 'bio': 'Wrîtes.'})[0] == 201
    assert s.ask('POST', '/users/7/blogs', {'title': 'Notes'})[0] == 201
    s.ask('PUT', '/posts/1', {'title': 'One', 'body': 'Line\n"two" €'})
    s.ask('PUT', '/posts/3', {'body': ''})
    s.ask('DELETE', '/posts/2')


def has_all(s):
    assert s.get('/posts/1/claps?reader=7') == {'post': 1, 'total': 53, 'given': 3}
    assert s.get('/posts/4/claps?reader=7')['given'] == 1
    assert s.get('/users/4000000')['age_ms'] >= 0
    assert s.get('/users/7/profile') == {'user': 7, 'name': 'Ada', 'bio': 'Wrîtes.'}
    assert s.get('/blogs')['blogs'][1] == {'blog': 2, 'owner': 7, 'title': 'Notes'}
    post = s.get('/posts/1')
    assert (post['title'], post['body']) == ('One', 'Line\n"two" €'), post
    assert s.get('/posts/3')['body'] == ''
    assert s.ask('GET', '/posts/2')[0] == 404
    s.post('/posts/2/restore')
    assert s.get('/posts/2')['views'] == 2


def an_orderly_end_loses_nothing(folder):
    """On other strategies as well: the state names none."""
    path = os.path.join(folder, 'state')
    with Service(f'--state={path}', '--save=1000', *SMALL) as s:
        fill(s)
        assert s.stop() == (0, '')
    for options in ([], ['--presence=packed', '--claps=cas', '--counter=striped',
                         '--posts=linked_epoch', '--cache=version']):
        with Service(f'--state={path}', '--save=1000', *SMALL, *options) as s:
            has_all(s)
            assert s.post('/posts/1/claps', {'reader': 8, 'claps': 1})['granted'] == 0
            s.process.kill()  # the view that was counted here is not saved
    assert os.listdir(folder) == ['state']


def kill_9_loses_what_came_after_the_last_save(folder):
    path = os.path.join(folder, 'state')
    with Service(f'--state={path}', '--save=1', *SMALL) as s:
        fill(s)
        saves = s.get('/stats')['saves']
        eventually('two more saves', lambda: s.get('/stats')['saves'] >= saves + 2)
        s.process.send_signal(signal.SIGKILL)
        s.process.wait()
    with Service(f'--state={path}', *SMALL) as s:
        has_all(s)


def what_was_purged_leaves_its_number_behind(folder):
    """A number that was given is not given again after a restart, nor are samples written then."""
    path = os.path.join(folder, 'state')
    with Service(f'--state={path}', '--speed=1000', '--retention=1', *SMALL) as s:
        s.post('/posts/4/claps', {'reader': 7, 'claps': 9})
        for post in (1, 4):
            assert s.ask('DELETE', f'/posts/{post}')[0] == 200
        eventually('a purge', lambda: s.get('/stats')['posts_purged'] == 2)
        assert s.stop() == (0, '')
    with Service(f'--state={path}', '--post-count=6', '--readers=20') as s:
        assert [p['post'] for p in s.get('/blogs/1')['posts']] == [2, 3]
        status, _, post = s.ask('POST', '/blogs/1/posts', {'title': 'Next', 'body': ''})
        assert (status, post) == (201, {'post': 5}), (status, post)
        assert [p['post'] for p in s.get('/blogs/1')['posts']] == [2, 3, 5]


def kill_9_under_load_keeps_all_until_the_last_save(folder):
    """Claps go on all the while, through saves and until the kill."""
    path = os.path.join(folder, 'state')
    with Service(f'--state={path}', '--save=1', '--post-count=5', '--readers=2000') as s:
        c, given, saved, since = s.connect(), 0, 0, s.get('/stats')['saves']
        while not saved:
            noted = given  # what had been acknowledged when the save began that comes after the next
            while s.get('/stats')['saves'] < since + 2:
                for _ in range(20):
                    status, _, text = s.ask('POST', '/posts/1/claps', connection=c,
                                            body={'reader': given // 50, 'claps': 1})
                    assert status == 200 and text['granted'] == 1, (status, text)
                    given += 1
                if not noted:
                    noted, since = given, s.get('/stats')['saves']
            saved = noted
        s.process.send_signal(signal.SIGKILL)
        s.process.wait()
    with Service(f'--state={path}', '--post-count=5', '--readers=2000') as s:
        total = s.get('/posts/1/claps')['total']
        assert 0 < saved <= total <= given, (saved, total, given)
    assert os.listdir(folder) == ['state'], os.listdir(folder)


def time_goes_on_while_it_is_down(folder):
    path, speed = os.path.join(folder, 'state'), 100
    with Service(f'--state={path}', f'--speed={speed}', *SMALL) as s:
        s.post('/users/5/heartbeat')
        assert s.stop() == (0, '')
    ended = time.time()
    time.sleep(1)  # longer than it has been up
    down_ms = 1000 * (time.time() - ended)
    with Service(f'--state={path}', f'--speed={speed}', *SMALL) as s:
        user = s.get('/users/5')
        assert user['online'] is False and user['age_ms'] >= speed * down_ms, (user, down_ms)


def a_map_that_keeps_no_times_keeps_who_is_online(folder):
    path = os.path.join(folder, 'state')
    with Service(f'--state={path}', '--presence=bitmap_ring', '--users=1000', *SMALL) as s:
        for user in (3, 4):
            s.post(f'/users/{user}/heartbeat')
        assert s.stop() == (0, '')
    with Service(f'--state={path}', *SMALL) as s:
        assert s.get('/users/online?ids=3,4,5') == {'online': [3, 4]}


def what_is_damaged_is_refused_and_left_alone(folder):
    path = os.path.join(folder, 'state')
    with Service(f'--state={path}', *SMALL) as s:
        fill(s)
        assert s.stop() == (0, '')
    with open(path, 'rb') as f:
        good = f.read()
    wrong = [good[:n] for n in (0, 5, 20, 60, len(good) - 1)]
    for at in (0, 14, 30, len(good) // 2, len(good) - 3):
        wrong.append(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
    wrong += [good + b'x', good + good, b'\x00' * 100]
    for text in wrong:
        with open(path, 'wb') as f:
            f.write(text)
        done = contend('serve', '--port=0', '--for=1', f'--state={path}', *SMALL)
        expect(done, 1, err=[path])
        with open(path, 'rb') as f:
            assert f.read() == text, 'it was changed'
    with open(path, 'wb') as f:
        f.write(good)
    expect(contend('serve', '--port=0', '--for=1', f'--state={path}', '--post-count=2'), 1, err=['--post-count'])
    expect(contend('serve', '--port=0', '--for=1', '--state=/nonexistent/state'), 1,
           err=['/nonexistent/state'])


def main():
    cases = tap.Cases()
    for case in (an_orderly_end_loses_nothing, kill_9_loses_what_came_after_the_last_save,
                 kill_9_under_load_keeps_all_until_the_last_save,
                 what_was_purged_leaves_its_number_behind, time_goes_on_while_it_is_down,
                 a_map_that_keeps_no_times_keeps_who_is_online,
                 what_is_damaged_is_refused_and_left_alone):
        with tempfile.TemporaryDirectory() as folder:
            cases.run(case.__name__.replace('_', ' '), case, folder)
    cases.finish()


if __name__ == '__main__':
    main()
