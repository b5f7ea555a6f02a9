// The error of finite differences of x³ at 1.1, in true float32 and float64.
"use strict";

lfs.figure("difference", (stage) => {
  const { make, svg } = lfs;
  const ROUND = { float64: (v) => v, float32: Math.fround };
  const KINDS = ["central", "forward"];
  const EPS = []; // 1e-15, 2e-15, 5e-15, ... 0.5
  for (let k = 15; k > 0; k--) for (const digit of [1, 2, 5]) EPS.push(Number(`${digit}e-${k}`));

  // The difference, each operation rounded as NumPy rounds it.
  function estimate(dtype, kind, eps) {
    const r = ROUND[dtype], x = r(1.1), e = r(eps);
    const f = (v) => r(r(v * v) * v);
    if (kind === "forward") return r(r(f(r(x + e)) - f(x)) / e);
    return r(r(f(r(x + e)) - f(r(x - e))) / r(2 * e));
  }
  function error(dtype, kind, eps) {
    const x = ROUND[dtype](1.1), exact = 3 * x * x;
    return Math.abs(estimate(dtype, kind, eps) - exact) / exact;
  }

  // The plot: decades on both axes.
  const px = (eps) => 58 + 22.5 * (Math.log10(eps) + 15), py = (e) => 20 + 19.5 * -Math.log10(e);
  const picture = svg("svg", { viewBox: "0 0 420 310", "aria-hidden": "true" });
  const write = (x, y, text) => picture.append(svg("text", { x, y }, text));
  for (let k = -15; k <= 0; k += 3) {
    picture.append(svg("line", { x1: px(10 ** k), y1: 20, x2: px(10 ** k), y2: 254 }));
    write(px(10 ** k), 272, k ? `1e${k}`.replace("-", "−") : "1");
  }
  for (let k = -12; k <= 0; k += 3) {
    picture.append(svg("line", { x1: 58, y1: py(10 ** k), x2: 396, y2: py(10 ** k) }));
    write(30, py(10 ** k), k ? `1e${k}`.replace("-", "−") : "1");
  }
  write(227, 296, "eps");
  write(45, 8, "relative error");
  write(275, 92, "forward");
  write(368, 150, "central");
  const curves = {};
  for (const dtype of Object.keys(ROUND)) {
    for (const kind of KINDS) {
      const points = EPS.map((eps) => `${px(eps).toFixed(1)},${py(error(dtype, kind, eps)).toFixed(1)}`);
      const dash = dtype === "float32" ? { "stroke-dasharray": "5 3" } : {};
      curves[dtype + kind] = svg("polyline", { points: points.join(" "), ...dash });
      picture.append(curves[dtype + kind]);
    }
  }
  const dot = svg("circle", { r: 5 });
  picture.append(dot);

  const shown = { estimate: make("output"), error: make("output") };
  let dtype = "float64", kind = "central", eps = 1e-6;

  function update() {
    const numbers = { estimate: estimate(dtype, kind, eps), error: error(dtype, kind, eps) };
    shown.estimate.textContent = Number(numbers.estimate.toPrecision(12));
    shown.error.textContent = numbers.error.toExponential(1);
    for (const [name, output] of Object.entries(shown)) {
      output.dataset.name = name;
      output.dataset.value = numbers[name];
    }
    for (const [name, curve] of Object.entries(curves)) curve.classList.toggle("lfs-active", name === dtype + kind);
    dot.setAttribute("cx", px(eps));
    dot.setAttribute("cy", py(numbers.error));
  }

  const [kinds] = lfs.choice("Difference", KINDS, (chosen) => { kind = chosen; update(); });
  const [dtypes] = lfs.choice("in", Object.keys(ROUND), (chosen) => { dtype = chosen; update(); });
  const steps = { min: 0, max: EPS.length - 1, step: 1, write: (place) => EPS[place].toExponential() };
  const [slider, set] = lfs.slider("eps", steps, (place) => { eps = EPS[place]; update(); });
  const row = (...children) => make("div", { class: "lfs-row" }, ...children);
  const result = make("p", { "aria-live": "polite" }, "The derivative is 3.63; the difference gives ", shown.estimate, ", relative error ", shown.error, ".");
  const legend = make("p", {}, "Solid: float64, dashed: float32. The chosen curve is the thick one.");
  set(EPS.indexOf(eps));
  stage.append(row(kinds, dtypes, slider), row(picture), result, legend);
  update();
});
