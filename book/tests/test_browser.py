"""Every page in a real browser: from a server, from a folder, light, dark, narrow."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from book.extension import layers
from book.tests.test_pages import toc_pages

# What is the theme's own: a rule of axe, and the element that it may complain about.
KNOWN = {
    # The book's title stands above the sidebar's navigation, outside of it.
    "region": 'class="navbar-brand logo"',
}

# Prose without what a formula is drawn with, and without code.
PROSE = """page => {
    const copy = page.cloneNode(true);
    copy.querySelectorAll("pre, code, script, mjx-container").forEach(e => e.remove());
    return copy.textContent;
}"""

# Thousands of words of code in a dozen colors, a hundred rows of a table: one of each
# color and a few rows are enough for axe.
ONE_OF_EACH = """() => {
    document.querySelectorAll("tr:nth-child(n+10)").forEach(row => row.remove());
    const seen = new Set();
    for (const word of document.querySelectorAll(".highlight span[class]")) {
        const kind = word.closest("div.cell_output, div.cell_input, div")?.className;
        const key = `${word.className} ${kind}`;
        if (seen.has(key)) word.replaceWith(...word.childNodes);
        seen.add(key);
    }
}"""

OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"

# What the search page would list for each question: its addresses, best first.
SEARCH = """questions => questions.map(question => {
    const found = Search._performSearch(...Search._parseQuery(question));
    return found.reverse().map(([page, , anchor]) => page + anchor);
})"""


@pytest.mark.parametrize(
    ("address", "width", "mode"),
    [("http", 1280, "light"), ("folder", 390, "dark")],
    indirect=["address"],
)
@pytest.mark.parametrize("name", ["search", *toc_pages()])
def test_is_a_page_whole_and_for_everybody(open_page, address, name, width, mode):
    """No request leaves, no script fails, every formula is drawn, all of it fits.

    In light and dark, wide and narrow, with a server and without; what is wide scrolls
    inside itself; axe finds nothing.
    """
    page = open_page(f"{address}/{name}.html", width=width, mode=mode)
    assert [url for url in page.requests if not url.startswith(address)] == []
    assert page.errors == []
    formulas = page.locator(".math").count()
    assert page.locator(".math mjx-container > svg").count() == formulas
    assert page.locator("[data-mjx-error]").count() == 0
    prose = page.locator("main").evaluate(PROSE)
    assert [mark for mark in ("$", "\\(", "\\[") if mark in prose] == []
    assert page.evaluate(OVERFLOW) <= 0
    assert violations(page) == []


def violations(page):
    """What axe finds on a page, less what is known to be the theme's own."""
    page.evaluate(ONE_OF_EACH)
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in Axe().run(page).response["violations"]
        for node in rule["nodes"]
        if KNOWN.get(rule["id"], "no such element") not in node["html"]
    ]


@pytest.mark.parametrize(
    ("rule", "html"),
    [
        ("image-alt", '<img src="../_static/favicon.svg">'),
        ("label", '<input type="range">'),
        ("color-contrast", '<p style="color: #bbb; background: #fff">pale</p>'),
        (
            "color-contrast",
            '<div class="highlight"><pre><span class="x" style="color: #bbb; '
            'background: #fff">pale</span></pre></div>',
        ),
    ],
)
def test_is_a_violation_found(open_page, server, rule, html):
    page = open_page(f"{server}/book/index.html")
    add = "(article, html) => article.insertAdjacentHTML('beforeend', html)"
    page.locator("article").evaluate(add, html)
    assert [line for line in violations(page) if line.startswith(rule)]


def test_is_an_external_request_noticed(open_page, server):
    page = open_page(f"{server}/book/index.html")
    page.evaluate("fetch('http://127.0.0.1:9/gone').catch(() => 0)")
    assert not page.requests[-1].startswith(server)
    assert page.errors


@pytest.mark.parametrize("question", ["Linear", "nn.Linear", "torch.nn.Linear"])
def test_does_the_search_find_a_layer_by_its_torch_name(open_page, address, question):
    """The chapter that teaches it, and its row in the glossary, which is shown."""
    page = open_page(f"{address}/search.html?q={question}")
    chapter = page.locator("#search-results a[href*='chapters/02_linear.html']")
    chapter.first.wait_for(timeout=10_000)
    page.locator("#search-results a[href*='#torch-nn-linear']").click()
    row = page.locator("tr:target")
    assert "torch.nn.Linear" in row.text_content()
    assert row.evaluate("row => row.getBoundingClientRect().top < window.innerHeight")


def test_does_the_search_find_every_layer_and_function(open_page, server):
    """By its full name, without torch in front of it, and by its last part."""
    page = open_page(f"{server}/search.html")
    names = [layers.name(t) for t in (*layers.layers(), *layers.functions())]
    short = [name.split(".")[-1] for name in names]
    for asked in (names, [n.removeprefix("torch.") for n in names], short):
        lower = [name.lower() for name in asked]
        for question in (asked, lower):
            found = page.evaluate(SEARCH, question)
            pairs = zip(map(address_of, names), found, strict=True)
            assert [row for row, best in pairs if row not in best[:3]] == []


def address_of(name):
    """A row of the glossary, as the search names it."""
    return "book/glossary#" + re.sub(r"[._]+", "-", name.lower()).strip("-")
