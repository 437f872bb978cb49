"""A headless Chromium that is told what to do over a pipe, by the DevTools protocol: one page, whose every event is kept."""

import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))), None)
QUIET = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync --remote-debugging-pipe".split()
PATIENCE = 60.0  # [s]


class Page:
    """A page of a browser; ``events`` are (method, parameters) in the order in which they came."""

    def __init__(self, profile: Path):
        theirs, self._to = os.pipe()
        self._from, back = os.pipe()
        # The browser reads commands from its descriptor 3 and writes answers to 4.
        command = ["bash", "-c", f'exec "$@" 3<&{theirs} 4>&{back}', "bash", CHROMIUM, *QUIET, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(command, pass_fds=(theirs, back), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs), os.close(back)
        self.events: list[tuple[str, dict]] = []
        self._sent, self._left, self._session = 0, b"", None
        target = next(one for one in self.send("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self._session = self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params) -> dict:
        """Return the answer to a command."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": params} | ({"sessionId": self._session} if self._session else {})
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._sent:
                assert "error" not in answer, answer
                return answer["result"]

    def open(self, path: Path, width: int, height: int, mobile: bool = False) -> None:
        """Show a file in a window of a size, until it has loaded."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        begin = len(self.events)
        self.send("Page.navigate", url=path.resolve().as_uri())
        while not any(method == "Page.loadEventFired" for method, _ in self.events[begin:]):
            self._next()

    def value(self, script: str):
        """Return the value of a JavaScript expression, of a promise what it comes to."""
        return self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)["result"].get("value")

    def click(self, element: str) -> None:
        """Press and release the mouse on the middle of the element that a JavaScript expression gives, as a person would."""
        x, y = self.value(f"(() => {{ const e = {element}; e.scrollIntoView({{block: 'center', inline: 'center'}}); const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; }})()")
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def settle(self) -> None:
        """Wait until what was asked for has been drawn."""
        self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        self._process.wait(timeout=PATIENCE)
        os.close(self._to), os.close(self._from)

    def _next(self) -> dict:
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._left:
            ready, _, _ = select.select([self._from], [], [], max(0.0, until - time.monotonic()))
            assert ready, "the browser does not answer"
            chunk = os.read(self._from, 1 << 20)
            assert chunk, "the browser has ended"
            self._left += chunk
        message, _, self._left = self._left.partition(b"\0")
        found = json.loads(message)
        if "method" in found:
            self.events.append((found["method"], found["params"]))
        return found
