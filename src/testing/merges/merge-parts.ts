import type { DataSource } from 'typeorm';
import type { OpeningsService } from '../../linking/ledger/openings.service.js';
import type { MergePlan } from '../../linking/merge/merge-plan.js';
import type { MergePreviewer } from '../../linking/merge/merge-preview.js';
import type { MergeTransaction } from '../../linking/merge/merge-transaction.js';
import type { TakeOver } from '../../linking/merge/take-over.js';
import type { OwnershipMap } from '../../linking/ownership/ownership-map.js';
import type { OwnershipService } from '../../linking/ownership/ownership.service.js';
import type { UsersService } from '../../users/users.service.js';
import type { FillableTables } from '../rows/fillable-table.js';
import type { SampleSource } from '../rows/samples.js';

/** The parts of the app that a merge is made of. */
export interface MergeParts {
  readonly dataSource: DataSource;
  readonly users: UsersService;
  readonly openings: OpeningsService;
  readonly ownership: OwnershipService;
  readonly plan: MergePlan;
  readonly merges: MergeTransaction;
  readonly previews: MergePreviewer;
  readonly takeOver: TakeOver;
  readonly timeoutMs: number;
  readonly usersOid: string;
  readonly map: OwnershipMap;
  readonly tables: FillableTables;
}

/** What the host says about the tables of a trial. */
export interface TesterOptions {
  readonly samples: SampleSource;
  /** Tables whose rows a handler folds without a report of its own. */
  readonly absorbed: ReadonlySet<string>;
  /** Quoted columns of the tested table. */
  readonly sums: readonly string[];
}
