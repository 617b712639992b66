import { afterAll, beforeAll, expect, it } from 'vitest';
import { decideAgainAfterTap } from '../../../../server/domain/calls/decide-again.js';
import { createVisitorStore } from '../../../../server/stores/postgres/visitors.js';
import { type CallSite, type CallWorld, makeCallWorld, type Shown } from '../../../support/call-world.js';

let world: CallWorld;
beforeAll(async () => {
  world = await makeCallWorld();
});
afterAll(() => world.close());

interface StoredDecision {
  method: string;
  visitor_id: string;
  facts: { leases: { lease_id: string; silent_for: number; tapped_for: number | null }[] };
}
const decisions = (callId: string) =>
  world.sql<StoredDecision>('select * from attributions where call_id = $1 order by decided_at', [callId]);

async function tap({ site, number }: CallSite, { visitorId, leaseId }: Shown): Promise<void> {
  const tappedAt = await createVisitorStore(world.pool).addTap({
    siteId: site.id,
    visitorId,
    leaseId,
    number,
  });
  if (tappedAt) await decideAgainAfterTap(world.deps, { siteId: site.id, number, tappedAt });
}

it('a tap before the call makes it theirs who tapped', async () => {
  const here = await world.makeSite();
  await world.visitor(here, { shown: 4000, silent: 3000 });
  const tapper = await world.visitor(here, { shown: 600, silent: 500 });
  await tap(here, tapper);
  const { id, attribution } = await world.start({ call_id: 'tapped', to: here.number });
  expect(attribution).toMatchObject({ method: 'tap', visitor_id: tapper.visitorId });
  expect(attribution.confidence).toBeGreaterThan(0.95);
  expect(await decisions(id)).toHaveLength(1);
});

it('a tap that is told after the call began leads to a new decision, with what was known then otherwise', async () => {
  const here = await world.makeSite();
  const shown = await world.visitor(here, { shown: 600, silent: 500 });
  const { id } = await world.start({ call_id: 'late', to: here.number });
  // The visitor comes back to the page during the call: no sign before it.
  await world.sql('update leases set last_seen_at = clock_timestamp() where id = $1', [shown.leaseId]);
  await tap(here, shown);
  const [before, after] = await decisions(id);
  expect(before).toMatchObject({ method: 'recency', visitor_id: shown.visitorId });
  expect(after).toMatchObject({ method: 'tap', visitor_id: shown.visitorId });
  expect(before?.facts.leases).toMatchObject([{ lease_id: shown.leaseId, tapped_for: null }]);
  expect(after?.facts.leases).toEqual([{ ...before?.facts.leases[0], tapped_for: expect.any(Number) }]);
});

it('a tap long after a call, or on a number of another site, changes nothing', async () => {
  const [here, there] = [await world.makeSite(), await world.makeSite()];
  const shown = await world.visitor(here, { shown: 600, silent: 500 });
  const old = await world.start({
    call_id: 'old',
    to: here.number,
    started_at: new Date(Date.now() - 60_000).toISOString(),
  });
  const other = await world.start({ call_id: 'other', to: there.number });
  await tap(here, shown);
  expect(await decisions(old.id)).toHaveLength(1);
  expect(await decisions(other.id)).toHaveLength(1);
});
