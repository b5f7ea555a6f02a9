// A linear layer with three inputs and two outputs, forward and backward.
"use strict";

lfs.figure("linear", (stage) => {
  const { make, svg, show } = lfs;
  const D = 3, K = 2;
  const text = {}; // the numbers of the text, by name
  [1, 2, 3].forEach((v, d) => { text[`x[0, ${d}]`] = v; });
  [[1, 0, -1], [2, 1, 0]].forEach((row, k) => row.forEach((v, d) => { text[`weight[${k}, ${d}]`] = v; }));
  [10, -1].forEach((v, k) => { text[`bias[${k}]`] = v; });
  [1, 10].forEach((v, k) => { text[`grad_y[0, ${k}]`] = v; });

  let given = { ...text }; // what the reader changes

  // Every number of the figure, by name: what is given, and what follows from it.
  function solve() {
    const all = { ...given };
    for (let d = 0; d < D; d++) all[`grad_x[0, ${d}]`] = 0;
    for (let k = 0; k < K; k++) {
      const grad = all[`grad_y[0, ${k}]`];
      all[`y[0, ${k}]`] = all[`bias[${k}]`];
      all[`grad_bias[${k}]`] = grad;
      for (let d = 0; d < D; d++) {
        all[`y[0, ${k}]`] += all[`x[0, ${d}]`] * all[`weight[${k}, ${d}]`];
        all[`grad_x[0, ${d}]`] += grad * all[`weight[${k}, ${d}]`];
        all[`grad_weight[${k}, ${d}]`] = grad * all[`x[0, ${d}]`];
      }
    }
    return all;
  }

  // One drawing: circles for inputs and outputs, a line for each weight.
  const numbers = {};
  function number(name, x, y, note = "") {
    numbers[name] = svg("text", { x, y, "data-name": name, "data-note": note });
    return numbers[name];
  }
  function draw(title, left, line, right, below) {
    const rowX = (d) => 65 + 75 * d, rowY = (k) => 95 + 90 * k;
    const picture = svg("svg", { viewBox: "0 0 340 265", "aria-hidden": "true" });
    const heads = [[title, 170, 12], [left, 36, 30], [line, 122, 30], [right, 290, 30]];
    picture.append(...heads.map(([text, x, y]) => svg("text", { x, y }, text)));
    for (let d = 0; d < D; d++) {
      for (let k = 0; k < K; k++) {
        picture.append(svg("line", { x1: 40, y1: rowX(d), x2: 290, y2: rowY(k) }));
      }
    }
    for (let d = 0; d < D; d++) {
      picture.append(svg("circle", { cx: 40, cy: rowX(d), r: 25 }), number(`${left}[0, ${d}]`, 40, rowX(d)));
      for (let k = 0; k < K; k++) {
        const y = rowX(d) + 0.29 * (rowY(k) - rowX(d));
        picture.append(svg("rect", { x: 95, y: y - 9, width: 38, height: 18 }), number(`${line}[${k}, ${d}]`, 114, y));
      }
    }
    for (let k = 0; k < K; k++) {
      picture.append(svg("circle", { cx: 290, cy: rowY(k), r: 25 }), number(`${right}[0, ${k}]`, 290, rowY(k)));
      picture.append(number(`${below}[${k}]`, 260, rowY(k) + 38, `${below} `));
    }
    return picture;
  }

  const forward = draw("forward →", "x", "weight", "y", "bias");
  const backward = draw("← backward", "grad_x", "grad_weight", "grad_y", "grad_bias");
  const said = make("p", { "aria-live": "polite" });
  let before = null;

  function update() {
    const all = solve();
    const moved = Object.keys(all).filter((name) => before && all[name] !== before[name]);
    for (const [name, text] of Object.entries(numbers)) {
      lfs.put(text, all[name], text.dataset.note);
      text.classList.toggle("lfs-new", moved.includes(name));
    }
    const values = (names) => names.map((name) => `${name} = ${show(all[name])}`).join(", ");
    said.textContent = moved.length
      ? `${values(moved)}. Nothing else moved.`
      : `${values(["y[0, 0]", "y[0, 1]", "grad_x[0, 0]", "grad_x[0, 1]", "grad_x[0, 2]"])}.`;
    before = all;
  }

  let name = "weight[1, 2]";
  const [chooser, select] = lfs.choice("Change", Object.keys(given), choose);
  const [mover, set] = lfs.slider("to", { min: -12, max: 12, step: 0.5 }, (value) => {
    given[name] = value;
    update();
  });
  const reset = lfs.button("Back to the numbers of the text", () => {
    given = { ...text };
    before = null;
    choose(name);
    update();
  });

  function choose(chosen) {
    name = chosen;
    set(given[name]);
    said.textContent = `${name} = ${show(given[name])}.`;
  }

  select.value = name;
  choose(name);
  stage.append(make("div", { class: "lfs-row" }, chooser, mover, reset), make("div", { class: "lfs-row" }, forward, backward), said);
  update();
});
