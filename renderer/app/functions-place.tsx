import { ErrorBoundary } from '../entities/error-boundary.tsx';
import { type LazyPart, lazyPart } from '../lib/lazy-part.tsx';
import { useStrings, useUi } from '../stores/page.ts';
import { EmptyState, Spinner } from '../ui/empty-state.tsx';

const parts = async () => {
  // Before any schema is made, whichever file it came to lie in.
  await import('../lib/zod-config.ts');
  return import('../features/functions/functions.tsx');
};
const List = lazyPart(async () => (await parts()).FunctionList);
const Detail = lazyPart(async () => (await parts()).FunctionDetail);

/** The functions' part of the page, whose code comes when the browser has time for it. */
export const FunctionList = () => <Lazy part={List} />;
export const FunctionDetail = () => <Lazy part={Detail} />;

function Lazy({ part: Part }: { readonly part: LazyPart<object> }) {
  const strings = useStrings();
  const active = useUi((state) => state.activeFunction);
  return (
    <ErrorBoundary resetKey={String(active)}>
      <Part waiting={<EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />} />
    </ErrorBoundary>
  );
}
