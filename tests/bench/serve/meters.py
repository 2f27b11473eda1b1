#!/usr/bin/env python3
"""What requests cost that name a meter, against what was sent and came back, byte for byte.

Usage: meters.py CONTEND
"""

import tap
from service import Service, eventually
from wire import Wire, request

SOCKET = ('Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')


def cost(s, *meters):
    """What each meter has counted: bytes from the client, and to it."""
    return [(m['in'], m['out']) for m in s.get(f"/meters?ids={','.join(map(str, meters))}")['meters']]


def requests_at_once_have_each_their_own():
    """Also one that is refused, one that is not changed, and those between that have none."""
    with Service() as s:
        polls = [request('GET', '/posts/1/claps?meter=7', None, *more) for more in
                 ((), ('If-None-Match: "0.0"',), ('X: ' + 'y' * 500,))]
        claps = [request('POST', '/posts/1/claps?meter=8', body) for body in (b'{', b'{"reader":1,"claps":1}')]
        sizes = []
        with Wire(s.port) as client:
            client.send(polls[0] + polls[1] + claps[0] + request('GET', '/health') + claps[1] + polls[2])
            for status in (200, 304, 400, 200, 200, 200):
                before = client.taken
                assert client.answer()[0] == status
                sizes.append(client.taken - before)
        assert cost(s, 7, 8) == [(sum(map(len, polls)), sizes[0] + sizes[1] + sizes[5]),
                                 (sum(map(len, claps)), sizes[2] + sizes[4])], (cost(s, 7, 8), sizes)


def a_long_poll_costs_its_answer_when_that_comes():
    with Service() as s, Wire(s.port) as client:
        ask = request('GET', '/posts/1/claps/wait?since=0&seconds=60&meter=9')
        client.send(ask)
        eventually('a poll waiting', lambda: s.get('/stats')['waiting'] == 1)
        assert cost(s, 9) == [(len(ask), 0)]
        s.post('/posts/1/claps', {'reader': 2, 'claps': 1})
        assert client.answer()[0] == 200
        assert cost(s, 9) == [(len(ask), client.taken)]


def a_stream_costs_its_events():
    with Service() as s, Wire(s.port) as client:
        ask = request('GET', '/posts/1/claps/stream?meter=10')
        client.send(ask)
        for claps in range(3):
            while client.rest.count(b'data: ') < claps + 1 or not client.rest.endswith(b'}\n\n'):
                assert client.more()
            assert cost(s, 10) == [(len(ask), len(client.rest))], client.rest
            s.post('/posts/1/claps', {'reader': 2, 'claps': 1})


def a_websocket_costs_its_frames():
    """Its pings and their answers as well."""
    with Service('--speed=100') as s, Wire(s.port) as client:
        parts = [request('GET', '/live?meter=11', None, *SOCKET), b'\x8a\x80mask', b'\x81\x80mask']
        client.send(parts[0])
        while not client.rest.endswith(b'\x89\0'):  # a ping
            assert client.more()
        assert client.rest.startswith(b'HTTP/1.1 101 ')
        client.send(*parts[1:])
        eventually('its frames', lambda: cost(s, 11)[0][0] == sum(map(len, parts)))
        while (said := cost(s, 11)[0][1]) != len(client.rest):  # another ping may have been sent meanwhile
            assert said > len(client.rest) and client.more()


def a_place_is_the_last_ones():
    with Service() as s:
        s.get('/posts/1/claps?meter=7')
        known = cost(s, 7)
        assert known[0][0] > 0 and cost(s, 7 + 1024, 0, 8) == [(0, 0)] * 3
        s.get(f'/posts/1/claps?meter={7 + 1024}')
        assert cost(s, 7) == [(0, 0)] and cost(s, 7 + 1024)[0][0] > known[0][0]
        for wrong in ('x', '0', '', '1&meter=2', '18446744073709551616'):
            assert s.ask('POST', f'/users/5/heartbeat?meter={wrong}', '')[0] == 400, wrong
        assert s.get('/stats')['beats'] == 0


def main():
    cases = tap.Cases()
    for case in (requests_at_once_have_each_their_own, a_long_poll_costs_its_answer_when_that_comes,
                 a_stream_costs_its_events, a_websocket_costs_its_frames, a_place_is_the_last_ones):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
