import { sessionsOf, type Block } from './blocks.ts';
import { cloneCheckout, type Checkout } from './checkout.ts';
import { startCluster, type PageCluster } from './cluster.ts';
import { blocksOf } from './pages.ts';
import { openShell, type Outcome, type Shell } from './shell.ts';

/** A kubectl of the machine must not reach a cluster that somebody uses. */
const noCluster = { KUBECONFIG: '/dev/null/no-cluster' };

/** How many blocks did what. */
interface Tally {
  ran: number;
  skipped: number;
  failed: number;
}

/** Runs the blocks of each page and prints a line for each; gives the number that failed. */
export async function runPages(pages: readonly string[]): Promise<number> {
  const read = pages.map((page) => blocksOf(page)).filter((blocks) => blocks.length > 0);
  const tally: Tally = { ran: 0, skipped: 0, failed: 0 };
  const checkout = cloneCheckout();
  try {
    // README installs; whoever begins with another page has done it.
    if (pages[0] !== 'README.md') await install(checkout);
    for (const blocks of read) {
      checkout.reset();
      await runPage(blocks, { checkout, tally });
    }
  } finally {
    checkout.remove();
  }
  print(`${tally.ran} blocks ran, ${tally.failed} of them failed, ${tally.skipped} were skipped`);
  return tally.failed;
}

async function install({ directory }: Checkout): Promise<void> {
  const shell = openShell(directory, noCluster);
  const { exitCode, output } = await shell.run('npm ci --no-audit --no-fund');
  shell.close();
  if (exitCode !== 0) throw new Error(`npm ci failed:\n${output}`);
}

async function runPage(
  blocks: readonly Block[],
  { checkout, tally }: { readonly checkout: Checkout; readonly tally: Tally },
): Promise<void> {
  const needed = blocks.some((block) => block.note.kind !== 'skip' && needsCluster(block));
  const cluster = needed ? await startCluster(checkout.directory) : undefined;
  const shell = openShell(checkout.directory, cluster?.variables ?? noCluster);
  try {
    cluster?.link(shell.programs);
    for (const block of blocks) await runBlock(block, { shell, cluster, tally });
  } finally {
    shell.close();
    await cluster?.stop();
  }
}

function needsCluster({ text }: Block): boolean {
  return /\bkubectl\b|--install\b|--live\b/.test(text);
}

async function runBlock(
  block: Block,
  page: {
    readonly shell: Shell;
    readonly cluster: PageCluster | undefined;
    readonly tally: Tally;
  },
): Promise<void> {
  const reason = skipReason(block, page.cluster);
  if (reason !== undefined) {
    page.tally.skipped += 1;
    print(`skipped ${block.page}:${block.line}: ${reason}`);
    return;
  }
  page.tally.ran += 1;
  const started = Date.now();
  const failure = await (block.kind === 'sh' ? runCommands : runSessions)(block, page.shell);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (failure === undefined) {
    print(`ok      ${block.page}:${block.line} (${seconds} s)`);
    return;
  }
  page.tally.failed += 1;
  const said = page.cluster?.said() ?? '';
  print(`FAILED  ${failure}${said === '' ? '' : `\nThe webhook's log ended with:\n${said}`}`);
}

function skipReason(block: Block, cluster: PageCluster | undefined): string | undefined {
  if (block.note.kind === 'skip') return block.note.reason;
  return needsCluster(block) ? cluster?.unavailable : undefined;
}

/** What went wrong in a block of commands, with file and line, or undefined. */
async function runCommands(block: Block, shell: Shell): Promise<string | undefined> {
  const until = block.note.kind === 'until' ? block.note.text : undefined;
  const outcome = await shell.run(block.text, until);
  if (outcome.exitCode === 0) return undefined;
  const line = block.line + (outcome.failedLine ?? 0);
  return `${block.page}:${line}: ${endOf(outcome)}, after printing:\n${outcome.output}`;
}

/** What a block of commands and their output shows wrongly, or undefined. */
async function runSessions(block: Block, shell: Shell): Promise<string | undefined> {
  for (const { line, command, expected } of sessionsOf(block)) {
    const outcome = await shell.run(command);
    const printed = trimmed(outcome.output);
    if (outcome.timedOut || printed !== trimmed(expected)) {
      return `${block.page}:${line}: ${endOf(outcome)}. It printed:\n${printed}\nbut the page shows:\n${trimmed(expected)}`;
    }
  }
  return undefined;
}

function endOf({ exitCode, timedOut }: Outcome): string {
  return timedOut
    ? 'the block did not end in time'
    : `the command ended with exit code ${exitCode}`;
}

function trimmed(text: string): string {
  return text.replaceAll(/[ \t]+$/gm, '').trim();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
