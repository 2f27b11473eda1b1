#!/usr/bin/env python3
"""Builds the site: docs/ with a page for every strategy, as static pages that need no network.

Usage: build.py SOURCE_ROOT CONTEND OUT

OUT/html/index.html is where to begin.  Sphinx is the generator, from Debian: its search reads an
index that is a script, so that it works on files without a server, which that of mkdocs does not;
pandoc has none.  The theme furo is light or dark, as the reader's system is, and fits a phone.
"""

import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import strategies  # noqa: E402

# The chapters of the contents: heading, and pages of docs/ in reading order.
CHAPTERS = [
    ('Use it', ['measuring', 'replay', 'embedding', 'results']),
    ('Check it', ['checker', 'mutants', 'testing', 'fuzzing']),
    ('Why it is so', ['ladder', 'ladder-presence', 'presence', 'decisions', 'decisions-counters', 'decisions-tool']),
]
COURSE_HEAD = '# The course\n\nLabs that check themselves: `contend lab` leads through them.\n\n'


def toctree(caption, pages):
    return '\n'.join(['```{toctree}', ':maxdepth: 1', f':caption: {caption}', '', *pages, '```', ''])


def as_myst(text):
    """What Sphinx needs beside plain Markdown."""
    text = re.sub(r'^```expect\n', '```{code-block} text\n:caption: Expected shape, checked by the command\n\n',
                  text, flags=re.M)
    text = re.sub(r'<summary>.*?</summary>', lambda m: re.sub(r'`([^`]+)`', r'<code>\1</code>', m.group()), text)
    # Files that are no pages: their names are enough, the site does not have them.
    return re.sub(r'\[([^\]]+)\]\((?!http|#)(?![^)]*\.(?:md|txt|json)[)#])[^)]*\)', r'\1', text)


def stage_pages(root, to):
    """docs/ as it is, in a folder of its own; returns the names of the pages in it."""
    docs = os.path.join(root, 'docs')
    names = []
    for folder in ('', 'course'):
        os.makedirs(os.path.join(to, folder), exist_ok=True)
        for name in sorted(os.listdir(os.path.join(docs, folder))):
            path = os.path.join(docs, folder, name)
            if name.endswith('.md'):
                with open(path) as f, open(os.path.join(to, folder, name), 'w') as out:
                    out.write(as_myst(f.read()))
                names.append(os.path.join(folder, name[:-3]))
            elif name.endswith(('.txt', '.json')):
                shutil.copy(path, os.path.join(to, folder))
    return names


def add_recorded(root, to, names):
    """Below a lab: what the commands of the recorded run printed."""
    for name in names:
        path = os.path.join(root, 'docs', 'course', 'recorded', os.path.basename(name) + '.json')
        if name.startswith('course/') and os.path.exists(path):
            with open(path) as f:
                shapes = json.load(f)['labs'][0]['shapes']
            with open(os.path.join(to, name + '.md'), 'a') as out:
                out.write('\n## What the recorded run printed\n')
                for shape in shapes:
                    out.write(f'\n```text\n$ {shape["command"]}\n{shape["output"].rstrip()}\n```\n')


def write_course(to, names):
    """The contents of the course: the page for teachers, if there is one, then the labs."""
    labs = [n.split('/')[1] for n in names if re.match(r'course/\d\d-', n)]
    path = os.path.join(to, 'course', 'README.md')
    head = COURSE_HEAD
    if os.path.exists(path):
        with open(path) as f:
            head = f.read() + '\n'
        os.remove(path)
    with open(os.path.join(to, 'course', 'index.md'), 'w') as f:
        f.write(head + toctree('Labs', labs))


def write_index(root, to, names, families):
    """The README, and the contents of all."""
    with open(os.path.join(root, 'README.md')) as f:
        text = as_myst(f.read()).replace('](docs/', '](')
    chapters = [(caption, [p for p in pages if p in names]) for caption, pages in CHAPTERS]
    told = {p for _, pages in chapters for p in pages}
    rest = [n for n in names if '/' not in n and n not in told]
    chapters += [('More', rest)]
    trees = [toctree('Learn', ['course/index']), toctree('Strategies', families)]
    trees += [toctree(caption, pages) for caption, pages in chapters if pages]
    with open(os.path.join(to, 'index.md'), 'w') as f:
        f.write(text + '\n' + '\n'.join(tree.replace(':maxdepth: 1', ':maxdepth: 1\n:hidden:')
                                        for tree in trees))


