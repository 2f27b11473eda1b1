#!/usr/bin/env python3
"""Several requests at once over one connection to `contend serve`: each is answered once, with its own body.

Usage: pipelining.py CONTEND [SEED]
"""

import json
import os
import random
import sys
import tempfile
import threading

import tap
from service import Service, eventually
from wire import Wire, request

LAST = request('GET', '/health', None, 'Connection: close')
BODIES = (b'', b'hello', b'{"reader":1,"claps":1}', b'GET /health HTTP/1.1\r\nHost: x\r\n\r\n', b'\r\n\r\n',
          b'\0' * 300, b'x' * 16384)


def clap(reader=1, n=1, pad=0):
    return request('POST', '/posts/1/claps', json.dumps({'reader': reader, 'claps': n}).encode() + b' ' * pad)


def heartbeat(body):
    return request('POST', '/users/8/heartbeat', body)


def total(s):
    return s.get('/posts/1/claps')['total']


def bodies_that_nobody_asked_for_stop_nothing():
    """Each worker gets them; others are answered meanwhile, and SIGTERM ends the service."""
    with Service() as s:
        for count in (1, 2, 3, 3, 3, 10, 100):
            with Wire(s.port) as client:
                client.send(heartbeat(b'hello') * count + LAST)
                assert [status for status, _, _ in client.answers()] == [400] * count + [200], count
            assert s.get('/health') == {'status': 'ok'}
        for body in BODIES:
            with Wire(s.port) as client:
                client.send(heartbeat(body) * 3 + clap() + LAST)
                statuses = [status for status, _, _ in client.answers()]
                assert statuses == [400 if body else 200] * 3 + [200] * 2, (body[:40], statuses)
        assert total(s) == len(BODIES)
        assert s.stop() == (0, '')


def claps_at_once_count_once_each():
    with Service('--readers=10') as s:
        for count in (2, 3, 40):
            before = total(s)
            with Wire(s.port) as client:
                client.send(b''.join(clap(reader=n % 10, pad=n) for n in range(count)) + LAST)
                answers = client.answers()
            assert [status for status, _, _ in answers] == [200] * (count + 1), answers
            assert [json.loads(body)['total'] for _, _, body in answers[:-1]] == \
                list(range(before + 1, before + count + 1)), answers
            assert total(s) == before + count


def a_body_need_not_be_in_the_first_request():
    with Service('--post-count=6', '--samples=2', '--readers=3') as s:
        with Wire(s.port) as client:
            client.send(request('GET', '/health') + clap() + request('PUT', '/posts/2', b'{"title":"Two"}') +
                        request('GET', '/posts/2') + request('DELETE', '/nothing', b'hello') + clap(n=2) +
                        request('POST', '/users/3/heartbeat') + request('POST', '/posts/1/claps', b'{') + clap() + LAST)
            answers = client.answers()
        assert [status for status, _, _ in answers] == [200, 200, 200, 200, 404, 200, 200, 400, 200, 200], answers
        assert json.loads(answers[3][2])['title'] == 'Two', answers[3]
        assert total(s) == 4


def it_makes_no_difference_where_the_network_cuts():
    mixed = (request('GET', '/health') + clap() + heartbeat(b'\r\n\r\nGET / HTTP/1.1\r\n\r\n') +
             request('PUT', '/posts/2', b'{"title":"Two"}') + clap(reader=2))
    wanted = [200, 200, 400, 200, 200]
    with Service('--post-count=6', '--samples=2', '--readers=3') as s:
        with Wire(s.port) as client:
            for cut in range(1, len(mixed)):
                client.send(mixed[:cut], mixed[cut:], clap(n=-1) + clap(reader=2, n=-1))
                statuses = [client.answer()[0] for _ in range(7)]
                assert statuses == wanted + [200] * 2, (cut, statuses)
            client.send(*(bytes([byte]) for byte in mixed))
            assert [client.answer()[0] for _ in range(5)] == wanted
        assert total(s) == 2


def nothing_behind_a_refusal_is_done():
    """Where a request is not cut for certain, what follows it may be part of it."""
    wrong = (b'POST /posts/1/claps HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
             b'POST /posts/1/claps HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
             b'POST /posts/1/claps HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\nhello', b'nonsense\r\n\r\n')
    with Service() as s:
        for n, refused in enumerate(wrong):
            with Wire(s.port) as client:
                client.send(clap() + refused + clap() + clap())
                answers = client.answers()
            assert len(answers) == 2 and answers[0][0] == 200 and 400 <= answers[1][0] < 500, answers
            assert answers[1][1]['connection'] == 'close' and json.loads(answers[1][2])['error'], answers
            assert total(s) == n + 1


def what_follows_a_long_poll_waits_for_it():
    with Service() as s:
        with Wire(s.port) as client:
            client.send(request('GET', '/posts/1/claps/wait?since=0&seconds=60') + clap(reader=2) + LAST)
            eventually('a poll waiting', lambda: s.get('/stats')['waiting'] == 1)
            assert total(s) == 0
            s.post('/posts/1/claps', {'reader': 1, 'claps': 1})
            assert [json.loads(body).get('total') for _, _, body in client.answers()] == [1, 2, None]


