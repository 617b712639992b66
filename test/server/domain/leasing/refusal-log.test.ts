import { expect, test } from 'vitest';
import { createRefusalLog } from '../../../../server/domain/leasing/refusal-log.js';
import type { Refusals } from '../../../../server/stores/pools.js';

test('refusals are written together, and wait while they cannot be', async () => {
  const written: Refusals[][] = [];
  let isAway = false;
  const log = createRefusalLog({
    addRefusals: async (refusals) => {
      if (isAway) throw new Error('away');
      written.push(refusals);
    },
  });
  const [one, other] = [
    { trackerId: 'one', siteId: 'site' },
    { trackerId: 'other', siteId: 'site' },
  ];
  await log.flush();
  log.add({ ...one, sessionId: 'a' });
  log.add({ ...other, sessionId: 'a' });
  log.add({ ...one, sessionId: 'a' });
  isAway = true;
  await expect(log.flush()).rejects.toThrow('away');
  log.add({ ...one, sessionId: 'b' });
  isAway = false;
  await log.flush();
  await log.flush();
  expect(written).toEqual([
    [
      { ...one, refused: 3, sessionIds: ['a', 'b'] },
      { ...other, refused: 1, sessionIds: ['a'] },
    ],
  ]);
});
