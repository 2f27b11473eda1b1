"""Mutants: small changes of a source, each of which makes it wrong.

A mutant is a file NAME.mutant:

    What is wrong with it, in one sentence.
    Subject: presence_map/packed
    File: presence_map/packed.h

    In: presence_packed_heartbeat
      uint64_t word = contend_load(slot);
    - if (word == 0)
    + if (true)

"Subject" is the strategy or the textbook algorithm that is explored with the change.
Lines with "-" are removed, lines with "+" are inserted, the others have to be there.
Only the code is compared: comments, line breaks, indentation and the backslashes of a
macro do not matter, and a line need not be a whole line of the source.  What is sought
must occur exactly once in the function, macro, structure or variable that "In" names as
the source writes it (or in the whole file, without "In").  A blank line begins another
change in the same place.
"""

import os
import re
import textwrap

TOKEN = re.compile(r'''
    (?P<space> \s+ | \\\r?\n | /\*.*?\*/ | //[^\n]* )
  | (?P<word> \w+ (?: \s*\#\#\s*\w+ )* )
  | (?P<text> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
  | (?P<sign> <<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\#\#|. )
''', flags=re.X | re.S)
CLOSES = {'(': ')', '[': ']', '{': '}'}


class Mistake(Exception):
    """A mutant that cannot be read, or does not fit its source."""


class Token:
    def __init__(self, text, start, end):
        self.text, self.start, self.end = text, start, end


def tokens(source):
    found = []
    for match in TOKEN.finditer(source):
        if not match.group('space'):
            text = re.sub(r'\s', '', match.group()) if match.group('word') else match.group()
            found.append(Token(text, match.start(), match.end()))
    return found


class Source:
    """A source as tokens, and where its definitions are."""

    def __init__(self, text):
        self.text, self.tokens = text, tokens(text)

    def after_group(self, at):
        """The index after the bracket that closes the one at `at`."""
        opening, depth = self.tokens[at].text, 0
        for i in range(at, len(self.tokens)):
            depth += (self.tokens[i].text == opening) - (self.tokens[i].text == CLOSES[opening])
            if depth == 0:
                return i + 1
        return len(self.tokens)

    def end_of_line(self, position):
        """The end of a logical line: one that ends with a backslash goes on."""
        return re.compile(r'(?:[^\n\\]|\\.)*', flags=re.S).match(self.text, position).end()

    def is_in_macro(self, position):
        start = 0
        for match in re.finditer(r'^[ \t]*#', self.text, flags=re.M):
            if match.start() >= start and match.start() <= position:
                start = self.end_of_line(match.start())
        return position < start

    def directive_at(self, position):
        """The name of the preprocessor's line that the position is in: "define", "endif" ..."""
        if not self.is_in_macro(position):
            return None
        for match in re.finditer(r'^[ \t]*#[ \t]*(\w*)', self.text, flags=re.M):
            if match.start() <= position < self.end_of_line(match.start()):
                name = match.group(1)
        return name

    def definition_at(self, at):
        """The range of tokens of what is defined at the name at `at`, or None."""
        if at > 1 and self.tokens[at - 1].text == 'define':
            end = self.end_of_line(self.tokens[at].start)
            return at, next((i for i in range(at, len(self.tokens))
                             if self.tokens[i].start >= end), len(self.tokens))
        after = at + 1
        while after < len(self.tokens) and self.tokens[after].text in ('(', '[', '='):
            after = after + 1 if self.tokens[after].text == '=' else self.after_group(after)
        if after < len(self.tokens) and self.tokens[after].text == '{':
            return at, self.after_group(after)
        return None

    def definitions(self, name):
        wanted = re.sub(r'\s', '', name)
        ranges = [self.definition_at(i) for i, t in enumerate(self.tokens) if t.text == wanted]
        return [r for r in ranges if r]


