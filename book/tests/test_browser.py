"""Each page in a real browser: from a server and from a folder, light, dark, narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from book.tests.test_pages import toc_pages

# What is the theme's own: a rule of axe, and the element that it may complain about.
KNOWN = {
    # The book's title stands above the sidebar's navigation, outside of it.
    "region": 'class="navbar-brand logo"',
}

# Prose without what a formula is drawn with, and without code.
PROSE = """article => {
    const copy = article.cloneNode(true);
    copy.querySelectorAll("pre, code, mjx-container").forEach(e => e.remove());
    return copy.textContent;
}"""

# Thousands of words of code in a dozen colors: one of each color is enough for axe.
ONE_OF_EACH_COLOR = """() => {
    const seen = new Set();
    for (const word of document.querySelectorAll(".highlight span[class]")) {
        const kind = word.closest("div.cell_output, div.cell_input, div")?.className;
        const key = `${word.className} ${kind}`;
        if (seen.has(key)) word.replaceWith(...word.childNodes);
        seen.add(key);
    }
}"""


@pytest.mark.parametrize("name", toc_pages())
def test_is_a_page_whole_without_a_network(open_page, address, name):
    """No request leaves, no script fails, every formula is drawn."""
    page = open_page(f"{address}/{name}.html")
    assert [url for url in page.requests if not url.startswith(address)] == []
    assert page.errors == []
    formulas = page.locator(".math").count()
    assert page.locator(".math mjx-container svg").count() == formulas
    assert page.locator("[data-mjx-error]").count() == 0
    prose = page.locator("article").evaluate(PROSE)
    assert [mark for mark in ("$", "\\(", "\\[") if mark in prose] == []


@pytest.mark.parametrize(("width", "mode"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", toc_pages())
def test_can_everybody_use_a_page(open_page, server, name, width, mode):
    page = open_page(f"{server}/{name}.html", width=width, mode=mode)
    assert violations(page) == []


@pytest.mark.parametrize("name", toc_pages())
def test_does_a_page_fit_a_phone(open_page, server, name):
    """What is wide scrolls inside itself."""
    page = open_page(f"{server}/{name}.html", width=390)
    overflow = "document.documentElement.scrollWidth - window.innerWidth"
    assert page.evaluate(overflow) <= 0


def violations(page):
    """What axe finds on a page, less what is known to be the theme's own."""
    page.evaluate(ONE_OF_EACH_COLOR)
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


@pytest.mark.parametrize("words", ["Linear", "nn.Linear", "torch.nn.Linear"])
def test_does_the_search_find_a_layer_by_its_torch_name(open_page, address, words):
    page = open_page(f"{address}/search.html?q={words}")
    found = page.locator("#search-results a[href*='chapters/02_linear.html']")
    found.first.wait_for(timeout=10_000)
    assert found.first.is_visible()
