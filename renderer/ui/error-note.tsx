import { CircleAlert } from 'lucide-react';

/** What went wrong and what to do, at the place where it was tried. */
export function ErrorNote({ message, hint }: { readonly message: string; readonly hint: string | undefined }) {
  return (
    <div role="alert" className="mt-2 flex gap-2 rounded-lg border border-danger/50 bg-danger-soft p-2.5">
      <CircleAlert size={15} className="mt-0.5 shrink-0 text-danger" aria-hidden="true" />
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p className="font-medium whitespace-pre-wrap">{message}</p>
        {hint !== undefined && <p className="text-dim">{hint}</p>}
      </div>
    </div>
  );
}
