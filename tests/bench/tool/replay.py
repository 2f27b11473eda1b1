#!/usr/bin/env python3
"""contend replay, on logs that are made here, with answers computed here.

Usage: replay.py CONTEND
"""

import collections
import gzip
import json
import lzma
import os
import random
import re
import signal
import subprocess
import tempfile
import time

import tap
from tool import CONTEND, contend, expect

BARE = ['replay', '--quiet', '--no-floors', '--threads=2']
SHORT = [*BARE, '--blocks=1', '--window=5']
QUICK = [*SHORT, '--strategy=mutex,packed,faa']
TTL = 30
START = 1500000000
MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split()


def made_up(seed=1, events=3000):
    """(second, visitor, post) in the order of a log that runs backwards here and there."""
    r, now, log = random.Random(seed), START, []
    for _ in range(events):
        now += r.choice((0, 0, 1, 2, 9))
        back = r.randrange(5) if r.random() < 0.1 else 0
        log.append((now - back, f'10.0.{r.randrange(3)}.{int(r.paretovariate(1)) % 90}',
                    f'/post/{int(r.paretovariate(1)) % 40}'))
    return log


def combined(log):
    lines = []
    for second, visitor, post in log:
        t = time.gmtime(second + 7200)  # logged in a zone two hours east
        stamp = time.strftime('%d/', t) + MONTHS[t.tm_mon - 1] + time.strftime('/%Y:%H:%M:%S', t)
        lines.append(f'{visitor} - - [{stamp} +0200] "GET {post}?q=1 HTTP/1.1" 200 17 '
                     f'"http://a.b/\\"x\\"" "Agent"\n')
    return ''.join(lines)


def answers(log, ttl=TTL):
    """What the log says, from the definitions."""
    log = sorted(log, key=lambda e: e[0])
    last, sessions = {}, 0
    changes = collections.Counter()
    for second, visitor, _ in log:
        if visitor not in last or second - last[visitor] > ttl:
            sessions += 1
            changes[second] += 1
            if visitor in last:
                changes[last[visitor] + ttl + 1] -= 1
        last[visitor] = second
    for second in last.values():
        changes[second + ttl + 1] -= 1
    online, peak, peak_at = 0, 0, 0
    for second in sorted(changes):
        online += changes[second]
        if online > peak:
            peak, peak_at = online, second
    posts = collections.Counter(e[2] for e in log)
    seconds = collections.Counter(e[0] for e in log)
    return {
        'requests': len(log), 'visitors': len(last), 'posts': len(posts), 'sessions': sessions,
        'peak_online': peak, 'peak_ms': peak_at * 1000, 'first_ms': log[0][0] * 1000,
        'last_ms': log[-1][0] * 1000, 'busiest_second': max(seconds.values()),
    }, posts


