"""The headers of the server, in a real browser: every page works under them, and what comes from elsewhere does not."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from ert_core.ui.security import content_security_policy
from tests.browser import NEEDS_CHROMIUM, Server, running_server, visiting
from tests.other_server import other_server

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("security") / "home") as running:
        yield running


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Another server of this machine, and what it was asked for."""
    with other_server(connections=False) as (port, asked):
        yield f"http://127.0.0.1:{port}", asked


def test_the_policy_allows_the_scripts_of_the_page_and_no_others() -> None:
    policy = content_security_policy("<script>a</script><script src='x.js'></script>")
    scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    # printf a | openssl dgst -sha256 -binary | base64
    assert scripts == "script-src 'self' 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='"
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy


def _headers(address: str) -> dict[str, str]:
    try:
        with urllib.request.urlopen(address, timeout=10) as response:
            return dict(response.headers)
    except urllib.error.HTTPError as error:
        return dict(error.headers)


@pytest.mark.parametrize("path", ["", "documents", "api/health", "_stcore/health", "static/none.js", "media/none.png"])
def test_every_answer_carries_the_headers(server: Server, path: str) -> None:
    found = {name.lower(): value for name, value in _headers(f"{server.url}/{path}").items()}
    assert "default-src 'none'" in found["content-security-policy"]
    assert found["x-content-type-options"] == "nosniff" and found["x-frame-options"] == "DENY"
    assert found["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("page", ["", "documents", "quality", "monitor", "settings"])
def test_each_page_works_and_loads_nothing_that_the_policy_refuses(browser: Any, server: Server, page: str) -> None:
    with visiting(browser, server) as visit:
        visit.open(page)
        visit.page.get_by_role("link", name="Discussion").wait_for()
        visit.page.wait_for_load_state("networkidle")
        assert visit.foreign == []


MADE = "const made = (tag, has) => document.body.append(Object.assign(document.createElement(tag), has));"
ATTEMPTS = {
    "image": "made('img', {src: there + '/image'})",
    "script": "made('script', {src: there + '/script'})",
    "frame": "made('iframe', {src: there + '/frame'})",
    "style": "made('link', {rel: 'stylesheet', href: there + '/s'})",
    "font": "new FontFace('x', `url(${there}/font)`).load().catch(() => 0)",
    "fetch": "fetch(there + '/fetch').catch(() => 0)",
    "beacon": "navigator.sendBeacon(there + '/beacon', 'x')",
    "socket": "new WebSocket(there.replace('http', 'ws') + '/socket')",
    "form": "const f = document.createElement('form'); f.action = there + '/form'; f.method = 'post';"
    " document.body.append(f); f.submit()",
    "background": "document.body.style.background = `url(${there}/background)`",
    "object": "made('object', {data: there + '/object'})",
}


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ATTEMPTS)
def test_nothing_reaches_another_server(
    browser: Any, server: Server, elsewhere: tuple[str, list[str]], kind: str
) -> None:
    there, asked = elsewhere
    with visiting(browser, server) as visit:
        visit.open()
        visit.page.evaluate(f"there => {{ {MADE} {ATTEMPTS[kind]} }}", there)
        deadline = time.monotonic() + 15
        while not visit.foreign and time.monotonic() < deadline:
            visit.page.wait_for_timeout(50)
        visit.page.wait_for_timeout(300)
        assert asked == []
        assert visit.foreign, "refused, and said so in the console"
        # The same on a page without a policy: the attempt is a real one.
        free = browser.new_page()
        free.goto(there)
        asked.clear()
        free.evaluate(f"there => {{ {MADE} {ATTEMPTS[kind]} }}", there)
        deadline = time.monotonic() + 15
        while not asked and time.monotonic() < deadline:
            free.wait_for_timeout(50)
        free.close()
    assert asked, "null control"


def test_a_script_that_a_text_would_bring_does_not_run(browser: Any, server: Server) -> None:
    with visiting(browser, server) as visit:
        visit.open()
        visit.page.evaluate(
            "() => { const made = document.createElement('div'); document.body.append(made);"
            " made.innerHTML = '<img src=x onerror=\"window.ran = 1\">';"
            " const script = document.createElement('script'); script.textContent = 'window.ran = 2';"
            " document.body.append(script); setTimeout('window.ran = 3', 0) }"
        )
        visit.page.wait_for_timeout(300)
        assert visit.page.evaluate("window.ran") is None
        refused = " ".join(visit.foreign)
        assert "script-src" in refused and "unsafe-inline" in refused and "unsafe-eval" in refused
