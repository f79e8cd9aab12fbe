/** Lines over a bar: time that passes. Referred to from every picture of a page, which has them once. */
export const PATTERNS =
  `<svg width="0" height="0" class="patterns" aria-hidden="true"><defs>` +
  `<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6" class="hatch-line"/></pattern>` +
  `<pattern id="held" width="6" height="6" patternUnits="userSpaceOnUse"><rect x="0" y="0" width="3" height="6" class="held-line"/></pattern>` +
  `<pattern id="short" width="5" height="5" patternUnits="userSpaceOnUse"><circle cx="1.5" cy="1.5" r="0.9" class="short-dot"/></pattern>` +
  `</defs></svg>`;