def replayed(text, *options, status=0, name='a.log', command=QUICK):
    """Runs it on a file; the JSON member `replay` and what was printed."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = os.path.join(folder, name), os.path.join(folder, 'r.json')
        with open(path, 'wb') as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        done = expect(contend(*command, f'--json={out}', *options, path), status)
        assert sorted(os.listdir(folder)) == sorted([name, 'r.json']), os.listdir(folder)
        with open(out) as f:
            return json.load(f)['replay'], done.stdout


def agrees(replay, log, ttl=TTL):
    facts, posts = answers(log, ttl)
    for key, value in facts.items():
        assert replay['log'][key] == value, (key, replay['log'][key], value)
    top = [(p['post'], p['claps']) for p in replay['top_posts']]
    assert [c for _, c in top] == [c for _, c in posts.most_common(len(top))], top
    assert all(posts[p] == c for p, c in top), top
    states = {(s['object'], s['strategy']): s['state'] for s in replay['surveys']}
    assert states[('presence', 'packed')] == states[('counter', 'faa')] == 'agrees', states
    assert max(online for _, online in replay['curve']) <= facts['peak_online']


def facts_are_right():
    log = made_up()
    replay, printed = replayed(combined(log), '--strategy=counters/faa,presence_map/packed')
    agrees(replay, log)
    launches = replay['launches']
    assert launches['why'] is None, launches
    assert launches['each_block'] or 'The budget of' in printed, (launches, printed)
    for words in ('The log', 'Users online', '\nusers\n', '\ntime: ', 'p99.9 ns', 'What to take',
                  'How far it carries', 'Session'):
        assert words in printed, printed
    assert '\033' not in printed and max(map(len, printed.splitlines())) <= 140, printed
    agrees(replayed(combined(log), '--ttl=5')[0], log, 5)


def packed_and_piped_logs():
    log = made_up(2)
    text = combined(log).encode()
    agrees(replayed(gzip.compress(text), name='a.gz')[0], log)
    agrees(replayed(lzma.compress(text), name='a.xz')[0], log)
    done = contend(*QUICK, '-', input=text)
    assert done.returncode == 0 and b'3,000 requests' in done.stdout, done


def other_formats():
    log = made_up(3)
    rows = ['when,who,what\n'] + [f'{s},"{v}",{p}\n' for s, v, p in log]
    agrees(replayed(''.join(rows), '--columns=time=when,user=who,post=what', name='a.csv')[0], log)
    lines = [json.dumps({'ts': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(s)), 'u': v,
                         'p': p}) + '\n' for s, v, p in log]
    agrees(replayed(''.join(lines), '--columns=time=ts,user=u,post=p', '--format=json')[0], log)
    replay, _ = replayed(''.join(lines), '--columns=time=ts,user=u')
    assert replay['log']['posts'] == 0  # heartbeats only


def larger_loads_agree_too():
    log = made_up(4, 800)
    text = combined(log)
    for options in (['--scale=5'], ['--repeat=3'], ['--as-logged'],
                    ['--scale=3', '--repeat=2', '--as-logged', '--threads=5']):
        agrees(replayed(text, *options)[0], log)


def odd_logs_are_played_or_refused():
    for log in ([(START, '10.0.0.1', '/x')], [(START, '10.0.0.1', '/x')] * 3):
        agrees(replayed(combined(log), '--threads=5')[0], log)
    far = '1970-01-01T00:00:00Z,a,x\n9999-12-31T00:00:00Z,b,y\n'
    expect(contend(*QUICK, '--columns=1,2,3', '-', input=far), 0,
           ['skipped: its stamps reach 136 years'])
    # Two thousand million users: left out for their memory, not killed by the kernel.
    many = ''.join(f'2017-07-14T02:40:00Z,u{n},x\n' for n in range(2000))
    expect(contend(*SHORT, '--scale=1000000', '--object=presence', '--strategy=mutex',
                   '--columns=1,2', '-', input=many), 0, ['users would take', 'half of what is'])
    expect(contend(*QUICK, '--columns=1,2', '-', input=far), 0, ['2 visitors for 0 posts'])
    expect(contend(*QUICK, '--columns=1,2,3', '--repeat=2', '-', input=far), 2,
           err=['--repeat=2', '1 times at most'])


def ids_that_do_not_fit_are_left_out():
    """They are played as small numbers; a map that could not hold the real ones is left out."""
    maps = [m for m in json.loads(expect(contend('list', '--json'), 0).stdout)['presence_maps']
            if not m['floor'] and not m['exhibit'] and m['shelf'] == 'core']
    for largest in (8, 4000, 5000000000):
        rows = ['time,user,post\n'] + [f'{START + i},{i},/x\n' for i in range(8)]
        rows.append(f'{START + 9},{largest},/x\n')
        replay, printed = replayed(''.join(rows), '--object=presence', name='a.csv', command=SHORT)
        states = {s['strategy']: s for s in replay['surveys']}
        assert f'their numbers reach {largest}' in ' '.join(printed.split()), printed
        for m in maps:
            fits = largest <= int(m['max_user']) and (m['ids'] != 'dense' or largest == 8)
            s = states[m['name']]
            if 'refuses times' in (s['why'] or ''):
                continue # it is left out of every replay
            assert s['state'] == ('agrees' if fits else 'skipped'), (largest, s)
            assert fits or ('its ids' in s['why'] and str(largest) in s['why']), s
    assert {m['ids'] for m in maps} == {'64-bit', '32-bit', 'dense'}, 'not all kinds were tried'
    _, printed = replayed(combined(made_up()))
    assert 'they are names' in ' '.join(printed.split()), printed


def unreadable_lines_are_shown():
    lines = combined(made_up(5, 200)).splitlines(keepends=True)
    lines[9:9] = ['rubbish\n', '\x00\x01\n']
    replay, printed = replayed(''.join(lines))
    assert replay['log']['unreadable'] == 2
    assert ':10: ' in printed and 'rubbish' in printed, printed


def messages_stay_narrow():
    """Behind a word that is longer than a line, too."""
    said = expect(contend(*QUICK, '-', input='x' * 300 + '\n'), 1, err=['xxx', 'Wanted is']).stderr
    assert all(len(line) <= 80 or ' ' not in line for line in said.splitlines()), said


def replayed_files(*options, status=0, **texts):
    """Runs it on several files; the JSON member `replay`, what was printed, and the errors."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, 'r.json')
        paths = [os.path.join(folder, name) for name in texts]
        for path, text in zip(paths, texts.values()):
            with open(path, 'wb') as f:
                f.write(text if isinstance(text, bytes) else text.encode())
        done = expect(contend(*SHORT, '--strategy=mutex,packed', f'--json={out}', *options, *paths),
                      status)
        if not os.path.exists(out):
            return None, done.stdout, done.stderr
        with open(out) as f:
            return json.load(f)['replay'], done.stdout, done.stderr


