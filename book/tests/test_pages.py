"""The built book as files: every page is there, every link leads somewhere."""

from importlib.metadata import version
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


@pytest.mark.parametrize("page", toc_pages())
def test_shows_no_button_that_needs_an_address(book, page):
    """While the repository has no address, nothing launches, edits or downloads."""
    text = (book / f"{page}.html").read_text(encoding="utf-8")
    for word in ("mybinder", "colab.research", "edit/main", "_sources", "thebe"):
        assert word not in text
