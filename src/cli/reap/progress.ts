import cliProgress from 'cli-progress';
import type { ReaperProgress } from '../../anonymous/reaper/reaper.report.js';
import type { Terminal } from '../terminal.js';

/** Shows how far the reaper has come: a bar where it can be drawn, else a line for each tenth. */
export interface Progress {
  show(progress: ReaperProgress): void;
  end(): void;
}

export function progressOn(terminal: Terminal): Progress {
  return terminal.screen ? barOn(terminal.screen) : lines((text) => terminal.complain(text));
}

function barOn(stream: NodeJS.WriteStream): Progress {
  const bar = new cliProgress.SingleBar(
    {
      stream,
      format: '{bar} {percentage} %  {value} of {total} stale guests, {reaped} reaped',
      hideCursor: true,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  let isBegun = false;
  return {
    show: ({ total, looked, reaped }) => {
      // Guests may become stale while it runs.
      const most = Math.max(total, looked);
      if (!isBegun) bar.start(most, 0, { reaped: 0 });
      isBegun = true;
      bar.setTotal(most);
      bar.update(looked, { reaped });
    },
    end: () => bar.stop(),
  };
}

function lines(write: (text: string) => void): Progress {
  let tenths = 0;
  return {
    show: ({ total, looked, reaped }) => {
      const now = Math.floor((10 * looked) / Math.max(total, looked, 1));
      if (now === tenths || looked === 0) return;
      tenths = now;
      write(`${looked} of ${Math.max(total, looked)} stale guests looked at, ${reaped} reaped\n`);
    },
    end: () => undefined,
  };
}
