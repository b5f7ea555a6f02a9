"""The built book as files: every page is there, every link leads somewhere."""

from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]


def toc_pages() -> list[str]:
    """The pages of _toc.yml, at any depth."""

    def walk(node: object) -> list[str]:
        if isinstance(node, list):
            return [page for child in node for page in walk(child)]
        if isinstance(node, dict):
            own = [node[key] for key in ("root", "file") if key in node]
            return own + [page for child in node.values() for page in walk(child)]
        return []

    return walk(yaml.safe_load((ROOT / "_toc.yml").read_text()))


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def broken_links(folder: Path) -> list[str]:
    """The links within a folder of pages whose file or anchor does not exist."""
    pages = {path.resolve(): soup(path) for path in folder.rglob("*.html")}
    pages = {p: s for p, s in pages.items() if "_static" not in p.parts}
    anchors = {p: {t["id"] for t in s.find_all(id=True)} for p, s in pages.items()}
    broken = []
    for page, content in pages.items():
        for tag in content.find_all(["a", "link", "script", "img", "source"]):
            address = urlsplit(tag.get("href") or tag.get("src") or "")
            if address.scheme or address.netloc:
                continue
            path = unquote(address.path)
            target = (page.parent / path).resolve() if path else page
            inside = not address.fragment or address.fragment in anchors.get(target, ())
            if not target.is_file() or not inside:
                broken.append(f"{page.relative_to(folder.resolve())}: {tag}")
    return broken


def test_is_jupyter_book_1_installed():
    """Version 2 ignores _config.yml and exits 0 without a page."""
    assert version("jupyter-book").startswith("1.")


@pytest.mark.parametrize("page", ["index", *toc_pages()])
def test_is_each_page_of_the_toc_built(book, page):
    assert (book / f"{page}.html").stat().st_size > 0


def test_does_each_chapter_have_a_page():
    chapters = [p.stem for p in (ROOT / "book" / "chapters").glob("*.md")]
    assert sorted(chapters) == sorted(
        Path(page).name for page in toc_pages() if page.startswith("book/chapters/")
    )


def test_do_all_links_lead_somewhere(book):
    assert broken_links(book) == []


@pytest.mark.parametrize("link", ["gone.html", "#gone", "other.html#gone"])
def test_is_a_broken_link_found(tmp_path, link):
    (tmp_path / "page.html").write_text(f'<a href="{link}">x</a>')
    (tmp_path / "other.html").write_text('<p id="here"></p><a href="#here">x</a>')
    assert len(broken_links(tmp_path)) == 1


@pytest.mark.parametrize("page", toc_pages())
def test_does_each_image_have_a_text(book, page):
    images = soup(book / f"{page}.html").find_all("img")
    assert [image for image in images if not image.get("alt")] == []


@pytest.mark.parametrize("page", toc_pages())
def test_is_a_page_light(book, page):
    """Without the shared assets, a page weighs less than 500 KB."""
    html = book / f"{page}.html"
    images = [(html.parent / i["src"]) for i in soup(html).find_all("img")]
    assert sum(path.stat().st_size for path in [html, *images]) < 500_000


@pytest.mark.parametrize(
    "chapter", [Path(p).name for p in toc_pages() if p.startswith("book/chapters/")]
)
def test_leads_a_button_to_the_notebook_of_a_chapter(book, chapter):
    page = book / "book" / "chapters" / f"{chapter}.html"
    (link,) = soup(page).select(".notebook-download a.download")
    copy = (page.parent / link["href"]).resolve()
    assert copy.name == f"{chapter}.ipynb"
    original = ROOT / "notebooks" / chapter / copy.name
    assert copy.read_bytes() == original.read_bytes()


def test_lead_next_and_previous_through_all_pages_in_order(book):
    for page, following in pairwise(toc_pages()):
        assert linked(book, page, "a.right-next") == following
        assert linked(book, following, "a.left-prev") == page


def linked(book, page, selector):
    """The page that the one link of a kind on a page leads to."""
    html = book / f"{page}.html"
    (link,) = soup(html).select(selector)
    target = (html.parent / link["href"]).resolve()
    return target.relative_to(book).with_suffix("").as_posix()


@pytest.mark.parametrize("page", toc_pages())
def test_does_a_page_say_what_it_is(book, page):
    head = soup(book / f"{page}.html").head
    title = soup(book / f"{page}.html").h1.get_text().strip("#")
    assert head.title.get_text().strip().startswith(title)
    assert head.find("meta", {"name": "description"})["content"]
    assert head.find("link", {"rel": "icon"})


@pytest.mark.parametrize("page", toc_pages())
def test_are_links_to_other_places_encrypted(book, page):
    links = [a["href"] for a in soup(book / f"{page}.html").find_all("a", href=True)]
    assert [link for link in links if link.startswith("http:")] == []


@pytest.mark.parametrize("page", toc_pages())
def test_shows_no_button_that_needs_an_address(book, page):
    """While the repository has no address, nothing launches, edits or downloads."""
    text = (book / f"{page}.html").read_text(encoding="utf-8")
    for word in ("mybinder", "colab.research", "edit/main", "_sources", "thebe"):
        assert word not in text
