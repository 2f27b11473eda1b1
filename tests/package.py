#!/usr/bin/env python3
"""Package test: what `meson install` gives, used as strangers would use it.

Installs the build into an empty folder and compiles against that through
pkg-config alone: the table interface from C and from C++, a strategy's header,
both libraries, both compilers; and the project as a Meson subproject.

Usage: package.py SOURCE_ROOT BUILD_ROOT
"""

import filecmp
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import tap

WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Werror']
FOLDERS = ('locks', 'counters', 'presence_map') # and what lies in them
EXPORTS = {f'contend_{object}_{what}' for object in ('lock', 'counter', 'claps', 'distinct', 'presence')
           for what in ('registry', 'missing', 'find')}
# What must exist once in a process, and the entry whose header has them.
SHARED_STATE = {'contend_urcu_memb_registrations': 'presence_map/urcu_lfht',
                'contend_graces_begun': 'presence_map/copy_on_write',
                'contend_graces_ended': 'presence_map/copy_on_write',
                'contend_ck_ht_caller': 'presence_map/ck_ht',
                'contend_ck_hs_caller': 'presence_map/ck_hs',
                'contend_parking_queue': 'locks/parking_lot',
                'contend_standstill_asking': 'counters/sharded_signal'}

HEADER = '''
#include <counters/striped.h>
static struct counter_striped claps = COUNTER_INIT_striped;
int main(void)
{
    struct counter_striped_handle me;
    if (counter_striped_attach(&claps, &me))
        return 1;
    int bad = counter_striped_add(&claps, &me, 2) || counter_striped_read(&claps, &me) != 2;
    counter_striped_detach(&claps, &me);
    return bad;
}
'''

# One map, made and used through the table and through its header: by one thread, and
# by one that knows the header only.
BOTH_WAYS = '''
#include <pthread.h>
#include <presence_map/%(name)s.h>
static struct presence_%(name)s map;
static struct presence_%(name)s_handle mine, theirs;
static void *beat(void *bad)
{
    static struct presence_%(name)s_handle me;
    *(int *)bad = presence_%(name)s_attach(&map, &me) != 0;
    for (uint64_t user = 1; user <= 5000; user++) /* grows the table */
        *(int *)bad |= presence_%(name)s_heartbeat(&map, &me, user, 1000) != PRESENCE_CAME_ONLINE;
    presence_%(name)s_detach(&map, &me);
    return NULL;
}
int main(void)
{
    const struct presence_ops *ops = contend_presence_find("%(name)s");
    pthread_t thread;
    int bad = 1;
    if (!ops || ops->size != sizeof map || ops->init(&map, NULL) || ops->attach(&map, &theirs) ||
        presence_%(name)s_attach(&map, &mine))
        return 1;
    if (pthread_create(&thread, NULL, beat, &bad) || pthread_join(thread, NULL))
        return 1;
    for (uint64_t user = 5001; user <= 10000; user++)
        bad |= ops->heartbeat(&map, &theirs, user, 1000) != PRESENCE_CAME_ONLINE;
    bad |= ops->is_online(&map, &theirs, 1, 1000) != 1 ||
           presence_%(name)s_is_online(&map, &mine, 5001, 1000) != 1;
    presence_%(name)s_detach(&map, &mine);
    ops->detach(&map, &theirs);
    return bad || ops->fini(&map);
}
'''

# The start of a line of a help text that defines options, one or several.
OPTION = r'(?:--[a-z_-]+(?:=[^\s,]+)?|-\w)'
DEFINES = rf'^ +{OPTION}(?:, {OPTION})*'

SUBPROJECT = '''
project('app', 'c', default_options: ['c_std=c11', 'werror=true', 'warning_level=3'])
contend = dependency('contend', version: '>=0.1', fallback: ['contend', 'contend_dep'])
executable('table', 'table.c', dependencies: contend)
executable('header', 'header.c', dependencies: contend, c_args: '-D_GNU_SOURCE')
'''


def run(command, status=0, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, timeout=300, **options)
    assert done.returncode == status, f'{shlex.join(command)}\n{done.returncode}\n{done.stdout}'
    return done.stdout


