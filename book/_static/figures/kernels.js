// Kernels of 3 x 3 on a real picture: the result, and one window of it in numbers.
"use strict";

lfs.figure("kernels", (stage) => {
  const { make, svg, show, put } = lfs;
  const H = 64, W = 96, SCALE = 4;
  // The pixels, a byte each, row by row: written by book/figures/convolution.py.
  // Photograph: danielbuechele, CC BY 2.0, https://www.flickr.com/photos/danielbuechele/6061409035/
  const PIXELS = "0NDR0dHR0tLS0tPT1NTU1tXV1tXX1tfW2NjX2NjZ2NnZ2tva2tvb29zc3Nvc3d3e3t7e39/g4eDg4eLi4+Pk5eTk5OXl5ufo6Onq6urq6+vr6+zs7Ozs7e7u7u7u7+/v0NHR0tHR0tLS0tPU1NXU1tbW1dbX19fW19fX2NnY2drZ2trb29vb3Nzc3Nzd3N3e397f3+Df4OHh4eLi4+Tk5eTl5OXl5+fo6erp6urr6+vr6+zs7Ozs7e3t7e7t7u/u0dHR0dLS0tLS0tPU1dXU1tbW1dfX19bW19fY2djZ2dra2trb29vb3Nzaopuz1N3e3t7f39/f4OHh4uLi4+Tk5OXl5ebm5+fo6enp6urr6uvr7Ozs7Ozs7e3t7e3t7u/v0NHS0dLS0tLS09PU1NTV1dbV1tfX19fX19fY2djZ2dra2trb29vc3NqbP0xljNXd3t7e39/g4OHh4+Pj5OXk5eXl5ubm5ujp6enq6err6urr7Ozs7Ozs7e3t7u7u7u/v0dHR0dPS0tLT09XV1NTV1dXW19fX1tbX19nZ2NjZ2dna2tvb29vc29ukPkdmg9Td3t/e3t7g4OLh4+Lj5OXl5eXl5ubm5unp6enp6urr6urs7Ozs7Ozs7e3t7u7u7+/v0tLS0tPT09PT09PU1NTV1dXV1tbW19fX2NjY2NnZ2dra2tvb2tvc29vFOj1UhN7e3t7f4OHg4OLh4uPj5OTk5eXm5ubn5+fo6Ojo6erq6urq6+zs7Ozt7e3t7u7u7+/v0tLS0tLT09PU1NTU1NXV1dXW1tbW19fX19jY2NnZ2tra2tra29vc29vdU2Jspt/e3t/f4OHg4OLh4uLk5OTk5eXl5ubn5+np6Ojp6erq6urq6+vs7Ozt7e3t7u7u7+/v0tLS09PT1NPU1NTU1NXV1dbW1tbW19fX19jY2Nna2tnZ2trb29vb29uke8DX4N7e3t/f4OHg4eLh4uLj4+Tk5eXm5ufn5+jo6Ojp6enp6unq6+vs7Ozt7e3t7u7u7+/w09PT09PT09PV1dTU1dXW1dbW1tbW19fX2NfY2dna2trZ29vb29vb29FUQV5uk8/e3uDf4OHh4eLh4uLk4+Tk5eXn5+fn5+fo6Ojp6Onp6erq6+vr7Ozt7e3t7u7v7/Dw09PT1NPU1NTV1dTU1dXW1tbV1tbW19fY2NfY2NnZ2Nna29vb29zc26U2M1xUaoTf3+Df4OHh4eHh4uPj4+Tk5eXn5+fn5ujo6Onp6Onp6+vr7Ovr7O3t7O3t7+7v8PDw09PT09TT1NTV1dTV1dXV1dbW1tbW1tfX19fY2dnY2trb29vb3Nzc3Lk4PGxhgazd39/g4ODg4eHi4uPj5OTk5eXm5ubm5+fn5+jo6unp6erq7Ovr7O3t7e7u7u/v7/Dw0tPT09PU1NXW1dXV1dbV1dbX1tbX2NjY19jZ2trZ2trb29vc3Nzc0GswUnRbQ5LJ3t/f4ODh4eDi4uPj5OTl5eXm5ebn5+fo6Ofo6Onp6urr7Ovs7O3t7e7u7u/w8PDw09TU09TU1NTW1tXV1dXV1tfX19jY2NjY2Nna2tra29vb29zb3NvRkFExeHNKL0xhxN7g4ODh4eLi4uPk5OTl5eXm5ubn5+bn6Ofo6Ojp6err6+vs7ezs7e7u7+/w8PDw09PT09XV1dTV1tbW1dXW1tfX2NjY2NjZ2tna2tra29zb29zc3M6PdnNFmHd3UDVNXbzf4eDh4uLj4+Pk5OTl5eXm5ubn5+bn6Ofo6Ojp6erq6+zs7ezs7u7v8PDw8PDw09PT1NTU1dXV1dbV1dXW19fX19jY2dnZ2tra2trb29vb29zbxYp2kWBlpnJmdFc5WWKh3uHh4uLj4+Tk5OTl5eXm5ubm5ubn6Ojo6Onq6urq6+vs7O3u7u7u8PDw8fHw0tPT1NXU1dXV1tXV1dbW19fY2NnY2dnZ2dvb29vb29zc3Nerg3+npF2QhHZ+cGVQN1JShdfh4eLj4+Tk4+Tk5eXl5OXm5ubn5+fn6Ojp6urq7Ozs7e3u7+7v8PDw8PHx1NTU1NXV1dXW1tbX19fX2NjZ2dnZ2dra2tva29vb29vYvYt6kqqrm3ajh3BqdnppSzdGXWG64OLj4+Tk5OTl5eXl5eXm5ubn5+fn6Onp6urr6+zt7e3t7u7v7+/w8PDx1NXU1dXV1dXW1tbX19fX2NjY2dnY2Nna2dva29vb2cOWeoqbrKuWi6SYdXt8dm1yfVozNlhRitPh4+Lj5OTk5eXm5ubn5ubn5+fn6Ojp6urq6+zt7e3u7e7u7+/w8PHx1NTV1dXV1dXW1tbX19fX2NjY2dnY2dnY2trc29nBk4GMmKqpp6xwn6R7gXZycXp7c21mRTREWV6k0Lzg5uXl5OTl5OXm5ubn5ufn6ejp6urq6+vs7e3t7u7u7+/v8PDx09TU1NTV1dXW1tbX19fY2NjY2djX1sSw19nPtYV5gJqnqqupm3J4l4V6dnJ1eXpxc3l6blM9Nk5UW0a+4eLh5OXk5eXm5ubm5+fn6Ojq6urq6+zr7ezt7u7u7+/v8PDw1NXU1NXW1dTV1dfW19bY19bW19jWv3uOrot4gY2brKurq6+tgoGdiXd5e356eHNxd3t5dnZrVT48Njtzl8DC4uXk5OXl5+fn6Ojo6Ojp6err6+zr7O3s7u7u7+/v8PHw1NTU1dTV1dTV1dbW1tbX17+7wr+0xpB5fI2Nqa6zr7Oxsa56LWh4f3h0eXt0d3Z2end6fnd3d3JWRjY+RURV1ePKxuDl5+bn5+fo6Onq6urr6+zs7e3t7e7u7u7v7+/w09TU1dXV1dXW1tbW19fX2Kh/iIZ7fYeZoq+vtLGtq6qnnVInFz0jUmBjamxwbXNzcW5vb3Fsa21kY1xWRz9IXnWIVbLl5ufn5+fp6enq6urr6+zs7O3t7u3u7u7u7+7w1NXV1dXV1tbW1tfX19fY1o9SeYyao7SosqurmZ+QcHRIJiAYGi8YFi8/Oz1DRk1TVVlcXl9bXl9UUUREODorYmVMVczL0OHi5ujo6enp6urr6+vs7O3u7e7u7u/v7+/w1dXV1dbW1tbW1tbW19fY15UnHklaaF1dTTo1JSEZFxkSGAsUERsdEw4TEiAaGRwbHiEiKyUqLSssKSoqKTshR4KWeGphe5SKy+jo6Onp6enr7Ozs7ezt7e7t7u7v7+/v1tbW1tbW1tbX2NfY2NjX1aYrDRkaFRMVFhQPDQ4MEA4PDw8VGhUXFxohExoUGhYYGRUdGR8VIxoiISAyNRonLEplgI2MfGVp0ufo6enp6urr6+vs7ezt7e7u7u/w8PDw1dXW1tbW1tfX19bX2NjY13opGBMXFRAUDxIPDw4OEBASERQPGxQYHBsrIikrJiwiLh8uHS0cKB4iKio9NykhICIuPl9phHl2hebo6Ojp6urq6+zs7e3u7e7u7u/v7+/w1dXV1dXW1tfW19fX19jXxkklFwsTHxYRDhETEhQWFB4gJCItMUpbVVJWS1JGSUhEPEJEQkY7QDcrPDkwKSolJCckKCQxPmHa6Ofo6enq6urr6+vs7Ozs7e3t7u7v7+/w1dXU1tXW1tbW19fX19fY19mnWRUTERYuJS0xNUBKUFFOUFhMX1tbVWNwX2t6d4WBeoSJgoRpbXdZd4B3V0AuKicrLTZXpObo6Ojo6ejp6uvr6+vr6+zs7Ozt7+7u7+/v1dXU1NXV1tbW1tfX19fX2NfY1opCECNOPF9RSE1GSUI6My07ICQtOEE7KEhEQj0+PTw7P0I7YE1NQHeHnKCOclk2c7Pn5ubn5+fp6eno6enq6uvr6+vs7e3t7+7u7vDv1NXU1NTX1tbW1tbW19fX19jY2di3ljY+LCIwJjVEQEtGWU4rJVolNmRjLTtki4BvimiFjVcsR2tMLmBJam6BhpZ01+Xm5ubm5ubn5+jo6enq6urq6+vr7Ozt7u7u7u7v09TU1NXV1dfX19bW19fX19jY2NnZyjoqKlozKlRpVG5WcFAoJlkmNmpoLDdukIRukGqIkV4pSHlWLl5PloN1U19e0uTl5eXm5ufn5+jp6enq6urq6+zs7O3t7e7t7u7v09TU1NTV1dbW1tbW19fX19jY2NnY1EorKFgzKlhwWGxYXkwlJjojNUhJKzlLVlhWXVhkaVEpTGhUK2lQnI6LWF9Z5eXm5ebm5ubn5+fo6Onp6erq6+vr6+zt7e3u7u7u1NPU1NTU1dXW1tbW1tbX19jY19fY12YmJz8uJy8tJyMjIiAkIywzNz84LzY1ODs8P0FIRkY5RklHSIhlf4eKZ15T5uTl5eXm5ubm5+fo6Ojp6erq6uvr6+zs7O3t7e7u0tPT09TU1dXV1tXV19fX2NfY19TB12UqHx8hIyMlJiUpKSwwMzZYQU1YVlVRUU9ST1JPUlJPVVhsX26BSI6NhYRs4+Tj5OXm5ebm5ufn5+jp6enq6uvr6+vs7Ozt7e3u0tPT09TU1dXV1dbW1tfX1tbU13tJrE8iLS0zMS4uLSwxLzAoQGZVT0dGP0FITUZJT0lRTFFHWmlqZz8kJoygqaOhl+G+zOPl5ebm5ubn5+fo6Onp6erq6uvr7Ozs7Ozt0tLT09TT1NXV1dXV1tTGycTAs3QxLy8jKCsqMSstLiwsLCkuMYaCSkhBPTtEPz9FP0A7PkhTWFxhVzksJDU+XFaYlVZmVtPj5eTj5ebm5+fo6Ojp6enp6urq6+vr7Ozs0tLS0tLT09TU1NTV1bhral1MOiojKigoJyksLy8xNjEvNDM3MntsY2NmX2RkZmJgY2JYU2BkZmJkYVxTTz0nKzaMlndlYIOanrq85Obm5ubn5+fo6Ono6Onp6urq6uvr0tLS0tLT0tPT1NTU1L4xMCYyLi8pLyUrMzc0MTk2ODhNamciME5TW2JoXFxnamVkXVxfZWhiYGRaYF9aVkg8OTxlnZ2blHlhUFZ94+Xl5ebm5ubn5+fo6Ojp6enq6urq0tLS0tLT09PT09PT0mgvKCktNzcuLC4xMC8xOD9UYn5xTiohGy4mPUxFTEZUVVZUTk5XVFRVU1RSVVVVRTk0RCNHhY6SlJCHe21t0+Xl5eXl5ubm5ufn6Ojo6Ojp6enq0dHR0dHS0tPT09PT06kjEx0gIiIjICYlISMiISUnICMkHyIiP0Q7Mi4uLi4rMDAvLi41MTEzNTQwOjlBRT1JTC8zUmprcnWChKDb4+Tl5eTl5eXl5ubm5+fn5+jo6Onp0NDQ0dHS0tHS0tPT0rBVEhMwGygoISQdIyIgIyEgIikmLzY9RGJdUU5JR0RMTUVESURERUdER0JYTFFRYV9wd2hZWlFSTmJrm+Li4+Pk5OTk5eXl5eXm5ubm5+fn5+jorsDQ0NDR0NHR0dHR0dHLo5kxPkhKSEY1SURKUE9PTkFMU0pWWVZsfXRuc3dfdHV5W1JSUU5rcmtyelVeZoJanIGKo46Tipmev+Hh4uLj4+Pk5OTl5eXl5eXm5ubm5ubnmJPOz8/Q0NDQ0NHR0dHS0sk+S0UjR1BHTSEWExAiR0FPKwwdRDZzSygVKElgeUtFKiwrHxouOmZcSigeL2lbbz57YDQ4br22quDg4eHh4uLj4+Pj4+Tk5OTk5eXl5eXmUGuXvs7Pz8/Pz8/Q0NDR0b8ldbYWCSsuFgwTFhYcICYhExAUEC0zODAmJhQxSD8ySDZJNT8xFS1BODwsPixTUFVXMkUuXdqpr+Dg4ODg4eHi4uLi4uLj4+Pj5OTk5OTlSkxVcMfNzs7Pzs/Pz8/Q0M4kfsAdDyATGxYaIR0hJR4fGRgdFy01PkQyOB41SVQ6VT1WPU0/HzRJPkktQCxfVE9XRkk8WNaxp97f39/e3t/f3+Df4ODg4N/h4uDi4+TkbXpbZ73Gx8fGxsfNzc3PzcwkebweFCEVHxocKRwkLCAlHBolHC81REw4QSM0UVo+Xj5ePllCJTJJQ00wPU1bYVNgTlJGV8uxmdbY19bX1tbX2Nja29rc2tvd3N3e3tzcgYdzfom8wcvKxsXGxcXLxMEjdrQdEyIWIxQcMx8pMSAsHBUnHi8yQE84RCMvUV4/X0BeQFhHIyxMP1ItQTViXVVaWlRBWMC2j8zP0c/Pzs/P0NHT0tHS1NTU1NPU1tTUc2Fxhq/FwsTCwMDGv8LLvb8idL4dECEWIxQaMB0oKiInHBMoHzAzPlE4RCMuUWA9YlBfPlZEJCxJQFIsTE9laGZfcXdtXri1jsfHxsfJycjIx8jHx8nJycnJycnLy8vKTEFOabmztYiGprm9uLq7uLUhbLMbER4WIBMiLBs2KSElIRMmGjpEQE0zQiUwVFo4VkhWPkY9JS1MSE0+U4lOhoF/jJCci56rnMXEyMG6wsLFxsPAwL+/vsC+wMHCwsHATldJXX50fmhRibGwr7CvrqogMGIiHSUgKB0nLygwKSMpLCQxLTJcUVxeUk1EamJlTWJhSGZRSEdeYmtoWYJPooCTjX2OiImLlrW1s7S0s7SzuLe3urq3ubq6ubm4tri4TlZRXmFVTFFRbIStqaOpqqoeJkglIiUnIRsmMCUrLiQpKSYkJTRuRFVSTEhAblFRSVdVUlhXSz5kXVxdXG1Qf354hoWDfYWZpsGxqLCrqKipq6mqr6+usbOxsrK0tbO2YXlbYkdKMUNpb2GWtbG8sIcdJCIXFBgZFBUUFBYUFBoaFxkbHzhoWFRXWEw3bk9QT1NRU1VQUUlcW15mbnlklKevvL64ur+2qZ+epqqnp6ipqaaora+ssLCws7e4urq6YE5SbVJdYkpshnWmsr+hk29KSUxJS0pIRkZISUlHQ0JERkhQX22AjI2MkpSBlYiMjZCHiouMlZGPkIuHh4B/e36hnp2WnpuQlpmhqauqrLGuubmysbW2sLGxsba2trW0XW9bYlVlcmtfkFt/oJikdyEiJyolKCQiJCsuLS4uKiszLS0yL19pYFhZWVVSU1BRTUxNT1FQUk5NTlBUWlZWVmSTmpqam4+IcKu1t7++vry8wr+/vsLCwsXDwcHAvby7anBFUHBwaF9jc1WOioqFeBwdIiEgIxwbHiMhISIfHiElHyAnJU1XWk1WUlJVVU9PT0xQTFFRVU1OSk1RVlROT12HfoqYkISTjoDGbLTFxsbHxcfIt7/JyczOzM7PzM3PYHxrYIR/eVdAWXKGhHcsYzEaFhgWGhUUFRkWFBgWFRYZFRsgG0JFSUBFQT8+QT5DREFAQkVGREU4NUxMU1Y2YnaVipmVpamioZtLSpauub3HysnJy8rKzMzMyszNz9DRe2Z1e3Z5eHNpe3V+bmMoFDchIy8xNSgrLjM3NTQ0MCkqMS4sLzsuTlxgX2FBSmBfYVtaVVNXVVJFRlJLTEUzW4VdpJ6lnZKelI+HbGRsfmyoy8rKy8zJzM3IzdDR0dHRh4BzgoWFiIeBeyssJCYtNCkfIyYlJiIfIiIkIiMiIyglKSYmOl44RUxISEZJSlJSV11OVVFXVltcYmxmdHhyXCYncZ2ck5iWl5eaj4Z+WF2ryMvHysvLzM3Nx8jNzs7OgISLh4eRj6OZjB8hMzMrLCEkGx4dGhwVGRcYGBsdIR0iHyYlTI1KaGphb21sa2JlXV5UWWBlYV5dWVpaWFdVRR8mQG5/j5aalpiYmpN/bniCycnJycnJysrKy8vMy8vMaYWHiIeOoZWDUDA4Oi8qODcvMSwpKCckHx4eGx8ZHyMiHx8rWpNyYlpQUVZWUFFTXVtYXmNkZWhjZm1vamhZVE5EJiQ0TpaYm5SUjoaFiL7DxcXGxsfHyMjIyMjIyMrKeYaLgoF8gpdyOzkvMjo9Nj4/Ojo4NDc3MzU1KysvMTg0LUhYiY50fXRuaWt1a2Vsa3JsZ2JnZmhlamptaHNzbmlfVDEoT5KTiI6LhXqIvcHDxMPCxr/FxMXGxcbGx8bGf3x+i4Z+hIlYLywrNTY/REA8OT1BREc/Pj42OzY8Q0Zjg19bnX5wcW9vaWpucG5ubmxnZmhlZm5tdW5pbmhgX15QTzw4MG6Ff21qfZiOv8HBwsHCwL7Dw8TExMXExcbGgYuaopqPhYtDOxgkLDA1NDQ5PkA/QD1HS296bmxzh6Kdd0ZKbWZteHp2bWhma2hpa2RiY19hW1xfV1dYVlxcV0c0NDc+LkdodIF0sLmEvsDAwMDCwsLCw8PExMTExMXE";
  const x = Uint8Array.from(atob(PIXELS), (letter) => letter.charCodeAt(0));
  const KERNELS = {
    "Sobel x": [-1, 0, 1, -2, 0, 2, -1, 0, 1],
    "Sobel y": [-1, -2, -1, 0, 0, 0, 1, 2, 1],
    Laplace: [0, 1, 0, 1, -4, 1, 0, 1, 0],
    blur: Array(9).fill(1 / 9),
    sharpen: [0, -1, 0, -1, 5, -1, 0, -1, 0],
    emboss: [-2, -1, 0, -1, 1, 1, 0, 1, 2],
    "the picture itself": [0, 0, 0, 0, 1, 0, 0, 0, 0],
    "your own": null,
  };
  let weight = [...KERNELS["Sobel x"]];
  let row = 46, column = 17;

  function at(r, c) {
    let sum = 0;
    for (let t = 0; t < 9; t++) sum += weight[t] * x[(r + Math.floor(t / 3)) * W + c + (t % 3)];
    return sum;
  }

  // A drawing of n x m gray levels; the smallest is black, the largest white.
  function canvas(n, m, label) {
    const element = make("canvas", { width: m * SCALE, height: n * SCALE, role: "img", "aria-label": label });
    const pen = element.getContext("2d");
    return [element, (level, low, high, box) => {
      for (let r = 0; r < n; r++) {
        for (let c = 0; c < m; c++) {
          const gray = high > low ? Math.round((255 * (level(r, c) - low)) / (high - low)) : 128;
          pen.fillStyle = `rgb(${gray}, ${gray}, ${gray})`;
          pen.fillRect(c * SCALE, r * SCALE, SCALE, SCALE);
        }
      }
      const [top, left, side] = box.map((v) => v * SCALE);
      for (const [color, width] of [["#000", 6], ["#ffb000", 3]]) {
        pen.strokeStyle = color;
        pen.lineWidth = width;
        pen.strokeRect(left - 2, top - 2, side + 4, side + 4);
      }
    }];
  }
  const [before, drawBefore] = canvas(H, W, "The picture, with the window of the cursor");
  const [after, drawAfter] = canvas(H - 2, W - 2, "The result of the kernel");

  // The window under the cursor, and what the kernel makes of it.
  const numbers = svg("svg", { viewBox: "0 0 340 124", "aria-hidden": "true" });
  const text = {};
  function number(name, cx, cy) {
    text[name] = svg("text", { x: cx, y: cy, "data-name": name });
    numbers.append(text[name]);
  }
  numbers.append(svg("text", { x: 75, y: 12 }, "window"), svg("text", { x: 250, y: 12 }, "result"));
  for (let t = 0; t < 9; t++) number(`window[${Math.floor(t / 3)}, ${t % 3}]`, 30 + 45 * (t % 3), 42 + 32 * Math.floor(t / 3));
  ["y", "smallest", "largest"].forEach((name, i) => {
    numbers.append(svg("text", { x: 215, y: 42 + 32 * i }, ["here", "smallest", "largest"][i]));
    number(name, 300, 42 + 32 * i);
  });
  const said = make("p", { "aria-live": "polite" });

  function update() {
    let low = Infinity, high = -Infinity;
    const result = [];
    for (let r = 0; r < H - 2; r++) {
      for (let c = 0; c < W - 2; c++) {
        const v = at(r, c);
        result.push(v);
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
    }
    drawBefore((r, c) => x[r * W + c], 0, 255, [row, column, 3]);
    drawAfter((r, c) => result[r * (W - 2) + c], low, high, [row, column, 1]);
    for (let t = 0; t < 9; t++) {
      const i = Math.floor(t / 3), j = t % 3;
      put(text[`window[${i}, ${j}]`], x[(row + i) * W + column + j]);
    }
    put(text.y, at(row, column));
    put(text.smallest, low);
    put(text.largest, high);
    said.textContent = `y[${row}, ${column}] = ${show(at(row, column))}, between ${show(low)} (black) and ${show(high)} (white).`;
  }

  const [chooser, select] = lfs.choice("Kernel", Object.keys(KERNELS), (name) => {
    if (KERNELS[name]) weight = [...KERNELS[name]];
    inputs.forEach((input, t) => { input.value = Math.round(weight[t] * 1000) / 1000; });
    update();
  });
  const inputs = weight.map((v, t) => {
    const label = `weight[${Math.floor(t / 3)}, ${t % 3}]`;
    const input = make("input", { type: "number", step: 0.5, value: v, "aria-label": label });
    input.addEventListener("input", () => {
      if (!Number.isFinite(input.valueAsNumber)) return;
      weight[t] = input.valueAsNumber;
      select.value = "your own";
      update();
    });
    return input;
  });
  const [down, setRow] = lfs.slider("Row", { min: 0, max: H - 3, step: 1 }, (v) => { row = v; update(); });
  const [across, setColumn] = lfs.slider("Column", { min: 0, max: W - 3, step: 1 }, (v) => { column = v; update(); });
  for (const [element, shift] of [[before, 1], [after, 0]]) {
    element.addEventListener("pointerdown", (event) => {
      const box = element.getBoundingClientRect();
      const pixel = (v, size, n) => Math.max(0, Math.min(n, Math.floor((v / size) * (n + 1 + 2 * shift)) - shift));
      row = pixel(event.clientY - box.top, box.height, H - 3);
      column = pixel(event.clientX - box.left, box.width, W - 3);
      setRow(row);
      setColumn(column);
      update();
    });
  }
  setRow(row);
  setColumn(column);
  const kernel = make("div", { class: "lfs-kernel", role: "group", "aria-label": "The nine numbers of the kernel" }, ...inputs);
  stage.append(
    make("div", { class: "lfs-row" }, before, after),
    make("div", { class: "lfs-row" }, chooser, down, across),
    make("div", { class: "lfs-row" }, kernel, numbers),
    said,
  );
  update();
});
