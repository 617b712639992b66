import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import type { NewTracker } from '../../server/stores/settings.js';
import { atOnce } from './lease-store/at-once.js';
import { commits } from './lease-store/commits.js';
import { holds } from './lease-store/holds.js';
import { membership } from './lease-store/membership.js';
import { order } from './lease-store/order.js';
import { signs } from './lease-store/signs.js';
import { type LeaseStoreHarness, type Stage, setStage, type World } from './lease-store/world.js';

/** Makes the world of one case. */
export type Given = (numbers: number, tracker?: Partial<NewTracker>) => Promise<World>;

/**
 * What every lease store must do, by the product's own way of leasing. After each case the lease history is asked
 * whether anything was ever leased twice.
 */
export function leaseStoreSuite(name: string, harness: LeaseStoreHarness): void {
  describe(`leases ${name}`, () => {
    const given = stageOf(harness);
    describe('at once', () => atOnce(given));
    describe('the order in a pool', () => order(given));
    describe('signs', () => signs(given));
    describe('the lease history', () => commits(given));
    describe('the numbers of a pool', () => membership(given));
    describe('calls and short leases', () => holds(given));
  });
}

/** A stage for the suite it is called in, and the check of every world that was made on it. */
export function stageOf(harness: LeaseStoreHarness): Given {
  let stage: Stage | undefined;
  let world: World | undefined;
  beforeAll(async () => {
    stage = await setStage(harness);
  });
  afterEach(async () => {
    if (world) expect(await world.wrongs()).toEqual([]);
    world = undefined;
  });
  afterAll(() => stage?.close());
  return async (numbers, tracker) => {
    if (!stage) throw new Error('A world is made in a test, not before.');
    world = await stage.world(numbers, tracker);
    return world;
  };
}
