"""Texts that try to become part of the page: in every place where a text of others is shown, they stay text."""

from __future__ import annotations

import random
import re
from pathlib import Path

from trials.pages import PLACES, Try, mark_of, no_browser, stage, told
from trials.trial import Trial

NUMBER = 100  # of payloads
# RUN is a script without quotes, MARK the number of the try.
_HTML = """
<script>RUN</script>
<ScRiPt>alert(MARK)</sCrIpT>
<script src=data:text/javascript,RUN></script>
<script>RUN
<img src=x onerror=RUN>
<img src="x" onerror="alert(MARK)">
<IMG SRC=x:x OnErRoR="RUN">
<img src=x onerror=RUN //
<img/src=x/onerror=RUN>
<svg onload=RUN>
<svg><script>RUN</script></svg>
<svg><animate onbegin=RUN attributeName=x dur=1s>
<svg><a xlink:href="javascript:RUN"><text y=9>MARK</text></a></svg>
<svg><foreignObject><body onload=RUN></foreignObject></svg>
<iframe srcdoc="<script>parent.RUN</script>"></iframe>
<iframe src="javascript:parent.RUN"></iframe>
<details open ontoggle=RUN>MARK</details>
<a href="javascript:RUN">MARK</a>
<a href=" &#14; javascript&colon;RUN">MARK</a>
<a onmouseover=RUN>MARK</a>
<body onload=RUN>
<video><source onerror=RUN></video>
<audio src=x onerror=RUN></audio>
<input autofocus onfocus=RUN>
<marquee onstart=RUN>MARK</marquee>
<object data="javascript:RUN"></object>
<embed src="data:text/html,<script>RUN</script>">
<form action="javascript:RUN"><button>MARK</button></form>
<button formaction=javascript:RUN>MARK</button>
<math><mi xlink:href="javascript:RUN">MARK</mi></math>
<math><mtext><table><mglyph><style><img src=x onerror=RUN></style></mglyph></table></mtext></math>
<noscript><p title="</noscript><img src=x onerror=RUN>"></noscript>
<base href="javascript:RUN//">
<meta http-equiv="refresh" content="0;url=javascript:RUN">
<style>@import 'javascript:RUN'</style>
<div style="background:url(javascript:RUN)">MARK</div>
<template><script>RUN</script></template>
<!-- MARK --!><img src=x onerror=RUN>
<p MARK "><img src=x onerror=RUN>
</title></textarea></script><script>RUN</script>
]]><script>RUN</script>
&lt;script&gt;RUN&lt;/script&gt;
&#60;img src=x onerror=RUN&#62;
\\x3cscript\\x3eRUN\\x3c/script\\x3e
\\u003cimg src=x onerror=RUN\\u003e
<\0script>RUN</script>
<img src=x\0onerror=RUN>
\u202e<script>RUN</script>\u202c
<\u200bimg src=x onerror=RUN>
\ufeff<svg onload=RUN>
"""
_MARKDOWN = r"""
[MARK](javascript:RUN)
[MARK](JaVaScRiPt:RUN)
[MARK](java&#x09;script:RUN)
[MARK](&#106;avascript:RUN)
[MARK](data:text/html,<script>RUN</script>)
[MARK](vbscript:RUN)
![MARK](javascript:RUN)
![MARK](x"onerror="RUN)
<javascript:RUN>
<data:text/html,MARK>
[MARK][r]↵↵[r]: javascript:RUN
[MARK]↵↵[MARK]: javascript:RUN 'title'
[![MARK](x)](javascript:RUN)
**[MARK](javascript:RUN)**
> # [MARK](javascript:RUN)
| a |↵|---|↵| <img src=x onerror=RUN> |
```html↵<script>RUN</script>↵```
- [x] <svg onload=RUN>
<div>↵↵[MARK](javascript:RUN)↵↵</div>
text[^a]↵↵[^a]: <img src=x onerror=RUN>
http://127.0.0.1:9/MARK"onmouseover="RUN
MARK@127.0.0.1
$\href{javascript:RUN}{MARK}$
$$\htmlData{onclick=RUN}{MARK}$$
$\url{javascript:RUN}$
$\htmlStyle{background:url(javascript:RUN)}{MARK}$
$\includegraphics{javascript:RUN}$
\(\class{MARK}{x}\) \[MARK\]
:material/home: MARK
:material_home: MARK :smile: :streamlit:
:red[MARK] :rainbow[MARK]
:red-background[<img src=x onerror=RUN>]
:blue-badge[[MARK](javascript:RUN)]
:small[<svg onload=RUN>]
MARK -> x <- y <-> z -- a >= b
{{constructor.constructor('RUN')()}}
${RUN}
<%= RUN %>
{0.__class__} %(MARK)s {MARK} #{RUN}
"""
PAYLOADS = [line.replace("↵", "\n") for line in (_HTML + _MARKDOWN).split("\n") if line]
# What a text may stand in, so that it begins or ends something.
_BEFORE = [
    "'",
    '">',
    "-->",
    "</p>",
    "\n\n",
    "> ",
    "- ",
    "1. ",
    "# ",
    "**",
    "`",
    "~~~\n",
    "\\",
    "[x](",
    "| a | ",
    "<div>",
]
_BEFORE += ["<!--", "$", ":red[", "&nbsp;", "\u202e", "\u2060", "\0", "\t", "<a title='"]
_AFTER = [
    "'",
    '"',
    "-->",
    "</p>",
    "\n",
    "**",
    "`",
    "\n~~~",
    "\\",
    ")",
    " |",
    "</div>",
    "$",
    "]",
    "\u202c",
    "\0",
    "<",
    "//",
]
_WORDS = re.compile(r"script|img|svg|iframe|details|onerror|onload|href|src", re.IGNORECASE)

