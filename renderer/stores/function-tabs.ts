export const functionTabs = ['code', 'history', 'stats', 'versions', 'settings'] as const;
export type FunctionTab = (typeof functionTabs)[number];
