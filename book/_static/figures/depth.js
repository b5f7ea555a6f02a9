// Activations and gradients by depth: a network of random weights, computed here.
"use strict";

lfs.figure("depth", (stage) => {
  const { make, svg } = lfs;
  const N = 64, WIDTH = 32, DEPTH = 10;
  const curves = {
    "sigmoid": [(x) => 1 / (1 + Math.exp(-x)), (y) => y * (1 - y)],
    "tanh": [Math.tanh, (y) => 1 - y * y],
    "ReLU": [(x) => Math.max(x, 0), (y) => (y > 0 ? 1 : 0)],
    "none": [(x) => x, () => 1],
  }; // the function of x, and its slope as a function of y

  // Random numbers that are the same in every browser (mulberry32), then normal ones.
  let state = 3;
  function uniform() {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  function normals(size) {
    return Float64Array.from({ length: size }, () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));
  }
  const x = normals(N * WIDTH), upstream = normals(N * WIDTH);
  const weights = Array.from({ length: DEPTH }, () => normals(WIDTH * WIDTH));

  // scale * a @ weight.T, or a @ weight if `back`, for a (N, WIDTH).
  function product(a, weight, scale, back) {
    const y = new Float64Array(N * WIDTH), step = back ? WIDTH : 1, row = back ? 1 : WIDTH;
    for (let n = 0; n < N; n++) {
      for (let k = 0; k < WIDTH; k++) {
        let sum = 0;
        for (let d = 0; d < WIDTH; d++) sum += a[n * WIDTH + d] * weight[k * row + d * step];
        y[n * WIDTH + k] = scale * sum;
      }
    }
    return y;
  }

  // Each layer's activations, and the gradients where they enter its activation.
  function solve() {
    const [f, slope] = curves[chosen.activation];
    const factor = chosen.scale / Math.sqrt(WIDTH), used = weights.slice(0, chosen.layers);
    const ys = [], grads = [];
    for (const weight of used) ys.push(product(ys.at(-1) ?? x, weight, factor).map(f));
    let grad = upstream;
    for (let l = used.length - 1; l >= 0; l--) {
      grads[l] = grad.map((g, i) => g * slope(ys[l][i]));
      grad = product(grads[l], used[l], factor, true);
    }
    return [ys, grads];
  }

  function moments(a) {
    const mean = a.reduce((sum, v) => sum + v, 0) / a.length;
    return [mean, Math.sqrt(a.reduce((sum, v) => sum + (v - mean) ** 2, 0) / a.length)];
  }

  // For the eye: two digits, with an exponent where the number is very small or large.
  function brief(number) {
    const size = Math.abs(number);
    const text = size && (size < 0.01 || size >= 1000) ? number.toExponential(0) : number.toFixed(2);
    return text.replaceAll("-", "−").replace("+", "");
  }

  const ROW = 27, LEFT = 24, BAR = 6, BINS = 32;
  function histogram(a, min, max, top) {
    const bins = new Array(BINS).fill(0);
    for (const v of a) bins[Math.min(Math.max(Math.floor((v - min) / (max - min) * BINS), 0), BINS - 1)]++;
    const most = Math.max(...bins, 1);
    const steps = bins.map((count) => `V${(top - 22 * count / most).toFixed(1)}h${BAR}`).join("");
    return svg("path", { d: `M${LEFT} ${top}${steps}V${top}Z`, style: "fill: var(--pst-color-primary, LinkText); opacity: 0.75" });
  }

  function number(name, value, x, y) {
    return svg("text", { x, y, "data-name": name, "data-value": Number(value.toPrecision(9)) }, brief(value));
  }

  function draw(title, min, max, ticks, rows, notes) {
    const picture = svg("svg", { viewBox: `0 0 340 ${50 + ROW * rows.length}`, "aria-hidden": "true" });
    picture.append(svg("text", { x: 120, y: 10 }, title));
    rows.forEach((row, l) => {
      const top = 44 + ROW * l;
      picture.append(svg("text", { x: 10, y: top - 9 }, String(l + 1)), histogram(row, min, max, top));
      picture.append(svg("line", { x1: LEFT, x2: LEFT + BAR * BINS, y1: top, y2: top }), ...notes(l, top - 9));
    });
    for (const [tick, text] of ticks) {
      picture.append(svg("text", { x: LEFT + BAR * BINS * (tick - min) / (max - min), y: 32 + ROW * rows.length + 10 }, text));
    }
    return picture;
  }

  const chosen = { activation: "sigmoid", scale: 1, layers: 6 };
  const drawings = make("div", { class: "lfs-row" });
  const said = make("p", { "aria-live": "polite" });

  function update() {
    const [ys, grads] = solve();
    const of = ys.map(moments), back = grads.map((g) => moments(g)[1]);
    const logs = grads.map((g) => g.filter((v) => v).map((v) => Math.log10(Math.abs(v))));
    drawings.replaceChildren(
      draw("activations, mean ± spread", -3, 3, [[-3, "≤ −3"], [0, "0"], [3, "≥ 3"]], ys, (l, y) => [
        number(`mean ${l + 1}`, of[l][0], 247, y), svg("text", { x: 278, y }, "±"), number(`spread ${l + 1}`, of[l][1], 311, y),
      ]),
      draw("size of the gradients, spread", -12, 4, [[-12, "10⁻¹²"], [-8, "10⁻⁸"], [-4, "10⁻⁴"], [0, "1"], [4, "10⁴"]], logs, (l, y) => [number(`gradient ${l + 1}`, back[l], 280, y)]),
    );
    const last = ys.length - 1;
    said.textContent = `Spread of the gradients: ${brief(back[0])} in layer 1, ${brief(back[last])} in layer ${last + 1}.`;
  }

  const change = (name) => (value) => {
    chosen[name] = value;
    update();
  };
  const [chooser] = lfs.choice("Activation", Object.keys(curves), change("activation"));
  const [scale, setScale] = lfs.slider("scale", { min: 0.2, max: 8, step: 0.1 }, change("scale"));
  const [layers, setLayers] = lfs.slider("layers", { min: 1, max: DEPTH, step: 1 }, change("layers"));
  setScale(chosen.scale);
  setLayers(chosen.layers);
  update();
  stage.append(make("div", { class: "lfs-row" }, chooser, scale, layers), drawings, said);
});
