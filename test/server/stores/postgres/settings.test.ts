import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '../../../../server/stores/postgres/pool.js';
import { createSettingsStore } from '../../../../server/stores/postgres/settings/settings.js';
import type { NewTracker, SettingsStore } from '../../../../server/stores/settings.js';
import { createDatabase, type TestDatabase } from '../../../support/database.js';
import { fictionalNumbers } from '../../../support/fictional-numbers.js';
import { newSite, newTracker } from '../../../support/settings-rows.js';

let database: TestDatabase;
let pool: Pool;
let store: SettingsStore;
let used = 0;

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 10, onError: () => {} });
  store = createSettingsStore(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const nextNumber = () => fictionalNumbers(1, used++)[0] as string;
const make = (siteId: string, given: Partial<NewTracker> = {}) =>
  store.createTracker(newTracker(siteId, given));
const age = (number: string, hours: number) =>
  pool.query('update numbers set retired_at = now() - make_interval(hours => $2) where number = $1', [
    number,
    hours,
  ]);

describe('a number that a site has retired', () => {
  it('is that site’s alone while calls to it are', async () => {
    const [mine, theirs] = [await store.createSite(newSite()), await store.createSite(newSite())];
    const number = nextNumber();
    const [from, to] = [
      await make(mine.id, { numbers: [number], attribution_days: 7 }),
      await make(theirs.id),
    ];
    await store.retireNumber(number);
    await age(number, 7 * 24 - 1);
    const inUse = { code: 'number_in_use' };
    await expect(store.addNumber(number, to)).rejects.toMatchObject(inUse);
    await expect(store.updateTracker(to.id, { numbers: [number] })).rejects.toMatchObject(inUse);
    await expect(make(theirs.id, { numbers: [number] })).rejects.toMatchObject(inUse);
    expect(await store.number(number)).toMatchObject({ site_id: mine.id, tracker_id: from.id });
    const other = await make(mine.id);
    expect(await store.addNumber(number, other)).toMatchObject({ tracker_id: other.id, retired_at: null });
  });

  it('is anybody’s afterwards', async () => {
    const [mine, theirs] = [await store.createSite(newSite()), await store.createSite(newSite())];
    const number = nextNumber();
    await make(mine.id, { numbers: [number], attribution_days: 7 });
    const to = await make(theirs.id);
    await store.retireSite(mine.id);
    await age(number, 7 * 24 + 1);
    expect(await store.addNumber(number, to)).toMatchObject({ site_id: theirs.id, retired_at: null });
  });

  it('may be moved between sites while it is in use', async () => {
    const [mine, theirs] = [await store.createSite(newSite()), await store.createSite(newSite())];
    const number = nextNumber();
    await make(mine.id, { numbers: [number] });
    const to = await make(theirs.id);
    expect(await store.moveNumber(number, to)).toMatchObject({ site_id: theirs.id, tracker_id: to.id });
  });
});

describe('a tracking number', () => {
  const refused = (path: string) => ({
    code: 'invalid_request',
    errors: [{ path, message: expect.any(String) }],
  });

  it('is no target and no destination of any tracker of its site', async () => {
    const site = await store.createSite(newSite());
    const [number, free] = [nextNumber(), nextNumber()];
    await make(site.id, { numbers: [number] });
    const other = await make(site.id);
    await expect(make(site.id, { targets: [free, number] })).rejects.toMatchObject(refused('targets'));
    await expect(make(site.id, { destination: number })).rejects.toMatchObject(refused('destination'));
    await expect(store.updateTracker(other.id, { targets: [number] })).rejects.toMatchObject(
      refused('targets'),
    );
    await expect(store.updateTracker(other.id, { destination: number })).rejects.toMatchObject(
      refused('destination'),
    );
    expect(await store.tracker(other.id)).toEqual(other);
    await make((await store.createSite(newSite())).id, { targets: [number] });
    await store.retireNumber(number);
    expect(await store.updateTracker(other.id, { targets: [number] })).toMatchObject({ targets: [number] });
  });

  it('cannot be made of what is a target or a destination there', async () => {
    const [site, elsewhere] = [await store.createSite(newSite()), await store.createSite(newSite())];
    const [target, destination, free] = [nextNumber(), nextNumber(), nextNumber()];
    const shows = await make(site.id, { targets: [target], destination });
    const other = await make(site.id);
    await expect(make(site.id, { numbers: [free, target] })).rejects.toMatchObject(refused('numbers.1'));
    const change = { numbers: [destination] };
    await expect(store.updateTracker(other.id, change)).rejects.toMatchObject(refused('numbers.0'));
    await expect(store.addNumber(target, other)).rejects.toMatchObject(refused('id'));
    await make(elsewhere.id, { numbers: [target] });
    await expect(store.moveNumber(target, other)).rejects.toMatchObject(refused('tracker_id'));
    expect(await store.number(target)).toMatchObject({ site_id: elsewhere.id, retired_at: null });
    await store.retireTracker(shows.id);
    expect(await store.moveNumber(target, other)).toMatchObject({ site_id: site.id });
  });

  it('is not made one by two changes at once', async () => {
    const site = await store.createSite(newSite());
    for (let round = 0; round < 10; round += 1) {
      const number = nextNumber();
      const [one, other] = [await make(site.id), await make(site.id)];
      const ends = await Promise.allSettled([
        store.addNumber(number, one),
        store.updateTracker(other.id, { destination: number }),
      ]);
      expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    }
  });
});

describe('what is asked for', () => {
  it('is found with its site for as long as it is in use, a number while calls are taken on it', async () => {
    const site = await store.createSite(newSite());
    const number = nextNumber();
    await make(site.id, { numbers: [number] });
    expect(await store.sitesOf('site_key', ['nobody', site.key])).toEqual([site.id]);
    expect(await store.sitesOf('number', ['nobody', number])).toEqual([site.id]);
    expect(await store.sitesOf('key_hash', ['nobody'])).toEqual([]);
    expect(await store.retireSite(site.id)).toEqual([{ number, tracker_id: expect.any(String) }]);
    expect(await store.retireSite(site.id)).toBeNull();
    expect(await store.sitesOf('site_key', [site.key])).toEqual([]);
    expect(await store.sitesOf('number', [number])).toEqual([site.id]);
    await age(number, 31 * 24);
    expect(await store.sitesOf('number', [number])).toEqual([]);
  });

  it('is a key, of a site or of none', async () => {
    const site = await store.createSite(newSite());
    for (const site_id of [site.id, null]) {
      const id = site.id.replace(/.$/, site_id ? 'a' : 'b');
      const hash = `hash of ${id}`;
      await store.createKey({ id, name: 'Key', scopes: ['admin'], site_id, hash });
      expect(await store.sitesOf('key_hash', [hash])).toEqual([site_id]);
      await store.retireKey(id);
      expect(await store.sitesOf('key_hash', [hash])).toEqual([]);
    }
  });
});
