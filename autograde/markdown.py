"""MyST to plain Markdown, for what Jupyter and Colab cannot show by themselves.

An unknown directive or role is an error: better the author notices than a student.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import yaml

from autograde.pages import Pages

FENCE = re.compile(r"( *)(`{3,}|~{3,}|:{3,})(.*)")
DIRECTIVE = re.compile(r"\{([^}\s]+)\}\s*(.*?)\s*")
HIDDEN = re.compile(r"%.*|\+\+\+.*|\([^()\s]+\)=\s*")  # comment, cell break, target
MATH_END = re.compile(r"(.*)\$\$\s*(?:\(([^()\s]+)\))?\s*")
# What stands in a line. Code and mathematics come out as they go in.
INLINE = re.compile(
    r"""\{(?P<role>[a-zA-Z][\w:+.-]*)\}(?P<tick>`+)(?P<content>.+?)(?P=tick)(?!`)
    | (?P<code>(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))
    | (?P<math>(?<![\\$])(?P<dollars>\$\$?)(?=\S).+?(?<=\S)(?P=dollars))
    | (?P<bang>!?)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<href>[^()\s]*)\)
    | <project:(?P<project>[^>]+)>
    | \{\{\s*(?P<value>\w+)\s*\}\}
    | (?P<footnote>\[\^[^\]]+\])""",
    re.VERBOSE | re.DOTALL,
)
TITLED = re.compile(r"(.*?)\s*<(.+)>", re.DOTALL)
ABBREVIATION = re.compile(r"(.*?)\s*\((.+)\)", re.DOTALL)
OUTSIDE = ("http://", "https://", "mailto:")
ADMONITIONS = {"note", "tip", "warning", "important", "hint", "caution", "seealso"}


class MystError(ValueError):
    """What a notebook cannot show; the message names it and its line."""


@dataclass(frozen=True)
class Directive:
    """A fenced block `{name} argument`, with its options and body."""

    name: str
    argument: str
    options: dict[str, str]
    body: list[str]
    line: int
    """Where the body starts."""


@dataclass
class Converter:
    """Turns the Markdown cells of one chapter into plain Markdown."""

    pages: Pages
    chapter: Path
    address: str = ""
    """Where the book is published; while it is empty, links to pages are text."""
    values: dict[str, str] = field(default_factory=dict)
    """MyST substitutions, from the chapter's front matter."""
    cited: dict[str, None] = field(default_factory=dict)
    """The keys of the works cited so far, in order."""

    def plain(self, text: str, line: int = 1) -> str:
        """The Markdown of one cell, which starts on that line of the chapter.

        Raises:
            MystError: the cell holds what a notebook cannot show.
        """
        return "\n".join(self.lines(text.split("\n"), line)).strip()

    def lines(self, lines: list[str], line: int) -> list[str]:
        """Convert lines, of which the first is the chapter's line `line`."""
        done: list[str] = []
        at = 0
        while at < len(lines):
            end = _block_end(lines, at, line)
            with _at(line + at):
                block = self.block(lines[at:end], line + at)
            while block and not block[0] and not (done and done[-1]):
                block = block[1:]  # one blank line is enough
            done += block
            at = end
        return done

    def block(self, lines: list[str], line: int) -> list[str]:
        """Convert a fence, displayed mathematics, or lines of prose."""
        if fence := FENCE.fullmatch(lines[0]):
            return self.fence(fence, lines, line)
        if lines[0].strip().startswith("$$"):
            found = MATH_END.fullmatch(lines[-1])
            if not found or not found[2]:
                return lines
            formula = "\n".join([*lines[:-1], found[1]]).rstrip()
            return [formula + self.tag(found[2]), "$$"]
        if HIDDEN.fullmatch(lines[0]):
            return []
        return self.inline("\n".join(lines)).split("\n")

    def fence(self, fence: re.Match[str], lines: list[str], line: int) -> list[str]:
        indent, marks, info = fence.groups()
        found = DIRECTIVE.fullmatch(info)
        if not found:
            if marks[0] == ":":
                raise MystError(f"line {line}: a notebook has no divisions ({marks})")
            return lines
        inner = [text.removeprefix(indent) for text in lines[1:-1]]
        options, body = _options(inner)
        start = line + 1 + len(inner) - len(body)
        directive = Directive(found[1], found[2], options, body, start)
        return [indent + text if text else "" for text in self.directive(directive)]

    def directive(self, it: Directive) -> list[str]:
        name, title = it.name, self.inline(it.argument)
        if name in ADMONITIONS:
            name = "See also" if name == "seealso" else name.capitalize()
            return self.quote(name, ([title, ""] if title else []), it)
        if name in ("admonition", "dropdown"):
            return self.quote(title, [], it)
        if name in ("exercise", "exercise-start"):
            return [self.exercise(it), "", *self.lines(it.body, it.line)]
        if name == "exercise-end":
            return []
        if name in ("figure", "image", "interactive"):
            return self.figure(it)
        if name == "math":
            formula = "\n".join([it.argument, *it.body]).strip()
            return [
                "$$",
                *(formula + self.tag(it.options.get("label"))).split("\n"),
                "$$",
            ]
        if name in ("code", "code-block"):
            return [f"```{it.argument}", *it.body, "```"]
        if name == "bibliography":
            return self.pages.references.listed(list(self.cited))
        raise LookupError(f"a notebook cannot show the directive {{{it.name}}}")

    def quote(self, title: str, before: list[str], it: Directive) -> list[str]:
        lines = [f"**{title}**", "", *before, *self.lines(it.body, it.line)]
        return ["", *(f"> {text}".rstrip() for text in lines), ""]

    def exercise(self, it: Directive) -> str:
        label = it.options.get("label", "")
        if label not in self.pages.exercises:
            raise LookupError(
                f"an exercise has a number, a title and a :label:, not {it.argument!r}"
            )
        number, title = self.pages.exercises[label]
        return f"**Exercise {number}** ({self.inline(title)})"

    def figure(self, it: Directive) -> list[str]:
        """The picture with its caption; an interactive figure's stands in for it."""
        if "alt" not in it.options:
            raise LookupError(f"{{{it.name}}} {it.argument} needs an :alt: text")
        path = self.chapter.parent / it.argument
        if it.argument.startswith("/"):
            path = self.pages.folder.parent / it.argument[1:]
        caption = self.lines(it.body, it.line)
        if it.name == "interactive":
            figures = self.pages.folder / "_static" / "figures"
            drawn = figures / f"{it.argument}.png"
            path = drawn if drawn.exists() else drawn.with_suffix(".svg")
            if self.address:
                page = self.link("interactive on the page", self.chapter, "")
                caption = [*caption, f"({page})"]
        return [self.image(it.options["alt"], path), "", *caption, ""]

    def image(self, alt: str, path: Path) -> str:
        """A picture in the text. Markdown's own syntax refuses SVG in many places."""
        uri = self.pages.picture(path)
        if path.suffix == ".svg":
            return f'<img alt="{escape(alt)}" src="{uri}">'
        return f"![{alt}]({uri})"

    def tag(self, label: str | None) -> str:
        return rf" \tag{{{self.pages.label(label).strip('()')}}}" if label else ""

    def inline(self, text: str) -> str:
        """Convert roles, links, pictures and substitutions inside lines of prose."""
        return INLINE.sub(self._inline, text)

    def _inline(self, found: re.Match[str]) -> str:
        if found["code"] or found["math"]:
            return found[0]
        if found["role"]:
            return self.role(found["role"], found["content"])
        if found["bang"]:
            return self.image(found["text"], self.chapter.parent / found["href"])
        if found["footnote"]:
            raise LookupError(f"a notebook has no footnotes: {found[0]}")
        if value := found["value"]:
            if value not in self.values:
                raise LookupError(f"unknown substitution {value!r}")
            return self.inline(str(self.values[value]))
        href = found["project"] or found["href"]
        return self.reference(self.inline(found["text"] or ""), href)

    def reference(self, text: str, href: str) -> str:
        """A Markdown link; one to our own pages is text while they have no address."""
        if href.startswith(OUTSIDE):
            return f"[{text}]({href})"
        file, _, label = href.removeprefix("project:").partition("#")
        if file and not label and file in self.pages.labels:
            file, label = "", file
        page = self.pages.find(file, self.chapter.parent) if file else self.chapter
        if label:
            text = text or self.pages.label(label)
        return self.link(text or self.pages.title(page), page, label)

    def link(self, text: str, page: Path, label: str) -> str:
        if not self.address:
            return text
        path = page.relative_to(self.pages.folder.parent).with_suffix(".html")
        anchor = f"#{label}" if label else ""
        return f"[{text}]({self.address.rstrip('/')}/{path.as_posix()}{anchor})"

    def role(self, name: str, content: str) -> str:
        titled = TITLED.fullmatch(content)
        text, target = titled.groups() if titled else ("", content)
        if name in ("cite", "cite:p", "cite:t"):
            return self.cite(content, in_sentence=name == "cite:t")
        if name in ("ref", "eq"):
            return self.reference(text or self.pages.label(target), f"#{target}")
        if name == "doc":
            return self.reference(text, target)
        if name == "term":
            return text or target
        if name == "abbr":
            short = ABBREVIATION.fullmatch(content)
            return short[1] if short else content
        if name == "math":
            return f"${content}$"
        if name in ("sub", "sup", "kbd"):
            return f"<{name}>{escape(content)}</{name}>"
        raise LookupError(f"a notebook cannot show the role {{{name}}}")

    def cite(self, keys: str, *, in_sentence: bool) -> str:
        works = []
        for key in (key.strip() for key in keys.split(",")):
            authors, year = self.pages.references.authors_year(key)
            self.cited[key] = None
            works.append(f"{authors} [{year}]" if in_sentence else f"{authors}, {year}")
        return ", ".join(works) if in_sentence else f"[{'; '.join(works)}]"


