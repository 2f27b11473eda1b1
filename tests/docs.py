#!/usr/bin/env python3
"""The tables in the documents are those that the tool prints.

Usage: docs.py [--write] SOURCE_ROOT CONTEND [BUILD_ROOT]
  --write   renews docs/strategies.md, what the README shows of docs/example-run.txt, docs/measuring.md of
            docs/sessions.csv, the pages of docs/ladder.py, and what the labs show of their recorded runs
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

# Also by hand, where nobody says where the tests' shared modules are.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'support'))
import tap  # noqa: E402

WARNINGS = '-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'

HEAD = '''# The strategies

Generated from the registry by `contend list --wide`; a test fails when it is stale
(`python3 tests/docs.py --write . build/bench/contend` renews it). The head of each header says
what it guarantees, what it costs and when it breaks.

'''


def strategies_page(contend):
    table = subprocess.run([contend, 'list', '--wide'], stdout=subprocess.PIPE, text=True, check=True).stdout
    # Which stores are ready depends on the machine; docs/stores.md is about them.
    table = re.sub(r'^STORES:.*?(?=^PEERS:)', '', table, flags=re.S | re.M)
    return HEAD + '```text\n' + table.strip() + '\n```\n'


def table_is_current(root, contend):
    with open(os.path.join(root, 'docs', 'strategies.md')) as f:
        page = f.read()
    wanted = strategies_page(contend)
    if 'left out:' in wanted:
        raise tap.Skip('this build leaves strategies out')
    assert page == wanted, ('docs/strategies.md is stale; in the source folder this renews it:\n'
                            + renewal(root, contend))


def renewal(root, contend):
    """The command that writes the page anew, for who stands in the source folder."""
    return 'python3 tests/docs.py --write . ' + shlex.quote(os.path.relpath(contend, root))


def renewal_works(root, contend):
    """The command that the case above prints, in a copy, with no help from the environment."""
    env = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(os.path.join(root, 'tests', 'support'),
                        os.path.join(copy, 'tests', 'support'))
        shutil.copy(os.path.join(root, 'tests', 'docs.py'), os.path.join(copy, 'tests'))
        os.mkdir(os.path.join(copy, 'docs'))
        shutil.copy(os.path.join(root, 'docs', 'example-run.txt'), os.path.join(copy, 'docs'))
        with open(os.path.join(copy, 'README.md'), 'w') as f:
            f.write('# stale\n\n```text\nfaa is fast\n```\n')
        done = subprocess.run(renewal(copy, contend), shell=True, cwd=copy, env=env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout
        with open(os.path.join(copy, 'docs', 'strategies.md')) as f:
            assert f.read() == strategies_page(contend)
        readme_quotes_the_run(copy, contend)


def tool_is_where_the_pages_say(root, build, contend):
    """bench/run and the pages call it by its path in the build folder."""
    path = os.path.relpath(contend, build)
    for name in ('README.md', 'bench/run', 'docs/checker.md'):
        with open(os.path.join(root, name)) as f:
            named = set(re.findall(r'\bbuild/(bench/[\w/]*contend)\b', f.read()))
        assert named == {path}, f'{name} names {sorted(named)}; it is {path}'


# What the README shows of the recorded run: the tables and picks of these workloads.
SHOWN = ('sections', 'claps', 'heartbeats')
SHOWN_THREADS = 2


def part_of_run(run, begin):
    """The lines from the first that matches to the next blank one, or to the next name."""
    lines = run.split('\n')
    # A heading may go on in a second line.
    starts = [i for i, line in enumerate(lines) if re.match(begin, line) or
              (not line.startswith(' ') and re.match(begin, ' '.join(lines[i:i + 2])))]
    assert starts, f'docs/example-run.txt has nothing that begins with {begin!r}'
    end = starts[0] + 1
    while lines[end] and not re.match(r'  \S+/\S+:$', lines[end]):
        end += 1
    return '\n'.join(lines[starts[0]:end])


def shown_of_run(root):
    """What stands in the README's first block of text."""
    with open(os.path.join(root, 'docs', 'example-run.txt')) as f:
        run = f.read()
    tables = [part_of_run(run, rf'{w} \(.*, {SHOWN_THREADS} threads') for w in SHOWN]
    picks = [part_of_run(run, rf'  \w+/{w}(/\S+)?/threads:{SHOWN_THREADS}:$') for w in SHOWN]
    return '\n\n'.join(tables + ['\n'.join(picks)]) + '\n'


