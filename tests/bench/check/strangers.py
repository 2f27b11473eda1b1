#!/usr/bin/env python3
"""Programs of users who have read docs/checker.md: right ones pass, and each mistake is found.

Usage: strangers.py SOURCE_ROOT LIBRARY
"""

import os
import re
import subprocess
import sys
import tempfile
import time

import tap

ROOT, LIBRARY = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
FOLDER = os.path.join(ROOT, 'tests', 'bench', 'check', 'strangers')
MISTAKE = ['-DMISTAKE']
RIGHT = ('names.c', 'seqlock.c', 'hazard.c', 'rcu.c', 'condvar.c', 'peterson.c', 'once.c', 'barrier.c', 'ring.c')
URCU = ['-DCHECK_LIBURCU']
DEAR = ('naive.c', 'stack.c', 'claims.c', 'queue.c', 'map.c', 'library.cc', 'rounds.c', 'rare.c',
        'flag.c', 'futex.c', 'answers.c')  # of these fewer executions will do
INSTRUMENT, REDIRECT = ['-fsanitize=thread'], ['-include', 'machine/redirect.h']
CXX20 = ['-std=c++20']
CXX_STANDARDS = ('-std=c++17', CXX20[0])
TEXTS_WRITTEN = ('stpcpy(text, "a")', 'bzero(text, 8)', 'memccpy(text, "a", 0, 2)', 'mempcpy(text, "a", 2)',
                 'stpncpy(text, "a", 2)', 'strxfrm(text, "a", 2)')
TEXTS_READ = ('strspn(text, "x")', 'strcspn(text, "x")', 'strpbrk(text, "x")', 'strcasecmp(text, "x")',
              'strncasecmp(text, "x", 1)', 'strchrnul(text, 0)', 'memmem(text, 2, "x", 1)',
              'strtok(text, ",")', 'index(text, 0)', 'rindex(text, 1)', 'rawmemchr(text, 0)', 'strcoll(text, "x")',
              'strverscmp(text, "x")', 'atoi(text)', 'atof(text)', 'strtol(text, NULL, 10)', 'strtoull(text, NULL, 10)')
STOPS = (
    ('_exit(0)', 'nothing found'), ('_Exit(2)', r'thread 2 calls _exit\(2\) at stops\.c:\d+'),
    ('quick_exit(3)', r'thread 2 calls quick_exit\(3\) at stops\.c:\d+'),
    ('syscall(SYS_exit_group,4)', r'thread 2 calls _exit\(4\) at stops\.c:\d+'),
    ('raise(SIGTERM)', r'crash: thread 2 is killed by a signal that it raises itself \(Terminated\) at stops\.c:\d+'),
    ('kill(getpid(),SIGKILL)', r'crash: thread 2 is killed by a signal that it raises itself \(Killed\) at stops\.c:\d+'),
    ('raise(SIGSEGV)', r'crash: .* raises itself \(Segmentation fault\) at stops\.c:\d+'),
    ('abort()', r'crash: thread 2 is killed by a signal \(Aborted\) at stops\.c:\d+'),
    ('*(int*)&constant=2', r'crash: thread 2 at stops\.c:\d+ (writes to|uses) the address 0x\w+, which is protected'),
    ('*(char*)text=2', r'crash: .*, which is protected against that'), ('*page=2', r'crash: .*, which is protected against that'))
CXX_HEADERS = ('atomic', 'barrier', 'condition_variable', 'execution', 'filesystem', 'future', 'iostream', 'latch', 'malloc.h',
               'memory_resource', 'semaphore', 'shared_mutex', 'stop_token', 'thread', 'unistd.h')
WHOLE = ['-Wl,--wrap=main']  # its own main() is what is checked

