#!/usr/bin/env python3
"""Blogs over real sockets: people, posts, what is deleted and comes back, and the cache before them.

Usage: blogs.py CONTEND
"""

import re
import threading

import tap
from service import Service, eventually
from tool import contend, expect


def ask(s, method, path, body=None, status=200):
    got, _, answer = s.ask(method, path, body if body is not None else '')
    assert got == status, (method, path, got, answer)
    return answer


def person(s, user=7, name='Ada', bio='Writes.'):
    """A person with a blog; the blog's number."""
    ask(s, 'PUT', f'/users/{user}/profile', {'name': name, 'bio': bio}, 201)
    return ask(s, 'POST', f'/users/{user}/blogs', {'title': 'Notes'}, 201)['blog']


def write(s, blog, title='Hello', body='World.', **more):
    return ask(s, 'POST', f'/blogs/{blog}/posts', {'title': title, 'body': body, **more}, 201)['post']


def count(s, name):
    return int(re.search(rf'^contend_{name} (\d+)$', s.get('/metrics'), flags=re.M)[1])


def means(option):
    """The names that an option knows, from what it says of one that it does not."""
    err = contend('serve', f'--{option}=x').stderr
    return re.search(r'there are ([\w, ]+)', ' '.join(err.split()))[1].split(', ')


def a_blog_is_written_read_and_edited():
    with Service('--samples=0') as s:
        assert s.get('/blogs') == {'blogs': []}
        blog = person(s)
        other = ask(s, 'POST', '/users/7/blogs', {'title': 'Ä "second" \\ one'}, 201)
        assert s.get('/users/7/blogs')['blogs'] == [{'blog': blog, 'owner': 7, 'title': 'Notes'}, other]
        assert s.get('/users/7/profile') == {'user': 7, 'name': 'Ada', 'bio': 'Writes.'}
        body = 'Line\n"quoted" \\ € \u2028 \x7f' + 'x' * 15000
        post = write(s, blog, body=body, published_at=1234567890123)
        first = {'post': post, 'blog': blog, 'author': 7, 'title': 'Hello', 'body': body,
                 'bio': 'Writes.', 'published_at': 1234567890123, 'total': 0}
        assert s.get(f'/posts/{post}') == {**first, 'views': 1}
        ask(s, 'PUT', f'/posts/{post}', {'title': 'Hi'})
        assert s.get(f'/posts/{post}') == {**first, 'title': 'Hi', 'views': 2}
        ask(s, 'PUT', f'/posts/{post}', {'body': ''})
        assert s.get(f'/posts/{post}') == {**first, 'title': 'Hi', 'body': '', 'views': 3}
        ask(s, 'PUT', '/users/7/profile', {'name': 'Ada', 'bio': 'Counts.'})
        assert s.get(f'/posts/{post}')['bio'] == 'Counts.'
        assert s.ask('HEAD', f'/posts/{post}')[0] == 200
        assert s.get(f'/posts/{post}')['views'] == 5


def a_date_is_edited_like_a_text():
    """By whatever means; to 1970 as well, and to a day that is to come."""
    for name in means('posts'):
        with Service('--samples=0', f'--posts={name}', workers=1) as s:
            blog = person(s)
            post = write(s, blog, published_at=1234567890123)
            for date in (0, 8640000000000000, 5):
                ask(s, 'PUT', f'/posts/{post}', {'published_at': date})
                got = s.get(f'/posts/{post}')
                assert (got['published_at'], got['title'], got['bio']) == (date, 'Hello', 'Writes.'), (name, got)
                assert s.get(f'/blogs/{blog}')['posts'][0]['published_at'] == date, name
            ask(s, 'PUT', f'/posts/{post}', {'title': 'Hi'})
            ask(s, 'PUT', '/users/7/profile', {'name': 'Ada', 'bio': 'Counts.'})
            got = s.get(f'/posts/{post}')
            assert (got['published_at'], got['title'], got['bio']) == (5, 'Hi', 'Counts.'), (name, got)