@contextmanager
def _at(line: int) -> Iterator[None]:
    """Say on which line something was wrong, if it was not said yet."""
    try:
        yield
    except MystError:
        raise
    except (LookupError, ValueError, OSError) as error:
        raise MystError(f"line {line}: {error}") from None


def _block_end(lines: list[str], at: int, line: int) -> int:
    """Where the block that starts at index `at` ends."""
    first = lines[at]
    if fence := FENCE.fullmatch(first):
        closing = re.compile(rf"\s*{fence[2][0]}{{{len(fence[2])},}}\s*")
        ends = (i for i in range(at + 1, len(lines)) if closing.fullmatch(lines[i]))
    elif first.strip().startswith("$$"):
        rest = [first.replace("$$", "  ", 1), *lines[at + 1 :]]
        ends = (at + i for i, text in enumerate(rest) if MATH_END.fullmatch(text))
    elif HIDDEN.fullmatch(first) or not first.strip():
        return at + 1
    else:
        end = at + 1
        while end < len(lines) and lines[end].strip() and not _starts(lines[end]):
            end += 1
        return end
    end = next(ends, -1)
    if end < 0:
        raise MystError(f"line {line + at}: nothing closes {first.strip()!r}")
    return end + 1


def _starts(line: str) -> bool:
    """Whether a line ends the paragraph before it."""
    opens = FENCE.fullmatch(line) or HIDDEN.fullmatch(line)
    return bool(opens) or line.strip().startswith("$$")


def _options(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """A directive's options, as YAML or in lines `:key: value`, and its body."""
    if lines and lines[0] == "---":
        end = lines.index("---", 1)
        return yaml.safe_load("\n".join(lines[1:end])) or {}, lines[end + 1 :]
    options = {}
    while lines and (found := re.fullmatch(r":([\w-]+):\s*(.*?)\s*", lines[0])):
        options[found[1]] = found[2]
        lines = lines[1:]
    return options, lines
