"""Whether the edges of controls can be seen: contrast of what bounds each one, out of the styles the browser computed."""

from __future__ import annotations

from driver import Visitor

GRAPHICS = 3.0  # WCAG 2.2, 1.4.11

# What is bounded by a line or a ground of its own needs one of them to stand out; what is words alone is text.
FAINT = """
least => {
  const parts = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const clear = c => { const p = parts(c); return !p.length || (p.length > 3 && p[3] === 0); };
  const light = c => {
    const [r, g, b] = parts(c).slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const ground = e => {
    for (let at = e; at; at = at.parentElement) { const c = getComputedStyle(at).backgroundColor; if (!clear(c)) return c; }
    return 'rgb(255, 255, 255)';
  };
  const line = e => {
    const s = getComputedStyle(e), found = [];
    for (const side of ['Top', 'Right', 'Bottom', 'Left'])
      if (parseFloat(s[`border${side}Width`]) >= 1 && s[`border${side}Style`] !== 'none' && !clear(s[`border${side}Color`]))
        found.push(s[`border${side}Color`]);
    return found;
  };
  const bounded = e => line(e).length > 2 || !clear(getComputedStyle(e).backgroundColor);
  const asked = new Set();
  for (const e of document.querySelectorAll('button, input, textarea, [role="combobox"], a[href]')) {
    if (e.disabled || !e.getBoundingClientRect().width || e.closest('[popover]:not(:popover-open), .unseen')) continue;
    const input = e.matches('input, textarea, [role="combobox"]');
    if (e.matches('[type="radio"]')) { const ring = e.closest('label')?.querySelector(':scope > div > div:first-child'); if (ring) asked.add(ring); continue; }
    if (e.matches('[type="checkbox"]')) {  // a box, or the track of a switch
      const drawn = [...e.closest('label').querySelectorAll('span, div')].find(part => !part.innerText && bounded(part));
      if (drawn) asked.add(drawn);
      continue;
    }
    if (e.matches('[type="file"]')) continue;
    let at = e;
    for (let up = 0; input && up < 4 && line(at).length < 3; up++) at = at.parentElement;
    if (input && line(at).length < 3) continue;
    if (bounded(at)) asked.add(at);
  }
  const faint = [];
  for (const e of asked) {
    const outside = ground(e.parentElement), own = getComputedStyle(e).backgroundColor;
    const tries = line(e).map(c => contrast(c, outside));
    if (!clear(own)) tries.push(contrast(own, outside));
    const best = Math.max(0, ...tries);
    if (best < least) faint.push(`${e.tagName} “${(e.innerText || e.getAttribute('aria-label') || e.closest('[class*="st-key"]')?.className || '').slice(0, 50)}”: ${best.toFixed(2)}`);
  }
  return [asked.size, faint];
}
"""


def faint_controls(visitor: Visitor) -> list[str]:
    """The controls on the screen of which neither the edge nor the ground stands out from what is around them."""
    asked, faint = visitor.page.evaluate(FAINT, GRAPHICS)
    assert asked > 3, "a page has steps, a switch and a way on"
    return list(faint)
