#!/usr/bin/env python3
"""What the pages state is so: every command that is printed runs, figures in words are counted,
and the manual page explains each column.

A command that is printed anywhere must be known here: tried, or with the test that tries it.

Usage: printed.py SOURCE_ROOT CONTEND BUILD_ROOT
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile

import tap

PROGRAMS = r'(?:[A-Z_]+=\S+ )?(?:bench/run|tests/\S+|build/\S+|python3|meson|ninja|cc|qemu-\w+|contend) ?'
ACCESS_LOG = ''.join(f'10.0.0.{i % 7} - - [17/May/2015:10:05:{i:02} +0000] "GET /{i % 3} HTTP/1.1" 200 1\n'
                     for i in range(60))
# What makes a command short that measures by default; with stores each entry is taken once.
STORES_SHORT = ['--budget=1', '--quiet']
SHORT = {
    'run': ['--budget=1', '--blocks=1', '--window=1', '--no-floors', '--quiet'],
    'replay': ['--budget=1', '--blocks=1', '--window=1', '--no-floors', '--quiet',
               '--strategy=counters/mutex,presence_map/mutex'],
    'latency': ['--budget=1', '--length=40', '--quiet'],
    'stall': ['--budget=1', '--quiet'],
    'memory': ['--budget=2', '--quiet', '--users=1000', '--grow-to=5000', '--crowd=1000'],
    'gallery': ['--budget=2', '--quiet', '--blocks=3', '--length=2'],
    'oversubscribe': ['--budget=1', '--quiet', '--users=1000'],
    'partition': ['--quiet', '--users=1000', '--few=100'],
    'scale': ['--quiet', '--budget=2', '--length=2', '--users=100'],
    'fairness': ['--budget=1', '--quiet', '--users=1000'],
    'pick': ['--quiet', '--rate=0.002', '--headroom=1', '--users=1000', '--threads=1', '--budget=30'],
    'costs': ['--quiet', '--benchmark_repetitions=1', '--benchmark_min_time=0.0001'],
    'check': ['--quiet', '--budget=1'],
    'serve': ['--for=1', '--port=0'],
}
# A table of each family.
SAMPLE = ['--budget=20', '--threads=1', '--users=1000', '--workload=sections,claps,online_90_10']
# Tried elsewhere, by the page and how the command begins.
ELSEWHERE = [
    ('docs/checker.md', r'', 'check_commands, and package for what is installed'),
    ('README.md', r'contend (detect|cache|posts|rows|wait|partition|scale|end-to-end|push|hold)$',
     'cli_detect, cli_cache and so on, of each of them'),
    ('docs/stores-rows.md', r'contend rows$', 'cli_rows'),
    ('docs/service-experiments.md', r'build/tests/bench/serve/test_serve_soak', 'serve_soak, with fewer users'),
    ('docs/stores-postgresql.md', r'contend run --stores --pg=', 'store_faults_pg names a server that is there'),
    ('README.md', r'meson setup build-install', 'package'),
    ('README.md', r'cc program\.c', 'package'),
    ('README.md', r'meson setup build$|ninja -C build|python3 tests/docs\.py', 'recipe and docs'),
    ('docs/aarch64.md', r'qemu-aarch64', 'aarch64'),
    ('docs/mutants.md', r'ninja -C build && ', 'the commands after it are tried here'),
]


def output(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, timeout=250, **options)


def pages(root):
    return ['README.md'] + sorted('docs/' + name for name in os.listdir(os.path.join(root, 'docs'))
                                  if name.endswith('.md'))


def commands(root):
    """(page, command) for indented lines, for commands in tables, and for those of contend.1."""
    found = []
    for page in pages(root):
        with open(os.path.join(root, page)) as f:
            text = re.sub(r'^```.*?^```', '', f.read(), flags=re.S | re.M)
        lines = re.findall(rf'^ {{4,}}({PROGRAMS}[^\n]*)', text, flags=re.M)
        lines += re.findall(r'^\| `(contend [^`]*)`', text, flags=re.M)
        found += [(page, re.sub(r' +#.*', '', line).strip()) for line in lines]
    with open(os.path.join(root, 'docs', 'contend.1')) as f:
        examples = f.read().split('.Sh EXAMPLES')[1]
    found += [('docs/contend.1', line) for line in re.findall(r'^(contend .*)$', examples, flags=re.M)]
    return found


def options_exist(root, line):
    """bench/run and tests/run: what would be built and measured is their own tests' affair."""
    words = shlex.split(line)
    while '=' in words[0]:
        words = words[1:]
    done = output([os.path.join(root, words[0]), '--help'])
    assert done.returncode == 0, done.stdout
    for word in words[1:]:
        assert not word.startswith('-') or word.split('=')[0] in done.stdout, f'{word}\n{done.stdout}'


