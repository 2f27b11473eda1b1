#!/usr/bin/env python3
"""What `contend serve` takes for a request of HTTP/1.1, what it refuses, and how long a connection lasts.

Usage: heads.py CONTEND
"""

import json

import tap
from service import Service
from wire import Wire, request

MOST_HEAD = 32 * 1024
UPGRADE = ('Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
           'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')


def head(*lines):
    return '\r\n'.join(lines).encode() + b'\r\n\r\n'


def asks(line, *fields):
    return head(line, 'Host: x', *fields)


def what_is_malformed_is_refused_with_a_sentence():
    """Never by silence, by a page of HTML or by an answer; and the connection ends."""
    with Service() as s:
        for status, data in ((505, asks('GET /health HTTP/9.9')), (505, asks('GET /health HTTP/2.0')),
                             (505, b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), (400, head('GET /health HTTP/1.1')),
                             (400, asks('GET /health HTTP/1.1', 'Host: y')),
                             *((400, head('GET /health HTTP/1.1', 'Host: ' + host))
                               for host in ('a b', 'a/b@', 'a b/@', 'a@b', 'a:b', 'a:1:2', '[', '[]', '[::1', '[::1]x',
                                            'a%zz', 'a%4', 'a?', 'a#', '\xe4', 'a\tb', '<a>')),
                             (400, asks('GET /live HTTP/1.1', *UPGRADE, UPGRADE[-1])),
                             (400, head('GET /health HTTP/1.1', 'Host : x')),
                             (400, head('GET /health HTTP/1.1', ' Host: x')),
                             (400, asks('GET /health HTTP/1.1', 'X: a', ' b')),
                             (400, asks('GET /health HTTP/1.1', 'X')),
                             (400, asks('GET /health HTTP/1.1', ': y')),
                             (400, asks('GET /health HTTP/1.1', 'X: a\0b')),
                             (400, asks('GET /health HTTP/1.1', 'X: a\rb')),
                             (400, asks('GET /health HTTP/1.1', 'X: \0b')),
                             (400, asks('GET /health HTTP/1.1', 'X:\rb')),
                             (400, asks('GET /health HTTP/1.1', '\rZ')),
                             (400, asks('GET /health HTTP/1.1', 'Content-Length: 1, 1')),
                             (400, asks('GET /health HTTP/1.1', 'Content-Length: +1')),
                             (400, asks('GET /health HTTP/1.1', 'Content-Length: 0x1')),
                             (400, asks('GET /health HTTP/1.1', 'Content-Length:')),
                             (400, asks('GET /health HTTP/1.1', f'Content-Length: {2 ** 64}')),
                             (413, asks('GET /health HTTP/1.1', f'Content-Length: {2 ** 64 - 1}')),
                             (411, asks('GET /health HTTP/1.1', 'Content-Length: 5',
                                        'Transfer-Encoding: chunked')),
                             (400, b'GET /health HTTP/1.1\nHost: x\n\n'), (400, asks('GET  /health HTTP/1.1')),
                             (400, b'GET /health HTTP/1.1\n' + head('Host: x')),
                             (400, asks('GET /health  HTTP/1.1')), (400, asks('GET /health HxyP/1.1')),
                             (400, asks('GET /health HTTP/1.1 ')), (400, asks('GET /health http/1.1')),
                             (400, asks('GET /health HTTP/1.')), (400, asks('GET /health')),
                             (400, asks('G\tT /health HTTP/1.1')), (400, b'\x16\x03\x01\x02\x00\x01\x00'),
                             (400, asks('GET /health%00 HTTP/1.1')), (400, asks('GET /%zz HTTP/1.1')),
                             (400, asks('GET /health% HTTP/1.1')), (400, asks('GET /health%4 HTTP/1.1')),
                             (400, asks('GET /health?a=%00 HTTP/1.1')),
                             (400, asks('GET /health#a HTTP/1.1')), (400, asks('GET health HTTP/1.1')),
                             (400, asks('OPTIONS * HTTP/1.1')), (400, asks('CONNECT x:80 HTTP/1.1')),
                             (400, asks('GET https://x/health HTTP/1.1'))):
            with Wire(s.port) as client:
                client.send(data)
                answers = client.answers()
            assert len(answers) == 1, (data, answers)
            got, fields, body = answers[0]
            assert (got, fields['connection'], fields['content-type']) == (status, 'close', 'application/json'), \
                (data, answers)
            assert json.loads(body)['error'], (data, body)


