import { poolOf } from '../../../server/domain/leasing/pool.js';
import { newId } from '../../../server/lib/ids.js';
import { COMMIT, LeaseModel, type NumberRow, type Told } from './model.js';
import { MIN_WINDOW, type Step, VISITORS, WINDOW } from './steps.js';
import type { Flight, ModelStage, ModelWorld } from './world.js';

/** One run: the world, the model, and who and what the steps speak of. */
export class ModelRun {
  readonly model = new LeaseModel();
  readonly flights: Flight[] = [];
  readonly #told: Told[] = [];
  readonly #visitors = Array.from({ length: VISITORS }, () => newId());
  readonly #wrongs: string[] = [];

  /** `isOne`: both servers ask one store. Else only what nobody may be told is checked, not who must be told what. */
  constructor(
    readonly world: ModelWorld,
    readonly isOne: boolean,
  ) {
    world.stage.onLoad = (id) => {
      this.#loads.push(id);
    };
    if (!isOne) for (const id of world.trackerIds) this.model.disorder(id);
  }

  readonly #loads: string[] = [];

  get stage(): ModelStage {
    return this.world.stage;
  }

  /** Takes a step; what is wrong after it. */
  async take(step: Step): Promise<unknown[]> {
    await this.#do(step);
    await this.#noteLoads();
    return [...this.#wrongs, ...(await this.world.wrongs(this.#told.splice(0)))];
  }

  #visitor(at: number): string {
    return this.#visitors[at % VISITORS] as string;
  }