def links_to_readme(to):
    """Pages that point to the README mean the first page."""
    for folder, _, files in os.walk(to):
        for name in files:
            if not name.endswith('.md'):
                continue
            path = os.path.join(folder, name)
            with open(path) as f:
                text = f.read()
            depth = '../' * os.path.relpath(folder, to).count(os.sep) if folder != to else ''
            depth = '../' if folder != to and not depth else depth
            changed = re.sub(r'\]\((?:\.\./)*README\.md', f']({depth}index.md', text)
            changed = changed.replace('](course/README.md', '](course/index.md')
            if changed != text:
                with open(path, 'w') as f:
                    f.write(changed)


def mend_theme(html):
    """What Debian's furo leaves out: a style sheet that it takes from a server's root, and the dark colours
    where the reader's system asks for them and the reader has not chosen."""
    path = os.path.join(html, '_static', 'styles', 'furo.css')
    with open(path) as f:
        text = f.read()
    normalize = re.search(r'@import url\((/javascript/[^)]*)\);', text)
    if normalize:
        local = '/usr/share' + normalize.group(1)
        there = os.path.exists(local)
        if there:
            shutil.copy(local, os.path.dirname(path))
        text = text.replace(normalize.group(), f'@import url({os.path.basename(local)});' if there else '')
    dark = re.search(r'body\[data-theme="dark"\] \{([^{}]*--color-background-primary[^{}]*)\}', text)
    if dark and 'prefers-color-scheme' not in text:
        text += ('\n@media (prefers-color-scheme: dark) { body:not([data-theme="light"]) {'
                 + dark.group(1) + '} }\n')
    with open(path, 'w') as f:
        f.write(text)


def mend_script(html):
    """The theme's script imports another, which a page that was opened as a file may not: both in one."""
    folder = os.path.join(html, '_static', 'scripts')
    path = os.path.join(folder, 'furo.js')
    with open(path) as f:
        text = f.read()
    imported = re.match(r'import Gumshoe from "\./([^"]+)";\n', text)
    if imported:
        with open(os.path.join(folder, imported.group(1))) as f:
            text = f.read() + text[imported.end():]
        with open(path, 'w') as f:
            f.write(text)


def build(root, contend, out):
    source, html = os.path.join(out, 'source'), os.path.join(out, 'html')
    for folder in (source, html):
        shutil.rmtree(folder, ignore_errors=True)
    names = stage_pages(root, source)
    families = strategies.write_pages(root, contend, source)
    add_recorded(root, source, names)
    write_course(source, names)
    write_index(root, source, [n for n in names if not n.startswith('course/')], families)
    links_to_readme(source)
    site = os.path.join(root, 'docs', 'site')
    shutil.copy(os.path.join(site, 'conf.py'), source)
    shutil.copytree(os.path.join(site, '_static'), os.path.join(source, '_static'))
    done = subprocess.run([*sphinx(), '-b', 'html', '-q', '-W', '--keep-going', '-j', '2', source, html])
    mend_theme(html)
    mend_script(html)
    return done.returncode, os.path.join(html, 'index.html')


def sphinx():
    """Debian's, whatever Python comes first."""
    return ['/usr/bin/python3', '-m', 'sphinx']


def main():
    if len(sys.argv) != 4 or '--help' in sys.argv:
        print(__doc__.strip(), file=sys.stdout if '--help' in sys.argv else sys.stderr)
        sys.exit(0 if '--help' in sys.argv else 2)
    root, contend, out = (os.path.abspath(a) for a in sys.argv[1:])
    status, index = build(root, contend, out)
    if status:
        print('site: the pages have mistakes, see above', file=sys.stderr)
        sys.exit(1)
    print(f'The site is {index}')


if __name__ == '__main__':
    main()
