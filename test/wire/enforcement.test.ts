import { afterEach, describe, expect, it } from 'vitest';
import { rules } from '../../src/rules/index.ts';
import { endAll, startServed, tenantYaml, type Served } from './served.ts';

afterEach(endAll);

const configOf = (section: string): string =>
  `apiVersion: bucketwarden.io/v1alpha1\nkind: BucketwardenConfig\n${section}\n`;

const files = { 'tenants.yaml': tenantYaml('payments-ledger') };

function linesOf({ log }: Served): unknown[] {
  return log
    .lines()
    .filter(({ msg }) => msg === 'rules do not deny' || msg === 'every rule denies')
    .map(({ level, msg, count, rules: ids }) => ({ level, msg, count, rules: ids }));
}

async function gaugeOf({ metrics }: Served): Promise<number> {
  return Number(/^bucketwarden_rules_without_deny (\d+)$/m.exec(await metrics())?.[1]);
}

describe('rules that do not deny', () => {
  it('are named in the log and counted, at start and after each change', async () => {
    const served = await startServed(
      {
        ...files,
        'config.yaml': configOf('rules: {export-scope: [Warn], namespace-labels: [Audit]}'),
      },
      (path) => ({ config: path('config.yaml') }),
    );
    const before = { count: 2, rules: ['export-scope', 'namespace-labels'] };
    expect(linesOf(served)).toEqual([{ level: 'warn', msg: 'rules do not deny', ...before }]);
    expect(await gaugeOf(served)).toBe(2);

    await served.write('tenants.yaml', tenantYaml('payments-other'));
    await served.server.reload();
    expect(linesOf(served)).toHaveLength(1);

    await served.write('config.yaml', configOf('rules: {}'));
    await served.server.reload();
    expect(linesOf(served).at(-1)).toEqual({ level: 'info', msg: 'every rule denies' });
    expect(await gaugeOf(served)).toBe(0);
  });

  it('are none by default', async () => {
    const served = await startServed(files);
    const softened = rules.filter(({ defaultActions }) => !defaultActions.includes('Deny'));
    expect(softened).toEqual([]);
    expect(linesOf(served)).toEqual([]);
    expect(await gaugeOf(served)).toBe(0);
  });
});
