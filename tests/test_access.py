"""Who reaches the pages: its own names, its own pages, and, where other machines are answered, who has the password."""

from __future__ import annotations

import json
import socket
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from ert_core.ui.login import FREE_TRIES, LONGEST_WAIT_SECONDS, MOST_FAILURES_A_MINUTE, Throttle, is_loopback
from ert_core.ui.origins import is_own_origin
from tests.browser import NEEDS_CHROMIUM, Server, running_server, visiting
from tests.raw_http import Reply, asked, opened_socket
from trials.network import WATCHER

PASSWORD = "grès & schiste 42"
PATHS = ("/", "/documents", "/api/health", "/static/none.js", "/media/none.png", "/_stcore/host-config")


def log_in(server: Server, password: str, **headers: str) -> Reply:
    body = urllib.parse.urlencode({"password": password, "next": "/documents"})
    return asked(server, "/login", "POST", body, Content_Type="application/x-www-form-urlencoded", **headers)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("access") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("guarded") / "home", ERT_PASSWORD=PASSWORD) as running:
        yield running


def test_its_own_pages_and_programs_reach_it(server: Server) -> None:
    own = server.url
    assert asked(server).status == 200 and asked(server, Origin=own).status == 200
    assert opened_socket(server, Origin=own) == 101 and opened_socket(server) == 101
    assert (
        opened_socket(
            server, Origin=own.replace("127.0.0.1", "localhost"), Host=own[7:].replace("127.0.0.1", "localhost")
        )
        == 101
    )


@pytest.mark.parametrize(
    "name", ["evil.example", "localhost.evil.example:8508", "127.0.0.1.nip.io", "[::2]:8508", "[", ""]
)
def test_a_foreign_name_is_refused_everywhere(server: Server, name: str) -> None:
    assert opened_socket(server, Host=name) == 403
    for path in PATHS:
        reply = asked(server, path, Host=name, Accept_Language="fr")
        assert reply.status in (400, 403), path  # uvicorn refuses some by itself
        assert reply.status == 400 or "ne répond pas sous le nom" in reply.text


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost:9999", "http://127.0.0.1:1", "file://", "chrome-extension://x"],
)
def test_a_foreign_page_is_refused_everywhere(server: Server, origin: str) -> None:
    assert opened_socket(server, Origin=origin) == 403
    for method, path in [
        ("GET", "/"),
        ("PUT", "/_stcore/upload_file/a/b"),
        ("POST", "/login"),
        ("OPTIONS", "/api/health"),
    ]:
        assert asked(server, path, method, Origin=origin).status == 403


def test_a_page_of_another_name_makes_the_server_call_nobody(tmp_path: Path) -> None:
    """Streamlit would ask an address on the internet for the public address of this machine, and say that it failed."""
    log = tmp_path / "reached"
    log.touch()
    (tmp_path / "sitecustomize.py").write_text(WATCHER)
    allowed = "--server.corsAllowedOrigins=https://proxy.example"
    watched = {"PYTHONPATH": str(tmp_path), "TRIAL_LOG": str(log)}
    with running_server(tmp_path / "home", allowed, **watched) as running:
        assert opened_socket(running, Origin="https://proxy.example") == 101
        assert log.read_text() == ""
        assert "external IP" not in running.log.read_text()


def test_the_own_origin_is_compared_with_the_port() -> None:
    assert is_own_origin("http://ert.lan:8508", "ert.lan:8508", set())
    assert is_own_origin("https://proxy.example", "ert.lan", {"https://proxy.example"})
    assert not is_own_origin("http://ert.lan:8509", "ert.lan:8508", set())
    assert not is_own_origin("http://[", "ert.lan:8508", set()), "what is no address is nobody's"
    assert not is_own_origin("", "", set()) and not is_own_origin("null", "", set())


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("", False),
        (None, False),
        ("ert.lan", False),
    ],
)
def test_what_only_this_machine_reaches(address: str | None, loopback: bool) -> None:
    assert is_loopback(address) is loopback