def script_starts(root, line):
    """With no help from the environment: what it imports is found, and it knows its options."""
    env = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    words = [w for w in shlex.split(line) if w != 'python3']
    done = output([sys.executable, os.path.join(root, words[0]), '--help'], env=env)
    assert 'Traceback' not in done.stdout and 'sage:' in done.stdout, done.stdout
    for word in words[1:]:
        assert not word.startswith('-') or word.split('=')[0] in done.stdout, f'{word}\n{done.stdout}'


def tool_runs(contend, line):
    """As it is printed, but short; the capital words of a synopsis stand for an example."""
    words = shlex.split(line)[1:]
    examples = {'NAME': 'counters/faa', 'DIR': 'lifted', 'A.json': 'a.json', 'B.json': 'a.json',
                'FILE.json...': 'a.json', 'FILE...': 'a.json'}
    words = [examples.get(w, w) for w in words]
    if words == ['check', 'counters/faa'] or words[0] != 'check':
        words += STORES_SHORT if '--stores' in words[:2] else SHORT.get(words[0], [])
    if words[0] == 'costs':
        words.append('counters/faa')
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'access.log'), 'w') as f:
            f.write(ACCESS_LOG)
        if 'a.json' in words:
            made = output([contend, 'run', *SHORT['run'], '--workload=claps', '--threads=1',
                           '--json=a.json', 'faa'], cwd=folder)
            assert made.returncode == 0, made.stdout
        done = output([contend, *words], cwd=folder)
        found = any(word.startswith('--mutant') for word in words)  # that it is found is why it is printed
        assert done.returncode == found, f'{shlex.join(words)}\n{done.returncode}\n{done.stdout}'


def command_runs(root, contend, page, line):
    for where, begin, _ in ELSEWHERE:
        if page == where and re.match(begin, line):
            return
    if re.match(r'([A-Z_]+=\S+ )?(bench|tests)/run\b', line):
        options_exist(root, line)
    elif re.match(r'(build/bench/)?contend ', line):
        tool_runs(contend, line)
    elif re.match(r'(python3 )?tests/\S+\.py', line):
        script_starts(root, line)
    else:
        raise AssertionError(f'{page}: nobody tries `{line}`: say so in {os.path.basename(__file__)}')


# ---- columns ----

def sections_of(root):
    with open(os.path.join(root, 'docs', 'contend.1')) as f:
        page = f.read()
    return dict(re.findall(r'^\.Ss contend (\w+)[^\n]*\n(.*?)(?=^\.S[sh])', page, flags=re.S | re.M))


def explained(section):
    """What stands in the lines .It Sy."""
    names = set()
    for line in re.findall(r'^\.It Sy (.*)$', section, flags=re.M):
        names |= {name.strip().strip('"') for name in line.split(' , ')}
    return names


def tables(text, begin):
    """The heading lines, as lists of columns, of tables whose first column has this name."""
    return [re.split(r'\s{2,}', line.strip())[1:]
            for line in re.findall(rf'^ *{begin} .*$', text, flags=re.M)]


