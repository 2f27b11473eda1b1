"""Debian's Chromium, without a window, through its driver; a test without them is skipped.

CONTEND_SCREENSHOTS=FOLDER keeps there what pages looked like, for somebody to look at; nothing compares it.
"""

import os
import shutil

import tap

try:
    from selenium import webdriver
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
except ImportError:
    webdriver = None

ARGUMENTS = ('--headless --no-sandbox --disable-gpu --disable-quic --no-first-run '
             '--disable-background-networking --disable-component-update --disable-sync '
             '--window-size=1280,1000').split()


class Browser:
    def __init__(self):
        if not webdriver or not shutil.which('chromium') or not shutil.which('chromedriver'):
            raise tap.Skip('Chromium, its driver or selenium is not installed')
        options = Options()
        for argument in ARGUMENTS:
            options.add_argument(argument)
        options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
        try:
            self.driver = webdriver.Chrome(service=Service(shutil.which('chromedriver')),
                                           options=options)
        except WebDriverException as error: # before any page of ours
            raise tap.Skip(f'Chromium does not start here: {str(error).splitlines()[0]}') from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def open(self, address):
        self.driver.get(address)

    def js(self, script):
        return self.driver.execute_script(script)

    def text(self, selector):
        """Empty while there is no such element: of a page that is about to be another."""
        return self.js(f"return (document.querySelector('{selector}') || {{}}).textContent || ''")

    def click(self, selector):
        self.js(f"document.querySelector('{selector}').click()")

    def keep(self, name):
        """A picture of the whole page as it is now, where CONTEND_SCREENSHOTS says; without it, none."""
        folder = os.environ.get('CONTEND_SCREENSHOTS')
        if not folder:
            return
        os.makedirs(folder, exist_ok=True)
        size = self.driver.get_window_size()
        self.driver.set_window_size(size['width'], self.js('return document.documentElement.scrollHeight') + 200)
        assert self.driver.save_screenshot(os.path.join(folder, f'{name}.png')), name
        self.driver.set_window_size(size['width'], size['height'])

    def quiet(self):
        """Nothing has been said on its console: no error, no warning."""
        log = self.driver.get_log('browser')
        assert not log, log