def test_without_a_password_nothing_is_shown_to_other_machines(tmp_path: Path) -> None:
    with running_server(tmp_path / "home", "--server.address=0.0.0.0") as open_to_all:
        for path in PATHS:
            reply = asked(open_to_all, path, Accept_Language="fr")
            assert reply.status == 403 and "ERT_PASSWORD" in reply.text
        assert opened_socket(open_to_all) == 403
        assert asked(open_to_all, "/_stcore/health").status == 200


def test_an_open_network_is_said_to_be_one(tmp_path: Path) -> None:
    with running_server(tmp_path / "home", "--server.address=0.0.0.0", ERT_OPEN="1") as trusted:
        assert asked(trusted).status == 200 and opened_socket(trusted) == 101


def test_another_interface_of_this_machine_asks_for_the_password_too(tmp_path: Path) -> None:
    addresses = [a.address for found in psutil.net_if_addrs().values() for a in found if a.family == socket.AF_INET]
    others = [a for a in addresses if not is_loopback(a)]
    if not others:
        pytest.skip("this machine has the loopback interface only")
    hosts = f"--server.allowedHosts={others[0]}"
    with running_server(tmp_path / "home", "--server.address=0.0.0.0", hosts, ERT_PASSWORD=PASSWORD) as running:
        assert asked(running, address=others[0]).status == 401
        assert asked(running).status == 403, "127.0.0.1 is not among the names allowed"


def test_behind_another_server_a_password_is_asked_for(server: Server) -> None:
    """What comes from this machine may have been passed on for another one."""
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        reply = asked(server, **{name.replace("-", "_"): "203.0.113.7"})
        assert reply.status == 403 and "ERT_PASSWORD" in reply.text


def test_below_a_base_path_the_way_in_is_there_too(tmp_path: Path) -> None:
    with running_server(tmp_path / "home", "--server.baseUrlPath=ert", ERT_PASSWORD=PASSWORD) as running:
        assert asked(running, "/ert/_stcore/health").status == 200
        reply = asked(running, "/ert/?c=abc", Accept_Language="en")
        assert reply.status == 401 and 'action="/ert/login"' in reply.text and 'value="/ert/?c=abc"' in reply.text
        body = urllib.parse.urlencode({"password": PASSWORD, "next": "/ert/?c=abc"})
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        reply = asked(running, "/ert/login", "POST", body, **form)
        assert (reply.status, reply.headers["location"]) == (303, "/ert/?c=abc")


@pytest.mark.parametrize("path", PATHS)
def test_the_password_stands_before_everything(guarded: Server, path: str) -> None:
    reply = asked(guarded, path, Accept_Language="fr")
    assert reply.status == 401 and "Mot de passe" in reply.text and "<script" not in reply.text
    assert "default-src 'none'" in reply.headers["content-security-policy"]


def test_the_password_opens_and_nothing_else_does(guarded: Server) -> None:
    assert opened_socket(guarded) == 403
    for wrong in ("", PASSWORD + "x", PASSWORD[:-1]):
        reply = log_in(guarded, wrong, X_Forwarded_For="10.0.0.1")
        assert reply.status == 401 and "set-cookie" not in reply.headers
    reply = log_in(guarded, PASSWORD)
    assert reply.status == 303 and reply.headers["location"] == "/documents"
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and PASSWORD not in urllib.parse.unquote(cookie)
    given = cookie.split(";")[0]
    assert asked(guarded, Cookie=given).status == 200 and opened_socket(guarded, Cookie=given) == 101
    assert asked(guarded, Cookie=given[:-1] + ("A" if given[-1] != "A" else "B")).status == 401
    assert PASSWORD not in guarded.log.read_text()


