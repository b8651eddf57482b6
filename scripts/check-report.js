// Looks at a page from inside, for scripts/check-report.py: what is wrong with it as it stands in
// this window, a list of sentences. Opens everything that is folded first. An expression: a function
// of the width of the window, since a phone zooms out of a page that is too wide.
(width) => {
  const found = [];
  const say = (text) => {
    if (found.length < 40 && !found.includes(text)) found.push(text);
  };
  const name = (element) => {
    const classes = typeof element.className === 'string' ? element.className : '';
    const text = (element.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 40);
    return `<${element.localName}${classes ? ` class="${classes}"` : ''}> "${text}"`;
  };
  document.querySelectorAll('details').forEach((details) => (details.open = true));
  const all = [...document.body.querySelectorAll('*')];
  const is_visible = (element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return box.width > 1 && box.height > 1 && style.visibility === 'visible';
  };

  // Nothing sticks out to the side but in what scrolls by itself or cuts.
  const is_held = (element) => {
    for (let up = element.parentElement; up; up = up.parentElement) {
      if (up === document.body || up === document.documentElement) return false;
      if (getComputedStyle(up).overflowX !== 'visible') return true;
    }
    return false;
  };
  const root = document.documentElement;
  if (root.scrollWidth > width) say(`the page is ${root.scrollWidth} px wide in ${width}`);
  const sticks_out = (element) => {
    const box = element.getBoundingClientRect();
    return (box.right > width + 1 || box.left < -1) && is_visible(element) && !is_held(element);
  };
  for (const element of all) {
    const box = element.getBoundingClientRect();
    if (sticks_out(element) && !sticks_out(element.parentElement))  // the outermost is the cause
      say(`${name(element)} reaches from ${Math.round(box.left)} to ${Math.round(box.right)} px`);
  }

  // Text of a chart is not cut off at the chart's edge, and labels do not lie on one another.
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    const labels = [...svg.querySelectorAll('text')].filter(is_visible);
    const boxes = labels.map((label) => label.getBoundingClientRect());
    const is_cut = getComputedStyle(svg).overflow !== 'visible';
    labels.forEach((label, i) => {
      const box = boxes[i];
      if (is_cut && (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 2 ||
          box.bottom > frame.bottom + 2))
        say(`a chart cuts off its text ${name(label)}`);
      for (let j = 0; j < i; ++j) {
        const over = Math.min(box.right, boxes[j].right) - Math.max(box.left, boxes[j].left);
        const across = Math.min(box.bottom, boxes[j].bottom) - Math.max(box.top, boxes[j].top);
        if (over > 2 && across > box.height / 2)
          say(`text of a chart lies on other text: ${name(label)} and ${name(labels[j])}`);
      }
    });
    if (svg.getAttribute('aria-hidden') === 'true') continue;
    const title = [...svg.children].find((child) => child.localName === 'title');
    const ids = (svg.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean);
    const named = (svg.getAttribute('aria-label') || '').trim() ||
        (title && title.textContent.trim()) ||
        ids.some((id) => document.getElementById(id)?.textContent.trim());
    if (!named) say(`${name(svg)} has no accessible name`);
    if (svg.getAttribute('role') !== 'img') say(`${name(svg)} has no role img`);
  }

  // Structure that a screen reader goes by.
  if (!root.lang) say('the page does not name its language');
  if (!document.title.trim()) say('the page has no title');
  if (document.querySelectorAll('h1').length !== 1) say('there is not exactly one h1');
  if (!document.querySelector('main')) say('there is no main');
  if (!document.querySelector('meta[name=viewport]')) say('there is no viewport for phones');
  let level = 1;
  for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    const next = Number(heading.localName[1]);
    if (next > level + 1) say(`${name(heading)} skips a level`);
    level = next;
  }
  for (const table of document.querySelectorAll('table')) {
    if (!table.caption && !table.getAttribute('aria-label') && !table.getAttribute('aria-labelledby'))
      say(`${name(table)} has no caption`);
    if (!table.querySelector('th')) say(`${name(table)} has no header cells`);
  }
  for (const th of document.querySelectorAll('th:not([scope])')) say(`${name(th)} has no scope`);
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  ids.forEach((id, i) => ids.indexOf(id) !== i && say(`two elements have the id ${id}`));

  // Nothing that runs, and nothing from elsewhere: names in it are only text.
  for (const element of document.querySelectorAll('script, iframe, object, embed, base, form, img:not([src^="data:"])'))
    say(`${name(element)} does not belong into a report`);
  for (const element of document.querySelectorAll('*')) {
    for (const { name: attribute, value } of element.attributes) {
      if (attribute.startsWith('on')) say(`${name(element)} has ${attribute}`);
      const leads = ['href', 'src', 'srcset', 'action', 'xlink:href'].includes(attribute);
      if (leads && !/^(#|data:image\/|https:\/\/|mailto:)/.test(value))
        say(`${name(element)} leads to ${value}`);
    }
  }

  // Contrast as WCAG AA asks for it: 4.5, or 3 for large text.
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) =>
    [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat([1]);
  const probe = document.createElement('div');
  probe.style.backgroundColor = 'Canvas';
  document.body.append(probe);
  const paper = rgba(getComputedStyle(probe).backgroundColor);
  probe.remove();
  const background = (element) => {
    const layers = [];
    for (let up = element; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.backgroundImage !== 'none' && !(up instanceof SVGElement)) return null;
      const layer = rgba(style.backgroundColor);
      if (layer[3] > 0) layers.push(layer);
      if (layer[3] === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), paper);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !is_visible(element)) continue;
    if (element.closest('title, desc, style')) continue;
    const style = getComputedStyle(element);
    const text = rgba(element instanceof SVGElement ? style.fill : style.color);
    for (let up = element; up; up = up.parentElement) text[3] *= Number(getComputedStyle(up).opacity);
    const below = background(element);
    if (!below) continue;
    const [light, dark] = [luminance(over(text, below)), luminance(below)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const is_large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (is_large ? 3 : 4.5) - 0.01)
      say(`${name(element)} has a contrast of ${ratio.toFixed(1)} only`);
    if (size < 10 && !(element instanceof SVGElement)) say(`${name(element)} is ${size} px small`);
  }
  return { found, charts: document.querySelectorAll('svg').length };
}