# File, flags, options, and what its output says; nothing found is status 0, the rest 1.
PROGRAMS = [
    ('stack.c', [], [], 'linearizable in 40 scenarios'),
    ('stack.c', ['-DPOP_STORES'], [],
     r"no order .* the rest can be explained.*'stack:push\(\d\)/push\(\d\)\+pop\(\),pop\(\)@"),  # found with two calls more
    ('queue.c', [], [], r'enqueue +lock-free, as declared'),
    ('queue.c', ['-DSWINGS_FIRST'], [], r'dequeue\(\) = -1 .* the rest can be explained'),
    ('map.c', [], [], r'put +blocking, as declared\n.*drop +blocking\n'),
    ('map.c', ['-DLOOKS_FIRST'], [], r'no order of the operations'),
    ('map.c', ['-DCLAIMS'], [], r'get +FAILED: is declared lock-free, but is blocking\n.*waits for a lock'),
    ('claims.c', [], [], r'inc +lock-free, as declared\n +get .*wait-free, as declared\n.*'
     r'push +lock-free, as declared\n +pop +lock-free, as declared\n +empty .*wait-free, as declared'),
    ('claims.c', ['-DINC=CHECK_WAIT_FREE'], [], r'inc +FAILED: is declared wait-free, but is lock-free.*starve1\.1@'),
    ('claims.c', ['-DPUSH=CHECK_WAIT_FREE'], [], r'push +FAILED: is declared wait-free, but is lock-free.*starve1\.1\.25@'),
    ('claims.c', ['-DPOP=CHECK_WAIT_FREE'], [], r'pop +FAILED: is declared wait-free, but is lock-free'),
    ('rare.c', [], [], r'inc +lock-free, as declared\n +get .*wait-free, as declared'),
    ('rare.c', ['-DCRASHES'], [], r'inc +FAILED: crash, while others keep it busy\n.*crash: thread 1 at rare\.c'),
    ('rare.c', ['-DASSERTS'], [], r'inc +FAILED: assertion, while others keep it busy\n.*lost < PATIENCE is false'),
    ('rare.c', ['-DRACES'], [], r'inc +FAILED: data race, while others keep it busy\n.*\(rare\.plain\)'),
    ('flag.c', [], [], r'data race: .*\(flag\.held\)'),
    ('flag.c', [], ['--past-races'], r'nothing but data races; the first one:\n.*data race: .*\(flag\.held\)'),
    ('flag.c', ['-DINC=CHECK_LOCK_FREE'], ['--past-races'],
     r"inc +FAILED: is declared lock-free, but is blocking\n.*--replay '[^']*@sc\+races\+stop1"),
    ('seqlock.c', MISTAKE, [], r'a == b is false'),
    ('hazard.c', MISTAKE, [], r'use after free: |data race: .*free'),
    ('rcu.c', MISTAKE, [], r'use after free: |data race: .*free'),
    ('rcu.c', URCU, [], 'nothing found'),
    ('rcu.c', URCU + MISTAKE, [], r'use after free: |data race: .*free'),
    ('condvar.c', MISTAKE, [], r'deadlock: .*waits for a condition'),
    ('peterson.c', MISTAKE, [], r'inside == 1 is false|data race: '),
    ('once.c', MISTAKE, [], r'data race: .*\(table\)'),
    ('barrier.c', MISTAKE, [], r'deadlock: |data race: '),
    ('ring.c', MISTAKE, [], r'data race: .*\(places\[\d\]\)'),
    ('names.c', MISTAKE, [], r'data race: .*\(file\.'),
    ('rounds.c', WHOLE, [], 'nothing found'),
    ('rounds.c', WHOLE + ['-DRACES'], [], r'data race: .*\(sum\)'),
    ('rounds.c', WHOLE + ['-DJOINS_TWICE'], [], r'misuse: .* joins a thread that was not started, or was joined'),
    ('homework.c', WHOLE, [], 'HEARD ONCE.*nothing found'),
    ('homework.c', WHOLE + ['-DRACES'], [], r'data race: .*\(sum\)'),
    ('homework.c', WHOLE + ['-DTIMES_OUT'], [], r'error == 0 is false at homework\.c:\d+, where error = \d+'),
    ('homework.c', WHOLE + ['-DTOO_FEW'], [], r'deadlock: .*homework\.c'),
    ('homework.c', WHOLE + ['-DMAIN_EXITS'], [], 'nothing found'),
    ('accounts.c', WHOLE, ['--budget=20000', '--mode=sc'], 'nothing found.*every schedule with up to [2-9]'),
    ('accounts.c', WHOLE + ['-DWAITS'], [], r'deadlock: .*waits for a lock'),
    ('deadline.c', WHOLE, ['--budget=100'], 'nothing found'),
    ('deadline.c', WHOLE + ['-DANSWERS'], ['--budget=100'], 'nothing found'),
    ('deadline.c', WHOLE + ['-DANSWERS', '-DLIMIT_NS=1000000'], ['--budget=100'], 'nothing found'),
    ('deadline.c', WHOLE + ['-DTRUSTS'], [], r'data race: .*\(answer\)'),
    ('deadline.c', WHOLE + ['-DFOR_EVER'], [], r'turns more\).*(deadlock|livelock): no thread can go on: .*spins at deadline'),
    ('deadline.c', WHOLE + ['-DCOUNTS'], [], r'turns more\).*livelock: still counts after 1100000 turns in which'),
    ('deadline.c', WHOLE, ['--budget=1', '--mode=sc', '--', 'late'], 'nothing found'),  # after a million turns
    ('naive.c', WHOLE, [], 'nothing found'),
    ('naive.c', WHOLE + ['-DNEVER_SETS'], [], r'deadlock: .*thread 2 spins at naive\.c'),
    ('naive.c', WHOLE + ['-DNEVER_UNLOCKS'], [], r'(deadlock|livelock): .* spins at naive\.c'),
    ('naive.c', WHOLE + ['-DRELAXED'], [], r'data race: .*\(in_spin\)'),
    ('naive.c', WHOLE + ['-DTRUSTS'], [], r'turns < PATIENCE is false'),
    ('ends.c', WHOLE, [], 'nothing found'),
    ('ends.c', WHOLE + ['-DFAILS'], [], r'thread \d calls exit\(3\) at ends\.c:\d+\n'),
    ('ends.c', WHOLE + ['-DLEAVES'], [], 'nothing found'),
    ('ends.c', WHOLE + ['-DLEAVES', '-DRACES'], [], r'data race: .*\(line\)'),
    ('ends.c', WHOLE + ['-DGIVES_AWAY'], [], r'data race: .*\(thread\d\.own\)|use after free: .*thread\d\.own'),
    ('lent.c', WHOLE, [], 'nothing found'),
    ('lent.c', WHOLE + ['-DLATE'], [], r'use after free: thread 1 .* uses the thread-local thread3\.count, and thread 3 has'),
    ('frames.c', WHOLE, [], 'nothing found'),
    ('frames.c', WHOLE + ['-DRETURNS'], [], r'use after free: .*thread 2 .*a function from which it has returned'),
    ('frames.c', WHOLE + ['-DRETURNS', '-DATOMIC'], [], r'use after free: .*thread 2 .*a function from which it has returned'),
    ('futex.c', WHOLE, [], 'nothing found'),
    ('futex.c', WHOLE + ['-DMOVES_NONE'], [], r'deadlock: .*sleeps on a futex at futex\.c:31'),
    ('futex.c', WHOLE + ['-DCOMPARES'], [], r'fetch_add lounge: 0 -> 7.*deadlock: .*sleeps on a futex at futex\.c:47'),
    ('robust.c', WHOLE, [], 'nothing found'),
    ('robust.c', WHOLE + ['-DSTALLED'], [], r'deadlock: .*waits for a lock at robust\.c'),
    ('robust.c', WHOLE + ['-DFORGETS'], [], r'ends, and still holds mutex.*enter\(\) == 0 is false'),
    ('robust.c', WHOLE + ['-DTRUSTS'], [], r'taken == given is false .*where taken = 1, given = 0'),
    ('c11.c', WHOLE, [], 'nothing found'),
    ('c11.c', WHOLE + ['-DFORGETS'], [], r'ready is false at c11\.c'),
    ('c11.c', WHOLE + ['-DTORN'], [], r'where seen\.one = 1, seen\.two = 0'),
    ('client.cc', [], [], 'nothing found'),
    ('client.cc', ['-DRELAXED'], [], r'data race: .*client\.cc'),
    ('threads.cc', WHOLE, [], 'nothing found'),
    ('threads.cc', WHOLE + ['-DRACES'], [], r'data race: .*threads\.cc:\d+ \(sum\)'),
    ('threads.cc', WHOLE + ['-DNEVER_NOTIFIES'], [], r'deadlock: .*waits for a condition'),
    ('threads.cc', WHOLE + ['-DRELAXED'], [], r'data race: .*\(letter\)'),
    ('threads.cc', WHOLE + ['-DFORGETS'], [], r'crash: .*Aborted'),
    ('threads.cc', WHOLE + ['-DLEAVES'], [], r'leak: the 4 bytes made at threads\.cc'),
    ('library.cc', WHOLE, [], 'nothing found'),
    ('library.cc', WHOLE + ['-DTWICE'], [], r'data race: .*\(one'),
    ('library.cc', WHOLE + ['-DNEVER_SETS'], [], r'deadlock: .*sleeps on a futex at atomic_futex\.h'),
    ('library.cc', WHOLE + ['-DSHARES'], [], r'data race: .*move\.h:\d+ \(thread1\.all\)'),
    ('library.cc', WHOLE + ['-DEARLY'], [], r'use after free: |data race: .*library\.cc:\d+'),
    ('timed.c', WHOLE, [], 'nothing found'),
    ('timed.c', WHOLE + ['-DTRUSTS'], [], r'data race: .*\(sum\)'),
    ('recursive.c', WHOLE, [], 'nothing found'),
    ('recursive.c', WHOLE + ['-DTWICE'], [], r'keep the mutex, and wait for raised.*deadlock: .*waits for a condition'),
    ('mappings.c', WHOLE, [], 'nothing found'),
    ('mappings.c', WHOLE + ['-DRACES'], [], r"data race: thread 1's unmapping at mappings\.c.*'s write at mappings\.c"),
    ('mappings.c', WHOLE + ['-DLATE'], [], r'crash: thread 1 at mappings\.c:\d+ uses the address'),
    ('numbers.c', WHOLE, [], 'nothing found'),
    ('numbers.c', WHOLE + ['-DRACES'], [], r'data race: .*\(sum\)'),
    ('handler.c', WHOLE, [], 'nothing found'),
    ('handler.c', WHOLE + ['-DLOCKS'], [], r'lock mutex.*deadlock: .*thread 2 waits for a lock at handler\.c'),
    ('statics.cc', WHOLE, [], 'nothing found'),
    ('statics.cc', WHOLE + ['-DFORGETS'], [], r'leak: the 4 bytes'),
    ('statics.cc', WHOLE + ['-DRACES'], [], r'data race: '),
    ('locals.cc', WHOLE, [], 'nothing found'),
    ('locals.cc', ['-DTEST'], [], 'nothing found'),
    ('locals.cc', WHOLE + ['-DRACES'], [], r'data race: .*\(total\)'),
    ('locals.cc', ['-DTEST', '-DRACES'], [], r'data race: .*\(total\)'),
    ('locals.cc', WHOLE + ['-DFORGETS'], [], r'leak: the 4 bytes'),
    ('locals.cc', WHOLE + ['-DLATE'], [], r'use after free: .*locals\.cc'),
    ('early.cc', WHOLE, [], 'nothing found'),
    ('early.cc', WHOLE + ['-DTWICE'], [], r'bad free: thread 1 .*frees a block that thread 1 freed at early\.cc'),
    ('early.cc', WHOLE + ['-DLATE'], [], r'use after free: .*early\.cc'),
    ('early.cc', WHOLE + ['-DBEYOND'], [], r'out of bounds: .*beyond the 8 bytes'),
    ('values.c', WHOLE, [], 'nothing found'),
    ('values.c', WHOLE + ['-DLATE'], [], r'use after free: .*values\.c'),
    ('values.c', WHOLE + ['-DRACES'], [], r'data race: .*\(sum\)'),
    ('values.c', WHOLE + ['-DRACES_C11'], [], r'data race: .*\(sum_c11\)'),
    ('values.c', WHOLE + ['-DHANDLER'], [], r'use after free: .*values\.c'),
    ('calls.c', WHOLE, [], 'nothing found'),
    ('calls.c', WHOLE + ['-DHURRIES'], [], r'error == 0 is false at calls\.c'),
    ('calls.c', WHOLE + ['-DOVERRUNS'], [], r'out of bounds: .*calls\.c'),
    ('calls.c', WHOLE + ['-DLOSES'], [], r'leak: the 32 bytes'),
    ('texts.c', WHOLE, [], 'nothing found'),
    ('answers.c', WHOLE, [], 'nothing found'),
    ('answers.c', WHOLE + ['-DPAUSES'], [], r'thread 2 waits for a signal at answers\.c'),
    ('answers.c', WHOLE + ['-DLOOKS'], [], r'thread 2 waits for a signal at answers\.c'),
    ('modern.cc', WHOLE, [], 'nothing found'),
    ('modern.cc', WHOLE + ['-DRACES'], [], r'data race: .*\(sum\)'),
    ('modern.cc', WHOLE + ['-DSHORT'], [], r'deadlock: .*sleeps on a futex'),
    ('memory.c', [], ['--failing-malloc'], 'nothing found'),
    ('memory.c', ['-DTRUSTS'], [], 'nothing found'),
    ('memory.c', ['-DTRUSTS'], ['--failing-malloc'], r'finds no memory\n.*block != NULL is false'),
]


