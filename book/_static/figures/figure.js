// What the interactive figures share: no library, no network, works from a folder.
//
//   lfs.figure("linear", (stage) => { ... });
//
// calls the function once for each <figure data-figure="linear"> of the page, with
// the empty element that it fills.
"use strict";

const lfs = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const figures = {};
  let ids = 0;

  // An element with attributes and children (elements or text).
  function make(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
  }

  function svg(tag, attributes = {}, ...children) {
    return fill(document.createElementNS(SVG, tag), attributes, children);
  }

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  function labeled(text, control) {
    control.id = `lfs-${++ids}`;
    return make("p", {}, make("label", { for: control.id }, text), control);
  }

  // A labeled slider and its value; `changed(value)` is called while it moves.
  // `write(value)` is what stands beside it and is read out.
  // Returns the element, and a function that sets the value without that call.
  function slider(label, { min, max, step, write = show }, changed) {
    const input = make("input", { type: "range", min, max, step });
    const output = make("output");
    const set = (value) => {
      input.value = value;
      output.textContent = write(value);
      input.setAttribute("aria-valuetext", write(value));
    };
    input.addEventListener("input", () => {
      set(Number(input.value));
      changed(Number(input.value));
    });
    const row = labeled(label, input);
    row.append(" ", output);
    return [row, set];
  }

  // A button; `pressed()` is called.
  function button(label, pressed) {
    const element = make("button", { type: "button" }, label);
    element.addEventListener("click", pressed);
    return make("p", {}, element);
  }

  // A labeled box to tick; `changed(ticked)` is called.
  function toggle(label, changed) {
    const input = make("input", { type: "checkbox" });
    input.addEventListener("change", () => changed(input.checked));
    return labeled(label, input);
  }

  // A labeled list to choose one of `options` from; `changed(option)` is called.
  function choice(label, options, changed) {
    const select = make("select", {}, ...options.map((o) => make("option", {}, o)));
    select.addEventListener("change", () => changed(select.value));
    return [labeled(label, select), select];
  }

  // A number for the eye: at most two decimals, a real minus sign.
  function show(number) {
    return String(Math.round(number * 100) / 100 + 0).replace("-", "−");
  }

  // A text in a drawing whose number can be changed, and be read by a test.
  function put(text, number, note = "") {
    text.textContent = note + show(number);
    text.dataset.value = Math.round(number * 1e9) / 1e9;
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.head.append(make("style", {}, STYLE));
    for (const figure of document.querySelectorAll("figure[data-figure]")) {
      const mount = figures[figure.dataset.figure];
      if (mount) mount(figure.querySelector(".lfs-stage"));
    }
  });

  const STYLE = `
    .lfs-stage { color: var(--pst-color-text-base, CanvasText); }
    .lfs-stage .lfs-row { display: flex; flex-wrap: wrap; gap: 0 1.5rem; justify-content: center; }
    .lfs-stage svg { flex: 1 1 18rem; max-width: 26rem; min-width: 0; }
    .lfs-stage p { margin: 0.3rem 0; }
    .lfs-stage label { margin-right: 0.6rem; }
    .lfs-stage output { display: inline-block; min-width: 2.5em; }
    .lfs-stage input, .lfs-stage select, .lfs-stage button { vertical-align: middle; min-height: 1.75rem; }
    .lfs-stage input[type="range"] { width: min(16rem, 60vw); accent-color: var(--pst-color-primary, Highlight); }
    .lfs-stage select, .lfs-stage button { color: inherit; background: var(--pst-color-background, Canvas); border: 1px solid currentcolor; border-radius: 4px; }
    .lfs-stage canvas { flex: 1 1 16rem; min-width: 0; max-width: 24rem; width: 100%; margin: 0.3rem 0; image-rendering: pixelated; touch-action: manipulation; }
    .lfs-stage .lfs-kernel { display: grid; grid-template-columns: repeat(3, 4.5rem); gap: 0.3rem; align-content: center; }
    .lfs-stage input[type="number"] { width: 100%; color: inherit; background: var(--pst-color-background, Canvas); border: 1px solid currentcolor; border-radius: 4px; text-align: center; }
    .lfs-stage input[type="checkbox"] { width: 1.25rem; accent-color: var(--pst-color-primary, Highlight); }
    .lfs-stage text { fill: currentcolor; text-anchor: middle; dominant-baseline: central; font: 15px sans-serif; }
    .lfs-stage line { stroke: currentcolor; opacity: 0.35; }
    .lfs-stage rect, .lfs-stage circle { fill: var(--pst-color-background, Canvas); }
    .lfs-stage circle { stroke: currentcolor; }
    .lfs-stage polyline { fill: none; stroke: currentcolor; stroke-width: 1.5; opacity: 0.7; }
    .lfs-stage .lfs-active { stroke: var(--pst-color-primary, CanvasText); stroke-width: 2.5; opacity: 1; }
    .lfs-stage .lfs-new { font-weight: bold; fill: var(--pst-color-primary, CanvasText); text-decoration: underline; }
    @media (prefers-reduced-motion: no-preference) { .lfs-stage text { transition: fill 0.2s; } .lfs-stage .lfs-slide { transition: transform 0.25s; } }
  `;

  return { figure: (name, mount) => { figures[name] = mount; }, make, svg, slider, toggle, choice, button, show, put };
})();