# Notes every node that comes into the page, if only for a moment, and that no text may make.
_WATCH = """(() => {
  const never = 'body script:not([src]), iframe, frame, object, embed, base, math, form, video, audio, marquee, '
    + 'template, meta[http-equiv], [srcdoc], .katex';
  // All that is made of ERT's own Markdown where a text of others stands in it.
  const own = new Set(['P', 'SPAN', 'BR', 'STRONG', 'DIV', 'UL', 'LI']);
  const marked = container => container && /7\\d{6}/.test(container.outerHTML);
  const addresses = new Set(['href', 'src', 'action', 'formaction', 'xlink:href', 'data', 'poster']);
  const found = window.__ert_found = new Set();
  const note = (what, element) => found.size < 300 && found.add(`${what} ${element.outerHTML.slice(0, 200)}`);
  const check = element => {
    if (element.matches(never)) note('an element', element);
    if (!own.has(element.tagName) && marked(element.closest('[data-testid=stMarkdownContainer]')))
      note('in a text', element);
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name)) note('a handler', element);
      if (addresses.has(name) && /^(javascript|vbscript|data:text)/i.test(value.replace(/[\\x00-\\x20]/g, '')))
        note('a script address', element);
      if (name === 'style' && /url\\s*\\(|expression/i.test(value)) note('a style', element);
    }
  };
  new MutationObserver(records => records.forEach(({ type, target, addedNodes }) => {
    if (type === 'attributes') check(target);
    for (const node of addedNodes)
      if (node.nodeType === 1) [node, ...node.querySelectorAll('*')].forEach(check);
  })).observe(document, { subtree: true, childList: true, attributes: true });
})()"""


def tries_of(count: int, rng: random.Random) -> list[Try]:
    """Each payload in every place, one after the other: the plainest, then the others and changes of them mixed."""
    payloads = [*PAYLOADS[1:], *(_changed(rng) for _ in range(NUMBER - len(PAYLOADS)))]
    rng.shuffle(payloads)
    payloads.insert(0, PAYLOADS[0])
    tries = []
    for number in range(count):
        payload, place = divmod(number, len(PLACES))
        mark = mark_of(number)
        text = payloads[payload].replace("RUN", f"__ert_ran={mark}").replace("MARK", mark)
        tries.append(Try(number, PLACES[place], text))
    return tries


def _changed(rng: random.Random) -> str:
    text = rng.choice(PAYLOADS)
    change = rng.randrange(3)
    if change == 0:
        return _WORDS.sub(lambda m: "".join(rng.choice((c.lower(), c.upper())) for c in m.group()), text)
    if change == 1:
        return text + rng.choice(("", " ", "\n")) + rng.choice(PAYLOADS)
    return rng.choice(_BEFORE) + text + rng.choice(_AFTER)


def in_the_pages(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """All tries in one server and one browser, many to a page."""
    tries = tries_of(count, rng)
    failures = []
    with stage(folder, tries, rng, broken) as shown:
        page = shown.visit.page
        page.add_init_script(_WATCH)
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        for view, not_shown in shown.views():
            found, ran = page.evaluate("[[...window.__ert_found], window.__ert_ran ?? null]")
            seen = [*found, *(f"a dialog {said}" for said in dialogs), *shown.visit.foreign]
            seen += [f"a script ran {ran}"] if ran is not None else []
            seen += ["another page was opened"] if len(page.context.pages) > 1 else []
            failures += [*not_shown, *(told(tries, view, what) for what in seen)]
            dialogs.clear()
            shown.visit.foreign.clear()
    return failures


TRIALS = [
    Trial(
        "script-injection",
        f"texts that try to run a script or make a node, {NUMBER} payloads × {len(PLACES)} places",
        NUMBER * len(PLACES),
        "shown as written: no dialog, no node, no handler, no script address, no script run",
        in_the_pages,
        "nothing is escaped and the policy is off",
        3 * len(PLACES),
        missing=no_browser,
    )
]