def run(program, *arguments):
    return subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=300)


def is_checked(name, flags, options, wanted):
    cxx = name.endswith('.cc')
    compiler = ['g++', '-std=c++17'] if cxx else ['gcc', '-std=c11']  # a later standard among the flags wins
    with tempfile.TemporaryDirectory() as folder:
        made, program = os.path.join(folder, 'made.o'), os.path.join(folder, 'program')
        subprocess.run(compiler + ['-D_GNU_SOURCE', '-g', '-I' + os.path.join(ROOT, 'bench'), '-Wall',
                                   '-Wextra', '-Werror', *(f for f in flags if f not in WHOLE),
                                   '-fsanitize=thread', '-include', 'machine/redirect.h', '-c',
                                   os.path.join(FOLDER, name), '-o', made], check=True)
        subprocess.run([compiler[0], made, LIBRARY, '-ldw', '-o', program]
                       + [f for f in flags if f in WHOLE], check=True)
        done = run(program, '--budget=' + ('500' if name in DEAR else '5000'), *options)
        assert 'NOISE' not in done.stdout, 'what a program prints is dropped\n' + done.stdout
        assert done.stdout.count('HEARD ONCE') <= 1, 'errors of one execution are enough\n' + done.stdout
        assert re.search(wanted, done.stdout, flags=re.S), f'{wanted}\n{done.stdout}'
        right = re.match('(HEARD ONCE.*)?nothing found|linearizable|.*as declared', wanted) and 'FAILED' not in wanted
        assert done.returncode == (0 if right else 1), f'{done.returncode}\n{done.stdout}'
        replay = re.search(r"--replay '([^']+)'", done.stdout)
        assert right or replay, 'it cannot be replayed\n' + done.stdout
        if replay:
            again = run(program, '--replay', replay.group(1))
            verdict = re.search(r'^(\w[\w ]*: )', again.stdout, flags=re.M)
            assert again.returncode == 1 and verdict and verdict.group(1) in done.stdout, again.stdout


