/**
 * Calls `visit` for each element and text node from the beginning of `first` to the end of `last`, and for some around them, because a
 * number may be split over nodes of which one changed. No filter and no recursion: the one is ten times slower, the other
 * overflows on long pages.
 */
export function walk(first: Node, last: Node, visit: (node: Element | Text) => void): void {
  const walker = document.createTreeWalker(first.getRootNode(), 5 /* elements and text */);
  walker.currentNode = last;
  while (walker.lastChild());
  const end = walker.nextNode();
  walker.currentNode = first;
  for (let i = 9; i--; ) walker.previousNode();
  let node: Node | null = walker.currentNode;
  // A document is neither.
  if (node.nodeType > 3) node = walker.nextNode();
  for (let more = 9; node && more; node = walker.nextNode()) {
    if (more < 9 || node === end) more--;
    visit(node as Element | Text);
  }
}
