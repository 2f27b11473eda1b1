"""A page for every strategy of the registry, from its header, its traits, the recorded run and its mutants."""

import json
import os
import re
import shutil
import subprocess

# The lists of `contend list --json`, the folder of each, and how its pages are headed.
FAMILIES = {'locks': ('locks', 'Locks'), 'counters': ('counters', 'Clap counters'),
            'claps': ('counters/claps', 'Bounded claps'),
            'distinct': ('counters/distinct', 'Distinct clappers'), 'presence_maps': ('presence_map', 'Presence maps')}
OBJECTS = {'lock': 'locks', 'counter': 'counters', 'claps': 'counters/claps',
           'distinct': 'counters/distinct', 'presence': 'presence_map'}
# Members that are not worth a line of their own, or stand elsewhere on the page.
ELSEWHERE = {'name', 'title', 'header', 'reference', 'options', 'promises', 'lock', 'shelf', 'exhibit', 'floor'}


def registry(contend):
    done = subprocess.run([contend, 'list', '--json'], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


# ---- the header ----

def head_of(text):
    """The comment at the top as (title, [(heading, paragraph)])."""
    lines = [re.sub(r'^ ?\* ?', '', line) for line in text[2:text.index('*/')].split('\n')]
    parts = [['', []]]
    for line in lines[1:]:
        heading = re.match(r'([A-Z][a-z]+(?: [a-z]+)?): (.*)', line)
        if heading:
            parts.append([heading.group(1), [heading.group(2)]])
        else:
            parts[-1][1].append(line.strip())
    return [(h, ' '.join(' '.join(p).split())) for h, p in parts if ' '.join(p).strip()]


def plain(text):
    """Words of a header, as Markdown takes them literally; what is in backquotes stays code."""
    parts = text.split('`')
    if len(parts) % 2 == 0:
        parts = [text.replace('`', "'")]
    return '`'.join(part if i % 2 else re.sub(r'([\\*_\[\]<>|])', r'\\\1', part)
                    for i, part in enumerate(parts))


# ---- the recorded run ----

class Run:
    """docs/example-run.txt: its machine, and the rows of each table."""

    def __init__(self, path):
        with open(path) as f:
            self.text = f.read()
        self.tables = []  # (heading, the line of columns, {name: row})
        for part in re.finditer(r'^(\w+ \([^\n]*(?:\n\S[^\n]*)*)\n(  strategy [^\n]*)\n((?:  [^\n]*\n)+)',
                                self.text, flags=re.M):
            rows, name = {}, None
            for line in part.group(3).split('\n'):
                word = re.match(r'  (\S+)', line)
                if line.startswith('  blocks:'):
                    break
                if word:
                    name = word.group(1)
                    rows[name] = [line]
                elif name and line.strip():
                    rows[name].append(line)
            self.tables.append((' '.join(part.group(1).split()), part.group(2), rows))

    def workloads_of(self, obj):
        """Those of a family, from the names of the cells in the plan."""
        return set(re.findall(rf'^  {obj}/(\w+)/', self.text, flags=re.M))

    def compared(self, workload, name):
        """Its (heading, verdict) in each table of workloads of that kind in which it is ranked."""
        found = [(heading, rows[name][-1].split()[-1]) for heading, _, rows in self.tables
                 if name in rows and heading.split(' ')[0].startswith(workload)]
        return [(heading, verdict) for heading, verdict in found if verdict != 'noisy']

    def always_slower(self, workload, name):
        """Whether the reference beats it in all of these tables, of which there is one at least."""
        found = self.compared(workload, name)
        return bool(found) and all(verdict == 'slower' for _, verdict in found)

    def machine(self):
        found = dict(re.findall(r'^  (cpu_model|cpus_allowed|kernel|time|started|commit|compiler) +(.*)$',
                                self.text, flags=re.M))
        return ', '.join(found.values())

    def rows_of(self, workloads, name):
        """The tables of these workloads that have that strategy, as text."""
        return [f'{heading}\n{columns}\n' + '\n'.join(rows[name]) for heading, columns, rows in self.tables
                if name in rows and heading.split(' ')[0] in workloads]


# ---- mutants ----

def mutants(root):
    """(name, what is wrong, explored, verdict) from docs/mutants.md."""
    with open(os.path.join(root, 'docs', 'mutants.md')) as f:
        rows = [re.split(r' \| ', line.strip('| \n')) for line in f if line.startswith('| ')]
    return [(r[0], r[1], r[2], r[-1]) for r in rows[1:] if len(r) >= 5]


# ---- diagrams ----

def diagram(root, header):
    """The drawing of a header's description, as SVG in the colours of the page; '' if it has none."""
    name = header[:-2].replace('/', '_') + '.dot'
    path = os.path.join(root, 'docs', 'site', 'diagrams', name)
    if not os.path.exists(path) or not shutil.which('dot'):
        return ''
    drawn = subprocess.run(['dot', '-Tsvg', path], stdout=subprocess.PIPE, text=True, check=True).stdout
    drawn = drawn[drawn.index('<svg'):]
    drawn = re.sub(r'"(?:black|#000000)"', '"currentColor"', drawn)
    drawn = re.sub(r'<text ', '<text fill="currentColor" ', drawn)
    return '```{raw} html\n' + re.sub(r'\n\s*\n', '\n', drawn) + '\n```\n'


# ---- a page ----

def told(value):
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    if isinstance(value, dict):
        return ', '.join(k.replace('_', ' ') if v is True else str(v) for k, v in value.items() if v)
    return '-' if value is None else str(value)


def traits(entry):
    rows = [f'| {key.replace("_", " ")} | {plain(told(value))} |' for key, value in entry.items()
            if key not in ELSEWHERE]
    return '\n'.join(['| trait | |', '|---|---|', *rows])


def options(entry):
    if not entry['options']:
        return ''
    rows = [f'| `{o["name"]}` | {o["default"]} | {o["least"]} to {o["greatest"]} | {plain(o["meaning"])} |'
            for o in entry['options']]
    return '\n'.join(['## Options', '', '| option | default | range | meaning |', '|---|---|---|---|', *rows, ''])


def figures(run, workloads, name):
    tables = run.rows_of(workloads, name)
    if not tables:
        return ('The recorded run does not have it: it measures the core strategies. '
                f'`contend run {name}` measures it here.\n')
    return (f'On the machine of the [recorded run](../example-run.txt) ({plain(run.machine())}); '
            '[what the columns mean](../measuring.md).\n\n```text\n' + '\n\n'.join(tables) + '\n```\n')


def warning(run, full):
    """What a reader should know of a lock before all else."""
    folder, name = full.rsplit('/', 1)
    if folder != 'locks' or not run.always_slower('sections', name):
        return ''
    tables = '; '.join(heading for heading, _ in run.compared('sections', name))
    return (f'**Slower than the mutex** wherever the [recorded run](../example-run.txt) ranks it with '
            f'exclusive sections: {plain(tables)}.\n')


def own_mutants(known, full, header):
    """Those that were explored as this entry, or whose name begins with its header's."""
    stem = os.path.basename(header)[:-2] + '_'
    mine = [m for m in known if m[2] == full or (m[0].startswith(stem) and m[2].split('/')[0] == full.split('/')[0])]
    if not mine:
        return ''
    rows = [f'| {plain(name)} | {wrong} | {verdict} |' for name, wrong, _, verdict in mine]
    return '\n'.join(['## Break it yourself', '',
                      'Each of these changes makes it wrong, and the checker finds it '
                      '([all mutants](../mutants.md)).', '', '| mutant | what is wrong | found as |',
                      '|---|---|---|', *rows, ''])


def found_by(name):
    """The words of a name: the search knows chained_hazard as one word, and would not find it by hazard."""
    return f'---\nmyst:\n  html_meta:\n    keywords: "{", ".join(name.split("_"))}"\n---\n'


def page(root, entry, full, run, workloads, known):
    with open(os.path.join(root, entry['header'])) as f:
        source = f.read()
    parts = [found_by(entry['name']), f'# {full}', '', warning(run, full), plain(entry['title'][0].upper() + entry['title'][1:]) + '.', '',
             diagram(root, entry['header'])]
    for heading, text in head_of(source):
        if heading:
            parts += [f'**{heading}.** {plain(text)}', '']
    parts += ['## Figures', '', figures(run, workloads, entry['name']), '## Traits', '', traits(entry), '',
              options(entry), own_mutants(known, full, entry['header']),
              '## Check it, take it', '', f'    contend check {full}', f'    contend lift {full} DIR', '',
              f'## Source: {entry["header"]}', '', '```c', source.rstrip(), '```', '']
    return '\n'.join(parts)


def write_pages(root, contend, to):
    """Writes strategies/FOLDER_NAME.md for each entry, and a page for each family; returns these."""
    data, run, known = registry(contend), Run(os.path.join(root, 'docs', 'example-run.txt')), mutants(root)
    os.makedirs(os.path.join(to, 'strategies'))
    families = []
    for key, (folder, title) in FAMILIES.items():
        obj = next(o for o, f in OBJECTS.items() if f == folder)
        workloads = run.workloads_of(obj)
        prefix = folder.replace('/', '_')
        lines = [f'# {title}', '', '| name | idea | shelf |', '|---|---|---|']
        pages = []
        for entry in data[key]:
            name = f'{prefix}_{entry["name"]}'
            with open(os.path.join(to, 'strategies', name + '.md'), 'w') as f:
                f.write(page(root, entry, f'{folder}/{entry["name"]}', run, workloads, known))
            shelf = 'broken on purpose' if entry['exhibit'] else 'floor' if entry['floor'] else entry['shelf']
            lines.append(f'| [{plain(entry["name"])}]({name}.md) | {plain(entry["title"])} | {shelf} |')
            pages.append(name)
        lines += ['', '```{toctree}', ':hidden:', '', *pages, '```', '']
        with open(os.path.join(to, 'strategies', prefix + '.md'), 'w') as f:
            f.write('\n'.join(lines))
        families.append('strategies/' + prefix)
    return families
