/**
 * Calls `visit` for each text node from the beginning of `first` to the end of `last`, and for some around them, because a number may
 * be split over nodes of which one changed. No filter and no recursion: the one is ten times slower, the other overflows
 * on long pages. Nor elements: what they cost exceeds all the rest.
 */
export function walk(first: Node, last: Node, visit: (text: Text) => void): void {
  const walker = document.createTreeWalker(first.getRootNode(), 4 /* text */);
  walker.currentNode = last;
  while (walker.lastChild());
  const end = walker.nextNode();
  walker.currentNode = first;
  for (let i = 9; i--; ) walker.previousNode();
  let node: Node | null = walker.currentNode;
  if (node.nodeType !== 3) node = walker.nextNode();
  for (let more = 9; node && more; node = walker.nextNode()) {
    if (more < 9 || node === end) more--;
    visit(node as Text);
  }
}
