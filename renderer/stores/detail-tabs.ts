import { capabilitiesFor } from '../../shared/model/capabilities-for.ts';
import type { EngineReport } from '../../shared/model/engine.ts';
import type { Sandbox } from '../../shared/model/sandbox.ts';

export const detailTabs = ['overview', 'console', 'logs', 'stats', 'inspect', 'events', 'packages', 'changes'] as const;
export type DetailTab = (typeof detailTabs)[number];

/** Those that a sandbox has: only some engines look after packages, and only of what is ours; only some keep writes apart. */
export function tabsOf(sandbox: Sandbox, engines: readonly EngineReport[] | null): readonly DetailTab[] {
  return detailTabs.filter((tab) => {
    if (tab === 'packages') return hasPackages(sandbox, engines);
    return tab !== 'changes' || sandbox.spec?.filesystem?.overlay === true;
  });
}

function hasPackages({ foreign, engine, spec }: Sandbox, engines: readonly EngineReport[] | null): boolean {
  const report = engines?.find(({ kind }) => kind === engine);
  const capabilities = report && capabilitiesFor(report, spec?.runtime);
  return !foreign && capabilities !== undefined && capabilities.features.packages.support !== 'unsupported';
}
