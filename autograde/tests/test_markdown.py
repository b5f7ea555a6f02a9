"""MyST to plain Markdown."""

from pathlib import Path

import pytest

from autograde.markdown import Converter, MystError
from autograde.pages import Pages

BOOK = Path(__file__).parent / "madeup" / "book"
CHAPTER = BOOK / "chapters" / "03_scaling.md"


def plain(text: str, address: str = "", **values: str) -> str:
    return Converter(Pages(BOOK), CHAPTER, address, values).plain(text)


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("(label)=\n# Title", "# Title"),
        ("before\n% a comment\nafter", "before\nafter"),
        ("before\n\n+++\n\nafter", "before\n\nafter"),
        ("{math}`x^2` and {abbr}`GPU (a processor)`", "$x^2$ and GPU"),
        ("H{sub}`2`O", "H<sub>2</sub>O"),
        ("{term}`layer` and {term}`layers <layer>`", "layer and layers"),
        ("{ref}`ex-scale`, {ref}`that one <ex-scale>`", "Exercise 3.1, that one"),
        ("{eq}`eq-scale`", "(1)"),
        ("{doc}`../words` and {doc}`them <../words>`", "All the words and them"),
        ("[](../words.md) and [](#words)", "All the words and All the words"),
        ("<project:#words>", "All the words"),
        ("[a *word*](../words.md#words)", "a *word*"),
        ("[a site](https://example.org/a_(b))", "[a site](https://example.org/a_(b))"),
        ("<https://example.org>", "<https://example.org>"),
        ("{cite}`one` and {cite:t}`two`", "[Östlund, 2001] and B and C [1999]"),
        ("{cite:p}`one,three`", "[Östlund, 2001; D et al., 2010]"),
        ("{{ name }}", "value"),
        ("* a {term}`layer`\n  goes on", "* a layer\n  goes on"),
        ("$$\nx\n$$ (eq-scale)", "$$\nx \\tag{1}\n$$"),
        ("$$ x $$", "$$ x $$"),
        ("```{math}\n:label: eq-scale\nx\n```", "$$\nx \\tag{1}\n$$"),
        ("```{note}\nText.\n```", "> **Note**\n>\n> Text."),
        (":::{tip}\nText.\n:::", "> **Tip**\n>\n> Text."),
        (
            "```{admonition} A `title`\n:class: x\nText.\n```",
            "> **A `title`**\n>\n> Text.",
        ),
        (
            "````{dropdown} Why\n```\n{x}`y`\n```\n````",
            "> **Why**\n>\n> ```\n> {x}`y`\n> ```",
        ),
        (
            "* list\n\n  ```{note}\n  In it.\n  ```",
            "* list\n\n  > **Note**\n  >\n  > In it.",
        ),
        ("```{code-block} python\n:caption: c\nf(x)\n```", "```python\nf(x)\n```"),
    ],
)
def test_it_becomes_plain(myst, markdown):
    assert plain(myst, name="value") == markdown


@pytest.mark.parametrize(
    "text",
    [
        "```python\n{ref}`x`\n% no comment\n\n\n(x)=\n```",
        "~~~\n```{note}\n~~~",
        "`{ref}` and ``{{ x }}``",
        "$a_{i}$ costs \\$5, $$b_{{j}}$$",
        "$$\n\\frac{a}{b} [x](y)\n$$",
        "| a | b |\n|---|---|\n| `x` | $y$ |",
        "a set {x} of [three] {things}",
    ],
)
def test_code_mathematics_and_plain_text_are_left_alone(text):
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one\n\ntwo {made:up}`x`", r"line 3: .* the role \{made:up\}"),
        ("one\n\n```{tableau}\n```", r"line 3: .* the directive \{tableau\}"),
        ("```{note}\n:class: x\n\n{made}`x`\n```", r"line 4: .*\{made\}"),
        ("```{note}\nnever closed", "line 1: nothing closes"),
        ("$$\nnever closed", "line 1: nothing closes"),
        (":::\ntext\n:::", "line 1: .* no divisions"),
        ("a[^1]", r"no footnotes: \[\^1\]"),
        ("{{ other }}", "unknown substitution 'other'"),
        ("{ref}`nowhere`", "no page has the label 'nowhere'"),
        ("[text](nowhere.md)", "there is no page 'nowhere.md'"),
        ("{cite}`nobody`", "references.bib has no work 'nobody'"),
        ("```{figure} x.png\n```", "x.png needs an :alt: text"),
        ("![alt](x.png)", "no picture chapters/x.png"),
        ("![alt](../words.md)", "a picture is one of .png"),
        ("```{exercise-start} No number\n:label: ex\n```", "an exercise has a number"),
    ],
)
def test_what_a_notebook_cannot_show_is_said_with_its_line(text, message):
    with pytest.raises(MystError, match=message):
        plain(text)


def test_a_picture_is_in_the_notebook_itself(tmp_path):
    (tmp_path / "references.bib").touch()
    (tmp_path / "_static" / "figures").mkdir(parents=True)
    (tmp_path / "_static" / "figures" / "dial.png").write_bytes(b"PNG")
    chapter = tmp_path / "chapters" / "01_x.md"
    chapter.parent.mkdir()
    (chapter.parent / "here.svg").write_bytes(b"SVG")
    converter = Converter(Pages(tmp_path), chapter)
    assert (
        converter.plain("```{interactive} dial\n:alt: A dial.\nTurn it.\n```")
        == "![A dial.](data:image/png;base64,UE5H)\n\nTurn it."
    )
    assert (
        converter.plain("```{image} here.svg\n:alt: It's\n```")
        == '<img alt="It&#x27;s" src="data:image/svg+xml;base64,U1ZH">'
    )
    assert converter.plain("![a](here.svg)").startswith('<img alt="a" src="data:')


def test_an_interactive_figure_is_a_link_once_there_is_a_page():
    text = "```{interactive} dial\n:alt: A dial.\nTurn it.\n```"
    assert "interactive" not in plain(text)
    page = "https://example.org/book/chapters/03_scaling.html"
    assert plain(text, "https://example.org").endswith(
        f"Turn it.\n([interactive on the page]({page}))"
    )
    assert (
        plain("{ref}`words`", "https://example.org")
        == "[All the words](https://example.org/book/chapters/03_scaling.html#words)"
    )


def test_only_cited_works_are_listed_sorted_by_author():
    text = (
        "{cite}`three,one`, again {cite:t}`one`, {cite}`two`.\n\n```{bibliography}\n```"
    )
    *_, first, second, third = plain(text).split("\n")
    assert first == "- Berta B and Carl C. *Two authors*. Nowhere, 1999."
    assert second.startswith("- Dora D, Emil E, and Fritz F. Three authors.")
    assert third == "- Ada Östlund. On scaling. *Journal of Nothing*, 2001."
