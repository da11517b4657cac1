import { afterEach, describe, expect, it } from 'vitest';
import { ClusterError } from '../../src/kube/cluster-error.ts';
import { pause } from '../../src/kube/pause.ts';
import { Reflector, type ReflectorTiming } from '../../src/kube/reflector.ts';
import { eventually } from '../eventually.ts';
import {
  createFakeCluster,
  eventOf,
  listOfNames,
  silence,
  type FakeAnswers,
  type FakeCluster,
} from './fake-cluster.ts';

describe('the reflector', () => {
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  function start(
    answers: FakeAnswers,
    timing: Partial<ReflectorTiming> = {},
  ): { reflector: Reflector<string>; cluster: FakeCluster; errors: string[]; pauses: number[] } {
    const errors: string[] = [];
    const pauses: number[] = [];
    const cluster = createFakeCluster(answers);
    const reflector = new Reflector({
      cluster,
      path: '/things',
      keep: ({ metadata }) => JSON.stringify(metadata),
      onError: (error) => errors.push(String(error)),
      timing: {
        random: () => 1,
        pause: async (milliseconds, signal) => {
          pauses.push(milliseconds);
          await pause(1, signal);
        },
        ...timing,
      },
    });
    ends.push(() => reflector.stop());
    reflector.start();
    return { reflector, cluster, errors, pauses };
  }

  const watchesAmong = ({ asked }: FakeCluster): boolean[] =>
    asked.map(({ query }) => query?.['watch'] === true);

  const names = (reflector: Reflector<string>): string[] => [...reflector.items.keys()];

  it('lists page by page, then watches from where the list ended, asking for bookmarks', async () => {
    const { reflector, cluster } = start({
      list: ({ query }) =>
        query?.['continue'] === undefined
          ? { metadata: { continue: 'more' }, items: [{ metadata: { name: 'a' } }] }
          : listOfNames(['b'], '7'),
      watch: silence,
    });
    await eventually(() => {
      expect(cluster.asked).toHaveLength(3);
    });
    expect(names(reflector)).toEqual(['a', 'b']);
    expect(cluster.asked.map(({ query }) => query)).toEqual([
      { limit: 500 },
      { limit: 500, continue: 'more' },
      { watch: true, allowWatchBookmarks: true, timeoutSeconds: 30, resourceVersion: '7' },
    ]);
  });

  it('resumes after a broken connection from the last event or bookmark, without a list', async () => {
    const { cluster, errors } = start({
      list: () => listOfNames([], '1'),
      watch: function* (_request, count) {
        if (count === 1) yield eventOf('ADDED', 'a', '5');
        if (count === 2) yield { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } };
        throw new ClusterError('cut');
      },
    });
    await eventually(() => {
      expect(cluster.asked.length).toBeGreaterThanOrEqual(4);
    });
    expect(cluster.asked.slice(1, 4).map(({ query }) => query?.['resourceVersion'])).toEqual([
      '1',
      '5',
      '9',
    ]);
    expect(errors[0]).toBe('ClusterError: cut');
  });

  it('lists again when the version is gone, and drops what the list does not have', async () => {
    const { reflector, cluster, errors } = start({
      list: (_request, count) =>
        count === 1 ? listOfNames(['a', 'b'], '1') : listOfNames(['b'], '90'),
      watch: function* ({ query }) {
        if (query?.['resourceVersion'] === '90') yield* [eventOf('ADDED', 'c', '91')];
        else
          yield {
            type: 'ERROR',
            object: { code: 410, message: 'too old resource version: 1 (80)' },
          };
        throw new ClusterError('cut');
      },
    });
    await eventually(() => {
      expect(names(reflector)).toEqual(['b', 'c']);
    });
    expect(cluster.asked.slice(0, 4).map(({ query }) => query?.['resourceVersion'])).toEqual([
      undefined,
      '1',
      undefined,
      '90',
    ]);
    expect(errors[0]).toBe('ClusterError: the watch failed: too old resource version: 1 (80)');
  });

  it('waits longer after each failure, up to the longest pause, and never less than half of it', async () => {
    const answers: FakeAnswers = {
      list: () => {
        throw new ClusterError('refused');
      },
      watch: silence,
    };
    const { pauses } = start(answers);
    await eventually(() => {
      expect(pauses.length).toBeGreaterThan(6);
    });
    expect(pauses.slice(0, 7)).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    const { pauses: shortest } = start(answers, { random: () => 0 });
    await eventually(() => {
      expect(shortest.length).toBeGreaterThan(1);
    });
    expect(shortest.slice(0, 2)).toEqual([250, 500]);
  });

  it('does not run in circles when watches end as soon as they begin, however well lists work', async () => {
    const { pauses, errors } = start({ list: () => listOfNames([], '1'), watch: () => [] });
    await eventually(() => {
      expect(pauses.length).toBeGreaterThan(4);
    });
    expect(pauses.slice(0, 5)).toEqual([500, 1000, 2000, 4000, 8000]);
    expect(errors[0]).toMatch(/^ClusterError: the watch of \/things ended after \d+ ms$/);
  });

  it('counts failures anew once a watch has lasted', async () => {
    let time = 0;
    const { pauses } = start(
      {
        list: () => listOfNames([], '1'),
        watch: function* (_request, count) {
          if (count === 3) time += 30_000;
          else throw new ClusterError('cut');
          yield* [];
        },
      },
      { now: () => time },
    );
    await eventually(() => {
      expect(pauses.length).toBeGreaterThan(3);
    });
    expect(pauses.slice(0, 4)).toEqual([500, 1000, 500, 1000]);
  });

  it('takes the agreed end of a watch for a proof', async () => {
    let time = 0;
    const { reflector, cluster } = start(
      {
        list: () => listOfNames([], '1'),
        watch: (_request, count) => {
          if (count > 1) return silence();
          time += 30_000;
          return [];
        },
      },
      { now: () => time },
    );
    await eventually(() => {
      expect(watchesAmong(cluster)).toEqual([false, true, true]);
    });
    time += 60_000;
    expect(reflector.isFresh).toBe(true);
    time += 1;
    expect(reflector.isFresh).toBe(false);
  });

  it('takes an early end of a watch for none, and lists', async () => {
    let time = 0;
    const { cluster } = start(
      {
        list: () => listOfNames([], '1'),
        watch: (_request, count) => {
          if (count > 1) return silence();
          time += 2_000;
          return [];
        },
      },
      { now: () => time },
    );
    await eventually(() => {
      expect(watchesAmong(cluster)).toEqual([false, true, false, true]);
    });
  });

  it('counts the age of a list from when it was asked for, and trusts no clock that was set back', async () => {
    let time = 100_000;
    const { reflector } = start(
      {
        list: () => {
          time += 50_000;
          return listOfNames([], '1');
        },
        watch: silence,
      },
      { now: () => time },
    );
    await eventually(() => {
      expect(reflector.isLoaded).toBe(true);
    });
    time += 10_000;
    expect(reflector.isFresh).toBe(true);
    time += 1;
    expect(reflector.isFresh).toBe(false);
    time = 99_999;
    expect(reflector.isFresh).toBe(false);
  });

  it('lists anew for whoever asks, once for all of them, even out of a long pause', async () => {
    let isDown = true;
    const { reflector, cluster } = start(
      {
        list: () => {
          if (isDown) throw new ClusterError('down');
          return listOfNames(['a'], '1');
        },
        watch: silence,
      },
      { pause: (_milliseconds, signal) => pause(3_600_000, signal), minMilliseconds: 0 },
    );
    await eventually(() => {
      expect(cluster.asked).toHaveLength(1);
    });
    await expect(Promise.all([reflector.refresh(), reflector.refresh()])).rejects.toThrow('down');
    expect(cluster.asked).toHaveLength(2);
    isDown = false;
    await Promise.all([reflector.refresh(), reflector.refresh(), reflector.refresh()]);
    expect(names(reflector)).toEqual(['a']);
    await eventually(() => {
      expect(cluster.asked).toHaveLength(4);
    });
  });

  it('asks a dead server no more often than its pauses allow, however many requests want to know', async () => {
    const { reflector, cluster } = start(
      {
        list: () => {
          throw new ClusterError('down');
        },
        watch: silence,
      },
      { pause: (_milliseconds, signal) => pause(3_600_000, signal), now: () => 0 },
    );
    await eventually(() => {
      expect(cluster.asked).toHaveLength(1);
    });
    for (let index = 0; index < 100; index++) {
      await expect(reflector.refresh()).rejects.toThrow('down');
    }
    expect(cluster.asked).toHaveLength(1);
  });

  it('refuses to go on after an event it does not understand', async () => {
    const { errors } = start({
      list: () => listOfNames([], '1'),
      watch: () => [{ type: 'RENAMED', object: {} }],
    });
    await eventually(() => {
      expect(errors[0]).toBe('ClusterError: an event has the unknown type "RENAMED"');
    });
  });

  it('asks for metadata alone where no more is needed', async () => {
    const cluster = createFakeCluster({ list: () => listOfNames([], '1'), watch: silence });
    const reflector = new Reflector({
      cluster,
      path: '/things',
      metadataOnly: true,
      keep: () => 1,
    });
    ends.push(() => reflector.stop());
    reflector.start();
    await eventually(() => {
      expect(cluster.asked.map(({ accept }) => accept)).toEqual([
        'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
        'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
      ]);
    });
  });

  it('rejects those who wait when it is stopped', async () => {
    const { reflector } = start({ list: () => listOfNames([], '1'), watch: silence });
    await eventually(() => {
      expect(reflector.isLoaded).toBe(true);
    });
    await reflector.stop();
    await expect(reflector.refresh()).rejects.toThrow('stopped');
  });
});
