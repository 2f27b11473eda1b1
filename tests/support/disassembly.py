"""Machine code as text, and which instructions are atomic or calls."""

import platform
import re
import shutil
import subprocess

ATOMIC = {
    'x86_64': re.compile(r'\b(lock|xchg|cmpxchg\w*|xadd\w*|mfence|lfence|sfence)\b'),
    # Exclusive pairs, acquire and release, LSE, fences.
    'aarch64': re.compile(r'\b(lda?x[rp][bh]?|stl?x[rp][bh]?|ldar[bh]?|ldapu?r[bh]?|ldlar[bh]?'
                          r'|stlu?r[bh]?|stllr[bh]?|casp?a?l?[bh]?|swpa?l?[bh]?|dmb|dsb'
                          r'|(ld|st)(add|clr|eor|set|[su](max|min))a?l?[bh]?)\b'),
}
CALL = {'x86_64': re.compile(r'call'), 'aarch64': re.compile(r'blr?\b')}


def binutil(name, machine):
    """The tool for objects of this machine: cross tools have its name in front."""
    cross = f'{machine}-linux-gnu-{name}'
    return cross if machine != platform.machine() and shutil.which(cross) else name


def instructions(file, machine, *options):
    """(function, instruction) in order, without addresses."""
    text = subprocess.run([binutil('objdump', machine), '-d', '--no-show-raw-insn', *options, file],
                          stdout=subprocess.PIPE, text=True, check=True).stdout
    function = ''
    for line in text.splitlines():
        if line.endswith('>:'):
            function = line
        found = re.match(r'^\s+[0-9a-f]+:\t(.*)$', line)
        # xchg of two registers touches no memory; of one with itself, it is a longer nop
        if found and not re.match(r'xchg\s+%\w+,%\w+$', found.group(1).strip()):
            yield function, found.group(1).split('#')[0]


def is_atomic(text, machine):
    """By its name, or as a call of libgcc's that chooses between LSE and exclusive pairs."""
    names = ' '.join(text.split()[:2])  # "lock xadd ..."
    return bool(ATOMIC[machine].search(names)) or '<__aarch64_' in text
