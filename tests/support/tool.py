"""The tool, as test scripts run it.  Its path is the script's first argument."""

import os
import subprocess
import sys

CONTEND = os.path.abspath(sys.argv[1])


def contend(*arguments, timeout=250, **options):
    """Runs it to its end; both outputs are kept, as text unless bytes are put in."""
    if 'input' not in options:
        options.setdefault('stdin', subprocess.DEVNULL)
    return subprocess.run([CONTEND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=not isinstance(options.get('input'), bytes), timeout=timeout,
                          **options)


def flowing(text):
    """Without the ends of its lines: what is searched may go on in the next one."""
    return ' '.join(text.split())


def expect(done, status, out=(), err=()):
    """Its exit status, and texts that must stand in either output; complaints may be broken into lines."""
    said = f'status {done.returncode}\n{done.stdout}\n{done.stderr}'
    assert done.returncode == status, said
    for text in out:
        assert text in done.stdout, f'{text!r} is not in standard output\n{said}'
    for text in err:
        assert text in done.stderr or text in flowing(done.stderr), f'{text!r} is not in standard error\n{said}'
    return done