def compiled(folder, name, *link, flags=()):
    made, program = os.path.join(folder, 'made.o'), os.path.join(folder, 'program')
    subprocess.run(['gcc', '-std=c11', '-D_GNU_SOURCE', '-g', '-I' + os.path.join(ROOT, 'bench'),
                    '-fsanitize=thread', '-include', 'machine/redirect.h', *flags, '-c',
                    os.path.join(FOLDER, name), '-o', made], check=True)
    subprocess.run(['gcc', made, LIBRARY, '-ldw', '-o', program, *link], check=True)
    return program


def what_has_no_model_is_not_checked():
    """It is neither called right nor a mistake."""
    for operation in ('FUTEX_LOCK_PI', 'FUTEX_UNLOCK_PI', 'FUTEX_WAKE_BITSET'):
        with tempfile.TemporaryDirectory() as folder:
            done = run(compiled(folder, 'futex.c', *WHOLE, flags=['-DUNSEEN=' + operation]), '--budget=50')
            assert done.returncode == 3, f'{done.returncode} {done.stdout}'
            assert re.search(r'not checked: thread 1 at futex\.c:\d+ calls .*FUTEX_.*, which has no model', done.stdout), done.stdout


def a_main_that_is_not_wrapped_is_told():
    """It runs outside of the checker, and ends at its first thread."""
    with tempfile.TemporaryDirectory() as folder:
        done = run(compiled(folder, 'homework.c'))
        assert done.returncode < 0 and '-Wl,--wrap=main' in done.stdout, f'{done.returncode} {done.stdout}'


