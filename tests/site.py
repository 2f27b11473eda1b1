#!/usr/bin/env python3
"""docs/ as a site: it is built without a warning, every link leads somewhere, and no page asks the network.

Usage: site.py SOURCE_ROOT CONTEND
"""

import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse

import tap

ROOT, CONTEND = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
NEEDED = {'sphinx': 'python3-sphinx', 'myst_parser': 'python3-myst-parser', 'furo': 'furo'}


class Page(html.parser.HTMLParser):
    """Its anchors, the links that a reader may follow, and what a browser fetches by itself."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.fetched = set(), [], []
        with open(path) as f:
            self.feed(f.read())

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if given.get('id'):
            self.ids.add(given['id'])
        if tag == 'a' and given.get('href'):
            self.links.append(given['href'])
        if tag in ('img', 'script', 'iframe', 'audio', 'video', 'source') and given.get('src'):
            self.fetched.append(given['src'])
        if tag == 'link' and given.get('rel') in ('stylesheet', 'icon', 'preload', 'shortcut icon'):
            self.fetched.append(given['href'])


def pages_of(site):
    return {path: Page(path) for folder, _, names in os.walk(site) for path in
            (os.path.join(folder, name) for name in names if name.endswith('.html'))}


def outside(link):
    return bool(urllib.parse.urlparse(link).scheme or link.startswith('//'))


def target_of(path, link):
    """The file and the anchor that a link on a page leads to."""
    parts = urllib.parse.urlparse(link)
    file = os.path.normpath(os.path.join(os.path.dirname(path), urllib.parse.unquote(parts.path))) \
        if parts.path else path
    return file, urllib.parse.unquote(parts.fragment)


def links_lead_somewhere(pages):
    count = 0
    for path, page in pages.items():
        for link in page.links:
            if outside(link):
                continue
            file, anchor = target_of(path, link)
            count += 1
            assert os.path.exists(file), f'{os.path.basename(path)}: {link}'
            assert not anchor or file not in pages or anchor in pages[file].ids, \
                f'{os.path.basename(path)}: {link}: no such anchor'
    assert count > 1000, count


def nothing_is_fetched_from_elsewhere(site, pages):
    for path, page in pages.items():
        for link in page.fetched:
            assert not outside(link), f'{os.path.basename(path)}: {link}'
            assert os.path.exists(target_of(path, link)[0]), f'{os.path.basename(path)}: {link}'
    for folder, _, names in os.walk(site):
        for name in names:
            if name.endswith('.css'):
                with open(os.path.join(folder, name)) as f:
                    text = f.read()
                for link in re.findall(r'url\(["\']?([^)"\']*)', text):
                    assert link.startswith('data:') or (not outside(link) and not link.startswith('/')), (name, link)


def every_strategy_has_a_page(site):
    done = subprocess.run([CONTEND, 'list', '--names'], stdout=subprocess.PIPE, text=True, check=True)
    for name in done.stdout.split():
        path = os.path.join(site, 'strategies', name.replace('/', '_') + '.html')
        with open(path) as f:
            text = f.read()
        for part in ('Figures', 'Traits', 'Source: ', 'Idea.'):
            assert part in text, f'{path}: {part}'
    with open(os.path.join(site, 'strategies', 'locks_mcs.html')) as f:
        text = f.read()
    assert 'Break it yourself' in text and ('<svg' in text or not has('dot')), 'mcs'


def has(program):
    return any(os.access(os.path.join(folder, program), os.X_OK) for folder in os.environ['PATH'].split(':'))


BROWSE = r'''
import json, sys, time
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
site = sys.argv[1]
options = Options()
for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"):
    options.add_argument(flag)
options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
driver = webdriver.Chrome(options=options)
told = {}
try:
    driver.set_page_load_timeout(120)
    told["found"] = {}
    for word, title in (("ticket", "locks/ticket"), ("hazard", "presence_map/chained_hazard")):
        driver.get(f"file://{site}/search.html?q={word}")
        deadline = time.monotonic() + 100
        while time.monotonic() < deadline:
            found = driver.execute_script("return [...document.querySelectorAll('ul.search li a')].map(a => a.textContent)")
            if title in found:
                break
            time.sleep(0.2)
        told["found"][title] = found
    driver.set_window_size(500, 900)
    driver.get(f"file://{site}/strategies/locks_mcs.html")
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True})
    told["wide"] = {}
    for page in ("index", "strategies/locks_mcs", "strategies/presence_map_packed", "mutants", "course/01-lost-clap"):
        driver.get(f"file://{site}/{page}.html")
        told["wide"][page] = driver.execute_script(
            "return Math.max(document.documentElement.scrollWidth, document.querySelector('h1').scrollWidth)")
    told["color"] = {}
    for scheme in ("light", "dark"):
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                               {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        driver.get(f"file://{site}/index.html")
        told["color"][scheme] = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    driver.get(f"file://{site}/index.html")  # dark by now, as the system is; the reader chooses
    driver.execute_script("document.querySelector('.theme-toggle').click()")
    told["chosen"] = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    told["errors"] = [e["message"] for e in driver.get_log("browser") if e["level"] == "SEVERE"]
finally:
    driver.quit()
print(json.dumps(told))
'''


def works_in_a_browser(site):
    """From files: the search finds, a phone need not scroll sideways, dark is dark, the reader may choose, and
    no script or request fails."""
    if not has('chromedriver'):
        raise tap.Skip('there is no chromedriver (Debian: chromium-driver)')
    done = subprocess.run(['/usr/bin/python3', '-c', BROWSE, site], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=400)
    if "No module named 'selenium'" in done.stderr:
        raise tap.Skip('there is no selenium (Debian: python3-selenium)')
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert all(title in found for title, found in told['found'].items()), told
    assert all(width <= 360 for width in told['wide'].values()), told
    assert told['color']['light'] != told['color']['dark'], told
    assert told['chosen'] == told['color']['light'], told
    assert not told['errors'], told


def is_built(folder):
    for module, package in NEEDED.items():
        if subprocess.run(['/usr/bin/python3', '-c', f'import {module}'], stderr=subprocess.DEVNULL).returncode:
            raise tap.Skip(f'there is no {module} (Debian: {package})')
    done = subprocess.run(['/usr/bin/python3', os.path.join(ROOT, 'docs', 'site', 'build.py'), ROOT, CONTEND,
                           folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    assert done.stdout.strip() == f'The site is {folder}/html/index.html', done.stdout


def main():
    cases = tap.Cases()
    with tempfile.TemporaryDirectory() as folder:
        cases.run('it is built without a warning', is_built, folder)
        site = os.path.join(folder, 'html')
        if os.path.exists(site):
            pages = pages_of(site)
            cases.run('every link leads somewhere', links_lead_somewhere, pages)
            cases.run('nothing is fetched from elsewhere', nothing_is_fetched_from_elsewhere, site, pages)
            cases.run('every strategy has a page', every_strategy_has_a_page, site)
            cases.run('it works in a browser', works_in_a_browser, site)
    cases.finish()


if __name__ == '__main__':
    main()
