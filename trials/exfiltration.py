"""Texts that try to make the browser ask another server for something, and so tell it what they stand beside."""

from __future__ import annotations

import random
from pathlib import Path

from tests.other_server import other_server
from trials.pages import PLACES, Try, mark_of, no_browser, stage, told
from trials.trial import Trial

# URL is an address of the other server, which ends in the number of the try.
_HTML = """
<img src="URL">
<img src=x srcset="URL 1x">
<image src="URL">
<picture><source srcset="URL"><img src=x></picture>
<input type=image src="URL">
<body background="URL">
<table background="URL"><tr><td>x</td></tr></table>
<link rel=stylesheet href="URL">
<link rel=preload as=image href="URL">
<link rel=prefetch href="URL">
<link rel=modulepreload href="URL">
<link rel=preconnect href="URL">
<link rel=dns-prefetch href="URL">
<link rel=icon href="URL">
<link rel=manifest href="URL">
<base href="URL/"><img src=x>
<meta http-equiv=refresh content="0;url=URL">
<style>@import url("URL");</style>
<style>body{background:url("URL")}</style>
<style>@font-face{font-family:x;src:url("URL")}*{font-family:x}</style>
<p style="background-image:url('URL')">x</p>
<p style="list-style:url('URL');display:list-item">x</p>
<iframe src="URL"></iframe>
<iframe srcdoc="<img src='URL'>"></iframe>
<object data="URL"></object>
<embed src="URL">
<video src="URL" autoplay></video>
<video poster="URL"></video>
<video><source src="URL"><track default src="URL"></video>
<audio src="URL" autoplay></audio>
<svg><image href="URL" width=9 height=9 /></svg>
<svg><image xlink:href="URL" width=9 height=9 /></svg>
<svg><use href="URL#x"/></svg>
<svg><filter id=f><feImage href="URL"/></filter><rect filter=url(#f) width=9 height=9 /></svg>
<a href="URL" ping="URL">x</a>
<form action="URL"><button>x</button></form>
<script src="URL"></script>
<script>fetch("URL")</script>
<script>new Image().src="URL"</script>
<script>navigator.sendBeacon("URL")</script>
<script>location="URL"</script>
<script type=speculationrules>{"prefetch":[{"urls":["URL"]}]}</script>
<img src=x onerror="fetch('URL')">
<svg onload="new Image().src='URL'">
<?xml-stylesheet href="URL"?>
<!DOCTYPE x [<!ENTITY x SYSTEM "URL">]>&x;
"""
_MARKDOWN = r"""
![x](URL)
![](URL)
![x](<URL> "title")
![x][r]↵↵[r]: URL
![r]↵↵[r]: <URL> 'title'
[![x](URL)](URL)
![![x](URL)](URL)
**![x](URL)**
> - # ![x](URL)
| a |↵|---|↵| ![x](URL) |
!↵[x](URL)
text[^a]↵↵[^a]: ![x](URL)
<div>↵↵![x](URL)↵↵</div>
![video](URL.mp4)
![audio](URL.mp3)
!video[x](URL)
![x](data:image/svg+xml,<svg%20xmlns='http://www.w3.org/2000/svg'><image%20href='URL'/></svg>)
![x](&#x55;RL "URL")
[x](URL)
<URL>
see URL, and URL.
x@127.0.0.1 URL
```mermaid↵graph TD; a-->b; click a "URL"↵```
$\includegraphics{URL}$
$\includegraphics[height=1em]{URL}$
$$\href{URL}{x}$$
$\url{URL}$
$\htmlStyle{background:url(URL)}{x}$
:red-background[![x](URL)]
:blue-badge[![x](URL)]
:small[<img src="URL">]
:material/URL:
![:material/home:](URL)
"""
TEXTS = [line.replace("↵", "\n") for line in (_HTML + _MARKDOWN).split("\n") if line]
_ADDRESSES = (
    "http://127.0.0.1:{port}/{mark}",
    "http://127.0.0.1:{port}/{mark}",
    "//127.0.0.1:{port}/{mark}",
    "HTTP://localhost:{port}/{mark}",
    "http://x@127.0.0.1:{port}/{mark}",
    "http://2130706433:{port}/{mark}",
    "http:/\\127.0.0.1:{port}/{mark}",
    "http://127.0.0.1:{port}/a/../{mark}?q=secret",
)
_BEFORE = (
    "",
    "",
    "",
    "The depth is 48 m. ",
    "\n\n",
    "> ",
    "- ",
    "# ",
    "1. ",
    '">',
    "-->",
    "</p>",
    "~~~\n~~~\n",
    ":red[",
)
# How long a page is looked at after all its texts are drawn.
LAST_REQUESTS_MS = 300


def tries_of(count: int, port: int, rng: random.Random) -> list[Try]:
    """The texts in turn, each in another place, with addresses and beginnings as chance has them."""
    texts = [TEXTS[0], *rng.sample(TEXTS[1:], len(TEXTS) - 1)]
    tries = []
    for number in range(count):
        address = rng.choice(_ADDRESSES).format(port=port, mark=mark_of(number))
        text = rng.choice(_BEFORE) + texts[number % len(texts)].replace("URL", address)
        tries.append(Try(number, PLACES[number % len(PLACES)], text))
    return tries


def in_the_pages(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """All tries in one server and one browser, many to a page."""
    failures = []
    with other_server(connections=True) as (port, asked):
        tries = tries_of(count, port, rng)
        with stage(folder, tries, rng, broken) as shown:
            page = shown.visit.page
            page.on("websocket", lambda socket: shown.visit.foreign.append(socket.url))
            for view, not_shown in shown.views():
                page.wait_for_timeout(LAST_REQUESTS_MS)
                own = shown.visit.server.url.replace("http", "ws", 1)
                left = [url for url in shown.visit.foreign if not url.startswith(own)]
                seen = [f"asked for {what}" for what in left] + [f"the other server saw {what}" for what in asked]
                failures += [*not_shown, *(told(tries, view, what) for what in seen)]
                shown.visit.foreign.clear()
                asked.clear()
    return failures


TRIALS = [
    Trial(
        "exfiltration",
        f"texts that try to make the browser call out, in {len(PLACES)} places of the pages",
        200,
        "no request but to the page's own origin, another server is never asked, shown as written",
        in_the_pages,
        "nothing is escaped and the policy is off",
        21,
        missing=no_browser,
    )
]