  #tell(told: Told): void {
    this.#told.push(told);
    const wrong = this.model.told(told, this.world.now());
    if (wrong) this.#wrongs.push(wrong);
  }

  /**
   * What was loaded into Redis during this step counts as seen now where it was not surely over. `before`: the pool as
   * it was before the step, where that has committed something since.
   */
  async #noteLoads(before?: NumberRow[]): Promise<void> {
    for (const id of this.#loads.splice(0)) {
      if (!this.isOne) continue;
      const at = this.world.trackerIds.indexOf(id) as 0 | 1;
      for (const flight of this.flights) flight.isLost ||= flight.tracker === at;
      const rows = before ?? (await this.world.pool(at));
      const numbers = rows.filter((row) => row.lease && row.reserved > this.world.now() - 6);
      this.model.loaded(
        numbers.map((row) => row.number),
        this.world.now(),
      );
    }
  }

  async #do(step: Step): Promise<void> {
    const { world, stage } = this;
    const { settings } = world;
    switch (step.do) {
      case 'view':
        return this.#view(step);
      case 'renew':
      case 'leave':
        return this.#sign(step);
      case 'acquire': {
        const { tracker, server } = step;
        const visitor = this.#visitor(step.visitor);
        const offer = await stage.servers[server].leases.acquire(world.ask(visitor, tracker, server));
        await this.#noteLoads();
        if (!offer) return;
        this.model.offered(offer.number, visitor, world.now());
        const since = world.now();
        this.flights.push({ visitor, tracker, server, offer, since, isLost: false, stands: null });
        return;
      }
      case 'commit': {
        const waiting = this.flights.filter((flight) => flight.stands === null);
        const flight = waiting[step.offer % waiting.length];
        if (!flight) return;
        // It comes as a surprise to a store that has offered the number again, or knows nothing of the offer.
        if (flight.isLost || world.now() > flight.since + COMMIT) {
          this.model.disorder(world.trackerIds[flight.tracker] ?? '');
        }
        flight.stands = await world.commit(flight);
        const { number, leaseId: lease, assignment } = flight.offer;
        if (flight.stands) this.#tell({ visitor: flight.visitor, number, lease, assignment });
        return;
      }
      case 'tell': {
        const flight = this.#takeFlight(step.offer, (one) => one.stands !== null);
        if (!flight) return;
        const { leases } = stage.servers[flight.server];
        const id = world.trackerIds[flight.tracker] ?? '';
        if (flight.stands) await leases.confirm(id, flight.offer);
        else await leases.correct(id, flight.offer, flight.visitor, world.clock.now());
        return;
      }
      case 'forget':
        this.#takeFlight(step.offer, () => true);
        return;
      case 'withdraw': {
        const visitor = this.#visitor(step.visitor);
        await world.withdraw(visitor);
        // Whoever comes next is new to us.
        this.#visitors[step.visitor % VISITORS] = newId();
        if (!step.told) return;
        for (const tracker of world.known[0]) {
          await stage.servers[0].leases.release(poolOf(tracker), visitor, world.clock.now());
        }
        return;
      }
      case 'call': {
        const number = await this.#number(step.number);
        if (!number) return;
        await stage.servers[0].history.hold(number.number, step.seconds, world.clock.now());
        if (!step.told) return this.model.disorder(number.tracker);
        return stage.servers[0].leases.hold(number.tracker, number.number, step.seconds, world.clock.now());
      }
      case 'retire': {
        const number = await this.#number(step.number);
        if (!number) return;
        await settings.retireNumber(number.number);
        world.retired.push(number.number);
        await this.#removed(number, step);
        return world.refresh(step.server);
      }
      case 'move': {
        const number = await this.#number(step.number);
        if (!number) return;
        const to = world.known[step.server].find((tracker) => tracker.id !== number.tracker);
        if (!to) return;
        await settings.moveNumber(number.number, to);
        await this.#removed(number, step);
        return world.refresh(step.server);
      }
      case 'add': {
        const [back] = world.retired.splice(step.number % Math.max(1, world.retired.length), 1);
        const [number = ''] = back ? [back] : stage.takeNumbers(1);
        world.numbers.push(number);
        await settings.addNumber(number, world.tracker(step.tracker, step.server));
        return world.refresh(step.server);
      }
      case 'inspect':
        await stage.servers[0].leases.inspect(poolOf(world.tracker(step.tracker, 0)), world.clock.now());
        return;
      case 'crash':
        return stage.servers[step.server].crash();
      case 'lose':
      case 'copy':
      case 'promote':
        await this.#flush();
        return world[step.do]();
      case 'step clock':
        await this.#flush();
        stage.ahead += step.seconds;
        // What signed before and after the step is in no order: harmless, as long as nothing is given away.
        for (const id of world.trackerIds) this.model.disorder(id);
        return;
      case 'pass':
        // A sign reaches the history within a second, and a server hears of changed settings.
        if (step.seconds >= 1) await this.#flush();
        world.clock.pass(step.seconds);
        for (const server of [0, 1] as const) {
          if (step.seconds >= 1 && !([0, 1] as const).every((at) => world.isFresh(at, server))) {
            await world.refresh(server);
          }
        }
        return;
    }
  }

  async #view(step: Extract<Step, { do: 'view' }>): Promise<void> {
    const { world } = this;
    const at = step.tracker;
    const tracker = world.tracker(at, step.server);
    const visitor = this.#visitor(step.visitor);
    const isFresh = this.isOne && world.isFresh(at, step.server);
    const now = world.now();
    const [before, last] = [await world.pool(at), await world.lastHeld(visitor, at)];
    const reply = await this.stage.servers[step.server].view({
      site: world.site,
      tracker,
      visitor,
      now: world.clock.now(),
      storage: step.storage,
    });
    await this.#noteLoads(before);
    const [swap] = reply.swaps;
    const told = swap
      ? { visitor, number: swap.number, lease: swap.lease ?? '', assignment: swap.assignment }
      : null;
    const wrong = isFresh && this.model.answered({ tracker: tracker.id, visitor, last, now }, before, told);
    if (wrong) this.#wrongs.push(wrong);
    if (!told) return;
    this.model.offered(told.number, visitor, now);
    this.#tell(told);
  }

  async #sign(step: Extract<Step, { do: 'renew' | 'leave' }>): Promise<void> {
    const { world } = this;
    const visitor = this.#visitor(step.visitor);
    const { leases } = this.stage.servers[step.server];
    const pool = poolOf(world.tracker(step.tracker, step.server));
    const own = step.storage ? WINDOW : MIN_WINDOW;
    const lease = await leases[step.do](pool, visitor, own, world.clock.now());
    if (!lease) return;
    const { number, leaseId, assignment } = lease;
    this.#tell({ visitor, number, lease: leaseId, assignment });
  }

  /** The number left the pool. A store that is not told remembers whose it was, should it come back. */
  async #removed(
    { number, tracker }: { number: string; tracker: string },
    { server, told }: { server: 0 | 1; told: boolean },
  ): Promise<void> {
    if (told) await this.stage.servers[server].leases.retire(tracker, number);
    else this.model.disorder(tracker);
  }

  async #flush(): Promise<void> {
    for (const server of this.stage.servers) await server.flush();
  }

  /** A number of one of the pools. */
  async #number(at: number): Promise<{ number: string; tracker: string } | null> {
    const { rows } = await this.world.sql(
      `select number, tracker_id as tracker from numbers
      where site_id = $1 and retired_at is null order by number`,
      [this.world.site.id],
    );
    return rows[at % Math.max(1, rows.length)] ?? null;
  }

  #takeFlight(at: number, fits: (flight: Flight) => boolean): Flight | null {
    const fitting = this.flights.filter(fits);
    const flight = fitting[at % Math.max(1, fitting.length)];
    if (!flight) return null;
    this.flights.splice(this.flights.indexOf(flight), 1);
    return flight;
  }
}