def a_damaged_file_hides_no_other():
    whole = combined(made_up(10, 100))
    cut = gzip.compress(combined(made_up(11, 100)).encode())[:-400]
    replay, printed, _ = replayed_files(cut=cut, whole=whole, status=1)
    files = replay['log']['files']
    assert [os.path.basename(f['file']) for f in files] == ['cut', 'whole'], files
    assert 0 < files[0]['lines'] < 100 and files[1]['lines'] == 100, files
    assert 'middle of its gzip' in files[0]['damage'] and files[1]['damage'] is None, files
    assert files[0]['bytes'] == len(cut) and files[1]['bytes'] == len(whole), files
    assert replay['log']['requests'] == sum(f['lines'] - f['unreadable'] for f in files)
    advice = ' '.join(printed.split('Before you rely on this')[1].split())
    assert 'A part of the log is missing' in advice and '/cut: damaged' in advice, printed
    assert 'of which some may be wrong' in advice, printed
    replayed_files('--tolerate=100', cut=cut, whole=whole)
    _, printed, err = replayed_files('--strict', cut=cut, whole=whole, status=1)
    assert 'middle of its gzip' in ' '.join(err.split()) and not printed, (err, printed)


def damage_comes_before_the_format():
    """A byte that is wrong makes rubbish of what follows, up to the checksum."""
    broken = bytearray(gzip.compress(combined(made_up(10, 60)).encode()))
    for at in range(40, len(broken) - 8, 40):
        broken[at] ^= 0xff
        done = contend(*SHORT, '-', input=bytes(broken))
        said = ' '.join(done.stderr.decode().split())
        assert done.returncode == 1 and 'standard input: damaged: ' in said + done.stdout.decode(), done
        assert 'Name the format' not in said, said
        broken[at] ^= 0xff


def a_log_without_posts_says_why():
    lines = ''.join(json.dumps({'ts': s, 'ip': v, 'target': p}) + '\n' for s, v, p in made_up(3, 100))
    why = 'no key is known as the post; say --columns; there are ts, ip, target'
    _, printed, _ = replayed_files('--object=presence', log=lines)
    assert f'No request has a post: {why}; no claps are played' in ' '.join(printed.split()), printed
    err = expect(contend(*SHORT, '--object=counter', '-', input=lines), 2).stderr
    assert f'no request has a post: {why}' in ' '.join(err.split()), err


def reports_fit_into_80_columns():
    """Sentences, tables, the plot, complaints, and the reasons of what is skipped."""
    log = combined(made_up(1, 400)) + 'rubbish ' * 12 + '\n'
    for options in ([], ['--scale=3', '--repeat=2', '--as-logged'], ['--ttl=5', '--top=2']):
        printed = replayed(log, *options, '--threads=1,2', '--strategy=packed,quotient,faa',
                           command=SHORT)[1]
        assert 'Skew' in printed and 'quotient' in printed, printed
        wide = [line for line in printed.splitlines() if len(line) > 80]
        assert not wide, (max(map(len, wide)), wide)


