import type { Changed } from '../look.js';

/**
 * Writes a text, and returns it: digit by digit, so that the ends of the visitor's selection stay where they are: the new before the old is deleted, because
 * replacing would move them. Each of these makes the browser lay out the line anew, so it is done only when something was selected.
 */
export function put(node: Changed, wanted: string): string {
  const now = node.nodeValue as string;
  const text = node as Node as Text;
  if (text.data?.length !== wanted.length) {
    node.nodeValue = wanted;
    return wanted;
  }
  for (let i = wanted.length; i--; ) {
    if (now[i] !== wanted[i]) {
      text.insertData(i, wanted[i] as string);
      text.deleteData(i + 1, 1);
    }
  }
  return wanted;
}