def a_forgotten_flag_is_told():
    """Of a program with its own main(): of all files, and of one of two."""
    with tempfile.TemporaryDirectory() as folder:
        source, other, made = (os.path.join(folder, name) for name in ('forgets.c', 'other.c', 'program'))
        with open(source, 'w') as f:
            f.write('#include <pthread.h>\nint next(int);\nstatic void *work(void *n) { ++*(int *)n; return n; }\n'
                    'int main(void) { pthread_t t; int n = 0; pthread_create(&t, 0, work, &n);\n'
                    'pthread_join(t, 0); return next(n) != 2; }\n')
        with open(other, 'w') as f:
            f.write('int next(int n);\nint next(int n) { return n + 1; }\n')
        for compiler, flags, other_flags, said in (
                ('gcc', (), (), 'with -fsanitize=thread or -include machine/redirect.h, so nothing'),
                ('gcc', INSTRUMENT, INSTRUMENT, 'with -include machine/redirect.h, so nothing'),
                ('gcc', INSTRUMENT + REDIRECT, (),
                 'other.c was compiled without -fsanitize=thread and -include machine/redirect.h'),
                ('gcc', INSTRUMENT + REDIRECT, INSTRUMENT, 'other.c was compiled without -include machine/redirect.h'),
                ('clang', INSTRUMENT + REDIRECT, INSTRUMENT, 'other.c was compiled without -include machine/redirect.h'),
                ('gcc', INSTRUMENT + REDIRECT + ['-O2'], ['-O2'],
                 'other.c was compiled without -fsanitize=thread and -include machine/redirect.h'),
                ('gcc', INSTRUMENT + REDIRECT + ['-O2'], INSTRUMENT + ['-O2'],
                 'other.c was compiled without -include machine/redirect.h'),
                *[('gcc', INSTRUMENT + REDIRECT + [level], INSTRUMENT + REDIRECT + [level], '')
                  for level in ('-O0', '-O2', '-O3', '-Os')],
                ('clang', INSTRUMENT + REDIRECT, INSTRUMENT + REDIRECT, '')):
            objects = [path + '.o' for path in (source, other)]
            for path, its in ((source, flags), (other, other_flags)):
                subprocess.run([compiler, '-std=c11', '-D_GNU_SOURCE', '-g', '-I' + os.path.join(ROOT, 'bench'), *its, '-c',
                                path, '-o', path + '.o'], check=True)
            subprocess.run([compiler, *objects, LIBRARY, '-ldw', *WHOLE, '-o', made], check=True)
            done = run(made, '--budget=50')
            assert done.returncode == (0 if set(flags) >= set(REDIRECT) else 2) and said in done.stdout, done.stdout
            assert said or 'without' not in done.stdout, done.stdout


