import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { addCanI } from './commands/can-i.ts';
import { addCerts } from './commands/certs.ts';
import { addCheck } from './commands/check.ts';
import type { CommandGroup } from './commands/command-group.ts';
import { addPolicy } from './commands/policy.ts';
import { addServe } from './commands/serve.ts';
import { applyEnvironment } from './environment.ts';
import { reportFailure } from './failure.ts';
import type { ExitCode, Io } from './io.ts';

/** Carries out a command line (without the program's own name) and says how the process should end. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = buildProgram(io, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has already written its help or complaint.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportFailure(error, io.stderr);
  }
}

/** The program with all its commands; what they do is loaded only when they run. */
export function buildProgram(io: Io, end: (code: ExitCode) => void): Command {
  const program = new Command('bucketwarden');
  configure(program, io);
  program
    .description('Gives every pod the right storage identity, and keeps tenants apart')
    .version(packageJson.version, '--version', 'print the version')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', generalHelp)
    .hook('preAction', (_, command) => {
      applyEnvironment(command, io.env);
    });
  const group: CommandGroup = { program, io, end };
  addServe(group);
  addCheck(group);
  addPolicy(group);
  addCanI(group);
  addCerts(group);
  hintAtHelp(program);
  return program;
}

/** Subcommands inherit these settings, so they come first. */
function configure(program: Command, { stdout, stderr }: Io): void {
  program
    .exitOverride()
    .option('--no-color', 'never colour the output (also: NO_COLOR=1)')
    .helpOption('-h, --help', 'show this help')
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: stdout.write,
      writeErr: stderr.write,
      getOutHelpWidth: () => helpColumns,
      getErrHelpWidth: () => helpColumns,
      outputError: (message, write) => {
        write(message.replace(/^error: /, 'bucketwarden: '));
      },
    });
}

/** Every complaint about usage ends with where to read on. */
function hintAtHelp(command: Command, parents: readonly string[] = []): void {
  const words = [...parents, command.name()];
  command.showHelpAfterError(`Run "${words.join(' ')} --help" for usage.`);
  for (const child of command.commands) hintAtHelp(child, words);
}

/** The same on every terminal, so that the documentation can show it. */
const helpColumns = 100;

const generalHelp = `
Every flag with a value can be given as a variable: --metrics-port is BUCKETWARDEN_METRICS_PORT.
A flag on the command line wins.

Exit codes: 0 fine, 1 denied (or "no"), 2 could not run.`;
