export const menuPopupClass =
  'z-50 max-h-[var(--available-height)] min-w-48 overflow-y-auto rounded-lg border border-line-strong bg-surface p-1 shadow-pop outline-none';
export const menuItemClass =
  'flex h-7 items-center gap-2 rounded px-2 outline-none select-none data-disabled:opacity-45 data-highlighted:bg-selected';