class Change:
    """Lines that are sought in one place, and what becomes of them."""

    def __init__(self, place):
        self.place, self.lines = place, []

    def sought(self):
        return [t.text for mark, line in self.lines if mark != '+' for t in tokens(line)]

    def stated(self):
        return '\n'.join(f'  {mark}{line}' for mark, line in self.lines)

    def find(self, source, path):
        """The index of the first token; the code must be there once."""
        where = f'{path}, in {self.place}' if self.place else path
        ranges = source.definitions(self.place) if self.place else [(0, len(source.tokens))]
        if not ranges:
            raise Mistake(f'{path} no longer defines {self.place}')
        sought, texts = self.sought(), [t.text for t in source.tokens]
        if not sought:
            raise Mistake(f'a change of {where} says only what to insert, not where')
        starts = [i for first, last in ranges for i in range(first, last - len(sought) + 1)
                  if texts[i:i + len(sought)] == sought]
        if len(starts) > 1:
            raise Mistake(f'{where}: this code is there {len(starts)} times; add a line of what '
                          f'stands before or after it:\n{self.stated()}')
        if not starts:
            raise Mistake(f'{where}: this code is not there'
                          + self.first_difference(texts, ranges, sought) + f':\n{self.stated()}')
        return starts[0]

    @staticmethod
    def first_difference(texts, ranges, sought):
        """How far the code that comes nearest agrees."""
        agreed, at = 0, 0
        for first, last in ranges:
            for i in range(first, last):
                n = 0
                while n < len(sought) and i + n < last and texts[i + n] == sought[n]:
                    n += 1
                if n > agreed:
                    agreed, at = n, i
        if agreed == 0:
            return ''
        return (f'; after "{" ".join(sought[max(0, agreed - 6):agreed])}" it says '
                f'"{" ".join(texts[at + agreed:at + agreed + 6])}"')

    def edits(self, source, path):
        """(first token, token after the last, lines to insert, whether it leads) of each run."""
        start = at = self.find(source, path)
        edits, edit = [], None
        for mark, line in self.lines:
            count = len(tokens(line)) if mark != '+' else 0
            if mark == ' ':
                edit = None
            elif edit is None:
                edit = [at, at, [], at == start]
                edits.append(edit)
            if mark == '-':
                edit[1] += count
            if mark == '+':
                edit[2].append(line)
            at += count
        return edits


def replacement(source, first, last, inserted, leads):
    """
    (start, end, text), indented like the code that is replaced or stands next to it.  `leads`:
    nothing that is sought stands before the insertion, so it belongs to what follows it.
    """
    at = first if last > first or leads else first - 1
    position = source.tokens[at].start
    indent = re.match(r'[ \t]*', source.text[:position].split('\n')[-1]).group()
    inside = source.directive_at(position) == 'define' and source.tokens[at].text != '#'
    if inserted and inserted[0].lstrip().startswith('#'):
        inside = False  # a line of the preprocessor's own
    joint = ' ' if inside else '\n' + indent
    text = joint.join(textwrap.dedent('\n'.join(inserted)).split('\n'))
    if last > first:
        return position, source.tokens[last - 1].end, text
    if leads:
        return position, position, text + joint
    return source.tokens[at].end, source.tokens[at].end, joint + text


class Mutant:
    def __init__(self, text):
        self.wrong, self.subject, self.path, self.changes = '', None, None, []
        change, place = None, None
        for line in text.split('\n'):
            key, _, value = line.partition(': ')
            if not self.wrong:
                self.wrong = line
            elif key in ('Subject', 'File'):
                setattr(self, {'Subject': 'subject', 'File': 'path'}[key], value.strip())
            elif key == 'In':
                change, place = None, value.strip()
            elif not line.strip():
                change = None
            elif line[0] in '-+ ':
                if not change:
                    change = Change(place)
                    self.changes.append(change)
                change.lines.append((line[0], line[1:].rstrip()))
            else:
                raise Mistake(f'not understood (a line of code begins with "- ", "+ " or two '
                              f'spaces): {line}')
        for name, value in (('Subject', self.subject), ('File', self.path)):
            if not value:
                raise Mistake(f'the line "{name}: ..." is missing')
        if not any(mark != ' ' for c in self.changes for mark, _ in c.lines):
            raise Mistake('it changes nothing')

    def apply(self, text):
        """The source with the changes; each is sought in the source as it was."""
        source = Source(text)
        edits = sorted(e for c in self.changes for e in c.edits(source, self.path))
        for (_, last, _, _), (first, _, _, _) in zip(edits, edits[1:]):
            if first < last:
                raise Mistake(f'{self.path}: two changes overlap')
        wanted = [t.text for t in source.tokens]
        for first, last, inserted, leads in reversed(edits):
            start, end, put = replacement(source, first, last, inserted, leads)
            text = text[:start] + put + text[end:]
            wanted[first:last] = [t.text for t in tokens('\n'.join(inserted))]
        if [t.text for t in tokens(text)] != wanted:
            raise Mistake(f'{self.path}: more than the stated code would change')
        return text


def read(path):
    with open(path) as f:
        try:
            return Mutant(f.read())
        except Mistake as mistake:
            raise Mistake(f'{os.path.basename(path)}: {mistake}') from None


def paths(root):
    """The file of each mutant by its name, sorted; those of textbook programs lie with these."""
    found = {}
    for folder in (('tests', 'bench', 'check', 'mutants'), ('bench', 'check', 'textbook', 'mutants')):
        folder = os.path.join(root, *folder)
        found.update({n[:-len('.mutant')]: os.path.join(folder, n) for n in os.listdir(folder)
                      if n.endswith('.mutant')})
    return dict(sorted(found.items()))
