import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { isPortFree } from './free-port.mjs';
import { runRedis } from './redis.mjs';

const NODES = 3;
const SLOTS = 16_384;
const PATIENCE_MS = 30_000;

/** A free port such that the one that nodes talk on, 10,000 above, is free too. */
async function clusterPort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if ((await isPortFree(port)) && (await isPortFree(port + 10_000))) return port;
  }
}

/** A third of the slots each, and acquainted with the first. */
async function joinNodes(clients, ports) {
  for (const [at, client] of clients.entries()) {
    const [from, to] = [at, at + 1].map((part) => Math.floor((part * SLOTS) / NODES));
    const slots = Array.from({ length: to - from }, (_, index) => from + index);
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
    await client.call('CLUSTER', 'ADDSLOTS', ...slots);
    if (at > 0) await client.call('CLUSTER', 'MEET', '127.0.0.1', ports[0]);
  }
}

async function isJoined(client) {
  const info = await client.call('CLUSTER', 'INFO');
  return /cluster_state:ok/.test(info) && new RegExp(`cluster_known_nodes:${NODES}\\b`).test(info);
}

/** Starts a Redis Cluster of three primaries that keep nothing. Returns the URLs of its nodes, separated by commas. */
export async function startRedisCluster(folder) {
  const ports = [];
  for (let at = 0; at < NODES; at += 1) {
    const port = await clusterPort();
    const settings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': 5000 };
    await runRedis(join(folder, `redis-${port}`), port, { settings });
    ports.push(port);
  }
  const clients = ports.map((port) => new Redis(port, '127.0.0.1'));
  try {
    await joinNodes(clients, ports);
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await Promise.all(clients.map(isJoined))).every((joined) => joined)) {
      if (Date.now() > deadline) throw new Error('The nodes did not become a cluster.');
      await sleep(50);
    }
  } finally {
    for (const client of clients) client.disconnect();
  }
  return ports.map((port) => `redis://127.0.0.1:${port}`).join(',');
}
