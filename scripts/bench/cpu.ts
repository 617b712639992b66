import { readdirSync, readFileSync } from 'node:fs';

/** CPU time in ms, by what took it. */
export type CpuTimes = Record<'server' | 'postgres' | 'redis' | 'load', number>;

/** Linux counts CPU time in ticks of 10 ms (`getconf CLK_TCK` is 100 everywhere). */
const TICK_MS = 10;

interface Process {
  pid: number;
  parent: number;
  name: string;
  ms: number;
}

/** A process as proc(5) tells of it: fields 14 to 17 of `stat` are its time, and that of children that have ended. */
function readProcess(pid: number): Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    return [
      {
        pid,
        parent: Number(fields[1]),
        name: stat.slice(stat.indexOf('(') + 1, end),
        ms: [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) * TICK_MS,
      },
    ];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

function below(parent: number, all: Process[]): Process[] {
  return all
    .filter((process) => process.parent === parent)
    .flatMap((child) => [child, ...below(child.pid, all)]);
}

/** The CPU time so far of this process, which makes the load, and of those that it started; null where there is no /proc. */
export function cpuTimes(): CpuTimes | null {
  if (process.platform !== 'linux') return null;
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const times = { server: 0, postgres: 0, redis: 0, load: 0 };
  for (const { name, ms } of below(
    process.pid,
    all.flatMap((name) => readProcess(Number(name))),
  )) {
    if (name === 'postgres') times.postgres += ms;
    else if (name.startsWith('redis')) times.redis += ms;
    else times.server += ms;
  }
  const own = process.cpuUsage();
  times.load = (own.user + own.system) / 1000;
  return times;
}

/** The resident memory of a process in MB; null where there is no /proc. */
export function residentMb(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}
