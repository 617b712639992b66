// Runs in the page: the three that are compared, and their clocks. Plain JavaScript, because it is sent as it is.
{
  const SEPARATOR = '\\)?[-. ]?';
  const shape = (line) => new RegExp(`(?<start>202${SEPARATOR}555[-. ]?)${line}\\b`, 'g');
  const OWN = shape('0123');
  const OURS = shape('0199');
  const put = (text, from, line) => text.replace(from, `$<start>${line}`);

  /** As call tracking vendors do: every node, each text by itself, each element's link. */
  const walk = (node, from, line) => {
    if (node.nodeType === 3) {
      const text = put(node.nodeValue, from, line);
      if (text !== node.nodeValue) node.nodeValue = text;
    } else if (node.nodeType === 1 && node.nodeName !== 'SCRIPT' && node.nodeName !== 'NOSCRIPT') {
      const href = node.getAttribute('href');
      if (href && /^(sms|tel)/.test(href)) {
        const link = put(href, from, line);
        if (link !== href) node.setAttribute('href', link);
      }
      for (let child = node.firstChild; child; child = child.nextSibling) walk(child, from, line);
    }
  };
  const rewrite = (from, line) => {
    document.body.innerHTML = put(document.body.innerHTML, from, line);
  };

  const kinds = {
    // On paper the page shows its own numbers; the next answer brings ours back. Each of these is one look at all of the page.
    ours: {
      restore() {
        bench.swapped = 0;
        dispatchEvent(new Event('beforeprint'));
      },
      async swap() {
        // It may have asked by itself, which it does once a second, or be about to.
        for (let waited = 0; !bench.swapped; waited += 1) {
          if (waited % 200 === 0) window.dni.refresh();
          await pause(5);
        }
        return bench.swapped - bench.answered;
      },
    },
    walk: {
      restore: () => walk(document.body, OURS, '0123'),
      swap: () => timed(() => walk(document.body, OWN, '0199')),
      added: (records) => {
        for (const { addedNodes } of records) for (const node of addedNodes) walk(node, OWN, '0199');
      },
    },
    rewrite: {
      restore: () => rewrite(OURS, '0123'),
      swap: () => timed(() => rewrite(OWN, '0199')),
      added: () => rewrite(OWN, '0199'),
    },
  };

  const timed = (run) => {
    const start = performance.now();
    run();
    return performance.now() - start;
  };
  const count = (shape) => document.body.innerHTML.match(shape)?.length ?? 0;
  const texts = () => {
    const walker = document.createTreeWalker(document, 4);
    let amount = 0;
    while (walker.nextNode()) amount += 1;
    return amount;
  };
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  const bench = {
    /** When the answer was there, and when it was on the page. */
    answered: 0,
    swapped: 0,
    /** How many texts the page has, how often it shows its own number and how often ours. */
    counts: () => ({ texts: texts(), own: count(OWN), ours: count(OURS) }),

    /** Milliseconds of each swap, of a page that was drawn as it was before. */
    async swaps(kind, rounds) {
      const { swap, restore } = kinds[kind];
      const times = [];
      for (let round = 0; round < rounds; round += 1) {
        restore();
        await frame();
        times.push(await swap());
      }
      return times;
    },

    /** Milliseconds of one swap, by code that never ran. */
    first: (kind) => kinds[kind].swap(),

    /** Milliseconds to insert blocks one by one, and until they are swapped; a pause between, for ours looks for a third of a second in each. */
    async additions(kind, html, amount, rounds) {
      const added = kinds[kind].added;
      const watch = { childList: true, subtree: true };
      const observer =
        added &&
        new MutationObserver((records) => {
          added(records);
          observer.takeRecords();
        });
      const bare = [];
      const all = [];
      for (let round = 0; round < rounds; round += 1) {
        const template = document.createElement('template');
        template.innerHTML = html;
        const nodes = [];
        while (nodes.length < amount)
          for (const node of template.content.childNodes) nodes.push(node.cloneNode(true));
        nodes.length = amount;
        const box = document.body.appendChild(document.createElement('div'));
        await pause(1100);
        observer?.observe(document.body, watch);
        const start = performance.now();
        for (const node of nodes) box.append(node);
        bare.push(performance.now() - start);
        // Behind what observers do, because they were told at the first node.
        await null;
        all.push(performance.now() - start);
        observer?.disconnect();
        if (count(OWN)) throw new Error(`${kind} did not swap what was added`);
        document.body.lastElementChild.remove();
        await pause(1100);
      }
      return { bare, all };
    },
  };
  globalThis.bench = bench;

  // Ours asks by fetch: from its answer until it has looked at the page and changed it, which an observer is told of.
  const json = Response.prototype.json;
  let watching;
  // The last that it does when it looks at a page. What it keeps for the next page afterwards is not counted.
  let looked = 0;
  const takeRecords = MutationObserver.prototype.takeRecords;
  MutationObserver.prototype.takeRecords = function () {
    looked = performance.now();
    return takeRecords.call(this);
  };
  Response.prototype.json = async function () {
    const reply = await json.call(this);
    watching?.disconnect();
    watching = new MutationObserver((_, observer) => {
      observer.disconnect();
      if (document.body.textContent.includes('0199')) bench.swapped = looked;
    });
    watching.observe(document, { subtree: true, characterData: true, attributes: true });
    bench.answered = performance.now();
    return reply;
  };
}