def lists_go_on_where_they_stopped():
    with Service('--samples=0', '--post-count=200') as s:
        blog, quiet = person(s), person(s, 8, 'Bob')
        posts = [write(s, blog, f'Post {n}') for n in range(120)]
        alone = write(s, quiet)
        for post in posts[10:70]:
            ask(s, 'DELETE', f'/posts/{post}')
        seen, after = [], ''
        while True:
            part = s.get(f'/blogs/{blog}{after}')
            assert len(part['posts']) <= 50
            seen += [p['post'] for p in part['posts']]
            if 'next' not in part:
                break
            after = f'?after={part["next"]}'
        assert seen == posts[:10] + posts[70:], seen
        assert [p['post'] for p in s.get(f'/blogs/{quiet}')['posts']] == [alone]
        for _ in range(60):
            ask(s, 'POST', '/users/8/blogs', {'title': 'One more'}, 201)
        assert [b['blog'] for b in s.get('/blogs')['blogs']] == list(range(1, 51))
        assert s.get('/blogs')['next'] == 50
        assert [b['blog'] for b in s.get('/blogs?after=50')['blogs']] == list(range(51, 63))
        for _ in range(3):
            ask(s, 'POST', '/users/8/blogs', {'title': 'One more'}, 201)
        assert 'at most 64' in ask(s, 'POST', '/users/8/blogs', {'title': 'Too many'}, 409)['error']


def what_is_deleted_comes_back_until_it_is_purged():
    """Every way to keep posts, over the days; virtual time makes the retention short at last."""
    for name in tap.share(means('posts')):
        with Service(f'--posts={name}', '--samples=0', '--retention=400') as s:
            post = write(s, person(s))
            s.post(f'/posts/{post}/claps', {'reader': 3, 'claps': 4})
            s.get(f'/posts/{post}')
            assert ask(s, 'DELETE', f'/posts/{post}')['restorable_ms'] == 400000, name
            for method, path, body in (('GET', '', ''), ('PUT', '', {'title': 'x'}), ('DELETE', '', ''),
                                       ('GET', '/claps', ''), ('GET', '/claps/stream', ''),
                                       ('GET', '/claps/wait?since=4', ''),
                                       ('POST', '/claps', {'reader': 3, 'claps': 1})):
                ask(s, method, f'/posts/{post}{path}', body, 404)
            ask(s, 'PUT', '/users/7/profile', {'name': 'Ada', 'bio': 'Changed meanwhile.'})
            ask(s, 'POST', f'/posts/{post}/restore')
            ask(s, 'POST', f'/posts/{post}/restore', status=409)
            back = s.get(f'/posts/{post}')
            assert (back['total'], back['views'], back['bio']) == (4, 2, 'Changed meanwhile.'), back
        with Service(f'--posts={name}', '--samples=0', '--speed=100', '--retention=100') as s:
            post = write(s, person(s))
            s.post(f'/posts/{post}/claps', {'reader': 3, 'claps': 4})
            ask(s, 'DELETE', f'/posts/{post}')
            eventually('a purge', lambda: count(s, 'posts_purged_total') == 1)
            ask(s, 'POST', f'/posts/{post}/restore', status=404)
            assert write(s, 1) == post + 1, 'its number was given again'
            assert s.get(f'/posts/{post + 1}')['total'] == 0
            assert s.stop() == (0, '')


def a_number_is_given_once():
    with Service('--post-count=6') as s:  # 0 is none, and the first blog has 1 to 4
        post = write(s, 1)
        assert post == 5
        ask(s, 'DELETE', '/posts/5')
        said = ask(s, 'POST', '/blogs/1/posts', {'title': 'x', 'body': ''}, 507)
        assert '--post-count' in said['error']
        assert len(s.get('/blogs/1')['posts']) == 4


