#!/usr/bin/env python3
"""Lift test: every strategy alone, copied out by `contend lift`.

For each entry the command copies the headers to an empty folder, and the line
that it prints compiles a small program there.  Both compilers, and musl's where
it is there; the warnings of strict projects are errors, and the program must
run.  What was copied is what the compiler reads, and no more.

Usage: lift.py SOURCE_ROOT CONTEND
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import tap

CONTEND = os.path.abspath(sys.argv[2])
# What strict projects compile with.  Where they warn of a declaration after a statement (C90) or of
# what C++ would refuse, they include headers of others with -isystem.
WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Werror', '-Wshadow', '-Wconversion',
            '-Wsign-conversion', '-Wcast-qual', '-Wcast-align', '-Wundef', '-Wpointer-arith',
            '-Wwrite-strings', '-Wformat=2', '-Wmissing-declarations', '-Wredundant-decls',
            '-Wdouble-promotion', '-Wfloat-equal', '-Wswitch-default', '-Wswitch-enum',
            '-Wunused-macros', '-Wnull-dereference', '-Wvla', '-Wdate-time']
ONLY_C = ['-Wstrict-prototypes', '-Wmissing-prototypes', '-Wold-style-definition',
          '-Wnested-externs', '-Wbad-function-cast']
OF_COMPILER = {
    'gcc': ['-Wcast-align=strict', '-Wduplicated-cond', '-Wduplicated-branches', '-Wlogical-op',
            '-Wjump-misses-init', '-Wunused-const-variable',
            '-Warray-bounds=2', '-Wstringop-overflow=4'],
    'clang': ['-Wextra-semi', '-Wcomma', '-Wunreachable-code', '-Wassign-enum', '-Wdocumentation',
              '-Wthread-safety', '-Wconditional-uninitialized', '-Wloop-analysis', '-Wover-aligned'],
    'musl-gcc': [],
}

LOCK = '''
#include "locks/%(name)s.h"
int main(void)
{
    static struct lock_%(name)s lock;
    static struct lock_%(name)s_handle me;
    if (lock_%(name)s_init(&lock, NULL) || lock_%(name)s_attach(&lock, &me))
        return 1;
    lock_%(name)s_acquire(&lock, &me);
    lock_%(name)s_release(&lock, &me);
    lock_%(name)s_detach(&lock, &me);
    return lock_%(name)s_fini(&lock) || !lock_%(name)s_traits.id.name;
}
'''

COUNTER = '''
#include "counters/%(name)s.h"
int main(void)
{
    static struct counter_%(name)s counter;
    static struct counter_%(name)s_handle me;
    if (counter_%(name)s_init(&counter, NULL) || counter_%(name)s_attach(&counter, &me))
        return 1;
    int bad = counter_%(name)s_add(&counter, &me, 1) || counter_%(name)s_add(&counter, &me, 1);
    int64_t claps = counter_%(name)s_read(&counter, &me);
    if (!(counter_%(name)s_traits.id.flags & CONTEND_FLOOR)) /* one that lags may not show them yet */
        bad |= counter_%(name)s_traits.unit.kind == COUNTER_EVENTUAL ? claps < 0 || claps > 2 : claps != 2;
    counter_%(name)s_detach(&counter, &me);
    return bad || counter_%(name)s_fini(&counter);
}
'''

MAP = '''
#include "presence_map/%(name)s.h"
int main(void)
{
    static struct presence_%(name)s map;
    static struct presence_%(name)s_handle me;
    if (presence_%(name)s_init(&map, NULL) || presence_%(name)s_attach(&map, &me))
        return 1;
    uint64_t g = presence_%(name)s_traits.granularity_ms;
    g = g < 1000 ? 1000 : g;
    int bad = presence_%(name)s_heartbeat(&map, &me, 1, 5000) < 0;
    if (!(presence_%(name)s_traits.id.flags & CONTEND_FLOOR))
        bad |= presence_%(name)s_is_online(&map, &me, 1, 35000) != 1 ||
               presence_%(name)s_is_online(&map, &me, 1, 35000 + g) != 0;
    presence_%(name)s_detach(&map, &me);
    return bad || presence_%(name)s_fini(&map);
}
'''

CLAPS = '''#include "counters/claps/%(name)s.h"
static struct claps_%(name)s claps;
static struct claps_%(name)s_handle me;
int main(void)
{
    struct claps_config config = { .posts = 1, .readers = 2 };
    if (claps_%(name)s_init(&claps, &config) || claps_%(name)s_attach(&claps, &me))
        return 1;
    int bad = claps_%(name)s_clap(&claps, &me, 0, 1, 60) < 0;
    if (!(claps_%(name)s_traits.id.flags & CONTEND_FLOOR))
        bad |= claps_%(name)s_total(&claps, &me, 0) != CLAPS_LIMIT;
    claps_%(name)s_detach(&claps, &me);
    return bad || claps_%(name)s_fini(&claps);
}
'''

DISTINCT = '''#include "counters/distinct/%(name)s.h"
static struct distinct_%(name)s readers;
static struct distinct_%(name)s_handle me;
int main(void)
{
    if (distinct_%(name)s_init(&readers, 0) || distinct_%(name)s_attach(&readers, &me))
        return 1;
    int bad = distinct_%(name)s_insert(&readers, &me, 7) || distinct_%(name)s_insert(&readers, &me, 7);
    if (!(distinct_%(name)s_traits.id.flags & CONTEND_FLOOR))
        bad |= distinct_%(name)s_count(&readers, &me) != 1;
    distinct_%(name)s_detach(&readers, &me);
    return bad || distinct_%(name)s_fini(&readers);
}
'''

PROGRAMS = {'locks': LOCK, 'counters': COUNTER, 'counters/claps': CLAPS,
            'counters/distinct': DISTINCT, 'presence_map': MAP}


def run(command, status=0, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=120, **options)
    assert done.returncode == status, f'{shlex.join(command)}\n{done.returncode}\n{done.stdout}'
    return done.stdout


def lift(*arguments, status=0, **options):
    return run([CONTEND, 'lift', *arguments], status, **options)


def entries():
    return run([CONTEND, 'list', '--names']).split()


def files_in(folder):
    return sorted(os.path.relpath(os.path.join(d, f), folder)
                  for d, _, names in os.walk(folder) for f in names)


def compile_line(said):
    return re.search(r'^  cc (.*)$', said, flags=re.M).group(1)


def lifted_compiles(entry, compilers):
    with tempfile.TemporaryDirectory() as folder:
        said = lift(entry, 'lifted', cwd=folder)
        header = re.search(r'#include "([a-z_/]+)/([a-z0-9_]+)\.h"', said)
        copied = files_in(os.path.join(folder, 'lifted'))
        with open(os.path.join(folder, 'program.c'), 'w') as program:
            program.write(PROGRAMS[header.group(1)] % {'name': header.group(2)})
        for compiler in compilers:
            line = compile_line(said)
            if compiler == 'musl-gcc' and 'pkg-config' in line:
                continue # what it is built on is there for the system's C library only
            line = ' '.join([compiler, *WARNINGS, *ONLY_C, *OF_COMPILER[compiler], line])
            run(['sh', '-c', line], cwd=folder)
            run([os.path.join(folder, 'a.out')])
        rule = run(['sh', '-c', f'gcc -MM {compile_line(said)}'], cwd=folder)
        read = [f[len('lifted/'):] for f in rule.replace('\\\n', ' ').split()
                if f.startswith('lifted/')]
        assert sorted(read + ['CONTEND-LICENSE']) == copied, f'{copied}\nthe compiler reads {read}'
        for name in copied:
            assert f'  {name}\n' in said, f'{name} is not named\n{said}'
        assert 'asks for one thing: CONTEND-LICENSE' in said, said


def single_compiles(entry):
    """One file with everything, that is all that the compiler reads of ours."""
    with tempfile.TemporaryDirectory() as folder:
        said = lift('--single', entry, 'lifted', cwd=folder)
        name = entry.replace('/', '_') + '.h'
        assert files_in(os.path.join(folder, 'lifted')) == [name], said
        tree = lift(entry, 'tree', cwd=folder)
        own = re.search(r'#include "([a-z_/]+)/([a-z0-9_]+)\.h"', tree)
        program = PROGRAMS[own.group(1)] % {'name': own.group(2)}
        with open(os.path.join(folder, 'program.c'), 'w') as f:
            f.write(re.sub(r'#include "[^"]*"', f'#include "{name}"\n#include "{name}"', program))
        line = compile_line(said)
        run(['sh', '-c', f'gcc -Wall -Wextra -Wpedantic -Werror {line}'.replace('-O2', '-O1')],
            cwd=folder)
        run([os.path.join(folder, 'a.out')])
        with open(os.path.join(folder, 'lifted', name)) as f:
            text = f.read()
        assert 'Permission is hereby granted' in text and text.startswith('/* SPDX-'), text[:200]
        assert not re.search(r'^# *include "', text, flags=re.M), 'it includes another of ours'
        for macro, choice in re.findall(r'-D(CONTEND_[A-Z]+)=(\S+)', compile_line(tree)):
            assert f'#define {macro} {choice}\n' in text, f'{macro} is not {choice}'


def single_is_kept():
    with tempfile.TemporaryDirectory() as folder:
        lift('--single', 'faa', folder)
        assert 'counters_faa.h (was there)' in lift('--single', 'faa', folder)
        mine = os.path.join(folder, 'counters_faa.h')
        with open(mine, 'a') as f:
            f.write('mine\n')
        assert mine in lift('--single', 'faa', folder, status=1)
        with open(mine) as f:
            assert f.read().endswith('mine\n')


def singles_meet(compiler='gcc'):
    """Two in one unit, where the parts are the same; not two choices for one template."""
    with tempfile.TemporaryDirectory() as folder:
        for entry in ('counters/mcs', 'presence_map/striped_mcs', 'presence_map/striped_mutex',
                      'presence_map/packed'):
            lift('--single', entry, folder)
        def compiles(*names):
            text = ''.join(f'#include "{name}.h"\n' for name in names) + 'int main(void) { return 0; }\n'
            return subprocess.run([compiler, '-std=c11', '-D_GNU_SOURCE', '-Wall', '-Werror', '-I',
                                   folder, '-fsyntax-only', '-x', 'c', '-'], input=text, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT).returncode == 0
        assert compiles('counters_mcs', 'presence_map_striped_mcs', 'presence_map_packed')
        assert not compiles('presence_map_striped_mcs', 'presence_map_striped_mutex')


def several_share_a_folder():
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, 'not', 'yet', "it's here")
        lift('faa', target)
        said = lift('counters/mcs', target)
        assert 'locks/parts/traits.h (was there)' in said and 'locks/mcs.h\n' in said, said
        with open(os.path.join(folder, 'program.c'), 'w') as program:
            program.write(COUNTER % {'name': 'locked'})
        run(['sh', '-c', 'gcc ' + compile_line(said)], cwd=folder)


def keeps_what_is_different():
    with tempfile.TemporaryDirectory() as folder:
        mine = os.path.join(folder, 'counters', 'counter.h')
        os.mkdir(os.path.dirname(mine))
        with open(mine, 'w') as f:
            f.write('mine\n')
        said = lift('faa', folder, status=1)
        assert mine in said and '--force' in said, said
        assert files_in(folder) == ['counters/counter.h'], 'something was copied'
        with open(mine) as f:
            assert f.read() == 'mine\n'
        assert 'counters/counter.h (overwritten)' in lift('--force', 'faa', folder)
        with open(mine) as f:
            assert 'Guarantees' in f.read()


def keeps_a_licence_of_the_users():
    with tempfile.TemporaryDirectory() as folder:
        for name in ('LICENSE', 'COPYING', 'LICENSE.md'):
            with open(os.path.join(folder, name), 'w') as f:
                f.write('mine\n')
        for force in ([], ['--force']):
            lift(*force, 'faa', folder)
            for name in ('LICENSE', 'COPYING', 'LICENSE.md'):
                with open(os.path.join(folder, name)) as f:
                    assert f.read() == 'mine\n', name


def stamps_headers(root):
    with open(os.path.join(root, 'LICENSE')) as f:
        licence = f.read()
    holder = re.search(r'^Copyright \(c\) (.*)$', licence, flags=re.M).group(1)
    version = re.search(r'[\d.]+', run([CONTEND, '--version'])).group(0)
    with tempfile.TemporaryDirectory() as folder:
        lift('faa', folder)
        for name in files_in(folder):
            with open(os.path.join(folder, name)) as f:
                lines = f.read().split('\n', 3)
            if name == 'CONTEND-LICENSE':
                assert '\n'.join(lines) == licence
                continue
            assert lines[0] == '/* SPDX-License-Identifier: MIT */', lines
            assert lines[1] == f'/* SPDX-FileCopyrightText: {holder} */', lines
            assert lines[2].startswith(f'/* contend {version} (') and name in lines[2], lines
            with open(os.path.join(root, name)) as f:
                assert lines[3] == f.read(), name
        # Of another version, or without the stamp: the same is left alone.
        path = os.path.join(folder, 'counters', 'faa.h')
        with open(os.path.join(root, 'counters', 'faa.h')) as f:
            own = f.read()
        for other in ('/* SPDX-License-Identifier: MIT */\n\n\n', ''):
            with open(path, 'w') as f:
                f.write(other + own)
            assert 'counters/faa.h (was there)' in lift('faa', folder)


def names_the_way_out(root):
    with tempfile.TemporaryDirectory() as folder:
        said = ' '.join(lift('mutex', folder, status=2).split())
        assert 'locks/mutex, counters/mutex, counters/claps/mutex, presence_map/mutex' in said, said
        assert "'per_thread'" in lift('pre_thread', folder, status=2)
        assert "'counters/faa'" in lift('counter/faa', folder, status=2)
        assert '--names' in lift('', folder, status=2)
        for wrong in ([], ['faa'], ['faa', folder, 'more'], ['--frobnicate', 'faa', folder]):
            assert '--help' in lift(*wrong, status=2), wrong
        assert 'locks/parts/traits.h' in lift(f'--from={folder}', 'faa', folder, status=1)
        assert files_in(folder) == []
        taken = os.path.join(folder, 'taken')
        with open(taken, 'w') as f:
            f.write('a file\n')
        assert taken in lift('faa', taken, status=1)
        os.makedirs(os.path.join(folder, 'd', 'counters', 'faa.h'))
        assert 'd/counters/faa.h' in lift('faa', os.path.join(folder, 'd'), status=1)
        incomplete = os.path.join(folder, 'incomplete')
        shutil.copytree(os.path.join(root, 'locks'), os.path.join(incomplete, 'locks'))
        shutil.copy(os.path.join(root, 'LICENSE'), incomplete)
        said = lift(f'--from={incomplete}', 'faa', os.path.join(folder, 'e'), status=1)
        assert 'incomplete/counters/faa.h' in said, said
        assert not os.path.exists(os.path.join(folder, 'e'))


def takes_another_source(root):
    with tempfile.TemporaryDirectory() as folder:
        for room in ('locks', 'counters'):
            shutil.copytree(os.path.join(root, room), os.path.join(folder, 'from', room))
        shutil.copy(os.path.join(root, 'LICENSE'), os.path.join(folder, 'from'))
        with open(os.path.join(folder, 'from', 'counters', 'faa.h'), 'a') as f:
            f.write('/* changed */\n')
        lift('--from', 'from', 'faa', 'to', cwd=folder)
        with open(os.path.join(folder, 'to', 'counters', 'faa.h')) as f:
            assert f.read().endswith('/* changed */\n')


def refuses_cxx(root, header, compiler):
    """From C++ a strategy header stops with a sentence, not with a page of errors."""
    done = subprocess.run([compiler, '-std=c++17', '-D_GNU_SOURCE', '-I', root, '-fsyntax-only',
                           '-x', 'c++', os.path.join(root, header)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode != 0 and 'strategy headers are C11' in done.stdout, done.stdout


def refuses_32_bits(root, compiler):
    """A sentence at compile time, not a table whose size was cut off."""
    own = os.path.join('/usr/include', run(['gcc', '-print-multiarch']).strip())
    if not own.endswith('/x86_64-linux-gnu'):
        raise tap.Skip('compilers have no -m32 here')
    with tempfile.TemporaryDirectory() as folder:
        # What a machine without 32-bit libraries lacks; the C library's other headers serve both.
        os.mkdir(os.path.join(folder, 'gnu'))
        open(os.path.join(folder, 'gnu', 'stubs-32.h'), 'w').close()
        for header in ('locks/lock.h', 'counters/faa.h', 'presence_map/direct.h'):
            done = subprocess.run([compiler, '-m32', '-std=c11', '-D_GNU_SOURCE', '-I', root, '-I',
                                   folder, '-isystem', own, '-fsyntax-only', '-x', 'c', os.path.join(root, header)],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  timeout=120)
            assert done.returncode != 0 and 'contend needs a 64-bit build' in done.stdout, done.stdout


def contract_is_cxx(root, header, compiler):
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, 'use.cc')
        with open(source, 'w') as program:
            program.write(f'#include "{header}"\nint main() {{ return 0; }}\n')
        run([compiler, '-std=c++17', *WARNINGS, '-I', root, '-fsyntax-only', source])


def main():
    root = sys.argv[1]
    cases = tap.Cases()
    compilers = [c for c in OF_COMPILER if c not in tap.OPTIONAL or shutil.which(c)]
    for absent in set(OF_COMPILER) - set(compilers):
        print(f'# not tried with {absent}: it is not here (Debian: {tap.OPTIONAL[absent]})')
    for entry in tap.share(entries()):
        cases.run(f'{entry} lifted, ' + ', '.join(compilers), lifted_compiles, entry, compilers)
        cases.run(f'{entry} lifted in one file', single_compiles, entry)
    cases.run('one file that is different is kept', single_is_kept)
    cases.run('files of one meet in one program', singles_meet)
    cases.run('several strategies share a folder', several_share_a_folder)
    cases.run('what is there and different is kept', keeps_what_is_different)
    cases.run("a licence of the user's is kept", keeps_a_licence_of_the_users)
    cases.run('headers name licence, copyright and version', stamps_headers, root)
    cases.run('errors name the way out', names_the_way_out, root)
    cases.run('--from takes another source', takes_another_source, root)
    for compiler in ('g++', 'clang++'):
        for contract in ('locks/lock.h', 'counters/counter.h', 'counters/claps.h',
                         'counters/distinct.h', 'presence_map/presence_map.h'):
            cases.run(f'{contract} is C++17 for {compiler}', contract_is_cxx, root, contract,
                      compiler)
    for compiler in ('gcc', 'clang'):
        cases.run(f'32-bit builds are refused, {compiler}', refuses_32_bits, root, compiler)
    cases.run('a strategy header refuses C++', refuses_cxx, root, 'counters/faa.h', 'g++')
    cases.finish()


if __name__ == '__main__':
    main()