def tables_of(begin, *command):
    """Those that it prints: where the machine is disturbed, not each cell gets one."""
    for _ in range(5):
        done = output(command)
        assert done.returncode == 0, done.stdout
        heads = tables(done.stdout, begin)
        if heads:
            return heads
    raise tap.Skip('every block was disturbed')


def columns_are_explained(root, contend, command, begin, arguments):
    heads = tables_of(begin, contend, command, *SHORT.get(command, []), *arguments)
    known = explained(sections_of(root)[command])
    for columns in heads:
        words = [w for c in columns for w in ([c] if c in known else c.split(' '))]
        for word in words:
            assert word in known, f'contend.1, {command}: "{word}" of {columns} is not explained'


# ---- figures ----

COUNT = '''
#include <stdio.h>
#include <stdlib.h>
#include "presence_map/striped.h"
int main(int argc, char **argv)
{
    struct presence_config config = { .capacity = strtoull(argv[argc - 1], NULL, 10) };
    static struct presence_striped map;
    static struct presence_striped_handle me;
    uint64_t user = 0;
    if (presence_striped_init(&map, &config) || presence_striped_attach(&map, &me))
        return 1;
    while (presence_striped_heartbeat(&map, &me, user * UINT64_C(0x9e3779b97f4a7c15) >> 1, 1000) >= 0)
        user++;
    printf("%.2f\\n", (double)user / (double)config.capacity);
    return 0;
}
'''


def striped_accepts_as_many_as_it_says(root):
    with open(os.path.join(root, 'presence_map', 'striped.h')) as f:
        head = re.sub(r'\s*\n \* *', ' ', f.read().split('*/')[0])
    stated = re.findall(r'([\d.]+) times(?: as many)? at ([\d,]+)', head)
    assert len(stated) == 2, head
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'count.c'), 'w') as f:
            f.write(COUNT)
        done = output(['cc', '-std=c11', '-D_GNU_SOURCE', '-O2', '-DCONTEND_LOCK=ttas', '-I', root, 'count.c',
                       '-pthread', '-o', 'count'], cwd=folder)
        assert done.returncode == 0, done.stdout
        for times, capacity in stated:
            counted = float(output([os.path.join(folder, 'count'), capacity.replace(',', '')]).stdout)
            assert abs(counted - float(times)) <= 0.1, f'{counted} at {capacity}, not {times}'


def example_run_is_of_this_tool(root, contend):
    """Its tables have today's columns and strategies."""
    with open(os.path.join(root, 'docs', 'example-run.txt')) as f:
        text = f.read()
    names = {n.split('/')[-1] for n in output([contend, 'list', '--names']).stdout.split()}
    workloads = set(output([contend, 'list', '--workloads']).stdout.split())
    heads = tables(text, 'strategy')
    assert heads, 'no tables'
    for head in tables_of('strategy', contend, 'run', *SHORT['run'], *SAMPLE):
        assert head in heads, f'{head}\n{heads}'
    for block in re.findall(r'^  strategy .*\n((?: .*\n)+?)  blocks:', text, flags=re.M):
        # A name that is wider than its column stands above its figures.
        shown = set(re.findall(r'^  (\S+)', block, flags=re.M))
        assert shown <= names, shown - names
    assert set(re.findall(r'^  \w+/(\w+)/', text, flags=re.M)) <= workloads


def main():
    root, contend = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    cases = tap.Cases()
    for page, line in commands(root):
        cases.run(f'{page}: {line}'.replace('#', ''), command_runs, root, contend, page, line)
    for command, begin, arguments in (
            ('list', 'name', ['--wide']),
            ('run', 'strategy', SAMPLE), ('run', 'candidate', SAMPLE)):
        cases.run(f'contend.1 explains the columns of {command}, {begin}', columns_are_explained, root, contend,
                  command, begin, arguments)
    cases.run('the recorded run is of this tool', example_run_is_of_this_tool, root, contend)
    cases.run('striped.h accepts as many as it says', striped_accepts_as_many_as_it_says, root)
    cases.finish()


if __name__ == '__main__':
    main()