def with_shown(root):
    """The README with what it shows of the run renewed."""
    with open(os.path.join(root, 'README.md')) as f:
        text = f.read()
    begin = text.index('```text\n') + len('```text\n')
    return text[:begin] + shown_of_run(root) + text[text.index('```', begin):]


def readme_quotes_the_run(root, contend):
    with open(os.path.join(root, 'README.md')) as f:
        assert f.read() == with_shown(root), \
            ('the README is not what docs/example-run.txt says; in the source folder this renews it:\n'
             + renewal(root, contend))


def record_of_sessions(root):
    """What docs/sessions.csv says, by what recorded it."""
    sys.path.insert(0, os.path.join(root, 'tests', 'bench', 'judge'))
    import sessions
    return '\n'.join(sessions.summary(os.path.join(root, 'docs', 'sessions.csv')))


def with_sessions(root):
    """docs/measuring.md with its block of recorded sessions renewed."""
    with open(os.path.join(root, 'docs', 'measuring.md')) as f:
        text = f.read()
    begin = text.index('```text\n') + len('```text\n')
    return text[:begin] + record_of_sessions(root) + '\n' + text[text.index('```', begin):]


def sessions_are_as_recorded(root, contend):
    with open(os.path.join(root, 'docs', 'measuring.md')) as f:
        assert f.read() == with_sessions(root), \
            'docs/measuring.md does not show docs/sessions.csv: ' + renewal(root, contend)
    for what in ('aa: ', 'slowed: ', 'coverage: '):
        assert re.search('^' + what, record_of_sessions(root), flags=re.M), f'no {what}in docs/sessions.csv'


def ladder_of(root):
    """What records the runs of docs/ladder.md and shows them."""
    sys.path.insert(0, os.path.join(root, 'docs'))
    import ladder
    return ladder


def ladder_is_as_recorded(root, contend):
    ladder, folder = ladder_of(root), os.path.join(root, 'docs')
    texts = {}
    for name in ladder.PAGES:
        with open(os.path.join(folder, name)) as f:
            texts[name] = f.read()
        assert texts[name] == ladder.page(folder, name), \
            f'docs/{name} does not show docs/ladder.csv and docs/growth.csv: {renewal(root, contend)}'
    shown = re.findall(r'^<!-- run (\S+) -->$', ''.join(texts.values()), flags=re.M)
    assert sorted(shown) == sorted(ladder.RUNS), f'the pages show {shown}'
    rows, commands = ladder.recorded(folder), ladder.commands(folder)
    assert {row['run'] for row in rows} == set(commands), 'a recorded run has no recorded command, or the opposite'
    parts = re.findall(r'^<!-- part (\S+) -->$', ''.join(texts.values()), flags=re.M)
    assert sorted(parts) == sorted([*ladder.ladder_goals.parts(rows, commands), 'growth']), f'the pages show {parts}'


def row_of(strategy, ratio, interval=('', ''), workload='heartbeats', threads='2', run='calls'):
    return {'run': run, 'workload': workload, 'users': '1000000', 'threads': threads, 'strategy': strategy,
            'ratio': str(ratio), 'ratio_low': str(interval[0]), 'ratio_high': str(interval[1]), 'ops_per_s': '1e6',
            'verdict': 'tie'}