def limits_are_no_failures():
    """A right program that is too long has a status of its own and no rows, and may be allowed more."""
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder, 'many.c', *WHOLE)
        for arguments, status, wanted in (
                (['--', '1'], 0, 'nothing found'), (['--', '-v', '2'], 0, 'nothing found'),
                (['--', '6000'], 3, '^main: not checked: .*within 20000 steps.*--steps=N\n$'),
                (['--steps=100000', '--', '6000'], 0, 'nothing found'), (['--steps=0'], 2, 'at least one'),
                ([], 1, 'usage: .*program .*has returned 2'),
                (['--', '1', 'x y'], 1, "returned 2.*--replay 'main@sc@quarantine@-' -- '1' 'x y'\n$")):
            done = run(program, '--budget=5', *arguments)
            assert done.returncode == status and re.search(wanted, done.stdout, flags=re.S), \
                f'{arguments} {done.returncode} {done.stdout}'


def a_name_runs_one_of_several():
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder, 'two.c')
        assert run(program, '--list').stdout == 'right\nwrong\n'
        right = run(program, 'right', '--budget=50')
        assert right.returncode == 0 and 'right: nothing found' in right.stdout, right.stdout
        both = run(program, '--budget=50')
        assert both.returncode == 1 and 'wrong: FAILED' in both.stdout, both.stdout
        wrong = run(program, '--budget=50', 'wrong')
        assert wrong.returncode == 1 and 'right' not in wrong.stdout, wrong.stdout


