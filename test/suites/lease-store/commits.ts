import { expect, it } from 'vitest';
import { poolOf } from '../../../server/domain/leasing/pool.js';
import { newId } from '../../../server/lib/ids.js';
import type { LeaseOffer } from '../../../server/stores/lease-store.js';
import { visitOf } from '../../support/visit.js';
import type { Given } from '../lease-store.js';
import { REST, type World } from './world.js';

const acquire = (world: World, visitorId: string, server: 0 | 1 = 0) =>
  world.servers[server].leases.acquire({
    pool: poolOf(world.tracker()),
    visitorId,
    leaseId: newId(),
    ownSeconds: 1800,
    now: world.clock.now(),
  });

const isInHistory = async (world: World, offer: LeaseOffer | null) =>
  (await world.history()).some((lease) => lease.id === offer?.leaseId);

const commit = (world: World, visitorId: string, offer: LeaseOffer) =>
  world.servers[0].visits.add(
    visitOf({
      siteId: world.site.id,
      visitorId,
      now: world.clock.now(),
      proposed: [
        {
          leaseId: offer.leaseId,
          trackerId: world.tracker().id,
          number: offer.number,
          assignment: offer.assignment,
          ownSeconds: 1800,
          minSeconds: 300,
        },
      ],
    }),
  );

/** Makes the lease history know of a lease that no lease store was asked for. */
const leaseBySql = async (world: World, visitor: string, number: string) => {
  const id = newId();
  const now = world.clock.now().getTime();
  await world.sql(
    `insert into leases (
      id, site_id, tracker_id, number, visitor_id, assignment, leased_at, last_seen_at, promised_until, reserved_until
    )
    values ($1, $2, $3, $4, $5, 'exclusive', $6, $6, $7, $8)`,
    [
      id,
      world.site.id,
      world.tracker().id,
      number,
      visitor,
      new Date(now),
      new Date(now + 300_000),
      new Date(now + 1800_000),
    ],
  );
  return id;
};

export function commits(given: Given): void {
  it('has every offer that says it is confirmed, and no other', async () => {
    const world = await given(2);
    const visitor = newId();
    const offer = (await acquire(world, visitor)) as LeaseOffer;
    expect(offer.confirmed).toBe(await isInHistory(world, offer));

    await commit(world, visitor, offer);
    await world.servers[0].leases.confirm(world.tracker().id, offer);
    const again = await acquire(world, visitor, 1);
    expect(again).toEqual({ ...offer, confirmed: true });
    expect(await isInHistory(world, again)).toBe(true);
  });

  it('is asked before an offer can be renewed', async () => {
    const world = await given(1);
    const visitor = newId();
    const offer = await acquire(world, visitor);
    const renewed = await world.renew(visitor);
    expect(renewed !== null).toBe(await isInHistory(world, offer));
  });

  it('gets an offer that was left behind when its visitor asks again, under the same id', async () => {
    const world = await given(2);
    const visitor = newId();
    const offer = await acquire(world, visitor);
    const swap = await world.lease(visitor, { server: 1 });
    expect(swap).toMatchObject({ lease: offer?.leaseId, number: offer?.number });
    expect(await world.history()).toHaveLength(1);
  });

  it('is answered the same by both when an offer was committed and never confirmed', async () => {
    const world = await given(2);
    const visitor = newId();
    const offer = (await acquire(world, visitor)) as LeaseOffer;
    await commit(world, visitor, offer);
    const swap = await world.lease(visitor, { server: 1 });
    expect(swap).toMatchObject({ lease: offer.leaseId, number: offer.number });
    expect(await world.history()).toHaveLength(1);
  });

  it('gives an offer that was never committed on when its promise is over', async () => {
    const world = await given(1);
    const offer = await acquire(world, newId());
    world.clock.pass(300 + REST);
    expect((await world.lease(newId()))?.number).toBe(offer?.number);
  });

  it('refuses what another holds: the visitor ends on another number, the store knows the holder', async () => {
    const world = await given(2);
    await acquire(world, newId());
    world.clock.pass(1800 + REST);
    const [first = ''] = world.tracker().numbers;
    const stranger = newId();
    const lease = await leaseBySql(world, stranger, first);

    const comers = [newId(), newId()];
    const swaps = [await world.lease(comers[0] ?? ''), await world.lease(comers[1] ?? '')];
    expect(swaps.map((swap) => swap?.number)).toEqual([world.tracker().numbers[1], undefined]);
    expect(await world.live(stranger)).toMatchObject({ number: first, leaseId: lease });
    expect(await world.live(comers[1] ?? '')).toBeNull();
    const counts = await world.servers[1].leases.inspect(poolOf(world.tracker()), world.clock.now());
    expect(counts).toEqual({ numbers: 2, leased: 2, free: 0 });
  });

  it('keeps a promise that the store did not know of after refusing', async () => {
    const world = await given(1);
    await acquire(world, newId());
    world.clock.pass(1800 + REST);
    const stranger = newId();
    await leaseBySql(world, stranger, world.tracker().numbers[0] ?? '');
    expect(await world.lease(newId())).toBeNull();
    world.clock.pass(299);
    expect(await world.lease(newId())).toBeNull();
    expect(await world.renew(stranger)).not.toBeNull();
  });

  it('tells a page the number that its visitor holds though the store had forgotten', async () => {
    const world = await given(1);
    await acquire(world, newId());
    world.clock.pass(1800 + REST);
    const visitor = newId();
    const lease = await leaseBySql(world, visitor, world.tracker().numbers[0] ?? '');
    expect(await world.lease(visitor)).toMatchObject({ lease });
  });
}