class Installed:
    """The build, installed under an empty folder as a packager does it."""

    def __init__(self, build, folder):
        options = json.loads(run(['meson', 'introspect', '--buildoptions', build]))
        self.option = {o['name']: o['value'] for o in options}
        self.stage = folder
        run(['meson', 'install', '-C', build, '--no-rebuild', '--quiet', '--destdir', folder])
        self.prefix = os.path.join(folder, self.option['prefix'].lstrip('/'))
        self.include = self.path('includedir', 'contend')
        self.tool = self.path('bindir', 'contend')
        self.env = dict(os.environ, PKG_CONFIG_PATH=self.path('libdir', 'pkgconfig'),
                        PKG_CONFIG_SYSROOT_DIR=folder, LD_LIBRARY_PATH=self.path('libdir'))

    def path(self, option, *names):
        return os.path.join(self.prefix, self.option[option], *names)

    def pkg_config(self, *arguments):
        return run(['pkg-config', *arguments], env=self.env).split()

    def names(self):
        return run([self.tool, 'list', '--names']).split()


def man_example(root):
    """The program that the library's manual page shows."""
    with open(os.path.join(root, 'docs', 'contend.3')) as f:
        page = f.read()
    program = re.search(r'^#include <counters/counter\.h>\n.*?^\}$', page, flags=re.S | re.M)
    text = program.group().replace('\\e', '\\') + '\n'
    assert len(text.splitlines()) <= 25, 'the example has grown'
    return text


def build(installed, compiler, language, text, static=False, packages=('contend',), flags=()):
    """Compiles and links a program by what pkg-config says; returns its path."""
    stem = os.path.join(tempfile.mkdtemp(dir=installed.stage), 'use')
    source = stem + ('.cc' if language == 'c++17' else '.c')
    with open(source, 'w') as f:
        f.write(text)
    libs = installed.pkg_config('--libs', *(['--static'] if static else []), *packages)
    if static:
        libs = ['-l:libcontend.a' if lib == '-lcontend' else lib for lib in libs]
    run([compiler, f'-std={language}', *WARNINGS, *flags,
         *installed.pkg_config('--cflags', *packages), source, '-o', stem, *libs])
    needed = run(['readelf', '-d', stem])
    assert ('[libcontend.so.1]' in needed) == (not static), needed
    return stem


def files_are_there(root, installed):
    def below(top, folder):
        return {os.path.relpath(os.path.join(path, name), top)
                for path, _, names in os.walk(os.path.join(top, folder)) for name in names}

    for folder in FOLDERS:
        headers = {name for name in below(root, folder) if name.endswith('.h')}
        there = below(installed.include, folder)
        assert headers == there, f'{folder}: {headers ^ there}'
        for name in headers:
            assert filecmp.cmp(os.path.join(root, name), os.path.join(installed.include, name),
                               shallow=False), name
    for path in (os.path.join(installed.include, 'LICENSE'), installed.tool,
                 installed.path('libdir', 'libcontend.a'),
                 installed.path('libdir', 'libcontend.so'),
                 installed.path('libdir', 'libcontend_check.a'),
                 os.path.join(installed.include, 'check', 'check.h'),
                 installed.path('mandir', 'man1', 'contend.1'),
                 installed.path('datadir', 'contend', 'formats.rules'),
                 *(installed.path('datadir', 'contend', f'{name}.schema.json')
                   for name in ('results', 'runs', 'experiments')),
                 installed.path('mandir', 'man3', 'contend.3'),
                 installed.path('datadir', 'bash-completion', 'completions', 'contend')):
        assert os.path.getsize(path) > 0, path
    others = [n for n in os.listdir(os.path.dirname(installed.tool)) if n != 'contend']
    assert not others, f'also installed: {others}'


def soname_is_versioned(installed):
    library = installed.path('libdir', 'libcontend.so')
    version = installed.pkg_config('--modversion', 'contend')[0]
    assert os.path.basename(os.path.realpath(library)) == f'libcontend.so.{version}'
    assert 'soname: [libcontend.so.1]' in run(['readelf', '-d', library])


def exports_only_what_is_public(installed):
    listed = run(['nm', '-D', '-S', '--defined-only', installed.path('libdir', 'libcontend.so')])
    lines = [line.split() for line in listed.splitlines()]
    found = {line[-1] for line in lines}
    names = installed.names()
    wanted = EXPORTS | {s for s, entry in SHARED_STATE.items() if entry in names}
    assert found == wanted, f'{sorted(found ^ wanted)}'
    for _, size, kind, name in lines:  # a program copies data at the size that it was linked with
        assert kind in 'TW' or int(size, 16) <= 8, f'{name} has {size} bytes'


def page_names_what_is_shared(root):
    """docs/embedding.md says what must exist once in a process."""
    with open(os.path.join(root, 'docs', 'embedding.md')) as f:
        page = f.read()
    missing = [name for name in SHARED_STATE if f'`{name}`' not in page]
    assert not missing, missing


