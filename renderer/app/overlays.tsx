import { lazy } from 'react';
import { usePage, useStrings, useUi } from '../stores/page.ts';

const CreateDialog = lazy(async () => {
  // Before any schema is made, whichever file it came to lie in.
  await import('../lib/zod-config.ts');
  return { default: (await import('../features/create/create-dialog.tsx')).CreateDialog };
});
const SettingsDialog = lazy(async () => {
  await import('../lib/zod-config.ts');
  return { default: (await import('../features/settings/settings-dialog.tsx')).SettingsDialog };
});
const Palette = lazy(async () => ({ default: (await import('../features/palette/palette.tsx')).Palette }));
const Help = lazy(async () => ({ default: (await import('./help.tsx')).Help }));
const AllEvents = lazy(async () => ({ default: (await import('../features/events/all-events.tsx')).AllEvents }));
const Confirm = lazy(async () => ({ default: (await import('../ui/dialog.tsx')).Confirm }));

/** What lies over the page: one dialog at most, and a question over it. */
export function Overlays() {
  const { ui } = usePage();
  const strings = useStrings();
  const overlay = useUi((state) => state.overlay);
  const question = useUi((state) => state.question);
  const close = () => ui.setState({ overlay: null });
  return (
    <>
      {overlay === 'create' && <CreateDialog onClose={close} />}
      {overlay === 'palette' && <Palette onClose={close} />}
      {overlay === 'help' && <Help onClose={close} />}
      {overlay === 'settings' && <SettingsDialog onClose={close} />}
      {overlay === 'events' && <AllEvents onClose={close} />}
      {question && (
        <Confirm
          title={question.title}
          text={question.text}
          option={question.option}
          confirm={question.confirm}
          cancel={strings.app.cancel}
          danger={question.danger}
          onAnswer={question.answer}
        />
      )}
    </>
  );
}