def a_cache_is_no_staler_than_it_says():
    """Those that see each clap, and those that go by time; each read is counted at its level."""
    timed = {'ttl', 'xfetch', 'write_through'}
    names = means('cache')
    assert timed < set(names), names
    for name in tap.share(names):
        with Service(f'--cache={name}', '--readers=200', workers=1) as s:
            for reader in range(20):
                s.post('/posts/1/claps', {'reader': reader, 'claps': 2})
                total = s.get('/posts/1')['total']
                assert total == 2 * reader + 2 or (name in timed and total <= 2 * reader + 2), name
            for _ in range(20):
                s.get('/posts/1')
            s.post('/posts/1/claps', {'reader': 0, 'claps': -2})
            eventually('the last total', lambda: s.get('/posts/1/claps')['total'] == 38)
            hits = count(s, 'cache_own_total') + count(s, 'cache_shared_total')
            missed = count(s, 'cache_missed_total')
            assert hits >= 19 if name != 'direct' else hits == 0, (name, hits, missed)
            assert hits + missed >= 41 and s.get('/stats')['cache'] == name, (name, hits, missed)


def a_clap_of_two_at_once_counts_twice_through_any_cache():
    for name in tap.share(means('cache')):
        with Service(f'--cache={name}', '--readers=10') as s:
            def clap(reader):
                c = s.connect()
                for _ in range(20):
                    s.ask('POST', '/posts/2/claps', {'reader': reader, 'claps': 1}, connection=c)
                    s.ask('GET', '/posts/2', connection=c)
                c.close()
            readers = [threading.Thread(target=clap, args=(r,)) for r in range(3)]
            for r in readers:
                r.start()
            for r in readers:
                r.join()
            eventually('all', lambda: s.get('/posts/2')['total'] == 60)


def a_cache_spares_a_database():
    """Forty reads of a post whose claps are in SQLite: with a cache it is asked once for each clap."""
    if contend('list', 'counters/claps/sqlite').returncode != 0:
        raise tap.Skip('this build has no SQLite (Debian: libsqlite3-dev)')
    for cache, most in (('direct', 40), ('lease', 2)):
        with Service('--claps=counters/claps/sqlite', '--readers=5', f'--cache={cache}', workers=1) as s:
            for n in (1, 2):
                s.post('/posts/1/claps', {'reader': n, 'claps': 5})
                assert {s.get('/posts/1')['total'] for _ in range(20)} == {5 * n}
            missed = count(s, 'cache_missed_total')
            assert missed == most, (cache, missed)