def every_name_has_the_prefix(installed):
    """A program may call a function of its own lock_find or cas_ops."""
    listed = run(['nm', '-g', '--defined-only', installed.path('libdir', 'libcontend.a')])
    names = {line.split()[-1] for line in listed.splitlines() if len(line.split()) == 3}
    assert EXPORTS <= names, sorted(EXPORTS - names)
    foreign = sorted(name for name in names if not name.startswith('contend_'))
    assert not foreign, f'without the prefix contend_: {foreign}'


def lags(root, name):
    path = os.path.join(root, 'counters', name + '.h')
    return os.path.exists(path) and '.staleness_ns =' in open(path).read()


def table_from_c(root, installed, compiler, static):
    program = build(installed, compiler, 'c11', man_example(root), static)
    for name in installed.names():
        room, name = name.rsplit('/', 1)
        if room == 'counters' and name != 'null':
            said = run([program, name], env=installed.env)
            # A counter that declares how long its reads lag may not have seen the claps yet.
            assert said == '2\n' or lags(root, name), f'{name}: {said}'
    run([program, 'nobody'], status=2, env=installed.env)


def table_from_cxx(root, installed, compiler, static):
    with open(os.path.join(root, 'tests', 'strategies', 'contracts.cc')) as f:
        run([build(installed, compiler, 'c++17', f.read(), static)], env=installed.env)


def header_alone(installed, compiler):
    source = os.path.join(tempfile.mkdtemp(dir=installed.stage), 'use.c')
    with open(source, 'w') as f:
        f.write(HEADER)
    command = [compiler, '-std=c11', *WARNINGS, *installed.pkg_config('--cflags', 'contend'),
               source, '-o', source + '.exe', '-pthread']
    assert 'compile with -D_GNU_SOURCE' in run(command, status=1)
    run(command + ['-D_GNU_SOURCE'])
    run([source + '.exe'])


def checks_code_of_others(root, installed, compiler):
    """docs/checker.md: with both flags compiled, without them linked."""
    stem = os.path.join(tempfile.mkdtemp(dir=installed.stage), 'use')
    run([compiler, '-std=c11', '-D_GNU_SOURCE', '-g', '-DBROKEN',
         *installed.pkg_config('--cflags', 'contend_check'), '-c',
         os.path.join(root, 'docs', 'checker_example.c'), '-o', stem + '.o'])
    run([compiler, stem + '.o', '-o', stem, *installed.pkg_config('--libs', 'contend_check')])
    assert 'data race: ' in run([stem], status=1)


def both_ways(installed, name, compiler):
    if f'presence_map/{name}' not in installed.names():
        raise tap.Skip(f'this build has no {name}')
    packages = ['ck'] if name == 'ck_ht' else ['liburcu-memb', 'liburcu-cds']
    for static in (False, True):
        run([build(installed, compiler, 'c11', BOTH_WAYS % {'name': name}, static,
                   ['contend', *packages], ['-D_GNU_SOURCE', '-pthread'])], env=installed.env)


def page_renders(root, section):
    page = os.path.join(root, 'docs', f'contend.{section}')
    tools = [['mandoc', '-T', 'lint', '-W', 'warning', page],
             ['man', '--warnings', '-E', 'UTF-8', '-l', page]]
    tried = 0
    for tool in tools:
        try:
            done = subprocess.run(tool, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  env=dict(os.environ, MANPAGER='cat', LC_ALL='C.UTF-8'))
        except FileNotFoundError:
            continue
        tried += 1
        said = done.stderr + (done.stdout if tool[0] == 'mandoc' else '')
        assert done.returncode == 0 and not said.strip(), said
    if tried == 0:
        raise tap.Skip('neither mandoc nor man is here')


def help_of(tool, *command):
    return run([tool, *command, '--help'])


def options_in(text, prefix, pattern):
    """Long and short options from the lines that define them, as "--json" and "-q"."""
    found = set()
    for line in re.findall(prefix, text, flags=re.M):
        found |= set(re.findall(pattern, line))
    return found


def commands_of(tool):
    return re.findall(r'^  ([a-z-]+) ', help_of(tool).split('contend COMMAND --help')[0],
                      flags=re.M)


