import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { reservablePorts, reservePort, tryReserve } from './reserve-port.ts';

it('reserves a port that a program can listen on, and nobody else can reserve', async () => {
  const reserved = await reservePort();
  expect(await tryReserve(reserved.port)).toBeUndefined();
  const program = createServer().listen(reserved.port, '127.0.0.1');
  await once(program, 'listening');
  program.close();
  await once(program, 'close');
  expect(await tryReserve(reserved.port)).toBeUndefined();
  reserved.release();
  const again = await tryReserve(reserved.port);
  expect(again?.port).toBe(reserved.port);
  again?.release();
});

it('does not reserve a port that somebody listens on', async () => {
  const reserved = await reservePort();
  const program = createServer().listen(reserved.port, '127.0.0.1');
  await once(program, 'listening');
  reserved.release();
  expect(await tryReserve(reserved.port)).toBeUndefined();
  program.close();
});

it('gives different ports to everybody who asks at once', async () => {
  const reserved = await Promise.all(Array.from({ length: 20 }, reservePort));
  expect(new Set(reserved.map(({ port }) => port)).size).toBe(20);
  for (const { release } of reserved) release();
});

it.each([
  { where: 'above, as on Linux', range: [32_768, 60_999], first: 15_000, last: 32_767 },
  { where: 'at the upper ones', range: [20_000, 65_535], first: 15_000, last: 19_999 },
  { where: 'at all of them', range: [1_024, 65_535], first: 15_000, last: 32_767 },
] as const)(
  'stays out of the range for outgoing connections, where it can: $where',
  ({ range, first, last }) => {
    const ports = reservablePorts(range);
    expect([ports[0], ports.at(-1)]).toEqual([first, last]);
  },
);