def nobody_reads_half_of_an_edit():
    """While posts are edited, deleted and restored, title, body and bio are each of one version."""
    for name in tap.share(means('posts')):
        with Service(f'--posts={name}') as s:
            over, wrong = threading.Event(), []

            def edit():
                c = s.connect()
                for n in range(60):
                    letter = 'abcdefgh'[n % 8]
                    s.ask('PUT', '/posts/1', {'title': letter * 50, 'body': letter * 3000}, connection=c)
                    if n % 4 == 0:
                        s.ask('PUT', '/users/1/profile', {'name': 'x', 'bio': letter * 60}, connection=c)
                    if n % 10 == 0:
                        s.ask('DELETE', '/posts/1', connection=c)
                        s.ask('POST', '/posts/1/restore', '', connection=c)
                c.close()
                over.set()

            def look():
                c = s.connect()
                while not over.is_set():
                    status, headers, post = s.ask('GET', '/posts/1', connection=c)
                    if headers.get('Connection') == 'close':
                        c.close()
                    if status == 404 or post['title'].startswith('Why'):
                        continue
                    whole = set(post['title'] + post['body'])
                    if status != 200 or len(whole) != 1 or (post['bio'][0] not in 'C' and
                                                            len(set(post['bio'])) != 1):
                        wrong.append(post)
                c.close()
            threads = [threading.Thread(target=f) for f in (edit, look, look)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            assert not wrong, (name, wrong[0])
            assert count(s, 'posts_edited_total') == 60


def what_is_malformed_changes_nothing():
    with Service('--post-count=20') as s:
        before = [s.get(p) for p in ('/blogs', '/blogs/1', '/users/1/profile', '/users/1/blogs')]
        sums = {k: v for k, v in s.get('/stats').items() if k.startswith('posts')}
        title, long = {'title': 'x'}, 'x' * 97
        for method, path, bodies in (
                ('PUT', '/users/7/profile', ('', '{', '[]', '{}', '{"name":""}', '{"name":1}',
                                             '{"bio":"x"}', '{"name":"x","nome":"y"}',
                                             '{"name":"x","name":"y"}', '{"name":"a\\u0000b"}',
                                             b'{"name":"\xff"}', {'name': 'x' * 65},
                                             {'name': 'x', 'bio': 'ä' * 33})),
                ('POST', '/users/1/blogs', ('', '{}', '{"title":""}', '{"title":null}', {'title': long})),
                ('POST', '/blogs/1/posts', ('', title, {'body': 'x'}, {'title': long, 'body': ''},
                                            {'title': '', 'body': ''}, {'title': 'x', 'body': 1},
                                            {'title': 'x', 'body': '', 'published_at': -1},
                                            {'title': 'x', 'body': '', 'published_at': 1.5},
                                            '{"title":"x","body":"","published_at":9999999999999999}',
                                            '{"title":"x","body":"\\ud800"}')),
                ('PUT', '/posts/1', ('', '{}', '[]', {'title': ''}, {'title': long}, {'body': None},
                                     {'title': 'x', 'author': 2}, {'published_at': -1}, {'published_at': '5'},
                                     {'published_at': None}, {'published_at': 8640000000000001},
                                     {'title': 'x', 'published_at': 1.5})),
                ('DELETE', '/posts/1', ('{', '{}', 'x')), ('POST', '/posts/1/restore', ('{', '{}')),
                ('POST', '/users/77/heartbeat', ('{', '{}', 'hello'))):
            for body in bodies:
                status, _, said = s.ask(method, path, body)
                assert status == 400 and said['error'], (method, path, body, status, said)
        for method, path, body, status in (
                ('POST', '/users/99/blogs', title, 404), ('GET', '/users/99/profile', '', 404),
                ('GET', '/users/99/blogs', '', 404), ('GET', '/blogs/99', '', 404),
                ('GET', '/blogs/0', '', 404), ('GET', '/blogs?after=x', '', 400),
                ('GET', '/blogs/1?after=-1', '', 400), ('PUT', '/posts/9', title, 404),
                ('DELETE', '/posts/0', '', 404), ('DELETE', '/posts/18446744073709551615', '', 404),
                ('POST', '/posts/9/restore', '', 404), ('POST', '/posts/1/restore', '', 409),
                ('POST', '/blogs/99/posts', {'title': 'x', 'body': ''}, 404),
                ('PUT', f'/users/{2 ** 63}/profile', {'name': 'x'}, 400),
                ('POST', '/blogs/1/posts', {'title': 'x', 'body': 'x' * 17000}, 413),
                ('POST', '/posts/1', '', 405), ('PATCH', '/posts/1', title, 405)):
            got, _, said = s.ask(method, path, body)
            assert got == status and said['error'], (method, path, got, said)
        assert before == [s.get(p) for p in ('/blogs', '/blogs/1', '/users/1/profile', '/users/1/blogs')]
        assert s.ask('GET', '/users/77')[0] == 404 and s.get('/stats')['beats'] == 0
        assert sums == {k: v for k, v in s.get('/stats').items() if k.startswith('posts')}
    expect(contend('serve', '--for=1', '--posts=100'), 2, err=['mutex', '--post-count'])
    expect(contend('serve', '--for=1', '--cache=lru'), 2, err=['lease'])
    for wrong in ('--post-count=1', '--retention=0', '--samples=x'):
        expect(contend('serve', '--for=1', wrong), 2, err=[wrong.split('=')[0]])


def main():
    cases = tap.Cases()
    for case in (a_blog_is_written_read_and_edited, a_date_is_edited_like_a_text, lists_go_on_where_they_stopped,
                 what_is_deleted_comes_back_until_it_is_purged, a_number_is_given_once,
                 a_cache_is_no_staler_than_it_says, a_clap_of_two_at_once_counts_twice_through_any_cache,
                 a_cache_spares_a_database, nobody_reads_half_of_an_edit, what_is_malformed_changes_nothing):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