def wrong_lines_are_refused():
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder, 'stack.c')
        done = run(program, '--scenario=push(1)/pop()+push(2),pop()')
        assert done.returncode == 0 and 'linearizable in 1 scenario,' in done.stdout, done.stdout
        for bad in ('--scenario=push', '--scenario=push()', '--scenario=pop(1)', '--scenario=pul()',
                    '--scenario=pop()++pop()', '--scenario=', '--replay=stack:pop()@sc@lifo@x',
                    '--replay=stuck:pop()@sc@lifo@-', '--replay=x', 'heap'):
            done = run(program, bad)
            assert done.returncode == 2 and done.stdout.strip(), f'{bad}: {done.returncode} {done.stdout}'


def each_end_is_told():
    """A thread may end the program by any of these, in words and with steps."""
    for stop, wanted in STOPS:
        with tempfile.TemporaryDirectory() as folder:
            program = compiled(folder, 'stops.c', *WHOLE, flags=['-DSTOP=' + stop])
            done = run(program, '--budget=20')
            right = wanted == 'nothing found'
            assert done.returncode == (0 if right else 1) and re.search(wanted, done.stdout), \
                f'{stop} {done.returncode} {done.stdout}'
            replay = re.search(r"--replay '([^']+)'", done.stdout)
            assert right or re.search(wanted, run(program, '--replay', replay.group(1)).stdout), stop


def orders_strengthen_nothing():
    """What is relaxed beside an acquire load in one line stays so while that is tried."""
    with tempfile.TemporaryDirectory() as folder:
        done = run(compiled(folder, 'line.c'), '--orders', '--budget=300')
        assert re.search(r'fence +acquire +the same\n', done.stdout) and '0 of 4 may' in done.stdout, done.stdout


def a_default_run_ends():
    """Slow executions: after ten seconds, and says so; not if it was asked for so many."""
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder, 'slow.c', *WHOLE)
        few = run(program, '--budget=2').stdout
        assert 'nothing found in 10 executions' in few and 'stopped' not in few, few
        terminal, end = os.openpty()
        done = subprocess.run([program], stdout=subprocess.PIPE, stderr=end, text=True, timeout=200)
        os.close(end)
        assert done.returncode == 0, done.stdout
        assert re.search(r'/s; stopped after \d+ s, --budget=60s goes on\n', done.stdout), done.stdout
        said = os.read(terminal, 4096).decode()
        os.close(terminal)
        assert 'main: still running, for 4 s' in said, said


def progress_keeps_to_the_time():
    """What was not tried to its end is said, and is no failure."""
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder, 'slow_counter.c')
        begun = time.monotonic()
        done = run(program, '--budget=2s')
        took = time.monotonic() - begun
        assert done.returncode == 0 and took < 7, f'{took} {done.stdout}'
        assert len(re.findall(r'  (?:add|subtract) +not finished: .* so far\n', done.stdout)) == 2, done.stdout
        assert re.search(r'\n  stopped after \d s, --budget=60s goes on\n', done.stdout), done.stdout


def choices_of_another_program_are_refused():
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder, 'accounts.c', *WHOLE)
        passes = run(program, '--replay', 'main@sc@quarantine@-')
        assert passes.returncode == 0 and 'passed' in passes.stdout, passes.stdout
        for choices, wanted in (('0:9', r"'0:9' .* below 2 here, where thread 1 is at accounts\.c:\d+"),
                                ('9999:1', r"'9999:1' .* passes with \d+ choices")):
            done = run(program, '--replay', 'main@sc@quarantine@' + choices)
            assert done.returncode == 2 and re.search(wanted, done.stdout), f'{done.returncode} {done.stdout}'


