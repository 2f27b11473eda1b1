#!/usr/bin/env python3
"""Fuzzes every target with libFuzzer, each for a while; one case each.

Usage: fuzz.py [--seconds=N] [--seed=N] SOURCE_ROOT BUILD_FOLDER [TARGET]...

Configures BUILD_FOLDER with Clang if that has not been done, builds the targets, and
runs them one after the other, 120 s each or a long run's share.  What they find
interesting is kept in BUILD_FOLDER/corpus for the next time.  An input that fails is made
small and lies in BUILD_FOLDER/findings.
"""

import argparse
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'support'))
import tap

PROBE = 'int LLVMFuzzerTestOneInput(void) { return 0; }'
LIMITS = ['-timeout=25', '-rss_limit_mb=2048', '-max_len=8192']


def run(command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors='replace', **options)


def has_libfuzzer():
    try:
        done = subprocess.run(['clang', '-fsanitize=fuzzer', '-x', 'c', '-', '-o', os.devnull],
                              input=PROBE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              text=True)
    except FileNotFoundError:
        return False
    return done.returncode == 0


def build(source, folder, names):
    if not has_libfuzzer():
        raise tap.Skip('no Clang with libFuzzer (Debian: clang, libclang-rt-dev)')
    if not os.path.exists(os.path.join(folder, 'build.ninja')):
        done = run(['meson', 'setup', folder, source, '-Dfuzz=enabled',
                    '-Db_sanitize=address,undefined', '-Db_lundef=false'],
                   env=dict(os.environ, CC='clang', CXX='clang++'))
        assert done.returncode == 0, done.stdout[-3000:]
    done = run(['ninja', '-C', folder, *(f'tests/fuzz/fuzz_{name}' for name in names)])
    assert done.returncode == 0, done.stdout[-3000:]


def make_small(program, finding, env):
    """The shortest input that still fails which could be found in a minute."""
    small = finding + '.small'
    run(['nice', program, '-minimize_crash=1', '-max_total_time=60', *LIMITS,
         f'-exact_artifact_path={small}', finding], env=env)
    return small if os.path.exists(small) else finding


def complaint(said):
    """Where the trouble begins, and the stack below it."""
    lines = said.splitlines()
    first = next((i for i, line in enumerate(lines)
                  if re.search('does not hold|ERROR|runtime error', line)), -20)
    return '\n'.join(lines[first:][:20])


def fuzz(source, folder, name, options):
    program = os.path.join(folder, 'tests', 'fuzz', 'fuzz_' + name)
    seeds = os.path.join(source, 'tests', 'fuzz', 'corpus', name)
    kept = os.path.join(folder, 'corpus', name)
    findings = os.path.join(folder, 'findings', name)
    for path in (kept, findings):
        os.makedirs(path, exist_ok=True)
    env = dict(os.environ, UBSAN_OPTIONS='halt_on_error=1:print_stacktrace=1',
               ASAN_OPTIONS='detect_leaks=1')
    done = run(['nice', program, f'-max_total_time={options.seconds}', f'-seed={options.seed}',
                *LIMITS, f'-artifact_prefix={findings}/', kept, seeds], env=env)
    said = re.search(r'Done \d+ runs.*', done.stdout)
    print(f'# {name}: ' + (said.group() if said else 'did not come to its end'))
    if done.returncode == 0:
        return
    found = re.search(r'Test unit written to (\S+)', done.stdout)
    small = make_small(program, found.group(1), env) if found else 'not written'
    raise AssertionError(f'the input: {small}\n{complaint(done.stdout)}')


def targets(source):
    folder = os.path.join(source, 'tests', 'fuzz', 'corpus')
    return sorted(os.listdir(folder))


def share(count):
    """Two minutes each, or less so that all fit into a long run, or Meson's patience, after the build."""
    whole = float(os.environ.get('CONTEND_LONG_SECONDS', 1800))
    return int(max(10, min(120, 0.85 * whole / count)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seconds', type=int)
    parser.add_argument('--seed', type=int, default=int(os.environ.get('CONTEND_SEED', '1')))
    parser.add_argument('source')
    parser.add_argument('build')
    parser.add_argument('targets', nargs='*')
    options = parser.parse_args()
    cases = tap.Cases()
    names = options.targets or targets(options.source)
    if options.seconds is None:
        options.seconds = share(len(names))
    built = []

    def build_all():
        build(options.source, options.build, names)
        built.extend(names)

    cases.run('the targets are built with libFuzzer', build_all)
    for name in built:
        cases.run(f'{name} for {options.seconds} s', fuzz, options.source, options.build, name,
                  options)
    cases.finish()


if __name__ == '__main__':
    sys.exit(main())