def goals_are_judged(root, contend):
    """Which maps count as ours, and when a goal is reached: by rows that are made up."""
    goals = ladder_of(root).ladder_goals
    commands = {'calls': '--reference=libcuckoo --ids=sparse32', 'sparse': '--reference=libcuckoo --ids=sparse64'}
    rows = [row_of('libcuckoo', 1), row_of('libcuckoo_again', 9), row_of('direct', 9), row_of('ck_ht', 9),
            row_of('null', 99), row_of('packed_storing', 6, (5, 7)), row_of('quotient', 3.2, (3, 3.7)),
            row_of('packed', 3), row_of('quotient', 4.6, (2.5, 5), 'churn'),
            row_of('quotient', 5, (5, 5.5), 'online_90_10'), row_of('quotient', 6, (5, 6.5), 'online_99_1'), row_of('quotient_growing', 2, run='sparse'),
            row_of('libcuckoo', 1, run='sparse'), row_of('quotient', 3, run='sparse')]
    lines = goals.goals(rows, commands).split('\n')
    for words in (('exact, one call', 'heartbeats', 'sparse32', '3.20', '`quotient`', '**missed by 11 %**, within'),
                  ('exact, one call', 'online_90_10', '`quotient`', ' reached |'),
                  ('exact, one call', 'online_99_1', '**missed by 14 %** |'),
                  ('exact, one call', 'churn', 'stretch reached, but the interval begins below'),
                  ('exact, one call', 'heartbeats', 'sparse64', '3.00', '**missed by 17 %**, no interval |'),
                  ('storing', 'heartbeats', '6.00', '`packed_storing`', 'missed by 8 %'),
                  ('batches', 'heartbeats_batch', 'not measured')):
        assert any(all(w in line for w in words) for line in lines), (words, lines)
    assert 'exact, one call at a time: 2 of 5' in goals.tally(rows, commands), goals.tally(rows, commands)
    assert '`quotient_growing` in 1 of 1' in goals.growers(rows, commands)
    assert 'beats it in 1, by 1.50 to 1.50' in goals.growers(rows, commands), goals.growers(rows, commands)
    kept_none = [{**row, 'ops_per_s': '', 'ratio': '', 'ratio_low': ''} for row in rows]
    assert '| heartbeats, 2 threads | - |' in ladder_of(root).table_of(kept_none)
    assert 'no block was kept' in goals.sizes(kept_none, commands)
    assert 'not measured' in goals.goals(kept_none, commands)
    assert goals.growers(kept_none, commands) == goals.storing(kept_none, commands) == goals.NOBODY
    assert '2.00 times the rate' in goals.storing(rows, commands), goals.storing(rows, commands)


def growers_are_of_their_kind(root, contend):
    """The strategies of the table of those that grow, by what the registry says of them."""
    ladder = ladder_of(root)
    done = subprocess.run([contend, 'list', '--json'], stdout=subprocess.PIPE, text=True, check=True)
    maps = {entry['name']: entry for entry in json.loads(done.stdout)['presence_maps']}
    wanted = {**dict.fromkeys(ladder.ladder_goals.GROWERS, True), **dict.fromkeys(ladder.ladder_goals.BOUNDED, False)}
    for name, grows in wanted.items():
        if name in maps:  # a build may leave strategies out
            entry = maps[name]
            assert (entry['ids'], entry['grows'], entry['keeps_ids']) == ('64-bit', grows, False), name
    for name in ladder.ladder_growth.MAPS:
        assert name not in maps or maps[name]['grows'], name


def growth_is_judged(root, contend):
    """What is told of takes of which some have too few beats for a p99.9."""
    growth = ladder_of(root).ladder_growth
    take = {'calm_p999': '10000', 'calm_max': '20000', 'growing_p999': '14000', 'growing_max': '30000'}
    few = {**take, 'growing_p999': ''}
    assert growth.verdict([take, {**take, 'growing_p999': '29000'}]) == '1 of 2 within 1.5, the worst 2.9'
    assert growth.verdict([take, few]) == '1 of 1 within 1.5, it is 1.4'
    assert growth.verdict([few]).startswith('cannot be told')
    assert growth.shown_tail(few, 'growing') == '<30 us'


def write(root, contend):
    pages = {'docs/strategies.md': strategies_page(contend), 'README.md': with_shown(root)}
    if os.path.exists(os.path.join(root, 'docs', 'sessions.csv')):
        pages['docs/measuring.md'] = with_sessions(root)
    if os.path.exists(os.path.join(root, 'docs', 'ladder.md')):
        for name in ladder_of(root).PAGES:
            pages['docs/' + name] = ladder_of(root).page(os.path.join(root, 'docs'), name)
    for name, page in pages.items():
        with open(os.path.join(root, name), 'w') as f:
            f.write(page)
    if os.path.isdir(os.path.join(root, 'docs', 'course')):
        record_of(root).write_pages(os.path.join(root, 'docs', 'course'))


