#!/usr/bin/env python3
"""Opens pages of `tidesync report` in a real Chromium without a window and says what is wrong.

    scripts/check-report.py [--charts N] [--screenshots FOLDER] FILE...

Each page is opened at the width of a desktop and of a phone, light and dark. Asked for: no message
in the console, no request but for the file itself, nothing that sticks out to the side, every chart
named, at least N charts, structure for screen readers, contrast as WCAG AA has it. Exit code 1 when
something was found, 77 when there is no Chromium.
"""
import argparse
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

NO_BROWSER = 77
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WINDOWS = ((1280, 900), (375, 812))
SCHEMES = ("light", "dark")
INSPECTION = pathlib.Path(__file__).with_suffix(".js")


class Browser:
    """A Chromium that is told what to do through a pipe, in the DevTools protocol."""

    def __init__(self, program, profile):
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()

        def give_pipes():  # it reads from 3 and writes to 4
            read, write = os.dup(to_browser), os.dup(from_browser)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self._process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--remote-debugging-pipe", "--no-first-run", "--disable-background-networking",
             "--hide-scrollbars", f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=give_pipes, close_fds=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self._rest = b""
        self._last_id = 0
        self.events = []

    def _read(self):
        while b"\0" not in self._rest:
            chunk = os.read(self._in, 1 << 20)
            if not chunk:
                raise SystemExit("check-report: the browser ended by itself")
            self._rest += chunk
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self._last_id += 1
        message = {"id": self._last_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") != self._last_id:
                self.events.append(answer)
            elif "error" in answer:
                raise SystemExit(f"check-report: {method}: {answer['error']['message']}")
            else:
                return answer["result"]

    def open_page(self):
        """A new page, whose events come from here on; returns its session."""
        self.target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable", session)
        self.events.clear()
        return session

    def load(self, session, url):
        self.call("Page.navigate", session, url=url)
        ready = "document.readyState === 'complete' && location.href"
        for _ in range(600):
            result = self.call("Runtime.evaluate", session, expression=ready, returnByValue=True)
            if result["result"].get("value") == url:
                return
            time.sleep(0.05)
        raise SystemExit(f"check-report: {url} was not loaded within half a minute")

    def close_page(self):
        self.call("Target.closeTarget", targetId=self.target)

    def close(self):
        os.close(self._out)
        os.close(self._in)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def trouble_in(events, url):
    """What the console and the network said."""
    for event in events:
        method, told = event.get("method"), event.get("params", {})
        if method == "Runtime.consoleAPICalled":
            words = " ".join(str(word.get("value", "")) for word in told["args"])
            yield f"the console says {told['type']}: {words}"
        elif method == "Runtime.exceptionThrown":
            yield f"a script failed: {told['exceptionDetails']['text']}"
        elif method == "Log.entryAdded":
            yield f"the browser says {told['entry']['level']}: {told['entry']['text']}"
        elif method == "Network.requestWillBeSent":
            asked = told["request"]["url"]
            if asked != url and not asked.startswith("data:"):
                yield f"it asks the network for {asked}"


def look_at(browser, file, window, scheme, options):
    """What is wrong with one page in one window."""
    width, height = window
    url = file.resolve().as_uri()
    session = browser.open_page()
    browser.call("Emulation.setDeviceMetricsOverride", session, width=width, height=height,
                 deviceScaleFactor=1, mobile=width < 600)
    browser.call("Emulation.setEmulatedMedia", session,
                 features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.load(session, url)
    if options.screenshots:
        picture = browser.call("Page.captureScreenshot", session, captureBeyondViewport=True)
        name = f"{file.stem}-{width}-{scheme}.png"
        (options.screenshots / name).write_bytes(base64.b64decode(picture["data"]))
    result = browser.call("Runtime.evaluate", session, returnByValue=True,
                          expression=f"({INSPECTION.read_text()})({width})")
    if "exceptionDetails" in result:
        raise SystemExit(f"check-report: {result['exceptionDetails']}")
    answer = result["result"]["value"]
    found = list(trouble_in(browser.events, url)) + answer["found"]
    browser.close_page()
    if answer["charts"] < options.charts:
        found.append(f"it has {answer['charts']} charts in place of {options.charts} or more")
    return found


def look_at_all(browser, options):
    bad = 0
    for file in options.files:
        for window in WINDOWS:
            for scheme in SCHEMES:
                found = look_at(browser, file, window, scheme, options)
                bad += len(found)
                print(f"{file.name} at {window[0]} px, {scheme}: {len(found) or 'nothing'} found")
                for finding in found:
                    print(f"  - {finding}")
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--charts", type=int, default=1, help="how many charts at least")
    parser.add_argument("--screenshots", type=pathlib.Path, help="a folder for pictures of all")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not program:
        print("check-report: skipped, there is no Chromium here; scripts/install-deps.sh has it")
        return NO_BROWSER
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="check-report-", ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            return 1 if look_at_all(browser, options) else 0
        finally:
            browser.close()


if __name__ == "__main__":
    sys.exit(main())
