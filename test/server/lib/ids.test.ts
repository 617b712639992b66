import { describe, expect, it } from 'vitest';
import { isId, newId } from '../../../server/lib/ids.js';

describe('an id', () => {
  it('is a UUID of version 7, and no two are the same', () => {
    const ids = Array.from({ length: 1_000 }, newId);
    expect(new Set(ids).size).toBe(1_000);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is greater than those made before, so that rows written together lie together', () => {
    const ids = Array.from({ length: 1_000 }, newId);
    expect([...ids].sort()).toEqual(ids);
  });
});

describe('a text is an id', () => {
  it.each([
    ['0199a3c0-5e1f-7b3a-8c2d-1a2b3c4d5e6f', true],
    ['d9428888-122b-11e1-b85c-61cd3cbb3210', true],
    ['3d813cbb-47fb-42ba-91df-831e1593ac29', true],
    ['3D813CBB-47FB-42BA-91DF-831E1593AC29', false],
    ['3d813cbb47fb42ba91df831e1593ac29', false],
    ['00000000-0000-0000-0000-000000000000', false],
    ['3d813cbb-47fb-42ba-91df-831e1593ac29\n', false],
    [' 3d813cbb-47fb-42ba-91df-831e1593ac29', false],
    ['{3d813cbb-47fb-42ba-91df-831e1593ac29}', false],
    ['', false],
    [null, false],
    [7, false],
  ])('%j: %s', (text, expected) => {
    expect(isId(text)).toBe(expected);
  });

  it('where we made it', () => {
    expect(isId(newId())).toBe(true);
  });
});
