import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { hasCode, Unavailable, type Context } from './programs.ts';

interface Owner {
  readonly pid: number;
  readonly lastSign: number;
}

const POLL_INTERVAL = 500;
const SIGN_INTERVAL = 15_000;
const SILENCE_LIMIT = 120_000;
const WAIT_LIMIT = 45 * 60_000;

/**
 * Keeps two test runs from building the same thing at once. That only saves work: what a build
 * leaves behind appears in one step, so even two that slip past the lock do no harm.
 */
export async function withLock(
  lock: string,
  context: Context,
  task: () => Promise<void>,
): Promise<void> {
  await acquire(lock, context);
  const signs = setInterval(() => void giveSign(lock), SIGN_INTERVAL);
  try {
    await task();
  } finally {
    clearInterval(signs);
    await rm(lock, { recursive: true, force: true });
  }
}

async function acquire(lock: string, context: Context): Promise<void> {
  const deadline = Date.now() + WAIT_LIMIT;
  for (let isReported = false; !(await tryLock(lock));) {
    const owner = await readOwner(lock);
    if (owner === undefined) continue;
    if (isGone(owner)) {
      context.report(`process ${owner.pid} left ${lock} behind when it ended; taking it over`);
      await rm(lock, { recursive: true, force: true });
      continue;
    }
    if (Date.now() > deadline) throw new Unavailable(`process ${owner.pid} still holds ${lock}`);
    if (!isReported) context.report(`waiting for process ${owner.pid}, which builds the same …`);
    isReported = true;
    await delay(POLL_INTERVAL);
  }
}

/** The lock appears with its owner's id inside, so nobody ever finds one without an owner. */
async function tryLock(lock: string): Promise<boolean> {
  const draft = `${lock}-${randomUUID()}`;
  await mkdir(draft);
  try {
    await writeFile(join(draft, 'pid'), String(process.pid));
    await rename(draft, lock);
    return true;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (hasCode(error, 'EEXIST') || hasCode(error, 'ENOTEMPTY')) return false;
    throw error;
  }
}

async function readOwner(lock: string): Promise<Owner | undefined> {
  try {
    const pid = Number(await readFile(join(lock, 'pid'), 'utf8'));
    return { pid, lastSign: (await stat(lock)).mtimeMs };
  } catch (error) {
    // Released since we looked.
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function giveSign(lock: string): Promise<void> {
  const now = new Date();
  // Somebody who believed that this owner had ended may have the lock by now; that one is not ours.
  await utimes(lock, now, now).catch(() => undefined);
}

/** A process id alone could mislead: after a restart another process may go by the same one. */
function isGone({ pid, lastSign }: Owner): boolean {
  return !isAlive(pid) || Date.now() - lastSign > SILENCE_LIMIT;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user answers EPERM: it is there.
    return !hasCode(error, 'ESRCH');
  }
}
