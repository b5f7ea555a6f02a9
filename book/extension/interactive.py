"""The directive `{interactive} NAME`: a figure that its own small script draws.

    ```{interactive} linear
    :alt: What the figure shows, for readers who cannot see it.
    The caption.
    ```

The scripts `_static/figures/figure.js` and `_static/figures/NAME.js` fill the stage;
without scripts the static picture `_static/figures/NAME.svg` stands there.
"""

from html import escape

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri
from sphinx.writers.html5 import HTML5Translator

OPEN = """\
<figure class="lfs-figure" data-figure="{name}" role="group" aria-label="{alt}">
<div class="lfs-stage"></div>
<noscript><img src="{picture}" alt="{alt}"></noscript>
<figcaption>"""


class interactive(nodes.General, nodes.Element):  # noqa: N801  docutils' manner
    pass


class Interactive(SphinxDirective):
    required_arguments = 1
    has_content = True
    option_spec = {"alt": directives.unchanged_required}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        if "alt" not in self.options:
            raise self.error("an interactive figure needs :alt:, a text in its place")
        name = self.arguments[0]
        figures = self.env.srcdir / "book" / "_static" / "figures"
        for file in (f"{name}.js", f"{name}.svg"):
            if not (figures / file).exists():
                raise self.error(f"the figure {name} has no {figures / file}")
        node = interactive(name=name, alt=self.options["alt"])
        node += self.parse_content_to_nodes()
        return [node]


def open_figure(self: HTML5Translator, node: interactive) -> None:
    here = self.builder.get_target_uri(self.builder.current_docname)
    picture = relative_uri(here, f"_static/figures/{node['name']}.svg")
    alt = escape(node["alt"])
    self.body.append(OPEN.format(name=node["name"], alt=alt, picture=picture))


def close_figure(self: HTML5Translator, node: interactive) -> None:
    self.body.append("</figcaption></figure>\n")


def add_scripts(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Load the scripts of the figures on this page, and nothing on other pages."""
    found = list(doctree.findall(interactive)) if doctree else []
    names = dict.fromkeys(node["name"] for node in found)
    for name in ("figure", *names) if names else ():
        app.add_js_file(f"figures/{name}.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    app.add_node(interactive, html=(open_figure, close_figure))
    app.add_directive("interactive", Interactive)
    app.connect("html-page-context", add_scripts)
