"""Build the sample documents of samples/ that are not plain text from their sources in samples/sources/.

    .venv/bin/python scripts/build_samples.py [NAME ...]

PDF by Chromium (playwright), PPTX by python-pptx, DOCX written part by part (WordprocessingML,
ECMA-376), CSV computed by samples/sources/soundings.py. Every date inside the files is fixed, so that
building twice on the same machine gives the same bytes. The protocol (Markdown) and the handbook (HTML)
are their own sources.
"""

from __future__ import annotations

import io
import re
import runpy
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from bs4 import BeautifulSoup, NavigableString, Tag

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
SOURCES = SAMPLES / "sources"
CHROMIUM = "/usr/bin/chromium"
DATE = datetime(2025, 3, 1, 9, 0, 0)
UNITS = "Ω·m|kΩ|MΩ|Ω|µS/cm|mS/m|S/m|m³/h|m³|km/h|km|mm|cm|ha|m|s|ms|mA|A|mV|V|W|S|%|°C|µ|iterations|mesures"
QUANTITY = re.compile(rf"\d[\d ,.]*\s(?:{UNITS})(?!\w)|\d \d{{3}}\b")
BAND, TINT, INK = "1F4E6B", "EEF3F7", "1D2733"


def read(name: str) -> BeautifulSoup:
    """The HTML source of a sample."""
    soup = BeautifulSoup((SOURCES / f"{name}.html").read_text(encoding="utf-8"), "lxml")
    if soup.html["lang"] == "fr":  # no line begins with a colon or ends with an opening guillemet
        for text in soup.body.find_all(string=re.compile(r" [:;?!»]|« ")):
            text.replace_with(NavigableString(re.sub(r" (?=[:;?!»])|(?<=«) ", "\u00a0", text)))
    return soup


# --- PDF ---------------------------------------------------------------------------------------------


def keep_quantities_together(soup: BeautifulSoup) -> None:
    """Wrap "31,4 m" and its like in a span that does not break, leaving plain spaces in the text."""
    for text in [t for t in soup.body.find_all(string=QUANTITY) if not t.find_parent(["svg", "span"])]:
        parts: list[NavigableString | Tag] = []
        last = 0
        for match in QUANTITY.finditer(text):
            span = soup.new_tag("span", attrs={"class": "nb"})
            span.string = match.group()
            parts += [NavigableString(text[last : match.start()]), span]
            last = match.end()
        text.replace_with(*parts, NavigableString(text[last:]))


def build_pdf(name: str) -> bytes:
    """An A4 PDF with page numbers, printed by Chromium without network."""
    from playwright.sync_api import sync_playwright

    soup = read(name)
    keep_quantities_together(soup)
    style = soup.new_tag("style")
    style.string = (SOURCES / "report.css").read_text(encoding="utf-8")
    soup.head.append(style)
    footer = (
        '<div style="font:7.5pt Liberation Sans;color:#4a5a69;width:100%;margin:0 20mm;display:flex;'
        f'justify-content:space-between"><span>{soup.find("meta", attrs={"name": "footer"})["content"]}</span>'
        '<span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>'
    )
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page()
        page.set_content(str(soup))
        content = page.pdf(
            prefer_css_page_size=True,
            print_background=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=footer,
            tagged=True,
        )
        browser.close()
    # The dates sit in the uncompressed information dictionary: same length, so no offset moves.
    return re.sub(rb"\(D:\d{14}([^)]*)\)", b"(D:" + f"{DATE:%Y%m%d%H%M%S}".encode() + rb"\1)", content)


# --- DOCX --------------------------------------------------------------------------------------------

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TEXT_WIDTH = 9638  # twentieths of a point: A4 less two margins of 2 cm


def runs(tag: Tag, bold: bool = False, color: str = "") -> str:
    """The text of an element as Word runs; strong and em are kept."""
    out = []
    for child in tag.children:
        if isinstance(child, Tag):
            out.append(runs(child, bold or child.name == "strong", color))
        elif str(child):
            marks = ("<w:b/>" if bold else "") + ("<w:i/>" if tag.name == "em" else "")
            marks += f'<w:color w:val="{color}"/>' if color else ""
            text = escape(re.sub(r"\s+", " ", str(child)))
            out.append(f'<w:r><w:rPr>{marks}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>')
    return "".join(out)


