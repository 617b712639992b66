import { expect, test } from 'vitest';
import { countLeases } from '../../../../server/domain/leasing/count-leases.js';
import type { LeaseOffer, LeaseStore } from '../../../../server/stores/lease-store.js';

const pool = {
  trackerId: 't',
  siteId: 's',
  version: 1,
  reservationSeconds: 1800,
  minReservationSeconds: 300,
};

test('new leases are counted by how they came about, and visitors who asked and got none', async () => {
  const counted: string[] = [];
  let answer: LeaseOffer | null = null;
  const leases = countLeases({ acquire: async () => answer } as unknown as LeaseStore, {
    offered: (assignment) => counted.push(assignment),
    none: () => counted.push('none'),
  });
  const ask = { pool, visitorId: 'v', leaseId: 'mine', ownSeconds: 1800 };
  const offer = { number: '+12025550120', assignment: 'elastic', confirmed: true } as const;

  expect(await leases.acquire(ask)).toBeNull();
  expect(await leases.acquire({ ...ask, liveOnly: true })).toBeNull();
  answer = { ...offer, leaseId: 'one they have' };
  expect(await leases.acquire(ask)).toBe(answer);
  expect(counted).toEqual(['none']);
  answer = { ...offer, leaseId: 'mine' };
  expect(await leases.acquire(ask)).toBe(answer);
  expect(counted).toEqual(['none', 'elastic']);
});
