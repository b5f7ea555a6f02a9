// The graph c = a + b, d = a · c, L = c · d, stepped backward.
"use strict";

lfs.figure("graph", (stage) => {
  const { make, svg, show } = lfs;
  const values = { a: 2, b: 1, c: 3, d: 6, L: 18 };
  const users = { L: ["c", "d"], d: ["a", "c"], c: ["a", "b"] }; // node: its inputs
  // What the inputs of a node get, as factors of its own gradient.
  const factors = { L: [values.d, values.c], d: [values.c, values.a], c: [1, 1] };
  const places = { a: [45, 55], b: [45, 205], c: [165, 130], d: [275, 55], L: [385, 130] };

  const ORDERS = { "L, d, c": ["L", "d", "c"], "L, c, d": ["L", "c", "d"] };
  const WRITES = { "is added": true, "takes its place": false };
  let order = "L, d, c", write = "is added", step = 0;

  // From circle to circle, with a head at its end.
  function arrow([x1, y1], [x2, y2]) {
    const length = Math.hypot(x2 - x1, y2 - y1), [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
    const [x, y] = [x2 - 31 * dx, y2 - 31 * dy];
    const barb = (side) => `${x - 9 * dx - 4 * side * dy},${y - 9 * dy + 4 * side * dx}`;
    return `${x1 + 30 * dx},${y1 + 30 * dy} ${x},${y} ${barb(1)} ${x},${y} ${barb(-1)}`;
  }

  const edges = {}, grads = {};
  const picture = svg("svg", { viewBox: "0 0 430 262", "aria-hidden": "true" });
  for (const [node, inputs] of Object.entries(users)) {
    for (const i of inputs) {
      edges[i + node] = svg("polyline", { points: arrow(places[i], places[node]) });
      picture.append(edges[i + node]);
    }
  }
  for (const [node, [x, y]] of Object.entries(places)) {
    grads[node] = svg("text", { x, y: y + 42, "data-name": `grad ${node}` });
    const box = svg("rect", { x: x - 16, y: y + 33, width: 32, height: 18 });
    picture.append(svg("circle", { cx: x, cy: y, r: 30 }), svg("text", { x, y }, `${node} = ${values[node]}`), box, grads[node]);
  }
  const formulas = { c: "a + b", d: "a · c", L: "c · d" };
  for (const [node, formula] of Object.entries(formulas)) {
    const [x, y] = places[node];
    picture.append(svg("text", { x, y: y - 42 }, formula));
  }

  // The gradients after so many steps, and what the last step did.
  function walk(steps) {
    const all = { L: 1 };
    let parts = [];
    for (const node of ORDERS[order].slice(0, steps)) {
      parts = users[node].map((input, place) => {
        const part = all[node] * factors[node][place];
        const added = WRITES[write] && input in all;
        const sum = added ? ` and has ${show(all[input] + part)}` : "";
        all[input] = added ? all[input] + part : part;
        return { node, input, said: `${input} gets ${show(all[node])} · ${show(factors[node][place])} = ${show(part)}${sum}` };
      });
    }
    return [all, parts];
  }

  const said = make("p", { "aria-live": "polite" });

  function update() {
    const [all, parts] = walk(step);
    for (const [node, text] of Object.entries(grads)) {
      text.textContent = "";
      delete text.dataset.value;
      if (node in all) lfs.put(text, all[node]);
      text.classList.toggle("lfs-new", parts.some((part) => part.input === node));
    }
    for (const [name, line] of Object.entries(edges)) {
      line.classList.toggle("lfs-active", parts.some((part) => part.input + part.node === name));
    }
    const start = "The gradient of L is 1.";
    const told = parts.length ? `${parts[0].node} passes on what it has: ${parts.map((part) => part.said).join("; ")}.` : start;
    const right = all.a === 21 && all.b === 12;
    const end = `In the end a has ${show(all.a)} and b has ${show(all.b)}; by nudging, 21 and 12: ${right ? "right" : "wrong"}.`;
    said.textContent = step === 3 ? `${told} ${end}` : told;
  }

  function go(to) {
    step = Math.max(0, Math.min(3, to));
    update();
  }
  const [orders] = lfs.choice("Order", Object.keys(ORDERS), (chosen) => { order = chosen; go(0); });
  const [writes] = lfs.choice("A second contribution", Object.keys(WRITES), (chosen) => { write = chosen; go(0); });
  const row = (...children) => make("div", { class: "lfs-row" }, ...children);
  const buttons = row(lfs.button("Step", () => go(step + 1)), lfs.button("Back", () => go(step - 1)), lfs.button("Start over", () => go(0)));
  stage.append(row(orders, writes), buttons, row(picture), said);
  update();
});
