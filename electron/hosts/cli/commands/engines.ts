import { Command } from '@commander-js/extra-typings';
import type { EngineReport } from '../../../../shared/model/engine.ts';
import { AppError } from '../../../../shared/model/error.ts';
import { limitNames, limitWords } from '../../../../shared/model/limits.ts';
import type { Context } from '../context.ts';
import { tellFailure } from '../failure.ts';
import { plain, table } from '../output.ts';

function limitsOf({ capabilities }: EngineReport, support: 'enforced' | 'best-effort'): string {
  return limitNames
    .filter((name) => capabilities.limits[name].support === support)
    .map((name) => limitWords[name])
    .join(', ');
}

export function enginesCommand({ run }: Context) {
  return new Command('engines')
    .description('engines, and what each holds on this machine')
    .addHelpText('after', '\nExample:\n  terrarium engines')
    .action(() =>
      run(async (client, output) => {
        const reports = await client.engines.list({});
        if (output.json) output.value(reports);
        else {
          const rows = reports.map((report) => [
            report.kind,
            report.status,
            plain(report.version ?? ''),
            report.capabilities.isolation,
            report.status === 'available' ? limitsOf(report, 'enforced') : '',
          ]);
          output.line(table(['ENGINE', 'STATUS', 'VERSION', 'ISOLATION', 'ENFORCED'], rows));
        }
        return undefined;
      }),
    );
}

export function doctorCommand({ run }: Context) {
  return new Command('doctor')
    .description('whether each engine works, or what to do; fails when none does')
    .addHelpText('after', '\nExample:\n  terrarium doctor')
    .action(() =>
      run(async (client, output) => {
        const known = await client.engines.list({});
        const reports = await Promise.all(known.map(({ kind }) => client.engines.probe({ kind })));
        if (output.json) output.value(reports);
        else
          for (const { kind, status, version, reason, hint } of reports) {
            const works = status === 'available';
            const mark = works ? output.style('green', '✓') : output.style('red', '✗');
            output.line(`${mark} ${kind} ${plain(works ? (version ?? '') : (reason ?? status))}`.trimEnd());
            if (!works && hint !== null) output.line(`    ${hint.split('\n').map(plain).join('\n    ')}`);
          }
        const { notices } = await client.system.info({});
        for (const notice of notices) tellFailure(new AppError('conflict', notice));
        return reports.some(({ status }) => status === 'available') ? 0 : 6;
      }),
    );
}