def record_of(root):
    """What writes the recorded runs into the labs."""
    sys.path.insert(0, os.path.join(root, 'docs', 'course'))
    import record
    return record


def labs_are_recorded(root, contend):
    """Each page of the course shows what a recorded run of its commands gave, as they are now."""
    record, course = record_of(root), os.path.join(root, 'docs', 'course')
    again = f'on an idle machine docs/course/record.py {shlex.quote(os.path.relpath(contend, root))}'
    for page in record.pages(course):
        kept, text = record.recorded(course, page), record.read(course, page)
        assert kept, f'docs/course/{page} is not recorded; {again} does it'
        assert record.is_of(kept, text), f'the recording of docs/course/{page} is of other commands; {again}'
        assert record.with_section(text, kept) == text, \
            f'docs/course/{page} does not show its recording: {renewal(root, contend)}'
        assert re.search(r'^The machine: cpu model: .*time: 2', text, flags=re.M), f'{page} names no machine'


def programs_of(root, name):
    """The complete C programs of a page, as they are printed."""
    with open(os.path.join(root, name)) as f:
        programs = re.findall(r'```c\n(.*?)```', f.read(), flags=re.S)
    assert programs and all('int main(void)' in p for p in programs), 'not complete programs'
    return programs


def program_runs(folder, program, line):
    with open(os.path.join(folder, 'program.c'), 'w') as f:
        f.write(program)
    for compiler in (c for c in ('gcc', 'clang') if shutil.which(c)):
        done = subprocess.run(f'{compiler} {WARNINGS} {line} && ./a.out', shell=True, text=True,
                              cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        wanted = '2 claps\n' if 'claps' in program else ''
        assert done.returncode == 0 and done.stdout == wanted, done.stdout


def readme_program_compiles(root, contend):
    """As it is printed, with the headers and the line that `contend lift` gives for it."""
    program, = programs_of(root, 'README.md')
    with tempfile.TemporaryDirectory() as folder:
        lifted = subprocess.run([contend, 'lift', 'counters/striped', 'claps'], cwd=folder,
                                stdout=subprocess.PIPE, text=True, check=True).stdout
        program_runs(folder, program, re.search(r'^  cc (.*)$', lifted, flags=re.M).group(1))


def embedding_programs_run(root, build):
    """With the headers as they are here, and the library where a program asks for a table."""
    libraries = subprocess.run(['pkg-config', '--libs', 'liburcu-memb', 'liburcu-cds', 'ck'],
                               stdout=subprocess.PIPE, text=True)
    if libraries.returncode:
        raise tap.Skip('liburcu or Concurrency Kit is missing')
    for program in programs_of(root, 'docs/embedding.md'):
        with tempfile.TemporaryDirectory() as folder:
            feature = '' if 'contend_counter_find' in program else '-D_GNU_SOURCE '
            program_runs(folder, program, f'-std=c11 {feature}-I{shlex.quote(root)} program.c '
                         f'{shlex.quote(build)}/libcontend.a {libraries.stdout.strip()} -pthread')


def slow_locks_say_so(root, contend):
    """A lock that the mutex beats in each recorded table of exclusive sections says it in its head."""
    sys.path.insert(0, os.path.join(root, 'docs', 'site'))
    import strategies
    run = strategies.Run(os.path.join(root, 'docs', 'example-run.txt'))
    names = {name for heading, _, rows in run.tables if heading.startswith('sections') for name in rows}
    slow = sorted(name for name in names if run.always_slower('sections', name))
    headers = {entry['name']: entry['header'] for entry in strategies.registry(contend)['locks']}
    assert names and slow, 'the recorded run has no table of sections, or no lock that is slower'
    everywhere = ladder_of(root).slower_locks(os.path.join(root, 'docs'))
    assert everywhere, 'docs/ladder.csv has no lock that is slower at every length of section'
    for name in slow:
        assert strategies.warning(run, 'locks/' + name)
    for name in sorted({*slow, *everywhere}):
        with open(os.path.join(root, headers[name])) as f:
            head = ' '.join(f.read().split('*/')[0].replace('\n *', ' ').split())
        assert re.search(r'mutex is faster|slower than ((a|the) (plain |pthread )?mutex|mutex\.h)', head), \
            f'{headers[name]}: slower than the mutex in each recorded table, and its head does not say so'


def links_lead_somewhere(root):
    for folder in ('.', 'docs', 'docs/course'):
        for name in os.listdir(os.path.join(root, folder)):
            if not name.endswith('.md'):
                continue
            with open(os.path.join(root, folder, name)) as f:
                links = re.findall(r'\]\(([^)#:]+)[^)]*\)', f.read())
            for link in links:
                assert os.path.exists(os.path.join(root, folder, link)), f'{name}: {link}'


def anchors_of(path):
    """Those that a reader of Markdown gives the headings of a page."""
    with open(path) as f:
        headings = re.findall(r'^#+ (.*)$', re.sub(r'^```.*?^```', '', f.read(), flags=re.S | re.M), flags=re.M)
    return {re.sub(r'[^\w -]', '', h.lower()).replace(' ', '-') for h in headings}


def anchors_exist(root):
    for folder in ('.', 'docs', 'docs/course'):
        for name in os.listdir(os.path.join(root, folder)):
            if not name.endswith('.md'):
                continue
            path = os.path.join(root, folder, name)
            with open(path) as f:
                links = re.findall(r'\]\(([^)#:]*)#([^)]+)\)', f.read())
            for link, anchor in links:
                target = os.path.join(root, folder, link) if link else path
                assert anchor in anchors_of(target), f'{name}: {link}#{anchor}'


def files_that_are_named_exist(root):
    """Paths in backquotes: docs/x, bench/y.h ..."""
    names = ['docs/' + n for n in os.listdir(os.path.join(root, 'docs'))]
    names += ['docs/course/' + n for n in os.listdir(os.path.join(root, 'docs', 'course'))]
    for name in ['README.md'] + names:
        if not name.endswith('.md'):
            continue
        with open(os.path.join(root, name)) as f:
            named = re.findall(r'`((?:locks|counters|presence_map|bench|tests|docs)/[\w./]+)`',
                               f.read())
        for path in named:
            assert 'NAME' in path or os.path.exists(os.path.join(root, path)), f'{name}: {path}'


def main():
    arguments = [a for a in sys.argv[1:] if a != '--write']
    root, contend = arguments[0], os.path.abspath(arguments[1])
    if '--write' in sys.argv:
        write(root, contend)
        return
    cases = tap.Cases()
    cases.run('docs/strategies.md is current', table_is_current, root, contend)
    cases.run('the command that renews it works', renewal_works, root, contend)
    cases.run('the tool is where the pages say', tool_is_where_the_pages_say, root, arguments[2],
              contend)
    cases.run('the README quotes the recorded run', readme_quotes_the_run, root, contend)
    cases.run("the README's program compiles", readme_program_compiles, root, contend)
    cases.run('the programs of docs/embedding.md run', embedding_programs_run,
              os.path.abspath(root), os.path.abspath(arguments[2]))
    cases.run('slow locks say so', slow_locks_say_so, root, contend)
    cases.run('the labs show their recorded runs', labs_are_recorded, root, contend)
    cases.run('docs/measuring.md shows the recorded sessions', sessions_are_as_recorded, root, contend)
    cases.run('the pages of the ladder show the recorded runs', ladder_is_as_recorded, root, contend)
    cases.run('goals are judged by rows', goals_are_judged, root, contend)
    cases.run('maps that grow are of their kind', growers_are_of_their_kind, root, contend)
    cases.run('growth is judged by takes', growth_is_judged, root, contend)
    cases.run('links lead somewhere', links_lead_somewhere, root)
    cases.run('anchors exist', anchors_exist, root)
    cases.run('files that are named exist', files_that_are_named_exist, root)
    cases.finish()


if __name__ == '__main__':
    main()
