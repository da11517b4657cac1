import type { Command, Option } from 'commander';

/**
 * Fills flags that were not given from variables: `--metrics-port` from BUCKETWARDEN_METRICS_PORT.
 * A flag that can be repeated takes one value this way.
 */
export function applyEnvironment(
  command: Command,
  env: Readonly<Record<string, string | undefined>>,
): void {
  for (const option of command.options) {
    const name = option.attributeName();
    const isGiven = command.getOptionValueSource(name) === 'cli';
    const text = env[variableOf(option)];
    if (isGiven || option.isBoolean() || text === undefined || text === '') continue;
    if (isServiceLink(text)) continue;
    command.setOptionValueWithSource(name, parse(option, { text, command }), 'env');
  }
}

function variableOf(option: Option): string {
  return `BUCKETWARDEN_${option.name().toUpperCase().replaceAll('-', '_')}`;
}

/**
 * Kubernetes puts BUCKETWARDEN_PORT=tcp://10.96.0.7:443 into every pod beside a Service called
 * "bucketwarden" (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
 */
function isServiceLink(text: string): boolean {
  return /^(tcp|udp|sctp):\/\//.test(text);
}

function parse(
  option: Option,
  { text, command }: { readonly text: string; readonly command: Command },
): unknown {
  try {
    return option.parseArg ? option.parseArg<unknown>(text, undefined) : text;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return command.error(`error: variable ${variableOf(option)} '${text}' is invalid. ${reason}`);
  }
}