def test_a_foreign_page_cannot_try_passwords(guarded: Server) -> None:
    assert log_in(guarded, PASSWORD, Origin="https://evil.example").status == 403


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "//[", "/a\r\nX: y"]
)
def test_the_login_leads_to_its_own_pages_only(guarded: Server, target: str) -> None:
    body = urllib.parse.urlencode({"password": PASSWORD, "next": target})
    reply = asked(guarded, "/login", "POST", body, Content_Type="application/x-www-form-urlencoded")
    assert (reply.status, reply.headers["location"]) == (303, "/")


def test_tries_are_slowed_down_and_the_right_password_works_again_later() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    for _ in range(FREE_TRIES):
        assert throttle.wait("a") == 0
        throttle.failed("a")
    waits = []
    for _ in range(9):
        waits.append(throttle.wait("a"))
        now[0] += waits[-1]
        assert throttle.wait("a") == 0
        throttle.failed("a")
    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS]
    assert throttle.wait("b") == 0, "another client is not slowed"
    for address in range(1, 6):
        throttle.failed(f"2001:db8::{address}")
    assert throttle.wait("2001:db8::ffff") > 0 and throttle.wait("2001:db8:1::1") == 0, "one subscriber's network"
    throttle.succeeded("a")
    assert throttle.wait("a") == 0


def test_who_changes_addresses_is_slowed_down_with_all_others() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    for number in range(MOST_FAILURES_A_MINUTE):
        assert throttle.wait(f"10.0.0.{number}") == 0
        throttle.failed(f"10.0.0.{number}")
    assert throttle.wait("10.0.1.1") == 60
    now[0] = 60.0
    assert throttle.wait("10.0.1.1") == 0


def test_a_server_that_is_tried_says_to_wait(tmp_path: Path) -> None:
    with running_server(tmp_path / "home", ERT_PASSWORD=PASSWORD) as tried:
        statuses = [log_in(tried, f"no {n}").status for n in range(FREE_TRIES + 1)]
        assert statuses == [401] * FREE_TRIES + [429]
        reply = log_in(tried, PASSWORD)
        assert reply.status == 429 and int(reply.headers["retry-after"]) >= 1


@pytest.mark.browser
@NEEDS_CHROMIUM[1]
def test_a_person_logs_in_and_stays_in_after_a_reload(browser: Any, guarded: Server) -> None:
    with visiting(browser, guarded) as visit:
        visit.page.goto(f"{guarded.url}/documents")
        visit.page.get_by_label("Mot de passe").fill("faux")
        visit.page.get_by_role("button", name="Entrer").click()
        visit.page.get_by_text("Ce n'est pas le mot de passe.").wait_for()
        visit.page.get_by_label("Mot de passe").fill(PASSWORD)
        visit.page.keyboard.press("Enter")
        visit.page.get_by_role("heading", name="Documents").wait_for()
        assert all("401" in error for error in visit.errors), "the way in says so to programs as well"
        visit.errors.clear()
        visit.page.reload()
        visit.page.get_by_role("heading", name="Documents").wait_for()
        assert visit.foreign == []


@pytest.mark.browser
@NEEDS_CHROMIUM[1]
def test_with_an_oidc_provider_nothing_but_the_way_in_is_shown(browser: Any, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    auth = {"redirect_uri": "http://localhost/oauth2callback", "cookie_secret": "x" * 32, "client_id": "ert"}
    auth |= {"client_secret": "y", "server_metadata_url": "http://127.0.0.1:1/.well-known/openid-configuration"}
    secrets.write_text("[auth]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in auth.items()))
    arguments = ["--server.address=0.0.0.0", f"--secrets.files={secrets}"]
    with running_server(tmp_path / "home", *arguments) as running, visiting(browser, running) as visit:
        for path in ("", "documents", "settings"):
            visit.open(path)
            visit.page.get_by_role("button", name="Se connecter").wait_for()
            assert visit.page.get_by_test_id("stChatInputTextArea").count() == 0
            assert visit.page.get_by_role("link", name="Documents").count() == 0
