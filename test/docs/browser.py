"""A real headless Chromium, driven by its chromedriver over the plain WebDriver protocol on the loopback interface."""
import base64
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
LIMIT = 60  # seconds that one call may take

# WebDriver's own codes of keys.
ENTER, ESCAPE, DOWN = "\ue007", "\ue00c", "\ue015"


class Browser:
    """Starts chromedriver and one session; ends both, and what they started, with the block."""

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="dbtool-browser-")
        driver = shutil.which("chromedriver")
        if driver is None:
            raise SystemExit("there is no chromedriver: scripts/install-dependencies --test installs it")
        self.process = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        try:
            self.base = f"http://127.0.0.1:{self.port()}"
            self.session = self.new_session()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.request("DELETE", "")
        finally:
            self.stop()

    def stop(self):
        # Its process group is its own, and the browser's processes are in it.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(timeout=LIMIT)
        self.process.stdout.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def port(self):
        """chromedriver takes a free port, and says which."""
        output = self.process.stdout.fileno()
        said = b""
        end = time.monotonic() + LIMIT
        # Not by readline, whose buffer may hold a line that the selector knows nothing of.
        with selectors.DefaultSelector() as waiting:
            waiting.register(output, selectors.EVENT_READ)
            while waiting.select(max(0, end - time.monotonic())):
                more = os.read(output, 4096)
                said += more
                found = re.search(rb"started successfully on port (\d+)", said)
                if found:
                    return int(found.group(1))
                if not more:
                    break
        raise RuntimeError("chromedriver did not start")

    def new_session(self):
        arguments = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update",
                     f"--user-data-dir={self.directory}"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium has none for root
        options = {"browserName": "chrome", "goog:chromeOptions": {"args": arguments},
                   "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                   "timeouts": {"script": 20000, "pageLoad": 40000}}
        return self.send("POST", "/session", {"capabilities": {"alwaysMatch": options}})["sessionId"]

    def send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        # No proxy of the environment may stand between.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=LIMIT) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.read().decode()[:500]}") from error

    def request(self, method, path, body=None):
        return self.send(method, f"/session/{self.session}{path}", body)

    def open(self, url):
        self.request("POST", "/url", {"url": "about:blank"})  # so that another #hash is a page load as well
        self.request("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """The value of a JavaScript function body."""
        return self.request("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def becomes(self, script, *arguments):
        """Whether a script comes to say something true within seconds: pages are told of a click or a new address a moment
        later."""
        until = time.monotonic() + 10
        while not (found := self.run(script, *arguments)) and time.monotonic() < until:
            time.sleep(0.02)
        return found

    def find(self, selector):
        return self.request("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.request("POST", f"/element/{self.find(selector)}/click", {})

    def press(self, text):
        """Keys for whatever has the focus, as a person presses them."""
        actions = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self.request("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def devtools(self, command, **parameters):
        return self.request("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def size(self, width, height):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                      mobile=width < 600)

    def scheme(self, name):
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self.request("GET", "/screenshot")))

    def console(self):
        """What the console was told since it was asked last."""
        return self.request("POST", "/se/log", {"type": "browser"})

    def requests(self):
        """The URLs that pages asked for since they were looked at last; without those of the browser's own first page."""
        entries = [json.loads(entry["message"])["message"] for entry in
                   self.request("POST", "/se/log", {"type": "performance"})]
        return [entry["params"]["request"]["url"] for entry in entries
                if entry["method"] == "Network.requestWillBeSent"
                and not entry["params"]["documentURL"].startswith(("chrome://", "chrome-untrusted://"))]