def who_asks_and_does_not_read_is_answered_later():
    """More than the sockets take: the rest waits, and so do the requests behind it."""
    with Service(workers=1) as s:
        with Wire(s.port, receive_bytes=4096) as client:
            ask = request('GET', '/chart.js') + clap()
            client.send(ask * 20 + LAST)
            expected = len(s.get('/chart.js'))
            assert s.get('/health') == {'status': 'ok'}
            answers = client.answers()
        assert len(answers) == 41 and all(status == 200 for status, _, _ in answers), len(answers)
        assert {len(body) for _, _, body in answers[0:40:2]} == {expected}
        assert total(s) == 20


def a_client_may_ask_whether_its_body_is_welcome():
    with Service() as s, Wire(s.port) as client:
        head, _, body = clap().partition(b'\r\n\r\n')
        client.send(head + b'\r\nExpect: 100-continue\r\n\r\n')
        assert client.answer()[0] == 100
        client.send(body + LAST)
        assert [status for status, _, _ in client.answers()] == [200, 200]
        assert total(s) == 1


def random_request(chance, reader):
    """Its bytes, the status that it must get, and what it adds to the total."""
    kind = chance.randrange(6)
    if kind == 0:
        return clap(reader=reader, pad=chance.choice((0, 1, 200, 5000))), 200, 1
    if kind == 1:
        body = chance.choice(BODIES)
        return heartbeat(body), 400 if body else 200, 0
    if kind == 2:
        return request(chance.choice(('GET', 'POST', 'PUT', 'DELETE')), '/nothing', chance.choice(BODIES)), 404, 0
    if kind == 3:
        return request('PUT', '/posts/2', b'{"title":"%d"}' % chance.randrange(10 ** 9)), 200, 0
    if kind == 4:
        return request('POST', '/posts/1/claps', chance.choice(BODIES[3:])), 400, 0
    return b'\r\n' * chance.randrange(2) + request('GET', f'/posts/{chance.choice((1, 2))}/claps'), 200, 0


def random_requests_are_answered_in_order(seed):
    print(f'# seed {seed}')
    with Service('--post-count=6', '--samples=2', '--readers=400') as s:
        given, wrong = {}, []

        def client(part):
            chance, claps = random.Random(f'{seed}/{part}'), 0
            for turn in range(15):
                asked = [random_request(chance, reader=part * 100 + turn) for _ in range(chance.randrange(1, 40))]
                data = b''.join(bytes_ for bytes_, _, _ in asked) + LAST
                cuts = sorted(chance.randrange(len(data)) for _ in range(chance.randrange(6)))
                with Wire(s.port) as wire:
                    threading.Thread(target=wire.send, args=[data[a:b] for a, b in zip(
                        [0, *cuts], [*cuts, len(data)])]).start()
                    got = [status for status, _, _ in wire.answers()]
                if got != [status for _, status, _ in asked] + [200]:
                    wrong.append((part, turn, got))
                claps += sum(adds for _, _, adds in asked)
            given[part] = claps

        clients = [threading.Thread(target=client, args=(part,)) for part in range(4)]
        for thread in clients:
            thread.start()
        for thread in clients:
            thread.join()
        assert not wrong and len(given) == len(clients), wrong[:1]
        assert total(s) == sum(given.values()) > 0, given
        assert s.stop() == (0, '')


def what_was_done_before_the_end_was_answered():
    """While clients send as much as they can it is told to end; the state that it leaves has what they were told."""
    given = {}

    def client(port, part):
        done = 0
        with Wire(port) as wire:
            for reader in range(part * 100, part * 100 + 100):
                try:
                    wire.send(clap(reader) * 20)
                except ConnectionError:
                    pass  # it has ended; what it said before is still to be read
                for _ in range(20):
                    answer = wire.answer()
                    if answer is None:
                        given[part] = done
                        return
                    done += answer[0] == 200
        given[part] = done

    with tempfile.TemporaryDirectory() as folder:
        options = (f'--state={os.path.join(folder, "state")}', '--readers=400')
        with Service(*options) as s:
            clients = [threading.Thread(target=client, args=(s.port, part)) for part in range(4)]
            for thread in clients:
                thread.start()
            eventually('some claps', lambda: s.get('/stats')['claps'] > 50)
            assert s.stop() == (0, '')
            for thread in clients:
                thread.join()
        with Service(*options) as s:
            assert len(given) == len(clients) and total(s) == sum(given.values()) > 50, (total(s), given)


def main():
    seed = sys.argv[2] if len(sys.argv) > 2 else str(int.from_bytes(os.urandom(4), 'big'))
    cases = tap.Cases()
    for case in (bodies_that_nobody_asked_for_stop_nothing, claps_at_once_count_once_each,
                 a_body_need_not_be_in_the_first_request, it_makes_no_difference_where_the_network_cuts,
                 nothing_behind_a_refusal_is_done, what_follows_a_long_poll_waits_for_it,
                 who_asks_and_does_not_read_is_answered_later, what_was_done_before_the_end_was_answered,
                 a_client_may_ask_whether_its_body_is_welcome):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.run('random requests are answered in order', random_requests_are_answered_in_order, seed)
    cases.finish()


if __name__ == '__main__':
    main()
