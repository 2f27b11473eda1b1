"""Debian's libraries for another processor, in a folder of their own: nothing is installed.

apt gets a state and a cache of its own here, so that the system keeps its packages
and its list of architectures.  Where packages come from is what /etc/apt says.
"""

import os
import shutil
import subprocess

import tap

FETCH_SECONDS = 300


def packages_of(source_root):
    """What bench/setup.sh names: all -dev packages, and what only a sysroot needs."""
    setup = os.path.join(source_root, 'bench', 'setup.sh')
    names = subprocess.run([setup, 'packages', 'tests', 'sysroot'], stdout=subprocess.PIPE,
                           text=True, check=True).stdout.split()
    return sorted(name for name in names if name.endswith('-dev'))


def troubles(said):
    """The first warning or error, which is why the others are there."""
    return [line for line in said.splitlines() if line.startswith(('W:', 'E:'))][:1]


class Apt:
    """apt-get with everything that it writes below `folder`."""

    def __init__(self, folder, architecture):
        self.archives = os.path.join(folder, 'cache', 'archives')
        for name in ('state/lists/partial', 'cache/archives/partial'):
            os.makedirs(os.path.join(folder, name))
        self.troubles = []
        status = os.path.join(folder, 'status')  # nothing is installed
        open(status, 'w').close()
        options = [f'APT::Architecture={architecture}', f'APT::Architectures={architecture}',
                   f'Dir::State={folder}/state', f'Dir::State::status={status}',
                   f'Dir::Cache={folder}/cache', 'APT::Install-Recommends=false',
                   'APT::Sandbox::User=', 'Acquire::Retries=2']
        self.command = ['apt-get'] + [word for option in options for word in ('-o', option)]

    def run(self, *words):
        """A failure is a reason to skip: it cannot be told from a missing network."""
        try:
            done = subprocess.run([*self.command, *words], stdin=subprocess.DEVNULL, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=FETCH_SECONDS)
        except FileNotFoundError:
            raise tap.Skip('there is no apt-get here to fetch libraries with')
        except subprocess.TimeoutExpired:
            raise tap.Skip(f'apt-get {words[0]} did not end within {FETCH_SECONDS} s')
        if done.returncode:
            raise tap.Skip(f'apt-get {words[0]} failed: '
                           + '; '.join(self.troubles + troubles(done.stdout)))
        self.troubles += troubles(done.stdout)  # update only warns of what it could not fetch


def fetch(folder, architecture, packages):
    """Downloads the packages with all that they depend on, and unpacks them below folder/root."""
    root = os.path.join(folder, 'root')
    apt = Apt(folder, architecture)
    apt.run('update')
    apt.run('install', '--yes', '--download-only', *packages)
    os.mkdir(root)
    for name in sorted(os.listdir(apt.archives)):
        if name.endswith('.deb'):
            subprocess.run(['dpkg-deb', '-x', os.path.join(apt.archives, name), root], check=True)


def sysroot(folder, architecture, packages):
    """Its path below `folder`, which is emptied when the packages are others than last time."""
    folder = os.path.abspath(folder)
    stamp = os.path.join(folder, 'packages')
    wanted = ' '.join([architecture, *packages])
    try:
        with open(stamp) as f:
            here = f.read() == wanted
    except FileNotFoundError:
        here = False
    if not here:
        shutil.rmtree(folder, ignore_errors=True)
        fetch(folder, architecture, packages)
        shutil.rmtree(os.path.join(folder, 'cache'))
        shutil.rmtree(os.path.join(folder, 'state'))
        with open(stamp, 'w') as f:
            f.write(wanted)
    return os.path.join(folder, 'root')
