import { CircleHelp, History, Plus, Search } from 'lucide-react';
import { EngineStrip } from '../features/engines/strip.tsx';
import { usePage, useStrings } from '../stores/page.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Logo } from '../ui/logo.tsx';
import { PlaceSwitch } from './place-switch.tsx';
import { SettingsMenu } from './settings-menu.tsx';

export function TopBar() {
  const { ui } = usePage();
  const strings = useStrings();
  return (
    <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-surface px-3">
      <Logo />
      <span className="font-semibold max-lg:sr-only">{strings.app.name}</span>
      <PlaceSwitch />
      <EngineStrip />
      <button
        type="button"
        aria-keyshortcuts="Control+K"
        onClick={() => ui.setState({ overlay: 'palette' })}
        className="mx-auto flex h-7 w-full max-w-80 min-w-8 items-center gap-2 rounded-md border border-line-strong bg-raised px-2 text-faint hover:bg-hover"
      >
        <Search size={14} aria-hidden="true" className="shrink-0" />
        <span className="truncate max-sm:sr-only">{strings.app.searchCommands}</span>
        <kbd className="ml-auto font-sans text-xs whitespace-nowrap max-sm:hidden">Ctrl K</kbd>
      </button>
      <IconButton label={strings.app.events} onClick={() => ui.setState({ overlay: 'events' })}>
        <History size={16} aria-hidden="true" />
      </IconButton>
      <IconButton
        label={strings.app.help}
        keys="?"
        className="max-sm:hidden"
        onClick={() => ui.setState({ overlay: 'help' })}
      >
        <CircleHelp size={16} aria-hidden="true" />
      </IconButton>
      <SettingsMenu />
      <Button
        look="primary"
        aria-label={strings.app.newSandbox}
        icon={<Plus size={14} aria-hidden="true" />}
        onClick={() => ui.setState({ overlay: 'create' })}
      >
        <span className="max-sm:hidden">{strings.app.newSandbox}</span>
      </Button>
    </header>
  );
}