def messages_about_options_fit_and_help():
    with tempfile.NamedTemporaryFile('w', suffix='.rules') as rules:
        rules.write('# mine\nmine=^(?<usr>\\S+) (?<time>\\d+)\n')
        rules.flush()
        for option, said in (('--columns=tme=ts,user=ip', "there is no role 'tme'; did you mean 'time'?"),
                             ('--format=squi', "did you mean 'squid'?  There are auto, log, csv, json,"),
                             ('--format=Squid', "did you mean 'squid'?"),
                             ('--format=jsn', "did you mean 'json'?"),
                             (f'--rules={rules.name}', "rule mine in line 2: there is no group 'usr'; "
                                                       "did you mean 'user'?")):
            err = expect(contend('replay', option, 'x'), 2).stderr
            assert said in ' '.join(err.split()).replace('? There', '?  There'), (option, err)
            assert max(map(len, err.splitlines())) <= 80, err


def a_file_that_is_rubbish_is_missing():
    replay, printed, _ = replayed_files(rubbish='rubbish\n', whole=combined(made_up(10, 100)), status=1)
    assert 'no line of it could be read' in replay['log']['files'][0]['damage'], replay['log']['files']
    advice = ' '.join(printed.split('Before you rely on this')[1].split())
    assert '/rubbish: no line of it could be read.' in advice and '50 % of the log' in advice, printed


def lost_lines_end_in_the_exit_status():
    lines = combined(made_up(12, 100)).splitlines(keepends=True)
    replayed_files(log=''.join(lines + ['rubbish\n'] * 5))
    replay, printed, _ = replayed_files(log=''.join(lines + ['rubbish\n'] * 25), status=1)
    assert replay['log']['files'][0]['unreadable'] == 25
    assert '20 % of the log could not be read' in ' '.join(printed.split()), printed
    replayed_files('--tolerate=20', log=''.join(lines + ['rubbish\n'] * 25))
    replay, printed, err = replayed_files(log=lines[0] + 'rubbish\n' * 41, status=1)
    assert replay is None and not printed and '41 of 42 lines' in ' '.join(err.split()), err
    assert max(map(len, err.splitlines())) <= 80, err
    _, _, err = replayed_files('--strict', log=''.join(lines + ['rubbish\n']), status=1)
    assert 'no time stamp' in err and ':101)' in ' '.join(err.split()), err


def a_wrong_visitor_is_suspected():
    log = made_up(13, 60)
    plain = combined(log)
    behind = ''.join(f'web.example {line}\n' for line in plain.splitlines())
    printed = replayed_files(log=behind)[1]
    assert 'field 2 is the visitor; the first visitors are 10.0' in ' '.join(printed.split()), printed
    assert 'Before you rely' not in printed or 'visitor' not in printed.split('Before you rely')[1]
    _, printed, _ = replayed_files('--user-field=1', log=behind)
    assert "One visitor, 'web.example', makes 100 %" in ' '.join(printed.split()), printed
    assert '--user-field' in printed
    one_each = combined([(s, f'v{i}', p) for i, (s, _, p) in enumerate(log)])
    assert 'Nearly every request has a visitor' in ' '.join(replayed_files(log=one_each)[1].split())
    log = ''.join(f'{s - START},{v},{p}\n' for s, v, p in made_up(14, 100) if s >= START)
    for unit in [], ['--time-unit=s']:
        _, printed = replayed(log, '--columns=1,2,3', *unit)
        assert ('The log begins in 1970' in ' '.join(printed.split())) == (not unit), printed