def each_memory_has_its_line():
    """What is not said would be taken for done."""
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder, 'condvar.c')
        few = run(program, '--budget=3').stdout
        assert 'a sample of the schedules, seq' in few and 'a sample of the schedules and of the values' in few, few
        one = run(program, '--mode=sc', '--budget=2000').stdout
        assert 'exhaustive for seq' in one and 'nothing tried in weak memory' in one, one
        program = compiled(folder, 'stack.c')
        one = run(program, '--scenario=push(1)+pop()').stdout
        assert 'exhaustive for sequentially consistent memory' in one and ', weak memory' in one, one
        both = re.findall(r'memory: \d+ of 40 scenarios exhaustive, .* a sample', run(program, '--budget=20').stdout)
        assert len(both) == 2, both


def headers_compile(compiler, standard):
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, 'all.cc')
        with open(source, 'w') as f:
            f.write(''.join(f'#include <{header}>\n' for header in CXX_HEADERS))
        subprocess.run([compiler, standard, '-D_GNU_SOURCE', '-I' + os.path.join(ROOT, 'bench'), '-Wall', '-Wextra',
                        '-Werror', '-fsanitize=thread', '-include', 'machine/redirect.h', '-fsyntax-only', source],
                       check=True)


def texts_are_seen():
    """What each function reads or writes is an access like any other."""
    for name, calls in (('WRITES', TEXTS_WRITTEN), ('READS', TEXTS_READ)):
        for call in calls:
            with tempfile.TemporaryDirectory() as folder:
                done = run(compiled(folder, 'texts.c', *WHOLE, flags=[f'-D{name}={call}']), '--budget=100')
                assert done.returncode == 1 and re.search(r'data race: .*\(text\[', done.stdout), call + done.stdout


def calls_of_the_library_are_seen():
    """Each of them races with a write of what it touches."""
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder, 'touched.c', flags=['-Wall', '-Wextra', '-Werror'])
        tests = run(program, '--list').stdout.split()
        done = run(program, '--budget=20')
        verdicts = re.split(r'^(\w+): ', done.stdout, flags=re.M)[1:]
        raced = [name for name, after in zip(verdicts[::2], verdicts[1::2]) if after.startswith('FAILED')]
        races = len(re.findall(r'^data race: ', done.stdout, flags=re.M))
        assert len(tests) > 80 and raced == tests and races == len(tests), f'{sorted(set(tests) - set(raced))}\n{done.stdout}'


def main():
    cases = tap.Cases()
    for name in RIGHT:
        cases.run(name, is_checked, name, [], [], 'nothing found')
    for name, flags, options, wanted in PROGRAMS:
        if '-DCHECK_LIBURCU' in flags and not os.path.exists('/usr/include/urcu/urcu-memb.h'):
            continue
        if name == 'modern.cc':
            flags = flags + CXX20
        told = ' '.join([name] + [f for f in flags if f not in WHOLE] + options)
        cases.run(told, is_checked, name, flags, options, wanted)
        if name.endswith('.cc') and CXX20[0] not in flags and flags in ([], WHOLE):
            cases.run(told + ' ' + CXX20[0], is_checked, name, flags + CXX20, options, wanted)
    for compiler in ('g++', 'clang++'):
        for standard in CXX_STANDARDS:
            cases.run(f'{compiler} {standard}: headers compile', headers_compile, compiler, standard)
    cases.run('texts are seen', texts_are_seen)
    cases.run('what has no model is not checked', what_has_no_model_is_not_checked)
    cases.run('calls of the library are seen', calls_of_the_library_are_seen)
    cases.run('wrong lines are refused', wrong_lines_are_refused)
    cases.run('a main() that is not wrapped is told', a_main_that_is_not_wrapped_is_told)
    cases.run('a forgotten flag is told', a_forgotten_flag_is_told)
    cases.run('limits are no failures', limits_are_no_failures)
    cases.run('a name runs one of several', a_name_runs_one_of_several)
    cases.run('each end is told', each_end_is_told)
    cases.run('orders strengthen nothing', orders_strengthen_nothing)
    cases.run('a default run ends', a_default_run_ends)
    cases.run('progress keeps to the time', progress_keeps_to_the_time)
    cases.run('choices of another program are refused', choices_of_another_program_are_refused)
    cases.run('each memory has its line', each_memory_has_its_line)
    cases.finish()


if __name__ == '__main__':
    main()