def page_has_every_option(root, tool):
    with open(os.path.join(root, 'docs', 'contend.1')) as f:
        page = f.read()
    sections = dict(re.findall(r'^\.Ss contend ([\w-]+)[^\n]*\n(.*?)(?=^\.S[sh])', page,
                               flags=re.S | re.M))
    commands = commands_of(tool)
    assert commands and set(commands) == set(sections), f'{commands} {list(sections)}'
    for command in commands:
        wanted = options_in(help_of(tool, command), DEFINES,
                            r'(?<!\S)--?[a-z_-]+')
        shown = {'-' + o for o in options_in(sections[command], r'^\.It Fl .*',
                                             r'(?<=Fl )-?[a-z_-]+')}
        assert wanted and wanted == shown, f'{command}: {sorted(wanted ^ shown)}'
    synopsis = page[:page.index('.Sh DESCRIPTION')]
    for option in set(re.findall(r'--([a-z]+)', help_of(tool))):
        assert f'Fl -{option}' in synopsis, option


def complete(installed, *words):
    """What bash would offer for the last of these words."""
    script = installed.path('datadir', 'bash-completion', 'completions', 'contend')
    ask = ('source "$1"; shift; complete -p contend >/dev/null || exit 9; COMP_WORDS=("$@"); '
           'COMP_CWORD=$(($# - 1)); _contend "$1" "${@: -1}" "${@: -2:1}"; '
           'printf "%s\\n" "${COMPREPLY[@]}"')
    return run(['bash', '-u', '-c', ask, 'bash', script, installed.tool, *words],
               cwd=installed.stage).split()


def completes(installed):
    commands = commands_of(installed.tool)
    assert set(commands) <= set(complete(installed, '')), commands
    assert complete(installed, 'ru') == ['run']
    assert sorted(complete(installed, 'help', 'li')) == ['lift', 'list']
    for command in commands:
        wanted = options_in(help_of(installed.tool, command), DEFINES,
                            r'--[a-z_-]+=?')
        offered = set(complete(installed, command, '--'))
        assert wanted and wanted <= offered, f'{command}: {sorted(wanted - offered)}'
    assert complete(installed, 'run', '--thr') == ['--threads=']
    assert complete(installed, 'run', 'quotient_n') == ['quotient_narrow']
    assert complete(installed, 'run', 'counters/fa') == ['counters/faa']
    assert complete(installed, 'costs', 'locks/tt') == ['locks/ttas']
    assert complete(installed, 'run', '--reference', '=', 'per_t') == ['per_thread']
    assert complete(installed, 'replay', '--strategy', '=', 'per_t') == ['per_thread']
    assert complete(installed, 'check', 'tick') == ['ticket']
    assert complete(installed, 'list', 'locks/tt') == ['locks/ttas']
    assert complete(installed, 'run', '--set', '=', 'per_t') == ['per_thread']
    assert complete(installed, 'run', '--object', '=', '') == ['lock', 'counter', 'claps',
                                                             'distinct', 'presence']
    assert complete(installed, 'run', '--object', '=', 'pres') == ['presence']
    assert complete(installed, 'run', '--workload', '=', 'sections_o') == ['sections_outside_100',
                                                                           'sections_outside_1000']
    assert complete(installed, 'run', '--skew', '=', 'z') == ['zipf']
    assert complete(installed, 'run', '--budget', '=', '') == []
    assert complete(installed, 'lift', 'counters/mut') == ['counters/mutex']
    assert 'mutex' not in complete(installed, 'lift', 'mutex'), 'an ambiguous name was offered'
    assert complete(installed, 'lift', 'striped_mc') == ['striped_mcs']
    os.makedirs(os.path.join(installed.stage, 'some_folder'), exist_ok=True)
    assert complete(installed, 'lift', 'faa', 'some_') == ['some_folder']


def completes_the_values_of_the_page(root, installed):
    """Where contend.1 lists what an option may be, these words are offered, and no others."""
    with open(os.path.join(root, 'docs', 'contend.1')) as f:
        sections = re.findall(r'^\.Ss contend ([\w-]+)[^\n]*\n(.*?)(?=^\.S[sh])', f.read(),
                              flags=re.S | re.M)
    tried = set()
    for command, section in sections:
        for option, text in re.findall(r'^\.It Fl -([\w-]+) Ns = Ns Ar (?:KIND|WHEN|UNIT|LEVEL|WHAT)\n'
                                       r'(.*?)(?=^\.It|^\.El)', section, flags=re.S | re.M):
            lines = re.findall(r'^\.(?:Cm|Ql) (.*)$', text, flags=re.M)
            words = {w for line in lines for w in re.findall(r'\w+', line)}
            offered = set(complete(installed, command, '--' + option, '=', ''))
            assert offered and words <= offered, f'{command} --{option}: {sorted(words - offered)}'
            named = words | set(re.findall(r'\w+', text.lower())) if words else offered
            assert offered <= named, f'{command} --{option}: {sorted(offered - named)}'
            tried.add(option)
    assert {'object', 'mode', 'level', 'by', 'format', 'color', 'skew'} <= tried, sorted(tried)


