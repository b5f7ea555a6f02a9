// An activation and its slope: choose one, move x, read both numbers.
"use strict";

lfs.figure("activations", (stage) => {
  const { make, svg } = lfs;
  const sigmoid = (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
  const bell = (x) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);

  // The part of a normal distribution below x, by a series of terms of one sign.
  function normal(x) {
    let term = x, sum = x;
    for (let k = 3; k < 200; k += 2) sum += term *= x * x / k;
    return 0.5 + bell(x) * sum;
  }

  function elu(x, alpha) {
    return x > 0 ? [x, 1] : [alpha * Math.expm1(x), alpha * Math.exp(x)];
  }

  function geluTanh(x) {
    const rise = Math.sqrt(2 / Math.PI), bend = 0.044715;
    const part = 0.5 + 0.5 * Math.tanh(rise * (x + bend * x ** 3));
    return [x * part, part + 2 * x * part * (1 - part) * rise * (1 + 3 * bend * x * x)];
  }

  // Each gives the value and the slope; some have a parameter p = [name, min, max, start].
  const curves = {
    "sigmoid": { f: (x) => [sigmoid(x), sigmoid(x) * (1 - sigmoid(x))] },
    "tanh": { f: (x) => [Math.tanh(x), 1 - Math.tanh(x) ** 2] },
    "ReLU": { f: (x) => [Math.max(x, 0), x > 0 ? 1 : 0] },
    "leaky ReLU": { f: (x, p) => (x > 0 ? [x, 1] : [p * x, p]), p: ["negative_slope", -0.5, 2, 0.1] },
    "hard tanh": { f: (x) => [Math.min(Math.max(x, -1), 1), x > -1 && x < 1 ? 1 : 0] },
    "ELU": { f: elu, p: ["alpha", 0, 2, 1] },
    "SELU": { f: (x) => elu(x, 1.6732632423543772).map((v) => 1.0507009873554805 * v) },
    "softplus": { f: (x, p) => [(Math.max(p * x, 0) + Math.log1p(Math.exp(-Math.abs(p * x)))) / p, sigmoid(p * x)], p: ["beta", 0.5, 4, 1] },
    "SiLU": { f: (x) => [x * sigmoid(x), sigmoid(x) * (1 + x * (1 - sigmoid(x)))] },
    "GELU": { f: (x) => [x * normal(x), normal(x) + x * bell(x)] },
    "GELU, tanh form": { f: geluTanh },
    "TLU": { f: (x, p) => [Math.max(x, p), x > p ? 1 : x < p ? 0 : 0.5], p: ["tau", -2, 3, 1] },
  };

  let name = "sigmoid", x = 0, p = 0;

  // The drawing: 34 units of length for 1, on both axes.
  const toX = (v) => 180 + 34 * v, toY = (v) => 180 - 34 * v;
  const color = "var(--pst-color-primary, LinkText)";
  const line = (dash) => svg("path", { style: `fill: none; stroke: ${dash ? "currentcolor" : color}; stroke-width: 2.5`, ...(dash && { "stroke-dasharray": "6 5" }) });
  const curve = line(false), slope = line(true);
  const dot = svg("circle", { r: 5, style: `fill: ${color}` }), dash = svg("circle", { r: 5 });
  const picture = svg("svg", { viewBox: "0 0 360 266", "aria-hidden": "true" });
  picture.append(svg("line", { x1: 10, x2: 350, y1: toY(0), y2: toY(0) }), svg("line", { x1: toX(0), x2: toX(0), y1: 5, y2: 261 }));
  for (const v of [-4, -2, 2, 4]) {
    picture.append(svg("text", { x: toX(v), y: toY(0) + 14 }, lfs.show(v)));
    if (v >= -2) picture.append(svg("text", { x: toX(0) - 14, y: toY(v) }, lfs.show(v)));
  }
  picture.append(slope, curve, dash, dot);

  // Straight from point to point; a jump of the slope is left open.
  function path(index) {
    let d = "", last = NaN;
    for (let i = -500; i <= 500; i++) {
      const v = curves[name].f(i / 100, p)[index];
      d += `${Math.abs(v - last) < 0.2 ? "L" : "M"}${toX(i / 100).toFixed(1)} ${toY(v).toFixed(1)}`;
      last = v;
    }
    return d;
  }

  const value = make("output"), rise = make("output");
  const said = make("p", { "aria-live": "polite" }, "value f(x) = ", value, ", slope f′(x) = ", rise);

  function update() {
    const [y, dy] = curves[name].f(x, p);
    for (const [output, number, what] of [[value, y, "f"], [rise, dy, "slope"]]) {
      output.textContent = number.toFixed(3).replace("-", "−");
      output.dataset.name = what;
      output.dataset.value = Number(number.toPrecision(12));
    }
    dot.setAttribute("cx", toX(x));
    dot.setAttribute("cy", toY(y));
    dash.setAttribute("cx", toX(x));
    dash.setAttribute("cy", toY(dy));
  }

  function redraw() {
    curve.setAttribute("d", path(0));
    slope.setAttribute("d", path(1));
    update();
  }

  const [chooser] = lfs.choice("Function", Object.keys(curves), choose);
  const [mover, setX] = lfs.slider("x", { min: -5, max: 5, step: 0.1 }, (v) => {
    x = v;
    update();
  });
  const tuned = make("div");

  function choose(chosen) {
    name = chosen;
    tuned.replaceChildren();
    if (curves[name].p) {
      const [label, min, max, start] = curves[name].p;
      const [row, set] = lfs.slider(label, { min, max, step: 0.1 }, (v) => {
        p = v;
        redraw();
      });
      p = start;
      set(p);
      tuned.append(row);
    }
    redraw();
  }

  setX(x);
  choose(name);
  stage.append(make("div", { class: "lfs-row" }, chooser, mover, tuned), make("div", { class: "lfs-row" }, picture), said);
});
