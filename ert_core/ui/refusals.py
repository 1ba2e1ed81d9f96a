"""Answers of the server outside its pages: a sentence, or a form, in a page of its own."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

# The policy of `security` allows styles within, and no script.
_PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>ERT</title>
<style>
:root {{ color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }}
body {{ max-width: 26rem; margin: 18vh auto; padding: 0 1rem; }}
input, button {{ font: inherit; padding: .5rem .75rem; border-radius: .5rem; border: 1px solid #6b7a80; width: 100%;
  box-sizing: border-box; margin-top: .5rem; }}
button {{ background: #0f766e; color: #fff; border-color: #0f766e; }}
[role=alert] {{ border-left: .25rem solid #b91c1c; padding-left: .75rem; }}
</style></head>
<body><h1>ERT</h1>{body}</body>
</html>"""


def page(body: str, language: str) -> str:
    """A whole page around `body`, which is HTML."""
    return _PAGE.format(language=language, body=body)


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, sentence: str, language: str) -> None:
    """Answer with a sentence and nothing else; a WebSocket is not opened."""
    if scope["type"] == "websocket":
        from starlette.websockets import WebSocketClose

        await WebSocketClose(1008)(scope, receive, send)
        return
    from starlette.responses import HTMLResponse

    body = f"<p role=alert>{html.escape(sentence)}</p>"
    await HTMLResponse(page(body, language), status)(scope, receive, send)
