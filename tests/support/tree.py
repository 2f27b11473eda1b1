"""A copy of the project in a folder of its own, and strategies added to it."""

import ast
import os
import re
import resource
import shutil
import subprocess
import time

# The folders of the families, and what the names in them begin with.
PREFIX = {'locks': 'lock', 'counters': 'counter', 'counters/claps': 'claps', 'counters/distinct': 'distinct',
          'presence_map': 'presence'}
# Axes whose reference is not in the names of the entries that have it.
UNNAMED = {'expiry', 'row'}


def copy(root, to):
    """Everything but builds, results and history."""
    shutil.copytree(root, to, symlinks=True,
                    ignore=lambda folder, names: [n for n in names if os.path.samefile(folder, root)
                                                  and re.match(r'build|results$|\.git$', n)])


def lines_of(tree, folder):
    """The lines of a folder's list, as (name, header, line).  A template's name has its axes in
    it, as striped_@lock@, but for those that may go without."""
    with open(os.path.join(tree, folder, 'meson.build')) as f:
        for text in f.read().split('\n'):
            if re.match(r" *\{'(name|header)': .*\},", text):
                line = ast.literal_eval(re.sub(r'\b(true|false)\b', lambda m: m.group().title(),
                                               text.strip().rstrip(',')))
                name = line.get('name', '')
                parts = [name] if name and '@' not in name else []
                parts += [f'@{axis}@' for axis in line.get('axes', []) if axis not in UNNAMED]
                yield '_'.join(parts) or name, line.get('header', name), text


def add_line(tree, folder, after, line):
    path = os.path.join(tree, folder, 'meson.build')
    with open(path) as f:
        text = f.read()
    assert after in text, f'{path} has no line {after}'
    with open(path, 'w') as f:
        f.write(text.replace(after, after + '\n' + line, 1))


def renamed(text, folder, name, new):
    """A header's text under another name: its symbols, its guard and what its traits say."""
    prefix = PREFIX[folder]
    text = re.sub(rf'\b({prefix}|[A-Z][A-Z_]*)_{name}(?=\b|_)', rf'\1_{new}', text)
    guard = 'CONTEND_' + folder.upper().replace('/', '_')
    text = re.sub(rf'({guard})_{name.upper()}_H\b', rf'\1_{new.upper()}_H', text)
    text = re.sub(rf'\b([A-Z][A-Z_]+)\({name}(?=[,)])', rf'\1({new}', text)
    return text.replace(f'"{name}"', f'"{new}"')


def add_copy(tree, folder, name, new):
    """The header and the line of a strategy once more, under another name."""
    with open(os.path.join(tree, folder, name + '.h')) as f:
        text = f.read()
    with open(os.path.join(tree, folder, new + '.h'), 'w') as f:
        f.write(renamed(text, folder, name, new))
    line = next(line for n, _, line in lines_of(tree, folder) if n == name)
    add_line(tree, folder, line, line.replace(f"'{name}'", f"'{new}'", 1))


def run(command, cwd, env=None):
    """(what it printed, seconds of processor time, seconds); an exit status other than 0 fails."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, cwd=cwd, env=env, text=True, errors='replace',
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        errors = [line for line in done.stdout.split('\n') if 'error:' in line or 'ERROR' in line]
        raise AssertionError('\n'.join([' '.join(command), *(errors[:12] or [done.stdout[-2000:]])]))
    return (done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            time.monotonic() - began)
