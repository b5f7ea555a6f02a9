// A kernel slides over an image: one place a step, and its row of the matrix.
"use strict";

lfs.figure("slide", (stage) => {
  const { make, svg, show, put } = lfs;
  const x = [[1, 2, 0, 1], [3, 1, 2, 0], [0, 1, 1, 3], [2, 0, 1, 2]];
  const kernel = [[1, -1], [2, 0]];
  const H = 4, W = 4, K = 2, rows = H - K + 1, columns = W - K + 1;
  const INK = "var(--pst-color-primary, Highlight)";
  let step = 0, turned = false;

  const weight = (i, j) => (turned ? kernel[K - 1 - i][K - 1 - j] : kernel[i][j]);
  const place = (s) => [Math.floor(s / columns), s % columns];
  const each = (n, m, f) => { for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) f(i, j); };
  function value(s) {
    const [r, c] = place(s);
    let sum = 0;
    each(K, K, (i, j) => { sum += weight(i, j) * x[r + i][c + j]; });
    return sum;
  }

  // A grid of squares with a text in each, by their indices.
  function grid(picture, name, n, m, left, top, side, size) {
    picture.append(svg("text", { x: left + (m * side) / 2, y: top - 11 }, name));
    const cells = {};
    each(n, m, (i, j) => {
      const box = svg("rect", { x: left + j * side, y: top + i * side, width: side, height: side });
      box.style.cssText = "stroke: currentcolor; stroke-opacity: 0.35";
      const text = svg("text", { x: left + (j + 0.5) * side, y: top + (i + 0.5) * side });
      text.style.fontSize = `${size}px`;
      picture.append(box, text);
      cells[[i, j]] = { box, text };
    });
    return cells;
  }
  function tint(cell, on) {
    cell.box.style.fill = on ? INK : "";
    cell.box.style.fillOpacity = on ? 0.25 : "";
  }
  function write(cell, name, number) {
    if (number === null) {
      cell.text.textContent = "";
      delete cell.text.dataset.name;
      delete cell.text.dataset.value;
    } else {
      cell.text.dataset.name = name;
      put(cell.text, number);
    }
  }

  const above = svg("svg", { viewBox: "0 0 340 190", "aria-hidden": "true" });
  const image = grid(above, "x", H, W, 4, 26, 32, 15);
  const frame = svg("rect", { x: 4, y: 26, width: 64, height: 64, class: "lfs-slide" });
  frame.style.cssText = `fill: none; stroke: ${INK}; stroke-width: 3`;
  above.append(frame);
  const used = grid(above, "weight", K, K, 154, 26, 32, 15);
  const products = grid(above, "products", K, K, 154, 118, 32, 15);
  const y = grid(above, "y", rows, columns, 238, 26, 32, 15);

  const below = svg("svg", { viewBox: "0 0 340 214", "aria-hidden": "true" });
  const matrix = grid(below, "M: a row for each place, a column for each pixel", rows * columns, H * W, 10, 26, 20, 11);
  const said = make("p", { "aria-live": "polite" });

  function update() {
    const [r, c] = place(step);
    frame.style.transform = `translate(${c * 32}px, ${r * 32}px)`;
    each(H, W, (i, j) => {
      write(image[[i, j]], `x[${i}, ${j}]`, x[i][j]);
      tint(image[[i, j]], i >= r && i < r + K && j >= c && j < c + K);
    });
    const terms = [];
    each(K, K, (i, j) => {
      const seen = x[r + i][c + j];
      write(used[[i, j]], `weight[${i}, ${j}]`, weight(i, j));
      write(products[[i, j]], `product[${i}, ${j}]`, weight(i, j) * seen);
      terms.push(`${weight(i, j) < 0 ? `(${show(weight(i, j))})` : weight(i, j)} · ${seen}`);
    });
    each(rows, columns, (i, j) => {
      const s = i * columns + j;
      write(y[[i, j]], `y[${i}, ${j}]`, s <= step ? value(s) : null);
      tint(y[[i, j]], s === step);
    });
    each(rows * columns, H * W, (s, p) => {
      const [top, left] = place(s);
      const i = Math.floor(p / W) - top, j = (p % W) - left;
      const inside = i >= 0 && i < K && j >= 0 && j < K;
      write(matrix[[s, p]], `M[${s}, ${p}]`, inside ? weight(i, j) : null);
      tint(matrix[[s, p]], s === step);
    });
    said.textContent = `Place (${r}, ${c}): ${terms.join(" + ")} = ${show(value(step))}, which is y[${r}, ${c}], and row ${step} of M times x.`;
  }

  const [mover, set] = lfs.slider("Step", { min: 1, max: rows * columns, step: 1 }, (s) => {
    step = s - 1;
    update();
  });
  const flip = lfs.toggle("Flip the kernel", (on) => {
    turned = on;
    update();
  });
  set(1);
  stage.append(make("div", { class: "lfs-row" }, mover, flip), make("div", { class: "lfs-row" }, above, below), said);
  update();
});