def paced_play_keeps_the_pace():
    log = [(START + i // 10, f'10.0.0.{i % 7}', '/') for i in range(100)]  # ten seconds
    started = time.monotonic()
    replay, printed = replayed(combined(log), '--speed=20x', '--object=presence',
                               '--strategy=packed', command=BARE)
    assert 'due' in printed and 'What to take' not in printed, printed
    assert time.monotonic() - started >= 2 * 9 / 20, 'faster than twice the log'  # two strategies
    assert all(s['operations'] == 100 for s in replay['surveys']), replay['surveys']


def short_paced_play_says_how_short():
    """No percentile from a handful of operations; and what would play all of it."""
    log = [(START + 2 * i, f'10.0.0.{i % 7}', '/') for i in range(2000)]  # 66 minutes
    replay, printed = replayed(combined(log), '--speed=60x', '--budget=2', '--object=presence',
                               '--strategy=packed', command=BARE)
    for survey in replay['surveys']:
        assert 10 < survey['operations'] < 100 and survey['whole_operations'] == 2000, survey
        assert 10 < survey['log_seconds'] < 200 and survey['whole_log_seconds'] == 3998, survey
        assert survey['p99_ns'] is None and survey['p999_ns'] is None and survey['max_ns'] > 0
        assert (survey['p50_ns'] is None) == (survey['operations'] < 20), survey
    words = re.search(r'^  packed +\d+ +\S+ +- +- +\d+ +\d+ +(\d+) +(\S+)%$', printed, flags=re.M)
    share = 100 * int(words.group(1)) / 2000
    assert abs(float(words.group(2)) - share) < 0.06, printed
    text = ' '.join(printed.split())
    assert 'At 60x the whole log takes 66.6 s for each strategy; the budget gave' in text, printed
    assert '--budget=201 would play all of it' in text, printed
    _, printed = replayed(combined(log[:10]), '--speed=60x', '--object=presence',
                          '--strategy=packed', command=BARE)
    assert 'would play all' not in printed and ' 100%' in printed, printed


def says_when_it_compares_less_often():
    log = made_up(8, 100)
    _, printed = replayed(combined(log), '--scale=90000', '--object=presence', '--strategy=packed',
                          command=SHORT)
    assert 'fewer than the 100 instants' in printed and '--scale=90000' in printed, printed
    assert 'fewer than' not in replayed(combined(log))[1]


def the_budget_covers_reading():
    """A log that has no end leaves half of what was asked for to what follows."""
    for given in (['--budget=2'], []):
        slow = subprocess.Popen(['sh', '-c', 'cat; exec sleep ' + ('60' if given else '2')],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        tool = subprocess.Popen([CONTEND, *QUICK, *given, '-'], stdin=slow.stdout,
                                stdout=subprocess.PIPE, text=True)
        slow.stdin.write(combined(made_up(8, 100)).encode())
        slow.stdin.close()
        printed = tool.communicate(timeout=50 if given else 250)[0]
        slow.kill()
        slow.wait()
        assert '100 requests' in printed and tool.returncode == 0, (tool.returncode, printed)
        shown = ' '.join(printed.split())
        assert ('after half of the budget of 2 s reading stopped' in shown) == bool(given), printed
        assert re.search(r'measured, in [\d.]+ s at most in all', shown), printed
    expect(contend(*QUICK, '--budget=1', '/dev/zero'), 1, err=['no request was read in half'])


def every_block_is_a_launch():
    # Even of strategies whose library frees in a thread, which no copy of the process would have.
    names = contend('list', '--names').stdout.split()
    wanted = [name for name in ('counters/rcu', 'presence_map/urcu_lfht') if name in names]
    if not wanted:
        raise tap.Skip('this build has no strategy that needs liburcu')
    replay, printed = replayed(combined(made_up()), '--blocks=2', '--strategy=' + ','.join(wanted),
                               command=[*BARE, '--window=5'])
    launches = replay['launches']
    assert launches['why'] is None and 'library' not in str(launches), launches
    assert launches['each_block'] or 'The budget of' in printed, (launches, printed)


def capacity_has_no_false_precision():
    """Two blocks make no pick: the figures are the reference's, and it says so."""
    for _ in range(5):
        printed = replayed(combined(made_up(9)), '--blocks=2', '--threads=1',
                           '--strategy=mutex', command=SHORT)[1]
        part = printed.split('How far it carries')[1].split('What to keep')[0]
        if 'Not known' not in part:
            break
    else:
        raise tap.Skip('every block was disturbed, five times over')
    assert 'of mutex (the reference, as there is no pick)' in ' '.join(part.split()), part
    for figure in re.findall(r'(?:second of|average of)\s+about\s+([\d,.]+)', part):
        assert len(figure.replace(',', '').strip('0').replace('.', '')) <= 2, part


def wrong_usage():
    expect(contend('replay'), 2, err=['FILE'])
    expect(contend('replay', '--speed=fast', 'x'), 2, err=['--speed=fast', '60x'])
    expect(contend('replay', '--scale=0', 'x'), 2, err=['--scale=0', 'whole number'])
    expect(contend('replay', '--format=xml', 'x'), 2, err=['--format=xml', 'csv'])
    expect(contend('replay', '--rules=/nonexistent/r', 'x'), 2, err=['--rules=', 'No such file'])
    expect(contend('replay', '--time-unit=h', 'x'), 2, err=['--time-unit=h', 'ms'])
    expect(contend('replay', '--strategy=pakced', 'x'), 2, err=["'pakced'", "'packed'"])
    expect(contend('replay', '/nonexistent/log'), 1, err=['/nonexistent/log', 'No such file'])
    expect(contend('replay', '--help'), 0, ['Usage: contend replay', 'Exit status'])
    with tempfile.NamedTemporaryFile('w', suffix='.log') as f:
        f.write('not a log\nnor this\n')
        f.flush()
        expect(contend('replay', f.name), 1, err=['not a log', f.name])
        expect(contend('replay', os.path.dirname(f.name)), 1, err=['is a folder'])
    for option in ('curve', 'json', 'csv', 'windows'):
        done = contend(*QUICK, f'--{option}=/nonexistent/c', '-', input=combined(made_up(6, 50)))
        expect(done, 1, err=['/nonexistent/c', 'could not be written'])
        assert not done.stdout, done.stdout


def the_exhibit_is_wrong():
    log = combined([(START + i // 50, f'10.0.0.{i % 50}', '/') for i in range(20000)])
    for _ in range(5):
        replay, printed = replayed(log, '--exhibits', '--threads=4', '--object=counter',
                                   '--strategy=plain', command=SHORT)
        if {s['strategy']: s['state'] for s in replay['surveys']}['plain'] == 'wrong':
            assert 'WRONG: post 0 has' in printed, printed
            return
    raise tap.Skip('the exhibit lost nothing in five runs')


def interrupted(process, after):
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (process.returncode, out, err)
    return out


def interrupts_report_what_there_is():
    text = combined(made_up(7, 400))
    saved = tempfile.NamedTemporaryFile(suffix='.json')
    process = subprocess.Popen([CONTEND, *QUICK, f'--json={saved.name}', '-'], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    process.stdin.write(text)
    process.stdin.flush()  # and no end: it waits for more
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out = process.stdout.read()
    process.wait(timeout=60)
    # What came from a pipe until then is played.
    assert process.returncode == 0 and '400 requests' in out, (process.returncode, out)
    with open(saved.name) as f:
        run = json.load(f)
    assert run['run']['interrupted'] is False and run['replay']['log']['requests'] == 400
    assert run['replay']['log']['stopped'] is True
    with tempfile.TemporaryDirectory() as folder:
        path, results = os.path.join(folder, 'a.log'), os.path.join(folder, 'r.json')
        with open(path, 'w') as f:
            f.write(text)
        process = subprocess.Popen([CONTEND, 'replay', '--quiet', '--no-floors', '--threads=1',
                                    '--budget=60', f'--json={results}', path], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not os.path.exists(results):
            time.sleep(0.1)
        assert 'Interrupted' in interrupted(process, 1)
        with open(results) as f:
            assert json.load(f)['run']['interrupted'] is True
        assert sorted(os.listdir(folder)) == ['a.log', 'r.json']


# What takes long and goes through no code that a shorter case leaves out.
# They name strategies, which not every build has.
WHOLE = (reports_fit_into_80_columns,)
ALONE = (larger_loads_agree_too, says_when_it_compares_less_often,
         capacity_has_no_false_precision, interrupts_report_what_there_is)


def main():
    cases = tap.Cases()
    for case in (facts_are_right, every_block_is_a_launch, packed_and_piped_logs, other_formats,
                 larger_loads_agree_too, odd_logs_are_played_or_refused, ids_that_do_not_fit_are_left_out,
                 unreadable_lines_are_shown, messages_stay_narrow, a_damaged_file_hides_no_other,
                 damage_comes_before_the_format, a_log_without_posts_says_why, a_file_that_is_rubbish_is_missing,
                 reports_fit_into_80_columns, messages_about_options_fit_and_help,
                 lost_lines_end_in_the_exit_status, a_wrong_visitor_is_suspected, paced_play_keeps_the_pace,
                 short_paced_play_says_how_short, says_when_it_compares_less_often, the_budget_covers_reading,
                 capacity_has_no_false_precision, wrong_usage, the_exhibit_is_wrong,
                 interrupts_report_what_there_is):
        run = cases.run_alone if case in ALONE else cases.run_whole if case in WHOLE else cases.run
        run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