def paragraph(content: str, style: str = "Normal", extra: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{extra}</w:pPr>{content}</w:p>'


def word_table(table: Tag) -> str:
    """A Word table with a caption above, a repeated header row and columns as wide as their text asks."""
    rows = [row.find_all(["th", "td"]) for row in table.find_all("tr")]
    weights = [max(6, min(34, max(len(row[i].get_text()) for row in rows))) for i in range(len(rows[0]))]
    widths = [TEXT_WIDTH * weight // sum(weights) for weight in weights]
    out = paragraph(runs(table.caption), "Caption", "<w:keepNext/>") if table.caption else ""
    out += '<w:tbl><w:tblPr><w:tblStyle w:val="ReportTable"/>'
    out += f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>'
    out += "".join(f'<w:gridCol w:w="{width}"/>' for width in widths) + "</w:tblGrid>"
    for number, row in enumerate(rows):
        header = row[0].name == "th"
        out += "<w:tr><w:trPr><w:cantSplit/>" + ("<w:tblHeader/>" if header else "") + "</w:trPr>"
        for cell, width in zip(row, widths, strict=True):
            fill = BAND if header else (TINT if number % 2 == 0 else "FFFFFF")
            content = runs(cell, bold=header, color="FFFFFF" if header else "")
            out += f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>'
            out += f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/></w:tcPr>'
            out += paragraph(content, "TableText", "<w:keepNext/>" if number < len(rows) - 1 else "") + "</w:tc>"
        out += "</w:tr>"
    return out + "</w:tbl>" + paragraph("", "TableText")


def word_body(soup: BeautifulSoup) -> tuple[str, int]:
    """The body of the document and how many numbered lists it holds."""
    out, lists = "", 0
    for tag in soup.body.find_all(["h1", "h2", "p", "ul", "ol", "table"], recursive=False):
        if tag.name == "table":
            out += word_table(tag)
        elif tag.name in ("ul", "ol"):
            lists += tag.name == "ol"
            numbering = 1 if tag.name == "ul" else 1 + lists
            mark = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{numbering}"/></w:numPr>'
            out += "".join(paragraph(runs(item), "ListParagraph", mark) for item in tag.find_all("li"))
        else:
            subtitle = "subtitle" in tag.get("class", [])
            style = {"h1": "Title", "h2": "Heading1"}.get(tag.name, "Subtitle" if subtitle else "Normal")
            out += paragraph(runs(tag), style)
    return out, lists


def word_styles() -> str:
    """styles.xml: (id, name, size in half-points, bold, colour, space before, space after)."""
    rows = [
        ("Normal", "Normal", 21, False, INK, 0, 120),
        ("Title", "Title", 36, True, BAND, 0, 80),
        ("Subtitle", "Subtitle", 20, False, "4A5A69", 0, 240),
        ("Heading1", "heading 1", 26, True, BAND, 280, 100),
        ("Caption", "caption", 18, True, INK, 120, 60),
        ("TableText", "Table Text", 18, False, INK, 20, 20),
        ("ListParagraph", "List Paragraph", 21, False, INK, 0, 60),
        ("Footer", "footer", 16, False, "4A5A69", 0, 0),
    ]
    out = f'{HEADER}<w:styles {WORD}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" '
    out += 'w:hAnsi="Calibri" w:cs="Calibri"/><w:lang w:val="fr-FR"/></w:rPr></w:rPrDefault></w:docDefaults>'
    for style, label, size, bold, color, before, after in rows:
        default = ' w:default="1"' if style == "Normal" else ""
        outline = '<w:keepNext/><w:outlineLvl w:val="0"/>' if style == "Heading1" else ""
        keep, level = (outline[:13], outline[13:]) if outline else ("", "")
        based = "" if style == "Normal" else '<w:basedOn w:val="Normal"/>'
        out += f'<w:style w:type="paragraph"{default} w:styleId="{style}"><w:name w:val="{label}"/>{based}<w:qFormat/>'
        out += f'<w:pPr>{keep}<w:spacing w:before="{before}" w:after="{after}"/>{level}</w:pPr><w:rPr>'
        out += "<w:b/>" if bold else ""
        out += f'<w:color w:val="{color}"/><w:sz w:val="{size}"/></w:rPr></w:style>'
    rule = '<w:{} w:val="single" w:sz="4" w:space="0" w:color="CDD8E1"/>'
    out += '<w:style w:type="table" w:styleId="ReportTable"><w:name w:val="Report Table"/><w:tblPr><w:tblBorders>'
    out += "".join(rule.format(side) for side in ("top", "bottom", "insideH")) + "</w:tblBorders><w:tblCellMar>"
    out += '<w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
    return out + "</w:styles>"


def word_numbering(lists: int) -> str:
    """numbering.xml: list 1 has bullets; lists 2 and on are numbered, each from 1."""
    out = f"{HEADER}<w:numbering {WORD}>"
    for number in range(1, lists + 2):
        kind, text = ("bullet", "•") if number == 1 else ("decimal", "%1.")
        out += f'<w:abstractNum w:abstractNumId="{number}"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        out += f'<w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        out += '<w:pPr><w:ind w:left="400" w:hanging="400"/></w:pPr></w:lvl></w:abstractNum>'
    for number in range(1, lists + 2):
        out += f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
    return out + "</w:numbering>"


def build_docx(name: str) -> bytes:
    """A Word document with real headings, numbered lists, tables and page numbers."""
    soup = read(name)
    body, lists = word_body(soup)
    page_number = '<w:r><w:tab/></w:r><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    footer = f"<w:r><w:t>{escape(soup.find('meta', attrs={'name': 'footer'})['content'])}</w:t></w:r>{page_number}"
    right_tab = f'<w:tabs><w:tab w:val="right" w:pos="{TEXT_WIDTH}"/></w:tabs>'
    section = '<w:sectPr><w:footerReference w:type="default" r:id="rId3"/><w:pgSz w:w="11906" w:h="16838"/>'
    section += '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567"'
    section += ' w:gutter="0"/></w:sectPr>'
    parts = {"document": "document.main", "styles": "styles", "numbering": "numbering", "footer": "footer"}
    types = f'{HEADER}<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    types += '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    for part, kind in parts.items():
        types += f'<Override PartName="/word/{part}.xml" ContentType="{WORD_TYPE}.{kind}+xml"/>'
    types += '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.'
    types += 'core-properties+xml"/></Types>'

    def relations(*rows: tuple[str, str]) -> str:
        links = "".join(
            f'<Relationship Id="rId{i}" Type="{kind}" Target="{target}"/>' for i, (kind, target) in enumerate(rows, 1)
        )
        return f'{HEADER}<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'

    day = f'xsi:type="dcterms:W3CDTF">{DATE:%Y-%m-%dT%H:%M:%SZ}<'
    core = f'{HEADER}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
    core += 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    core += f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{escape(soup.title.string)}</dc:title>'
    core += f"<dc:creator>Atelier Sous-Sol (fictif)</dc:creator><dc:language>fr</dc:language><dcterms:created {day}"
    core += f"/dcterms:created><dcterms:modified {day}/dcterms:modified></cp:coreProperties>"
    document = f'{HEADER}<w:document {WORD} xmlns:r="{RELATED}"><w:body>{body}{section}</w:body></w:document>'
    files = {
        "[Content_Types].xml": types,
        "_rels/.rels": relations(
            (f"{RELATED}/officeDocument", "word/document.xml"),
            (f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        ),
        "docProps/core.xml": core,
        "word/document.xml": document,
        "word/_rels/document.xml.rels": relations(
            (f"{RELATED}/styles", "styles.xml"),
            (f"{RELATED}/numbering", "numbering.xml"),
            (f"{RELATED}/footer", "footer.xml"),
        ),
        "word/styles.xml": word_styles(),
        "word/numbering.xml": word_numbering(lists),
        "word/footer.xml": f"{HEADER}<w:ftr {WORD}>{paragraph(footer, 'Footer', right_tab)}</w:ftr>",
    }
    return archive({path: text.encode() for path, text in files.items()})


def archive(files: dict[str, bytes]) -> bytes:
    """A zip file whose entries all carry the fixed date."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, DATE.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return out.getvalue()


# --- PPTX --------------------------------------------------------------------------------------------


def build_pptx(name: str) -> bytes:
    """A presentation, one slide a section: title, table if there is one, bullets."""
    from pptx import Presentation
    from pptx.dml.color import RGBColor
    from pptx.util import Cm, Pt

    soup = read(name)
    deck = Presentation()
    deck.slide_width, deck.slide_height = Cm(33.87), Cm(19.05)
    properties = deck.core_properties
    properties.title, properties.author = str(soup.title.string), "Atelier Sous-Sol (fictif)"
    properties.created = properties.modified = DATE
    properties.last_modified_by, properties.revision, properties.language = "", 1, "fr"
    band, tint, ink = (RGBColor.from_string(color) for color in (BAND, TINT, INK))
    left, width = Cm(1.6), Cm(30.6)
    for section in soup.find_all("section"):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        title, body = slide.placeholders
        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = RGBColor(0xFF, 0xFF, 0xFF)
        title.left, title.top, title.width, title.height = 0, 0, deck.slide_width, Cm(2.4)
        title.fill.solid()
        title.fill.fore_color.rgb = band
        title.text_frame.text = section.h1.get_text()
        title.text_frame.margin_left = left
        top = Cm(3.1)
        heading = title.text_frame.paragraphs[0]
        heading.font.size, heading.font.bold, heading.font.color.rgb = Pt(28), True, RGBColor(0xFF, 0xFF, 0xFF)
        heading.alignment = 1
        if section.table:
            rows = [row.find_all(["th", "td"]) for row in section.table.find_all("tr")]
            height = Cm(1.05) * len(rows)
            shape = slide.shapes.add_table(len(rows), len(rows[0]), left, top, width, height)
            weights = [max(12, min(40, max(len(row[i].get_text()) for row in rows))) for i in range(len(rows[0]))]
            for column, weight in zip(shape.table.columns, weights, strict=True):
                column.width = width * weight // sum(weights)
            for r, row in enumerate(rows):
                for c, source in enumerate(row):
                    cell = shape.table.cell(r, c)
                    cell.text = source.get_text()
                    cell.fill.solid()
                    cell.fill.fore_color.rgb = band if r == 0 else (tint if r % 2 == 0 else RGBColor(255, 255, 255))
                    font = cell.text_frame.paragraphs[0].font
                    font.size, font.bold = Pt(16), r == 0
                    font.color.rgb = RGBColor(255, 255, 255) if r == 0 else ink
            top += height + Cm(0.7)
        body.left, body.top, body.width, body.height = left, top, width, deck.slide_height - top - Cm(0.8)
        for number, item in enumerate(section.find_all("li")):
            line = body.text_frame.paragraphs[0] if number == 0 else body.text_frame.add_paragraph()
            line.text = re.sub(r"\s+", " ", item.get_text())
            line.font.size, line.font.color.rgb, line.space_after = Pt(20), ink, Pt(9)
    out = io.BytesIO()
    deck.save(out)
    with zipfile.ZipFile(out) as built:
        return archive({path: built.read(path) for path in built.namelist()})


BUILDERS = {".pdf": build_pdf, ".docx": build_docx, ".pptx": build_pptx}
BUILT = (
    "principes-de-la-tomographie.pdf",
    "rapport-karst-combe-aurelle.docx",
    "consignes-de-securite.pptx",
    "interpreting-resistivities.pdf",
    "landfill-report-wexmoor-hollow.pdf",
    "saltmere-soundings.csv",
)


def main() -> None:
    for name in sys.argv[1:] or BUILT:
        target = SAMPLES / name
        if target.suffix == ".csv":
            content = runpy.run_path(str(SOURCES / "soundings.py"))["table"]().encode()
        else:
            content = BUILDERS[target.suffix](target.stem)
        target.write_bytes(content)
        print(f"{name}: {len(content) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
