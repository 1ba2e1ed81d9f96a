"""One small document in each format that ERT reads."""

from __future__ import annotations

import io

from tests.loaders_files import docx, epub, paragraph, pdf

# Where the fact stands in those formats that have pages, slides, sheets or chapters.
PAGES = {"report.pdf": 2, "slides.pptx": 1, "sheet.xlsx": 1, "book.epub": 1}
NAMES = (
    *("report.pdf", "report.docx", "slides.pptx", "sheet.xlsx", "table.csv", "notes.txt", "notes.md", "page.html"),
    *("book.epub", "data.json", "code.py"),
)


def file_of(name: str, heading: str, fact: str) -> bytes:
    """The file `name`, one of NAMES: it holds a heading and one sentence, without quotation marks."""
    match name.rsplit(".", 1)[1]:
        case "pdf":
            return pdf(["1.", fact])
        case "docx":
            return docx(paragraph(heading, "Heading1") + paragraph(fact))
        case "pptx":
            return _slides(heading, fact)
        case "xlsx":
            return _workbook(heading, fact)
        case "csv":
            return f"place;fact\n{heading};{fact}\nElsewhere;Nothing here.\n".encode()
        case "txt":
            return f"{fact}\n".encode("utf-16")
        case "html":
            return f"<meta charset=utf-8><h1>{heading}</h1><script>no()</script><p>{fact}</p>".encode()
        case "epub":
            return epub({"one.xhtml": f"<h1>{heading}</h1><p>{fact}</p>"})
        case "json":
            return f'{{"place": "{heading}", "fact": "{fact}"}}'.encode()
        case "py":
            return f'"""{fact}"""\nDEPTH = 48\n'.encode()
        case _:
            return f"# {heading}\n\n{fact}\n".encode()


def _workbook(heading: str, fact: str) -> bytes:
    from openpyxl import Workbook

    book, buffer = Workbook(), io.BytesIO()
    book.active.append(["place", "fact"])
    book.active.append([heading, fact])
    book.save(buffer)
    return buffer.getvalue()


def _slides(heading: str, fact: str) -> bytes:
    from pptx import Presentation

    slides, buffer = Presentation(), io.BytesIO()
    slide = slides.slides.add_slide(slides.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = heading, fact
    slides.save(buffer)
    return buffer.getvalue()
