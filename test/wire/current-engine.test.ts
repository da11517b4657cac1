import { expect, it } from 'vitest';
import type { ClusterView } from '../../src/server/live/current-engine.ts';
import { anApp } from './wire.ts';

it('an engine keeps the namespaces it was taken with; the next one has the new ones', () => {
  const { current } = anApp();
  const refresh = (): Promise<void> => Promise.resolve();
  const view: { -readonly [Key in keyof ClusterView]: ClusterView[Key] } = {
    isFresh: true,
    refresh,
    refreshNamespaces: refresh,
    namespaces: new Map([['payments', {}]]),
  };
  current.useCluster(view);
  const before = current.get();
  expect(current.get()).toBe(before);
  view.namespaces = undefined;
  expect(before.surroundings.namespaces?.has('payments')).toBe(true);
  expect(current.get().surroundings.namespaces).toBe(undefined);
});