def tool_lifts_what_was_installed(installed):
    folder = tempfile.mkdtemp(dir=installed.stage)
    said = run([installed.tool, 'lift', 'counters/striped', 'claps'], cwd=folder)
    assert filecmp.cmp(os.path.join(folder, 'claps', 'CONTEND-LICENSE'),
                       os.path.join(installed.include, 'LICENSE'), shallow=False)
    with open(os.path.join(folder, 'program.c'), 'w') as f:
        f.write(HEADER)
    line = re.search(r'^  (cc .*)$', said, flags=re.M).group(1)
    run(['sh', '-c', line], cwd=folder)
    run([os.path.join(folder, 'a.out')])


def lift_without_permission(installed):
    """An ordinary user in a folder of somebody else."""
    folder = tempfile.mkdtemp(dir=installed.stage)
    os.chmod(folder, 0o555)
    user = {'user': 65534} if os.geteuid() == 0 else {}
    said = run([installed.tool, 'lift', 'faa', os.path.join(folder, 'claps')], status=1, **user)
    assert folder in said and 'Permission denied' in said, said
    assert os.listdir(folder) == []


def is_a_subproject(root, force_fallback, env):
    """Built from source as a part of another project, or found where it is installed."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, 'subprojects'))
        os.symlink(os.path.abspath(root), os.path.join(folder, 'subprojects', 'contend'))
        for name, text in (('meson.build', SUBPROJECT), ('table.c', man_example(root)),
                           ('header.c', HEADER)):
            with open(os.path.join(folder, name), 'w') as f:
                f.write(text)
        setup = ['meson', 'setup', '--buildtype=plain', os.path.join(folder, 'b'), folder]
        run(setup + (['--force-fallback-for=contend'] if force_fallback else []), env=env)
        run(['ninja', '-C', os.path.join(folder, 'b')], env=env)
        targets = json.loads(run(['meson', 'introspect', '--targets', os.path.join(folder, 'b')]))
        built = sorted(t['name'] for t in targets if t['type'] == 'executable')
        assert built == ['header', 'table'], built
        assert any(t['name'] == 'contend' for t in targets) == force_fallback
        assert run([os.path.join(folder, 'b', 'table'), 'mcs'], env=env) == '2\n'
        run([os.path.join(folder, 'b', 'header')], env=env)


def main():
    root, build_root = sys.argv[1], sys.argv[2]
    cases = tap.Cases()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        installed = Installed(build_root, folder)
        cases.run('every file is installed, and no other', files_are_there, root, installed)
        cases.run('the soname is versioned', soname_is_versioned, installed)
        cases.run('only public symbols are exported', exports_only_what_is_public, installed)
        cases.run('docs/embedding.md names what must exist once', page_names_what_is_shared, root)
        cases.run('every symbol has the prefix', every_name_has_the_prefix, installed)
        for static in (False, True):
            kind = 'static' if static else 'shared'
            for compiler in ('gcc', 'clang'):
                cases.run(f"the manual's program, {compiler}, {kind}", table_from_c, root,
                          installed, compiler, static)
            for compiler in ('g++', 'clang++'):
                cases.run(f'the tables from C++, {compiler}, {kind}', table_from_cxx, root,
                          installed, compiler, static)
        for compiler in ('gcc', 'clang'):
            cases.run(f'a header from the package, {compiler}', header_alone, installed, compiler)
            cases.run(f'the checker from the package, {compiler}', checks_code_of_others, root,
                      installed, compiler)
            for name in ('urcu_lfht', 'ck_ht'):
                cases.run(f'{name} by table and header at once, {compiler}', both_ways, installed,
                          name, compiler)
        for section in (1, 3):
            cases.run(f'contend.{section} renders', page_renders, root, section)
        cases.run('contend.1 has every option', page_has_every_option, root, installed.tool)
        cases.run('bash completes', completes, installed)
        cases.run('bash completes the values of the page', completes_the_values_of_the_page, root, installed)
        cases.run('the installed tool lifts', tool_lifts_what_was_installed, installed)
        cases.run('lift without permission', lift_without_permission, installed)
        cases.run('found by meson as a package', is_a_subproject, root, False, installed.env)
        without_cxx = dict(os.environ, CXX='/nonexistent/c++')
        cases.run('built as a subproject', is_a_subproject, root, True, without_cxx)
    cases.finish()


if __name__ == '__main__':
    main()