def what_is_unusual_is_understood():
    with Service() as s, Wire(s.port) as client:
        for status, data in ((200, asks('GET http://x/health HTTP/1.1')),
                             (200, asks('GET HTTP://example.org:80/health HTTP/1.1')),
                             (200, asks('GET http://x HTTP/1.1')), (200, asks('GET /%68ealth HTTP/1.1')),
                             (200, b'\r\n\r\n' + head('GET /health HTTP/1.1', 'hOST:x')),
                             (200, head('GET /health HTTP/1.7', 'Host:\t x \t', 'X:', 'Y: \xe9')),
                             (200, asks('GET /health HTTP/1.1', *(f'X{n}: y' for n in range(2000)))),
                             (200, asks('GET /users/online?ids=1%2C2 HTTP/1.1')),
                             *((200, head('GET /health HTTP/1.1', 'Host: ' + host))
                               for host in ('', 'x:', 'x:80', ':80', '[::1]', '[::1]:80', '127.0.0.1:1', 'a_b.c-d~',
                                            'a%C3%A4')),
                             (400, asks('GET /users/online?ids=1%262 HTTP/1.1')),
                             (400, asks('GET /users/online?ids=1%26ids=2 HTTP/1.1')),
                             (400, asks('GET /users/online?ids%3D1 HTTP/1.1')),
                             (400, asks('GET /users/online?ids=1,2&ids=abc HTTP/1.1')),
                             (400, asks('GET /users/online?ids=1&x=y&ids=1 HTTP/1.1')),
                             (200, asks('GET /users/online?x=1&&x=2&%69ds=1&id=2 HTTP/1.1')),
                             (404, head('GET /live HTTP/1.0', 'Connection: keep-alive, Upgrade', *UPGRADE)),
                             (200, asks('GET /health HTTP/1.1', 'Upgrade: h2c', 'Connection: Upgrade')),
                             (405, asks('OPTIONS /health HTTP/1.1')), (404, asks('GET // HTTP/1.1')),
                             (405, asks('get /health HTTP/1.1'))):
            client.send(data)
            got, fields, _ = client.answer()
            assert (got, fields['connection']) == (status, 'keep-alive'), (data[:80], got, fields)


def a_thousand_ids_of_twenty_digits_fit():
    ids = [18446744073709500000 + n for n in range(1000)]
    with Service() as s:
        s.post(f'/users/{ids[7]}/heartbeat')
        s.post(f'/users/{ids[999]}/heartbeat')
        assert s.get('/users/online?ids=' + ','.join(map(str, ids))) == {'online': [ids[7], ids[999]]}
        assert s.get('/users/online?ids=' + '%2C'.join(map(str, ids))) == {'online': [ids[7], ids[999]]}


def what_is_too_long_is_refused_with_its_status():
    with Service() as s:
        whole = len(asks('GET / HTTP/1.1', 'X: '))
        for status, data in ((414, head('GET /' + 'a' * MOST_HEAD + ' HTTP/1.1', 'Host: x')),
                             (414, b'GET /' + b'a' * 10 ** 6), (414, b'G' * 10 ** 5),
                             (200, asks('GET / HTTP/1.1', 'X: ' + 'a' * (MOST_HEAD - whole))),
                             (431, asks('GET / HTTP/1.1', 'X: ' + 'a' * (MOST_HEAD - whole + 1))),
                             (431, asks('GET / HTTP/1.1', 'X: ' + 'a' * 10 ** 6)),
                             (431, asks('GET / HTTP/1.1', *(['X: a'] * 10 ** 5)))):
            with Wire(s.port) as client:
                try:
                    client.send(data)
                except ConnectionError:
                    pass  # it was refused before all of it was sent
                got, fields, _ = client.answer()
                assert got == status, (data[:40], len(data), got)
        assert s.get('/health') == {'status': 'ok'}


def a_connection_lasts_as_the_client_wants():
    last = (asks('GET /health HTTP/1.1', 'Connection: close'),
            asks('GET /health HTTP/1.1', 'connection: Keep-Alive , Close'),
            asks('GET /nothing HTTP/1.1', 'Connection: close'),
            head('GET /health HTTP/1.0'), head('GET /health HTTP/1.0', 'Connection: close'))
    goes_on = (asks('GET /health HTTP/1.1'), head('GET /health HTTP/1.0', 'Connection: keep-alive'),
               asks('GET /health HTTP/1.1', 'Connection: closely'), asks('GET /nothing HTTP/1.1'))
    with Service() as s:
        for data in last:
            with Wire(s.port) as client:
                client.send(data)
                answers = client.answers()
            assert [fields['connection'] for _, fields, _ in answers] == ['close'], (data, answers)
        with Wire(s.port) as client:
            for data in goes_on:
                client.send(data)
                assert client.answer()[1]['connection'] == 'keep-alive', data


def a_condition_names_tags_in_any_form():
    with Service() as s:
        s.post('/posts/1/claps', {'reader': 1, 'claps': 4})
        tag = s.ask('GET', '/posts/1/claps')[1]['ETag']
        for status, condition in ((304, tag), (304, '*'), (304, 'W/' + tag), (304, f'"x", {tag}'),
                                  (304, f'"x,y" ,W/{tag}'),
                                  (200, tag.strip('"')), (200, '"x"'), (200, '"*"'), (200, '"x'), (200, 'x, ' + tag),
                                  (200, tag[:-1]), (200, ''), (200, '"' + 'x' * 5000 + '", "y"')):
            got, fields, text = s.ask('GET', '/posts/1/claps', headers={'If-None-Match': condition})
            assert got == status and (text == '') == (got == 304), (condition[:40], got, text)
            assert fields['ETag'] == tag, fields


def main():
    cases = tap.Cases()
    for case in (what_is_malformed_is_refused_with_a_sentence, what_is_unusual_is_understood,
                 a_thousand_ids_of_twenty_digits_fit, what_is_too_long_is_refused_with_its_status,
                 a_connection_lasts_as_the_client_wants, a_condition_names_tags_in_any_form):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
