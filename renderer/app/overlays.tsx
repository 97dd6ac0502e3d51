import { ErrorBoundary } from '../entities/error-boundary.tsx';
import { lazyPart } from '../lib/lazy-part.tsx';
import { usePage, useStrings, useUi } from '../stores/page.ts';
import { NO } from '../stores/ui.ts';
import { PlainDialog } from '../ui/plain-dialog.tsx';

// In the order in which they are loaded ahead: what one waits for least comes first.
const Palette = lazyPart(async () => (await import('../features/palette/palette.tsx')).Palette);
const Confirm = lazyPart(async () => (await import('../ui/dialog.tsx')).Confirm);
const CreateDialog = lazyPart(async () => {
  // Before any schema is made, whichever file it came to lie in.
  await import('../lib/zod-config.ts');
  return (await import('../features/create/create-dialog.tsx')).CreateDialog;
});
const CreateFunction = lazyPart(async () => {
  await import('../lib/zod-config.ts');
  return (await import('../features/functions/create-function.tsx')).CreateFunction;
});
const Help = lazyPart(async () => (await import('./help.tsx')).Help);
const SettingsDialog = lazyPart(async () => {
  await import('../lib/zod-config.ts');
  return (await import('../features/settings/settings-dialog.tsx')).SettingsDialog;
});
const AllEvents = lazyPart(async () => (await import('../features/events/all-events.tsx')).AllEvents);

/** What lies over the page: one dialog at most, and a question over it. */
export function Overlays() {
  const { ui } = usePage();
  const strings = useStrings();
  const overlay = useUi((state) => state.overlay);
  const question = useUi((state) => state.question);
  const close = () => ui.setState({ overlay: null });
  return (
    <>
      <ErrorBoundary
        resetKey={String(overlay)}
        around={(problem) => (
          <PlainDialog closeLabel={strings.app.close} onClose={close}>
            {problem}
          </PlainDialog>
        )}
      >
        {overlay === 'create' && <CreateDialog onClose={close} />}
        {overlay === 'createFunction' && <CreateFunction onClose={close} />}
        {overlay === 'palette' && <Palette onClose={close} />}
        {overlay === 'help' && <Help onClose={close} />}
        {overlay === 'settings' && <SettingsDialog onClose={close} />}
        {overlay === 'events' && <AllEvents onClose={close} />}
      </ErrorBoundary>
      {question && (
        <ErrorBoundary
          around={(problem) => (
            <PlainDialog closeLabel={strings.app.close} onClose={() => question.answer(NO)}>
              {problem}
            </PlainDialog>
          )}
        >
          <Confirm
            title={question.title}
            text={question.text}
            option={question.option}
            confirm={question.confirm}
            cancel={strings.app.cancel}
            danger={question.danger}
            onAnswer={question.answer}
          />
        </ErrorBoundary>
      )}
    </>
  );
}
