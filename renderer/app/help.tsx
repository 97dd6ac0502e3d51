import { detailTabs } from '../stores/detail-tabs.ts';
import { useStrings } from '../stores/page.ts';
import { Dialog } from '../ui/dialog.tsx';

export function Help({ onClose }: { readonly onClose: () => void }) {
  const strings = useStrings();
  const text = strings.help;
  const groups: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [
      text.everywhere,
      [
        [text.palette, 'Ctrl+K, F1, Ctrl+Shift+P'],
        [text.tabs, `Alt+1 … Alt+${detailTabs.length}`],
        [text.nextPane, 'F6, Shift+F6'],
      ],
    ],
    [
      text.notTyping,
      [
        [text.places, 'S, F'],
        [text.create, 'N'],
        [text.filter, '/'],
        [text.help, '?'],
      ],
    ],
    [
      text.inList,
      [
        [text.move, '↑ ↓ PgUp PgDn Home End'],
        [text.range, 'Shift+↑ ↓'],
        [text.toggle, 'Ctrl+click, Space'],
        [text.all, 'Ctrl+A'],
        [text.destroy, 'Delete'],
      ],
    ],
    [
      text.inFunction,
      [
        [text.saveVersion, 'Ctrl+S'],
        [text.invoke, 'Ctrl+Enter'],
        [text.leaveEditor, 'F6, Shift+F6, Esc Tab'],
      ],
    ],
    [
      text.inConsole,
      [
        [text.copyPaste, 'Ctrl+Shift+C, Ctrl+Shift+V'],
        [text.search, 'Ctrl+Shift+F'],
        [text.leave, `F6, Shift+F6, Alt+1 … Alt+${detailTabs.length}`],
        [text.paletteThere, 'F1, Ctrl+Shift+P'],
        [text.fontSize, 'Ctrl+=, Ctrl+-, Ctrl+0'],
      ],
    ],
  ];
  return (
    <Dialog title={text.title} closeLabel={strings.app.close} onClose={onClose} className="max-w-lg">
      <div className="overflow-y-auto p-4">
        {groups.map(([title, shortcuts]) => (
          <section key={title} className="mb-4 last:mb-0">
            <h3 className="mb-1 text-sm font-semibold text-faint">{title}</h3>
            <dl>
              {shortcuts.map(([what, keys]) => (
                <div key={what} className="flex justify-between gap-4 border-b border-line py-1">
                  <dt>{what}</dt>
                  <dd>
                    <kbd className="font-sans text-dim">{keys}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
