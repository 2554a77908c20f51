import {
  KEPT_REASONS,
  type KeptReason,
  type ReaperReport,
} from '../../anonymous/reaper/reaper.report.js';
import { aligned } from '../text.js';

const WORDS: Readonly<Record<KeptReason, string>> = {
  locked: 'somebody is working on them',
  'open-link': 'a link to an account is open or has failed',
  'recently-merged': 'merged within the last day',
  'owns-rows': 'they own rows',
  'has-dependents': 'rows of others refer to them',
  'kept-by-host': 'onBeforeDelete keeps them',
  failed: 'something went wrong, as told before',
};

/** What has happened, for people. */
export function reapReport({ dryRun, stale, reaped, kept, finished }: ReaperReport): string[] {
  const happened = dryRun ? 'would be reaped' : 'reaped';
  const reasons = KEPT_REASONS.filter((reason) => kept[reason] > 0);
  const rows = reasons.map((reason) => [[`  ${kept[reason]}`], [reason], [WORDS[reason]]]);
  return [
    `${reaped} of ${counted(stale)} ${happened}.`,
    ...(reasons.length > 0 ? ['Kept:', ...aligned(rows).flat()] : []),
    ...(finished ? [] : ['Stopped before the end.']),
  ];
}

function counted(stale: number): string {
  return stale === 1 ? '1 stale guest' : `${stale} stale guests`;
}
